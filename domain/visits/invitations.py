"""Inviting ahead (V5): one guest or many at once, by a host, the desk, an upload, or for a meeting (M6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain import events, grams, search
from domain.codes import new_ref
from domain.database import db
from domain.errors import Conflict, DomainError
from domain.gatherings import Gathering
from domain.identity import Actor
from domain.occupants.models import Host, Unit
from domain.phones import last_four
from domain.sites.models import Purpose, Site
from domain.sites.numbers import ALWAYS, next_numbers
from domain.text import N_
from domain.visits.arrivals import Whom
from domain.visits.invitation_codes import free_digits
from domain.visits.invitation_models import (
    LONGEST,
    MOST_AHEAD,
    MOST_ENTRIES,
    USED_UP,
    Invitation,
    InvitationEntry,
    InvitationState,
)
from domain.visits.invitation_notices import tell_guest

MOST_AT_ONCE = 200
ENTERED = ("name", "phone", "email", "organisation")


@dataclass(frozen=True)
class Guest:
    """Who is invited, clean and checked: phone as E.164. Without a name the invitation is for a group."""

    name: str
    phone: str = ""
    email: str = ""
    organisation: str = ""
    companions: int = 0


@dataclass(frozen=True)
class Plan:
    """Whom the guests come to see and why, from when to when, how often, and for which meeting."""

    whom: Whom
    purpose: Purpose
    begins_at: datetime
    ends_at: datetime
    entries: int = 1
    language: str = ""
    meeting_id: int | None = None


def grams_of(invitation: Invitation | Guest) -> set[str]:
    """What an invitation is found by on the desk: name, pinyin, initials, phone endings, organisation."""
    found_by = grams.grams_of_name(invitation.name) if invitation.name else set()
    if invitation.phone:
        found_by |= grams.grams_of_digits(invitation.phone) | {last_four(invitation.phone)}
    if invitation.organisation:
        found_by |= grams.grams_of_text(invitation.organisation)
    return found_by


def record(
    kind: str,
    invitation: Invitation,
    *,
    actor: Actor,
    now: datetime,
    facts: dict[str, Any] | None = None,
    entered: dict[str, Any] | None = None,
) -> None:
    """Add a line to the history of an invitation."""
    events.record(
        f"invitation.{kind}",
        site_id=invitation.site_id,
        subject="invitation",
        subject_id=invitation.id,
        actor=actor,
        now=now,
        facts={"number": invitation.number, **(facts or {})},
        entered=entered,
    )


def must_be_a_time(begins_at: datetime, ends_at: datetime, *, now: datetime) -> None:
    """Raise DomainError for a time that ends before it begins, is over, too far ahead or too long."""
    if begins_at >= ends_at:
        raise DomainError(N_("The end lies before the beginning."), field="until")
    if ends_at <= now:
        raise DomainError(N_("This time is over. Choose a later one."), field="since")
    if begins_at > now + MOST_AHEAD:
        raise DomainError(N_("Invite at most a year ahead."), field="day")
    if ends_at - begins_at > LONGEST:
        raise DomainError(N_("An invitation is good for three months at most."), field="last_day")


def must_make_sense(plan: Plan, *, now: datetime) -> None:
    """Raise DomainError for a time that cannot be, too many entries, and for a host who left."""
    must_be_a_time(plan.begins_at, plan.ends_at, now=now)
    if not 1 <= plan.entries <= MOST_ENTRIES:
        raise DomainError(N_("An invitation is good for 1 to %(most)d entries."), field="entries", most=MOST_ENTRIES)
    if plan.whom.unit.left_at or (plan.whom.host and plan.whom.host.left_at):
        raise DomainError(N_("This person is no longer in the building. Choose somebody else."), field="whom")


def invite(
    guests: Sequence[Guest], plan: Plan, *, site: Site, source: str, actor: Actor, now: datetime
) -> list[Invitation]:
    """Invite the guests, each with codes of the own, and write to those whose mail is known.

    `source` is `host`, `desk`, `upload` or `meeting`. Raises DomainError for what cannot be.
    """
    must_make_sense(plan, now=now)
    if not guests:
        raise DomainError(N_("Say who is invited: one guest a line."), field="guests")
    if len(guests) > MOST_AT_ONCE:
        raise DomainError(N_("At most %(most)d guests at once."), field="guests", most=MOST_AT_ONCE)
    digits = free_digits(site.id, len(guests))
    made = [
        _made(guest, plan, code, site=site, source=source, actor=actor, now=now)
        for guest, code in zip(guests, digits, strict=True)
    ]
    db.session.add_all(made)
    db.session.flush()
    for one in made:
        search.index(site_id=site.id, kind=search.INVITATION, subject_id=one.id, found_by=grams_of(one), is_new=True)
        facts = {
            "begins_at": one.begins_at.isoformat(),
            "ends_at": one.ends_at.isoformat(),
            "entries": one.entries,
            "source": source,
            "unit_id": one.unit_id,
            "host_id": one.host_id,
            "meeting_id": one.meeting_id,
        }
        record("made", one, actor=actor, now=now, facts=facts, entered={name: getattr(one, name) for name in ENTERED})
        tell_guest(one, "made", site=site, now=now)
    return made


def _made(guest: Guest, plan: Plan, digits: str, *, site: Site, source: str, actor: Actor, now: datetime) -> Invitation:
    host = plan.whom.host
    return Invitation(
        ref=new_ref(),
        site_id=site.id,
        number=next_numbers(site.id, ("invitations", ALWAYS))[0],
        digits=digits,
        state=InvitationState.OPEN,
        name=guest.name,
        phone=guest.phone,
        email=guest.email,
        organisation=guest.organisation,
        companions=guest.companions,
        language=plan.language or site.language,
        purpose_id=plan.purpose.id,
        unit_id=plan.whom.unit.id,
        host_id=host.id if host else None,
        meeting_id=plan.meeting_id,
        begins_at=plan.begins_at,
        ends_at=plan.ends_at,
        entries=plan.entries,
        source=source,
        made_by_id=actor.id if actor.kind == "staff" else None,
        made_at=now,
    )


def plan_of(gathering: Gathering, *, whom: Whom | None, purpose: Purpose, language: str = "") -> Plan:
    """What is planned for the guests of a meeting: they come to its organiser, or to `whom` where that is nobody of
    the occupants. Raises DomainError when it does not take place, or nobody is known who receives them.
    """
    if not gathering.stands:
        raise Conflict(N_("This meeting does not take place any more. Nobody can be invited to it."))
    if whom is None and gathering.unit_id is not None:
        host = db.session.get(Host, gathering.host_id) if gathering.host_id else None
        whom = Whom(db.session.get_one(Unit, gathering.unit_id), host)
    if whom is None:
        raise DomainError(N_("Type a name, company or room, and choose who it is."), field="whom_text")
    return Plan(whom, purpose, gathering.begins_at, gathering.ends_at, language=language, meeting_id=gathering.id)


def hold(invitation: Invitation) -> Invitation:
    """The invitation as it stands now, kept from others until the commit."""
    db.session.refresh(invitation, with_for_update=True)
    return invitation


def places_used(invitation_id: int) -> set[int]:
    """The entries that were made with it."""
    asked = select(InvitationEntry.place).where(InvitationEntry.invitation_id == invitation_id)
    return set(db.session.scalars(asked))


def withdraw(invitation: Invitation, *, site: Site, actor: Actor, now: datetime, reason: str = "") -> None:
    """Take it back: its codes open nothing from now on, and the guest is told. Raises Conflict for one that was taken
    back, has ended or is used up.
    """
    if not hold(invitation).is_open:
        raise Conflict(N_("This invitation was taken back before."))
    if invitation.ends_at <= now:
        raise Conflict(N_("This invitation has ended. There is nothing to take back."))
    if len(places_used(invitation.id)) >= invitation.entries:
        raise Conflict(USED_UP)
    take_back(invitation, site=site, actor=actor, now=now, facts={"reason": reason} if reason else {})


def take_back(invitation: Invitation, *, site: Site, actor: Actor, now: datetime, facts: dict[str, Any]) -> None:
    """Write it down, and tell the guest. The invitation is held and open."""
    invitation.state, invitation.withdrawn_at = InvitationState.WITHDRAWN, now
    invitation.sequence += 1
    db.session.flush()
    record("withdrawn", invitation, actor=actor, now=now, facts=facts)
    tell_guest(invitation, "withdrawn", site=site, now=now)


def move(
    invitation: Invitation, *, begins_at: datetime, ends_at: datetime, site: Site, actor: Actor, now: datetime
) -> None:
    """It is for another time or place: the codes stay, the guest is told. The invitation is held and open."""
    invitation.begins_at, invitation.ends_at = begins_at, ends_at
    invitation.sequence += 1
    db.session.flush()
    facts = {"begins_at": begins_at.isoformat(), "ends_at": ends_at.isoformat()}
    record("moved", invitation, actor=actor, now=now, facts=facts)
    tell_guest(invitation, "moved", site=site, now=now)


def change_time(
    invitation: Invitation, *, begins_at: datetime, ends_at: datetime, site: Site, actor: Actor, now: datetime
) -> bool:
    """It is for another time: codes and entries stay, the guest is told with a calendar file that takes the place of
    the old one. Gives whether anything changed. Raises Conflict for one that was taken back, has ended, is used up or
    goes with a meeting, DomainError for a time that cannot be.
    """
    if not hold(invitation).is_open:
        raise Conflict(N_("This invitation was taken back before."))
    if invitation.ends_at <= now:
        raise Conflict(N_("This invitation has ended. Invite for another time."))
    if invitation.meeting_id is not None:
        raise Conflict(N_("This guest comes to a meeting. Move the meeting, and the invitation goes with it."))
    if len(places_used(invitation.id)) >= invitation.entries:
        raise Conflict(USED_UP)
    if (begins_at, ends_at) == (invitation.begins_at, invitation.ends_at):
        return False
    must_be_a_time(begins_at, ends_at, now=now)
    move(invitation, begins_at=begins_at, ends_at=ends_at, site=site, actor=actor, now=now)
    return True


def open_again(
    invitation: Invitation, *, begins_at: datetime, ends_at: datetime, site: Site, actor: Actor, now: datetime
) -> None:
    """It holds after all, for that time; the codes are those that the guest has. The invitation is held."""
    if invitation.digits is None:
        invitation.digits = free_digits(site.id, 1)[0]
    invitation.state, invitation.withdrawn_at = InvitationState.OPEN, None
    invitation.begins_at, invitation.ends_at = begins_at, ends_at
    invitation.sequence += 1
    db.session.flush()
    record("reopened", invitation, actor=actor, now=now)
    tell_guest(invitation, "moved", site=site, now=now)


def invite_again(invitation: Invitation, *, site: Site, actor: Actor, now: datetime) -> None:
    """Send the same letter once more, or let it hold again after it was taken back. Raises Conflict for one that has
    ended or is used up, DomainError when there is nobody to write to.
    """
    if hold(invitation).ends_at <= now:
        raise Conflict(N_("This invitation has ended. Invite for another time."))
    if len(places_used(invitation.id)) >= invitation.entries:
        raise Conflict(USED_UP)
    if not invitation.is_open:
        window = {"begins_at": invitation.begins_at, "ends_at": invitation.ends_at}
        open_again(invitation, site=site, actor=actor, now=now, **window)
        return
    if not invitation.email or not site.mail_enabled:
        raise DomainError(N_("No mail address is known. Print the slip, or copy the words for a message."))
    tell_guest(invitation, "made", site=site, now=now, again=now.isoformat(timespec="minutes"))
    record("sent_again", invitation, actor=actor, now=now)
