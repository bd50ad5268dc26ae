"""A day as a line of cells: what is reserved, set-up and clearing around it, and what is free, hour by hour.

A cell is as wide as the five-minute columns that it takes, so that a plain table draws the whole day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from domain import clock
from domain.meetings.models import ReservationState, has_lapsed
from domain.meetings.spans import STEP

HOUR = 60
LEAST = 40
"""What is free for fewer minutes is too narrow to be touched: the form takes it all the same."""
USUAL = (8 * HOUR, 19 * HOUR)
FREE, CLOSED, AROUND, MEETING = "free", "closed", "around", "meeting"


class Cell(NamedTuple):
    """So many columns of one kind; of a meeting its row, of what is free the minute of the day at which it begins.

    `first`: the first cell of a free span, the one that the Tab key reaches.
    """

    kind: str
    width: int
    row: Any = None
    since: int | None = None
    first: bool = False


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
    for row in rows:
        begin, end = row.begins_at.astimezone(wall), row.ends_at.astimezone(wall)
        first = min(first, begin.hour * HOUR)
        last = max(last, 24 * HOUR if end.date() > begin.date() else end.hour * HOUR + end.minute)
    return Hours(first // HOUR * HOUR, -(-last // HOUR) * HOUR)


def line(room: Any, rows: Sequence[Any], day: date, hours: Hours, *, zone: str, now: datetime) -> list[Cell]:
    """The cells of one room on one day; `rows` are what is reserved there then, the earliest first."""
    midnight = clock.at_local(day, time.min, zone)
    cells: list[Cell] = []
    at = hours.first

    def minutes(instant: datetime) -> int:
        return _minutes(instant - midnight)

    def fill(until: int, kind: str, row: Any = None) -> None:
        nonlocal at
        until = min(until, hours.last)
        if until > at:
            cells.append(Cell(kind, (until - at) // STEP, row))
            at = until

    for row in (row for row in rows if keeps_the_room(row, now)):
        held = min(minutes(row.reserved_from), hours.last)
        if held > at:
            cells += _free(room, day, at, held, midnight, now)
            at = held
        fill(minutes(row.begins_at), AROUND)
        fill(minutes(min(row.ended_at or row.ends_at, row.ends_at)), MEETING, row)
        fill(minutes(row.reserved_until), AROUND)
    return cells + _free(room, day, at, hours.last, midnight, now)


def _minutes(length: timedelta) -> int:
    """Whole steps, in minutes."""
    return (length.days * 24 * HOUR + length.seconds // 60) // STEP * STEP


def _free(room: Any, day: date, since: int, until: int, midnight: datetime, now: datetime) -> list[Cell]:
    """What is not reserved: open ahead of now, an hour at a time so that a touch means a time; else closed."""
    passed = _minutes(now - midnight)
    is_open = day.isoweekday() in room.open_days and room.retired_at is None
    begin = min(max(since, room.opens, passed), until) if is_open else until
    end = max(begin, min(until, room.closes)) if is_open else until
    cells = [Cell(CLOSED, (begin - since) // STEP)] if begin > since else []
    at = begin
    while at < end:
        stop = at + LEAST
        stop = min(end, -(-stop // HOUR) * HOUR)
        if end - stop < LEAST:
            stop = end
        begins = at if stop - at >= LEAST else None
        cells.append(Cell(FREE, (stop - at) // STEP, since=begins, first=at == begin))
        at = stop
    if until > end:
        cells.append(Cell(CLOSED, (until - end) // STEP))
    return cells
