"""Accounts, read: who there is, what they hold, where they are signed in."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from domain.database import db
from domain.errors import NotFound
from domain.identity import Actor
from domain.people.authority import Held
from domain.people.models import Grant, Person, RecoveryCode, StaffSession
from domain.permissions import Role
from domain.sites.models import Site

LASTS = timedelta(hours=12)
"""A session ends so long after it began."""
IDLE = timedelta(minutes=30)
"""An idle session ends so soon; on a shared device it is locked instead."""


def visible_to(actor: Actor) -> Select[Person]:
    """People with a role at a site of the actor's, or at every one; those who left come last."""
    statement = select(Person).order_by(Person.left_at.is_not(None), Person.name, Person.id)
    if actor.everywhere or actor.kind == "system":
        return statement
    shared = exists().where(
        Grant.person_id == Person.id, or_(Grant.site_id.is_(None), Grant.site_id.in_(actor.site_ids))
    )
    return statement.where(shared)


def get_visible(ref: str, *, actor: Actor) -> Person:
    """The person of that ref; raises NotFound when the actor may not see the account."""
    person = db.session.scalar(visible_to(actor).where(Person.ref == ref))
    if person is None:
        raise NotFound
    return person


def active(login: str) -> Person | None:
    """Who signs in by that login, as normalised; not those who left."""
    return db.session.scalar(select(Person).where(Person.login == login, Person.left_at.is_(None)))


def grants_of(person_id: int) -> frozenset[Held]:
    """What somebody holds."""
    rows = db.session.execute(select(Grant.role, Grant.site_id).where(Grant.person_id == person_id))
    return frozenset(Held(Role(row.role), row.site_id) for row in rows)


def roles_of(person_ids: list[int]) -> dict[int, list[tuple[Role, Site | None]]]:
    """Role and site of each of these people, in one statement, for a page of accounts."""
    found: dict[int, list[tuple[Role, Site | None]]] = {person_id: [] for person_id in person_ids}
    rows = db.session.execute(
        select(Grant, Site)
        .outerjoin(Site, Site.id == Grant.site_id)
        .where(Grant.person_id.in_(person_ids))
        .order_by(Grant.site_id, Grant.role)
    )
    for grant, site in rows:
        found[grant.person_id].append((Role(grant.role), site))
    return found


def _alive(now: datetime) -> ColumnElement[bool]:
    """Sessions that were neither ended nor ran out."""
    idle = and_(StaffSession.shared_device.is_(False), StaffSession.seen_at <= now - IDLE)
    return and_(StaffSession.ended_at.is_(None), StaffSession.created_at > now - LASTS, ~idle)


def sessions_of(person_id: int, *, now: datetime) -> Select[StaffSession]:
    """The living sessions of a person, the newest first."""
    return (
        select(StaffSession)
        .where(StaffSession.person_id == person_id, _alive(now))
        .order_by(StaffSession.seen_at.desc(), StaffSession.id.desc())
    )


def get_session(ref: str, *, person_id: int, now: datetime) -> StaffSession:
    """A living session of that person; raises NotFound for anybody else's."""
    found = [session for session in db.session.scalars(sessions_of(person_id, now=now)) if session.ref == ref]
    if not found:
        raise NotFound
    return found[0]


def last_site_id(person_id: int) -> int | None:
    """Where somebody worked last."""
    return db.session.scalar(
        select(StaffSession.site_id)
        .where(StaffSession.person_id == person_id)
        .order_by(StaffSession.id.desc())
        .limit(1)
    )


def recovery_codes_left(person_id: int) -> int:
    """How many recovery codes can still be used."""
    unused = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(unused) or 0
