"""Accounts and sites as an admin sees them: as far as the own admin role reaches, and no further (P1)."""

from sqlalchemy import ColumnElement, Select, exists, or_, select, true

from domain.identity import Actor
from domain.people.models import Grant, Person
from domain.permissions import Permission, permissions_of
from domain.sites.models import Site


def manages_all(actor: Actor) -> bool:
    """Whether the actor manages the accounts of every site."""
    return Permission.ACCOUNTS_MANAGE in permissions_of(actor.roles_at(None))


def sites_managed_by(actor: Actor) -> Select[Site]:
    """Open sites whose accounts the actor manages."""
    statement = select(Site).where(Site.closed_at.is_(None)).order_by(Site.id)
    return statement if manages_all(actor) else statement.where(Site.id.in_(_reach(actor)))


def people_managed_by(actor: Actor) -> Select[Person]:
    """People with a role at one of those sites; those who left come last."""
    statement = select(Person).order_by(Person.left_at.is_not(None), Person.name, Person.id)
    return statement.where(_is_seen(actor))


def _is_seen(actor: Actor) -> ColumnElement[bool]:
    if manages_all(actor):
        return true()
    return exists().where(Grant.person_id == Person.id, or_(Grant.site_id.is_(None), Grant.site_id.in_(_reach(actor))))


def _reach(actor: Actor) -> list[int]:
    return sorted(
        site_id for site_id in actor.site_ids if Permission.ACCOUNTS_MANAGE in permissions_of(actor.roles_at(site_id))
    )
