"""The display at the door of a room (M10): what it shows at an instant, and what a touch on it may do."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

from sqlalchemy import Select, bindparam

from domain import clock
from domain.database import db
from domain.errors import DomainError, NotFound
from domain.identity import Actor
from domain.meetings.ends import EARLY
from domain.meetings.lapses import taken_in
from domain.meetings.models import OpenTo, Reservation, ReservationState, Room, has_lapsed
from domain.meetings.queries import hold_rooms, listed, of_room
from domain.meetings.reservations import RoomTaken, Wish, make
from domain.meetings.spans import Span, is_free, must_be_open
from domain.sites.models import Site
from domain.text import N_

LEAST = timedelta(minutes=10)
OFFERED = (30, 15, 60)
LONGER = (15, 30)
SHOWN = 3
Standing = Literal["free", "busy", "waits", "clearing", "closed"]


@dataclass(frozen=True)
class Door:
    """What stands at the door. `now_row` runs or should have begun; `soon` may begin early; `next_rows` come then.

    `until`: until when it stays like this; `preparing_for`: the beginning of the meeting that the room is set up for
    then. `minutes`: for how long the room may be taken, or the meeting extended, by a touch.
    """

    standing: Standing
    now_row: Any
    soon: Any
    next_rows: tuple[Any, ...]
    until: datetime | None
    preparing_for: datetime | None
    minutes: tuple[int, ...]
    may_start: bool
    may_end: bool


def door_of(room: Room, *, site: Site, now: datetime) -> Door:
    """What the display shows now; one statement."""
    midnight, tomorrow = clock.day_span(clock.local_date(now, site.zone), site.zone)
    rows = [row for row in of_room(room, since=midnight, until=tomorrow) if _keeps(row, now)]
    current = next((row for row in rows if _is_on(row, now)), None)
    coming = tuple(row for row in rows if row.begins_at > now and row is not current)
    if current is not None:
        runs = current.started_at is not None or current.release_at is None
        tentative = current.approver != "" and current.answer == ""
        begun = current.started_at is not None
        longer = _longer(room, current, coming, site, now) if begun else ()
        return Door(
            "busy" if runs and not tentative else "waits",
            current,
            None,
            coming[:SHOWN],
            current.ends_at,
            None,
            longer,
            may_start=not begun and not tentative,
            may_end=begun,
        )
    soon = coming[0] if coming and coming[0].begins_at - now <= EARLY and coming[0].answer_by is None else None
    cleared = max((row.reserved_until for row in rows if row.ends_at <= now or row.ended_at), default=None)
    if cleared is not None and cleared > now:
        return Door("clearing", None, None, coming[:SHOWN], cleared, None, (), False, False)
    closes = _closes(room, site, now)
    if closes is None:
        return Door("closed", None, soon, coming[:SHOWN], None, None, (), soon is not None, False)
    first = coming[0] if coming else None
    taken_from = first.reserved_from if first else None
    until = min(closes, taken_from) if taken_from else closes
    if until <= now and first is not None:
        return Door(
            "clearing", None, soon, coming[:SHOWN], first.begins_at, first.begins_at, (), soon is not None, False
        )
    preparing = first.begins_at if first and until == first.reserved_from < first.begins_at else None
    return Door(
        "free", None, soon, coming[:SHOWN], until, preparing, _bookable(room, until, now), soon is not None, False
    )


def _keeps(row: Any, now: datetime) -> bool:
    return row.state == ReservationState.ENDED or (row.state == ReservationState.HELD and not has_lapsed(row, now))


def _is_on(row: Any, now: datetime) -> bool:
    if row.state != ReservationState.HELD or row.ends_at <= now:
        return False
    return row.begins_at <= now or row.started_at is not None


def _closes(room: Room, site: Site, now: datetime) -> datetime | None:
    """Until when the room is open today; None when it is closed now."""
    day = clock.local(now, site.zone)
    if room.retired_at or day.isoweekday() not in room.open_days:
        return None
    midnight, _tomorrow = clock.day_span(day.date(), site.zone)
    opens, closes = midnight + timedelta(minutes=room.opens), midnight + timedelta(minutes=room.closes)
    return closes if opens <= now < closes else None


def takes_bookings(room: Room) -> bool:
    """Whether a touch at the door may reserve the room: everybody may reserve it, and nobody's word is needed."""
    return room.door_booking and room.open_to == OpenTo.ALL and not room.approver and room.retired_at is None


def _bookable(room: Room, until: datetime, now: datetime) -> tuple[int, ...]:
    if not takes_bookings(room):
        return ()
    clearing = timedelta(minutes=room.after_minutes)
    fitting = [each for each in OFFERED if _minute(now) + timedelta(minutes=each) + clearing <= until]
    if not fitting and until - clearing - now >= LEAST:
        return (int((until - clearing - _minute(now)) / timedelta(minutes=1)),)
    return tuple(fitting)


def _longer(room: Room, row: Any, coming: tuple[Any, ...], site: Site, now: datetime) -> tuple[int, ...]:
    closes = _closes(room, site, now)
    free = [coming[0].reserved_from - row.reserved_until] if coming else []
    free += [closes - row.ends_at] if closes else [timedelta(0)]
    return tuple(each for each in LONGER if timedelta(minutes=each) <= min(free))


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


@cache
def _here() -> Select[*tuple[Any, ...]]:
    return listed().where(Reservation.room_id == bindparam("room_id"), Reservation.ref == bindparam("ref"))


def meeting_at(room: Room, ref: str) -> Reservation:
    """The reservation of that ref in this room; raises NotFound."""
    row = db.session.execute(_here(), {"room_id": room.id, "ref": ref}).first()
    if row is None:
        raise NotFound
    return db.session.get_one(Reservation, row.id)


def take_now(room: Room, *, minutes: int, title: str, site: Site, actor: Actor, now: datetime) -> Reservation:
    """Take the free room at the door, at once and for so long. It has no organiser and so nothing personal to erase.

    Raises DomainError where the room is not reserved at its door or is closed, Conflict where it is taken.
    """
    hold_rooms([room.id])
    if not takes_bookings(room):
        raise DomainError(N_("This room is not reserved at its door. Ask the reception."))
    begins = _minute(now)
    ends = begins + timedelta(minutes=minutes)
    span = Span(begins, ends, begins, ends + timedelta(minutes=room.after_minutes))
    must_be_open(span, room=room, zone=site.zone)
    if not is_free(span, taken_in(room, since=begins, until=span.reserved_until, now=now)):
        raise RoomTaken(room)
    (made,) = make(room, [span], Wish(title, 1), actor=actor, now=now, started_at=now, erased_at=now)
    return made
