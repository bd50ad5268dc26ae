"""Who may look after whose account: an admin as far as the grant reaches, a lead for the desk of the own site (P1)."""

from collections.abc import Collection
from typing import NamedTuple

from domain.errors import NotAllowed
from domain.identity import Actor
from domain.permissions import Permission, Role, permissions_of
from domain.text import N_

LED = frozenset({Role.RECEPTIONIST, Role.ATTENDANT})
"""Roles whose passwords a lead resets; whoever could reset a lead or an admin would become one."""


class Held(NamedTuple):
    """A role at a site; without a site it holds everywhere."""

    role: Role
    site_id: int | None


def may_grant(actor: Actor, grant: Held) -> bool:
    """Whether the actor may give this grant and take it away: no further than the own reach as an admin."""
    return actor.kind == "system" or Permission.ACCOUNTS_MANAGE in permissions_of(actor.roles_at(grant.site_id))


def may_look_after(actor: Actor, grants: Collection[Held]) -> bool:
    """Whether the actor may change the account of who holds these grants."""
    if not grants:
        return actor.kind == "system" or actor.may(Permission.ACCOUNTS_MANAGE)
    return all(may_grant(actor, grant) for grant in grants)


def may_reset(actor: Actor, grants: Collection[Held]) -> bool:
    """Whether the actor may give who holds these grants a way back in."""
    if may_look_after(actor, grants):
        return True
    led = {site_id for role, site_id in actor.grants if role is Role.LEAD}
    return bool(grants) and all(grant.role in LED and grant.site_id in led for grant in grants)


def must_grant(actor: Actor, grant: Held) -> None:
    """Raise NotAllowed unless the actor may give and take this grant."""
    if not may_grant(actor, grant):
        raise NotAllowed(N_("You may give roles only at the sites where you are admin."))


def must_look_after(actor: Actor, grants: Collection[Held]) -> None:
    """Raise NotAllowed unless the actor may change this account."""
    if not may_look_after(actor, grants):
        raise NotAllowed(N_("This account also belongs to sites where you are not admin."))


def must_reset(actor: Actor, grants: Collection[Held]) -> None:
    """Raise NotAllowed unless the actor may reset this account."""
    if not may_reset(actor, grants):
        raise NotAllowed(N_("Only an admin can reset this account."))
