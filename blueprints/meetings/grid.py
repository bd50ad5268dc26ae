"""A day as a line of cells: what is reserved, set-up and clearing around it, and what is free, hour by hour.

A cell is as wide as the five-minute columns that it takes, so that a plain table draws the whole day. A line is what is
taken and the gaps between: the same few gaps stand in every room, and are divided into cells once.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple

from domain import clock
from domain.meetings.models import ReservationState, has_lapsed
from domain.meetings.spans import STEP

HOUR = 60
LEAST = 40
"""What is free for fewer minutes is too narrow to be touched: the form takes it all the same."""
USUAL = (8 * HOUR, 19 * HOUR)
FREE, CLOSED, AROUND = "free", "closed", "around"


class Taken(NamedTuple):
    """So many columns of a meeting, or without a row of set-up and clearing."""

    width: int
    row: Any = None


class Cell(NamedTuple):
    """So many columns of a gap, and what is free there long enough: the minute of the day at which it begins.

    `first`: the first cell of a free span, the one that the Tab key reaches.
    """

    kind: str
    width: int
    since: int | None = None
    first: bool = False


class Gap(NamedTuple):
    """What is not reserved, from minute to minute, where the room is open from minute to minute: see `cells_of`."""

    since: int
    until: int
    opens: int
    closes: int


@dataclass(frozen=True)
class Hours:
    """The part of the day that is drawn, in minutes after midnight."""

    first: int
    last: int

    @property
    def heads(self) -> list[str]:
        """The full hours."""
        return [f"{minutes // HOUR:02d}:00" for minutes in range(self.first, self.last, HOUR)]


def keeps_the_room(row: Any, now: datetime) -> bool:
    """Whether a reservation still takes its time from the room."""
    if row.state == ReservationState.ENDED:
        return True
    return row.state == ReservationState.HELD and not has_lapsed(row, now)


def hours_of(rooms: Iterable[Any], rows: Sequence[Any], zone: str) -> Hours:
    """The hours in which a room is open or something is reserved, at least the usual ones, whole hours."""
    first, last = USUAL
    for room in rooms:
        first, last = min(first, room.opens), max(last, min(room.closes, 22 * HOUR))
    wall = clock.zone(zone)
    for begins_at, ends_at in {(row.begins_at, row.ends_at) for row in rows}:
        begin, end = begins_at.astimezone(wall), ends_at.astimezone(wall)
        first = min(first, begin.hour * HOUR)
        last = max(last, 24 * HOUR if end.date() > begin.date() else end.hour * HOUR + end.minute)
    return Hours(first // HOUR * HOUR, -(-last // HOUR) * HOUR)


def lines(day: date, hours: Hours, *, zone: str, now: datetime) -> Callable[[Any, Iterable[Any]], list[Taken | Gap]]:
    """A function that gives what is taken in one room on that day and the gaps around it, given the room and what is
    reserved there then, the earliest first.
    """
    midnight, last = clock.at_local(day, time.min, zone), hours.last
    passed, weekday = _minutes(now - midnight), day.isoweekday()

    @cache
    def minutes(instant: datetime) -> int:
        reckoned = _minutes(instant - midnight)
        return reckoned if reckoned < last else last

    def line(room: Any, rows: Iterable[Any]) -> list[Taken | Gap]:
        cells: list[Taken | Gap] = []
        at = hours.first
        opens, closes = hours.last, hours.last
        if weekday in room.open_days and room.retired_at is None:
            opens, closes = max(room.opens, passed), room.closes
        for row in rows:
            if not keeps_the_room(row, now):
                continue
            held, begins = minutes(row.reserved_from), minutes(row.begins_at)
            ends = minutes(min(row.ended_at, row.ends_at) if row.ended_at else row.ends_at)
            if held > at:
                cells.append(Gap(at, held, opens, closes))
                at = held
            if begins > at:
                cells.append(Taken((begins - at) // STEP))
                at = begins
            if ends > at:
                cells.append(Taken((ends - at) // STEP, row))
                at = ends
            if (until := minutes(row.reserved_until)) > at:
                cells.append(Taken((until - at) // STEP))
                at = until
        cells.append(Gap(at, hours.last, opens, closes))
        return cells

    return line


def _minutes(length: timedelta) -> int:
    """Whole steps, in minutes."""
    return (length.days * 24 * HOUR + length.seconds // 60) // STEP * STEP


def cells_of(gap: Gap) -> list[Cell]:
    """What is not reserved: open, an hour at a time so that a touch means a time; else closed."""
    since, until, opens, closes = gap
    begin = min(max(since, opens), until)
    end = max(begin, min(until, closes))
    cells = [Cell(CLOSED, (begin - since) // STEP)] if begin > since else []
    at = begin
    while at < end:
        stop = at + LEAST
        stop = min(end, -(-stop // HOUR) * HOUR)
        if end - stop < LEAST:
            stop = end
        begins = at if stop - at >= LEAST else None
        cells.append(Cell(FREE, (stop - at) // STEP, begins, at == begin))
        at = stop
    if until > end:
        cells.append(Cell(CLOSED, (until - end) // STEP))
    return cells
