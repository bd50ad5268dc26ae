"""A day as a line of cells: what is reserved, set-up and clearing around it, and what is free, hour by hour.

A cell is as wide as the five-minute columns that it takes, so that a plain table draws the whole day. A line is what is
taken and the gaps between: the same few gaps stand in every room, and are divided into cells once.
"""

from collections.abc import Callable, Iterable
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


class Cell(NamedTuple):
    """So many columns of a gap, and what is free there long enough: the minute of the day at which it begins.

    `first`: the first cell of a free span, the one that the Tab key reaches.
    """

    kind: str
    width: int
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


def hours_of(rooms: Iterable[Any], spans: Iterable[tuple[datetime, ...]], zone: str) -> Hours:
    """The hours in which a room is open or something is reserved, at least the usual ones, whole hours."""
    first, last = USUAL
    for opens, closes in {(room.opens, room.closes) for room in rooms}:
        first, last = min(first, opens), max(last, min(closes, 22 * HOUR))
    wall = clock.zone(zone)
    for begins_at, ends_at in spans:
        begin, end = begins_at.astimezone(wall), ends_at.astimezone(wall)
        first = min(first, begin.hour * HOUR)
        last = max(last, 24 * HOUR if end.date() > begin.date() else end.hour * HOUR + end.minute)
    return Hours(first // HOUR * HOUR, -(-last // HOUR) * HOUR)


def on_line(day: date, hours: Hours, zone: str) -> Callable[[datetime], int]:
    """A function that gives where an instant stands on the line of that day: in minutes, as far as it is drawn."""
    midnight, last = clock.at_local(day, time.min, zone), hours.last

    @cache
    def minutes(instant: datetime) -> int:
        return min(_minutes(instant - midnight), last)

    return minutes


def opening(day: date, hours: Hours, *, zone: str, now: datetime) -> Callable[[Any], tuple[int, int]]:
    """A function that gives from which minute to which one a room can be reserved on that day, from now on."""
    passed, weekday = _minutes(now - clock.at_local(day, time.min, zone)), day.isoweekday()

    def opened(room: Any) -> tuple[int, int]:
        if weekday in room.open_days and room.retired_at is None:
            return max(room.opens, passed), room.closes
        return hours.last, hours.last

    return opened


def _minutes(length: timedelta) -> int:
    """Whole steps, in minutes."""
    return (length.days * 24 * HOUR + length.seconds // 60) // STEP * STEP


def cells_of(since: int, until: int, opens: int, closes: int) -> list[Cell]:
    """What is not reserved from minute to minute, where the room is open from minute to minute: open, an hour at a time
    so that a touch means a time; else closed.
    """
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
