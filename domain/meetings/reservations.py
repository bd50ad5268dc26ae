"""Reserving a room, once or repeatedly (M1, M2). Two spans of a room never overlap: the database makes sure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from domain import clock, search
from domain.codes import new_ref
from domain.errors import Conflict, DomainError
from domain.identity import Actor
from domain.meetings import history
from domain.meetings.decisions import ROLES, approval_columns, must_be_let
from domain.meetings.lapses import taken_in
from domain.meetings.models import Approver, Reservation, ReservationState, Room, is_tentative
from domain.meetings.notices import tell_approvers, tell_organiser
from domain.meetings.queries import hold_room
from domain.meetings.spans import (
    DAY,
    FARTHEST,
    Span,
    is_free,
    length_of,
    minutes_of,
    must_be_possible,
    nearest_free,
    span_on,
    time_of,
)
from domain.occupants.models import Host, Unit
from domain.people.models import Person
from domain.records import written
from domain.sites.models import Site
from domain.sites.numbers import ALWAYS
from domain.text import N_

NIGHT = timedelta(days=1)


class RoomTaken(Conflict):
    """Somebody else has the room then; `others` are times of that day at which it is free for as long."""

    def __init__(self, room: Room, others: Sequence[time] = ()) -> None:
        sentence = N_("%(room)s is taken in this time.")
        if others:
            sentence = N_("%(room)s is taken in this time. It is free for as long at %(times)s.")
        times = " / ".join(f"{at:%H:%M}" for at in others)
        super().__init__(sentence, field="since", room=room.name, times=times)
        self.others = others


@dataclass(frozen=True)
class Wish:
    """What is wanted of a room: the meeting, who organises it (an occupant with the unit, or one of the staff)."""

    title: str
    people: int
    host: Host | None = None
    person: Person | None = None
    unit: Unit | None = None
    layout: str = ""
    notes: str = ""

    def columns(self) -> dict[str, Any]:
        """The columns of Reservation."""
        return {
            "title": self.title,
            "people": self.people,
            "host_id": self.host.id if self.host else None,
            "person_id": self.person.id if self.person else None,
            "unit_id": self.unit.id if self.unit else None,
            "layout": self.layout,
            "notes": self.notes,
        }

    def grams(self) -> set[str]:
        """What the meeting is found by."""
        name = self.host.name if self.host else self.person.name if self.person else ""
        unit = self.unit
        return history.grams_of(self.title, name, unit.number if unit else "", unit.company if unit else "")


@dataclass(frozen=True)
class Clash:
    """A date of a repeat that cannot be: why, and when on that day the room would be free for as long."""

    day: date
    refusal: DomainError
    others: tuple[time, ...]

    def alone(self, room: Room) -> DomainError:
        """The refusal where it is the only date: nobody chooses among times then, so the sentence names them."""
        return RoomTaken(room, self.others) if isinstance(self.refusal, RoomTaken) else self.refusal


class Clashes(Conflict):
    """Some dates of a repeat cannot be; each is named, to be left out or moved (M2)."""

    def __init__(self, clashes: Sequence[Clash]) -> None:
        super().__init__(
            N_("%(count)d of the dates cannot be. Leave each of them out, or move it."), count=len(clashes)
        )
        self.clashes = clashes


def must_fit(room: Room, wish: Wish) -> None:
    """Raise DomainError for a retired room, more people than seats, or a layout that the room does not have."""
    if room.retired_at:
        raise Conflict(N_("This room is no longer reserved. Choose another one."), field="room")
    if not wish.title.strip():
        raise DomainError(N_("Say what the meeting is about."), field="title")
    if wish.people > room.capacity:
        raise DomainError(
            N_("%(room)s has %(seats)d seats, for %(people)d people. Choose a larger room."),
            field="people",
            room=room.name,
            seats=room.capacity,
            people=wish.people,
        )
    if wish.layout and wish.layout not in room.layouts:
        raise DomainError(N_("%(room)s cannot be set up like this."), field="layout", room=room.name)


def _too_small(room: Room, wish: Wish) -> DomainError | None:
    """The refusal of more people than seats, which is told together with what is wrong with the time; raises every
    other one of `must_fit`.
    """
    try:
        must_fit(room, wish)
    except DomainError as error:
        if error.field != "people":
            raise
        return error
    return None


def spans_for(
    room: Room,
    dates: Mapping[date, tuple[time, time]],
    *,
    zone: str,
    now: datetime,
    but: Iterable[int] = (),
) -> dict[date, Span]:
    """The span of each date, all of them possible and free; the room is held, and who lapsed in it then is released.
    Raises Clashes with those that are not.

    `but`: reservations that do not count, because it is they that are moved.
    """
    today = clock.local_date(now, zone)
    if min(dates) < today:
        raise DomainError(N_("This time is over. Choose a later one."), field="since")
    if max(dates) > today + FARTHEST:
        raise DomainError(N_("Reserve at most two years ahead."), field="day")
    first, last = clock.at_local(min(dates), time.min, zone), clock.at_local(max(dates) + NIGHT, time.min, zone)
    taken = taken_in(room, since=first, until=last, now=now, but=but)
    found, clashes = {}, []
    for day, (since, until) in dates.items():
        minutes = (minutes_of(until) - minutes_of(since)) % DAY or DAY
        try:
            length_of(since, until)
            span = span_on(day, since, minutes, room=room, zone=zone)
            must_be_possible(span, room=room, zone=zone, now=now)
            if not is_free(span, taken):
                raise RoomTaken(room)
            found[day] = span
        except DomainError as refusal:
            others = nearest_free(day, since, minutes, room=room, taken=taken, zone=zone, now=now)
            clashes.append(Clash(day, refusal, tuple(others)))
    if clashes:
        raise Clashes(clashes)
    return found


def reserve(
    wanted: Room,
    *,
    days: Sequence[date],
    since: time,
    until: time,
    wish: Wish,
    site: Site,
    actor: Actor,
    now: datetime,
    instead: Mapping[date, time | None] | None = None,
    held: bool = False,
) -> list[Reservation]:
    """Reserve the room on each of these days, from one time to another. More than one day is a series.
    Returns the reservations as rows, to be read alone.

    `instead` says of a date that it is left out (None) or at which time it begins instead; `held` that the room is kept
    from others already. Raises DomainError for what cannot be; Clashes where single dates of a series cannot.
    """
    length_of(since, until)
    room = wanted if held else hold_room(wanted.id)
    unfit = _too_small(room, wish)
    must_be_let(room, unit_id=wish.unit.id if wish.unit else None, actor=actor)
    dates = placed(days, since, until, instead or {})
    if not dates:
        raise DomainError(N_("Every date is left out. Reserve at least one."), field="day")
    try:
        spans = spans_for(room, dates, zone=site.zone, now=now)
    except DomainError as error:
        refusal = error.clashes[0].alone(room) if isinstance(error, Clashes) and len(days) == 1 else error
        refusal.besides = unfit
        raise refusal from (None if refusal is error else error)
    if unfit:
        raise unfit
    made = make(room, list(spans.values()), wish, actor=actor, now=now)
    tell_organiser("meeting.reserved", made, now=now, site=site, host=wish.host)
    if is_tentative(made[0]):
        tell_approvers(made, roles=ROLES[Approver(made[0].approver)], now=now)
    return made


def placed(
    days: Sequence[date], since: time, until: time, instead: Mapping[date, time | None]
) -> dict[date, tuple[time, time]]:
    """The times of each day, those that are left out gone and those that are moved at their own."""
    minutes = length_of(since, until)
    dates = {}
    for day in days:
        begin = instead.get(day, since)
        if begin is not None:
            dates[day] = (begin, time_of(minutes_of(begin) + minutes))
    return dates


def make(
    room: Room, spans: Sequence[Span], wish: Wish, *, actor: Actor, now: datetime, **columns: Any
) -> list[Reservation]:
    """Write reservations of a room that is held, for spans that are free; `columns` say what is otherwise the rule.
    Returns them as rows, to be read alone.
    """
    found_by = wish.grams()
    common = wish.columns() | {
        "site_id": room.site_id,
        "room_id": room.id,
        "series": new_ref() if len(spans) > 1 else None,
        "state": ReservationState.HELD,
        "made_by_id": actor.id if actor.kind == "staff" else None,
        "made_at": now,
    }
    made = []
    for span in spans:
        decided = approval_columns(room, span.begins, actor=actor, now=now)
        numbers = {"number": ("meetings", ALWAYS)}
        made.append(written(Reservation, numbers=numbers, **common | span_columns(span, room) | decided | columns))
    entered = {"title": wish.title, "notes": wish.notes}
    for one in made:
        search.index(site_id=room.site_id, kind=search.MEETING, subject_id=one.id, found_by=found_by, is_new=True)
        facts = {"begins_at": one.begins_at.isoformat(), "ends_at": one.ends_at.isoformat(), "room": room.name}
        history.record("reserved", one, actor=actor, now=now, facts=facts, entered=entered)
    return made


def span_columns(span: Span, room: Room) -> dict[str, datetime | None]:
    """The columns of a reservation that say when it is, with the room's rules as they are now (M9)."""
    late = room.release_minutes
    return {
        "begins_at": span.begins,
        "ends_at": span.ends,
        "reserved_from": span.reserved_from,
        "reserved_until": span.reserved_until,
        "release_at": span.begins + timedelta(minutes=late) if late else None,
    }
