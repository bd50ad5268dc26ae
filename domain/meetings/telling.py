"""What a notice tells about a meeting, and to whom: read at the moment of telling, so that it is true (M7, M10)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain.calendars import Appointment, Method, Standing, uid_of
from domain.channels import lines_of as channel_lines
from domain.database import db
from domain.masking import mask_name
from domain.meetings.models import Reservation, ReservationState, Room
from domain.meetings.notices import SUBJECT
from domain.notices import Channel, Notice
from domain.occupants.models import Host
from domain.people.models import Person
from domain.sites.models import Site
from domain.sites.queries import site_name

SUBJECTS = frozenset({SUBJECT})
OFF = frozenset({"meeting.cancelled", "meeting.released", "meeting.refused", "meeting.expired", "meeting.handed_over"})
"""What takes the meeting out of the reader's calendar."""
STANDS = frozenset({"meeting.reserved", "meeting.changed", "meeting.granted", "meeting.revived", "meeting.offered"})
"""What says that it takes place: not worth telling once it does not."""


@dataclass(frozen=True)
class MeetingTelling:
    """One notice to be written. `meetings` are those that it is about, the earliest first; `organiser` is masked
    except towards who decides; `reason` why it was called off or refused.
    """

    kind: str
    site: Site
    language: str
    addresses: tuple[str, ...]
    to: str
    title: str
    meetings: tuple[Appointment, ...]
    people: int
    organiser: str
    reason: str
    answer_by: datetime | None
    ref: str

    @property
    def method(self) -> Method | None:
        """What the reader's calendar is asked to do; None where the letter brings no entry."""
        if self.kind == "meeting.asked":
            return None
        if len(self.meetings) > 1:
            return Method.PUBLISH  # an invitation names one meeting alone (RFC 5546)
        return Method.CANCEL if self.kind in OFF else Method.REQUEST


def appointment_of(one: Any, room: Any, *, zone: str) -> Appointment:
    """A reservation as a calendar shows it; takes rows with the columns of `Reservation`, and name and floor."""
    gone = one.state in (ReservationState.CANCELLED, ReservationState.RELEASED)
    tentative = one.state == ReservationState.HELD and one.approver != "" and one.answer == ""
    ends = one.ended_at if one.state == ReservationState.ENDED and one.ended_at > one.begins_at else one.ends_at
    return Appointment(
        uid=uid_of("meeting", one.ref),
        sequence=one.sequence,
        begins=one.begins_at,
        ends=min(ends, one.ends_at),
        zone=zone,
        title=one.title or "–",
        place=f"{room.name} ({room.floor})" if room.floor else room.name,
        standing=Standing.CANCELLED if gone else Standing.TENTATIVE if tentative else Standing.CONFIRMED,
    )


def telling(notice: Notice, *, now: datetime) -> MeetingTelling | None:
    """What to write for a notice about meetings; None when telling makes no sense any more: it does not take place by
    now, a later change is told of anyhow, its data were erased, or the reader left.
    """
    site = db.session.get_one(Site, notice.site_id)
    reader = _reader(notice, site)
    meetings = _meetings(notice)
    if reader is None or not meetings or _is_stale(notice, meetings[0], now):
        return None
    to, language, addresses = reader
    rooms = {one.room_id: db.session.get_one(Room, one.room_id) for one in meetings}
    told = [appointment_of(one, rooms[one.room_id], zone=site.zone) for one in meetings]
    if notice.kind == "meeting.handed_over":
        told = [replace(each, standing=Standing.CANCELLED) for each in told]
    first = meetings[0]
    return MeetingTelling(
        kind=notice.kind,
        site=site,
        language=language,
        addresses=addresses,
        to=to,
        title=first.title or "–",
        meetings=tuple(told),
        people=first.people,
        organiser=_organiser(first, in_full=notice.kind == "meeting.asked" and notice.recipient == "person"),
        reason=first.reason,
        answer_by=first.answer_by,
        ref=first.ref,
    )


def _meetings(notice: Notice) -> Sequence[Reservation]:
    ids = [int(each) for each in notice.facts.get("ids", "").split()] or [notice.subject_id]
    return db.session.scalars(
        select(Reservation)
        .where(Reservation.id.in_(ids), Reservation.erased_at.is_(None))
        .order_by(Reservation.begins_at, Reservation.id)
    ).all()


def _is_stale(notice: Notice, one: Reservation, now: datetime) -> bool:
    if notice.kind in STANDS and (
        one.state not in (ReservationState.HELD, ReservationState.ENDED) or one.ends_at <= now
    ):
        return True
    if notice.kind in ("meeting.offered", "meeting.asked") and not one.is_tentative:
        return True
    return notice.kind == "meeting.changed" and one.sequence > int(notice.facts.get("sequence", "0"))


def _reader(notice: Notice, site: Site) -> tuple[str, str, tuple[str, ...]] | None:
    addresses: tuple[str, ...]
    if notice.recipient == "site":
        language, addresses = site.language, tuple(channel_lines(site.channels))
        to = site_name(site, language)
    elif notice.recipient == "host":
        host = db.session.get(Host, notice.recipient_id)
        if host is None or host.left_at:
            return None
        to, language = host.name, host.language
        addresses = (host.email,) if notice.channel == Channel.MAIL else tuple(channel_lines(host.channels))
    else:
        person = db.session.get(Person, notice.recipient_id)
        if person is None or person.left_at:
            return None
        to, language, addresses = person.name, person.language, (person.email,)
    return (to, language, addresses) if any(addresses) else None


def _organiser(one: Reservation, *, in_full: bool) -> str:
    if one.person_id is not None:
        return db.session.get_one(Person, one.person_id).name
    name = db.session.get_one(Host, one.host_id).name if one.host_id is not None else ""
    return name if in_full else mask_name(name)
