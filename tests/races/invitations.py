"""The race for entries (V5): few invitations with few entries each, and many kiosks that come in with them."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from random import Random

from sqlalchemy import func, select

from domain import clock
from domain.database import db
from domain.errors import Conflict
from domain.identity import SYSTEM, Actor
from domain.occupants.models import Unit
from domain.sites.models import Purpose, Site
from domain.visits.arrivals import Entered, Whom
from domain.visits.entries import arrive
from domain.visits.invitation_models import Invitation, InvitationEntry
from domain.visits.invitations import Guest, Plan, invite, invite_again, withdraw
from domain.visits.models import Visit
from tests.races.race import Client, Outcome

GROUPS, ENTRIES = 8, 40
_phones = count(1)


@dataclass(frozen=True)
class Pool:
    """What is fought for: the entries of a few group invitations."""

    site_id: int
    invitations: tuple[int, ...]


def fill(site_id: int, *, entries: int = ENTRIES) -> Pool:
    """Invite them; call inside `writing()`."""
    site, now = db.session.get_one(Site, site_id), clock.now()
    unit = db.session.scalars(select(Unit).where(Unit.site_id == site_id)).first()
    purpose = db.session.scalars(select(Purpose).where(Purpose.site_id == site_id)).first()
    assert unit
    assert purpose
    plan = Plan(Whom(unit), purpose, now - timedelta(hours=1), now + timedelta(hours=8), entries)
    made = invite([Guest("")] * GROUPS, plan, site=site, source="desk", actor=SYSTEM, now=now - timedelta(hours=2))
    return Pool(site_id, tuple(one.id for one in made))


def client(pool: Pool, actor: Actor) -> Client:
    """A kiosk that comes in with one of them, and now and then a desk that takes one back and lets it hold again."""

    def turn(outcome: Outcome, chance: Random) -> None:
        invitation_id = chance.choice(pool.invitations)
        # A telephone of its own for each try, whichever thread and process it is made in.
        phone = f"+86{chance.randrange(10**9, 10**10)}{next(_phones)}"

        def come_in() -> None:
            arrive(
                db.session.get_one(Invitation, invitation_id),
                entered=Entered("赛跑", phone),
                site=db.session.get_one(Site, pool.site_id),
                language="en",
                source="kiosk",
                actor=actor,
                now=clock.now(),
            )

        def take_back_and_again() -> None:
            site, one = db.session.get_one(Site, pool.site_id), db.session.get_one(Invitation, invitation_id)
            if chance.random() < 0.5:
                withdraw(one, site=site, actor=actor, now=clock.now())
            elif one.is_open:
                raise Conflict("nothing to do")
            else:
                invite_again(one, site=site, actor=actor, now=clock.now())

        beside = Outcome()
        outcome.attempt(come_in)
        if chance.random() < 0.1:
            beside.attempt(take_back_and_again)
        outcome.broken += beside.broken

    return turn


def violations(pool: Pool) -> list[str]:
    """What must never be: an invitation used too often, an entry without its visit, a visit without its entry."""
    used = (
        select(Invitation.id, Invitation.entries, func.count(InvitationEntry.place).label("used"))
        .outerjoin(InvitationEntry, InvitationEntry.invitation_id == Invitation.id)
        .where(Invitation.site_id == pool.site_id)
        .group_by(Invitation.id, Invitation.entries)
    )
    found = [f"{row.id} was used {row.used} times" for row in db.session.execute(used) if row.used > row.entries]
    visits = db.session.scalar(select(func.count(Visit.id)).where(Visit.site_id == pool.site_id)) or 0
    entries = db.session.scalar(select(func.count(InvitationEntry.visit_id))) or 0
    if visits != entries:
        found.append(f"{visits} visits and {entries} entries")
    return found
