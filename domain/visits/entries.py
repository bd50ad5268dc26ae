"""Coming with an invitation (V5): an arrival always joins it, in its time, and never more often than it says.

The database counts: an entry is a row of its own, its place is not higher than the invitation's entries, and no place
is there twice (migrations/versions/0006_invitations.py).
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from domain import clock
from domain.database import db
from domain.errors import Conflict, DomainError, NotFound
from domain.identity import Actor
from domain.records import write
from domain.sites.models import Purpose, Site
from domain.text import N_
from domain.visits.answers import answer
from domain.visits.arrivals import Entered, sign_in, whom_of
from domain.visits.invitation_models import EARLY, TAKEN_BACK, USED_UP, Invitation, InvitationEntry
from domain.visits.invitations import hold, places_used, record
from domain.visits.models import PRESENT, HostAnswer, Visit, VisitState

ENDED = N_("This invitation has ended. Please see the reception.")
NOT_YET = N_("This invitation is for %(begins)s. Please come then, or see the reception.")
NEAR_DAYS = 1


class Standing(StrEnum):
    """What an invitation is worth at an instant."""

    GOOD = "good"
    EARLY = "early"
    """Today already, or tomorrow: who comes is asked."""
    LATE = "late"
    """Its time is over, today or yesterday: who comes is asked."""
    FAR = "far"
    OVER = "over"
    USED_UP = "used_up"
    WITHDRAWN = "withdrawn"


def standing(invitation: Invitation, *, used: int, zone: str, now: datetime) -> Standing:
    """What it is worth now, with so many entries made."""
    if not invitation.is_open:
        return Standing.WITHDRAWN
    if used >= invitation.entries:
        return Standing.USED_UP
    if invitation.begins_at - EARLY <= now <= invitation.ends_at:
        return Standing.GOOD
    today = clock.local_date(now, zone)
    if now < invitation.begins_at:
        near = clock.local_date(invitation.begins_at, zone) - today <= timedelta(days=NEAR_DAYS)
        return Standing.EARLY if near else Standing.FAR
    near = today - clock.local_date(invitation.ends_at, zone) <= timedelta(days=NEAR_DAYS)
    return Standing.LATE if near else Standing.OVER


def must_be_worth(invitation: Invitation, *, zone: str, now: datetime) -> Standing:
    """GOOD, EARLY or LATE; raises DomainError (field "code") for an invitation with which nobody enters now."""
    found = standing(invitation, used=len(places_used(invitation.id)), zone=zone, now=now)
    match found:
        case Standing.WITHDRAWN:
            raise DomainError(TAKEN_BACK, field="code")
        case Standing.USED_UP:
            raise DomainError(USED_UP, field="code")
        case Standing.OVER:
            raise DomainError(ENDED, field="code")
        case Standing.FAR:
            raise DomainError(NOT_YET, field="code", begins=invitation.begins_at)
    return found


def known_of(invitation: Invitation) -> Entered:
    """What is known of the guest already: who asks, asks only what is missing."""
    return Entered(
        name=invitation.name,
        phone=invitation.phone,
        organisation=invitation.organisation,
        companions=invitation.companions,
    )


def arrive(
    invitation: Invitation,
    *,
    entered: Entered,
    site: Site,
    language: str,
    source: str,
    actor: Actor,
    now: datetime,
    kiosk_id: int | None = None,
    let_in_by_sight: bool = False,
    notice_shown: bool | None = None,
) -> Visit:
    """Sign the guest in; the invitation is the host's answer. Out of its time the desk decides, and at a kiosk the host
    is asked like for anybody else.

    Raises DomainError where the invitation is worth nothing now, and whatever signing in refuses.
    """
    worth = must_be_worth(hold(invitation), zone=site.zone, now=now)
    whom, at_desk = whom_of(invitation), source == "desk"
    asks_host = worth is not Standing.GOOD and not at_desk
    if asks_host and whom.host is None:
        raise DomainError(NOT_YET if worth is Standing.EARLY else ENDED, field="code", begins=invitation.begins_at)
    visit = sign_in(
        site=site,
        purpose=db.session.get_one(Purpose, invitation.purpose_id),
        whom=whom,
        entered=entered,
        language=language,
        source=source,
        kiosk_id=kiosk_id,
        actor=actor,
        now=now,
        let_in_by_sight=let_in_by_sight,
        waits=asks_host,
        notice_shown=notice_shown,
    )
    _enter(invitation, visit, actor=actor, now=now)
    return visit


def _enter(invitation: Invitation, visit: Visit, *, actor: Actor, now: datetime) -> None:
    used = places_used(invitation.id)
    place = next(place for place in range(1, len(used) + 2) if place not in used)
    write(InvitationEntry, invitation_id=invitation.id, place=place, visit_id=visit.id, entered_at=now)
    record("came", invitation, actor=actor, now=now, facts={"place": place, "visit_id": visit.id})


def invitation_of(visit_id: int) -> Invitation | None:
    """The invitation with which that visit came, or to which it was joined."""
    entry = InvitationEntry
    return db.session.scalar(
        select(Invitation).join(entry, entry.invitation_id == Invitation.id).where(entry.visit_id == visit_id)
    )


def join(invitation: Invitation, visit: Visit, *, site: Site, actor: Actor, now: datetime) -> None:
    """The guest came without the code and was signed in like anybody: the visit joins the invitation, and who waits
    for the host waits no longer. Raises Conflict when either was joined or ended meanwhile.
    """
    must_be_worth(hold(invitation), zone=site.zone, now=now)
    db.session.refresh(visit, with_for_update=True)
    if visit.site_id != invitation.site_id:
        raise NotFound
    if visit.state not in PRESENT:
        raise Conflict(N_("This visit has ended. There is nothing to join any more."))
    if invitation_of(visit.id):
        raise Conflict(N_("This visit was joined to an invitation before."))
    if visit.state == VisitState.WAITING:
        answer(visit, HostAnswer.SEND_UP, by="desk", actor=actor, now=now)
    _enter(invitation, visit, actor=actor, now=now)
