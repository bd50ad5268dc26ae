"""When a room can be used: a day and two times on the wall become instants, and each rule has a sentence (M1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from domain import clock
from domain.errors import DomainError
from domain.meetings.models import Room
from domain.text import N_

STEP = 5
HOUR, DAY = 60, 24 * 60
MOST_DAYS = 14
FARTHEST = timedelta(days=731)
GRACE = timedelta(minutes=15)
"""Who stands at the desk and is in the room already reserves from the last quarter of an hour on."""
MOST_OFFERED = 4


@dataclass(frozen=True)
class Span:
    """An event, and all the time that it takes from the room: with set-up and clearing."""

    begins: datetime
    ends: datetime
    reserved_from: datetime
    reserved_until: datetime


Taken = Sequence[tuple[datetime, datetime]]
"""Reserved times of one room."""


def minutes_of(at: time) -> int:
    """Minutes after midnight."""
    return at.hour * 60 + at.minute


def time_of(minutes: int) -> time:
    """The time of so many minutes after midnight; the end of the day is written 00:00."""
    return time(minutes // 60 % 24, minutes % 60)


def length_of(since: time, until: time) -> int:
    """Minutes from one time to another of the same day; until 00:00 is until the end of the day. Raises DomainError."""
    begin, end = minutes_of(since), minutes_of(until) or DAY
    if begin % STEP or end % STEP:
        raise DomainError(
            N_("Choose times in steps of 5 minutes, such as 09:30 or 09:35."),
            field="since" if begin % STEP else "until",
        )
    if begin == end:
        raise DomainError(N_("It begins and ends at the same time. Enter when it ends."), field="until")
    if end < begin:
        raise DomainError(
            N_("The end lies before the beginning. Over midnight, reserve each of the two days."), field="until"
        )
    return end - begin


def span_on(day: date, since: time, minutes: int, *, room: Room, zone: str) -> Span:
    """The span on that day's clock. Raises DomainError where a change of the clocks leaves nothing of it."""
    try:
        begins = clock.at_local(day, since, zone)
        end = minutes_of(since) + minutes
        ends = clock.at_local(day + timedelta(days=end // DAY), time_of(end), zone)
    except (ValueError, OverflowError):
        raise DomainError(N_("This day is too far away."), field="day") from None
    if ends <= begins:
        raise DomainError(N_("The clocks are changed in this time: there is no such hour on that day."), field="since")
    return around(begins, ends, room)


def around(begins: datetime, ends: datetime, room: Room) -> Span:
    """The event with the room's set-up and clearing as they are now."""
    before, after = timedelta(minutes=room.before_minutes), timedelta(minutes=room.after_minutes)
    return Span(begins, ends, begins - before, ends + after)


def must_be_possible(span: Span, *, room: Room, zone: str, now: datetime) -> None:
    """Raise DomainError for a time that is over, too far ahead, or at which the room is closed."""
    if span.begins < now - GRACE:
        raise DomainError(N_("This time is over. Choose a later one."), field="since")
    if span.begins > now + FARTHEST:
        raise DomainError(N_("Reserve at most two years ahead."), field="day")
    must_be_open(span, room=room, zone=zone)


def must_be_open(span: Span, *, room: Room, zone: str) -> None:
    """Raise DomainError when the room is closed for a part of the event."""
    begin, end = clock.local(span.begins, zone), clock.local(span.ends, zone)
    if begin.isoweekday() not in room.open_days:
        raise DomainError(N_("%(room)s is closed on this weekday."), field="day", room=room.name)
    closes = minutes_of(end.time()) + DAY * (end.date() - begin.date()).days
    if minutes_of(begin.time()) < room.opens or closes > room.closes:
        raise DomainError(
            N_("%(room)s is open from %(opens)s to %(closes)s."),
            field="since" if minutes_of(begin.time()) < room.opens else "until",
            room=room.name,
            opens=clock_words(room.opens),
            closes=clock_words(room.closes),
        )


def first_open(rooms: Iterable[Any], start: datetime, day: date | None = None) -> datetime | None:
    """When one of these rooms is open for an hour: on that day or the first one after it, at the time of `start` or
    when it opens; `start` is the earliest on the site's clock. None where none is within two weeks.
    """
    known, first = list(rooms), max(day or start.date(), start.date())
    for ahead in range(MOST_DAYS):
        on = first + timedelta(days=ahead)
        there = [room for room in known if on.isoweekday() in room.open_days]
        for wanted in (minutes_of(start.time()), 0) if on > start.date() else (minutes_of(start.time()),):
            begins = [max(wanted, room.opens) for room in there if max(wanted, room.opens) + HOUR <= room.closes]
            if begins:
                return datetime.combine(on, time_of(min(begins)))
    return None


def clock_words(minutes: int) -> str:
    """08:00; the end of the day is 24:00."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def is_free(span: Span, taken: Taken) -> bool:
    """Whether none of the reserved times overlaps."""
    return all(until <= span.reserved_from or since >= span.reserved_until for since, until in taken)


def nearest_free(
    day: date,
    since: time,
    minutes: int,
    *,
    room: Room,
    taken: Taken,
    zone: str,
    now: datetime,
    most: int = MOST_OFFERED,
) -> list[time]:
    """Beginnings on that day at which so long an event has room, the nearest to `since` chosen, in order."""
    wanted = minutes_of(since)
    midnight = clock.at_local(day, time.min, zone)
    tries = {wanted, room.opens, room.closes - minutes}
    for begin, end in taken:
        tries.add(_up((end - midnight) / timedelta(minutes=1) + room.before_minutes))
        tries.add(_down((begin - midnight) / timedelta(minutes=1) - room.after_minutes - minutes))
    tries.add(_up((now - midnight) / timedelta(minutes=1)))
    found: list[time] = []
    for start in sorted(tries, key=lambda it: (abs(it - wanted), it)):
        if len(found) == most or not room.opens <= start <= room.closes - minutes:
            continue
        try:
            span = span_on(day, time_of(start), minutes, room=room, zone=zone)
            must_be_possible(span, room=room, zone=zone, now=now)
        except DomainError:
            continue
        if span.begins >= now - GRACE and is_free(span, taken):
            found.append(time_of(start))
    return sorted(found)


def _up(minutes: float) -> int:
    return -int(-minutes // STEP) * STEP


def _down(minutes: float) -> int:
    return int(minutes // STEP) * STEP
