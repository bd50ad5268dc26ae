"""The reports that a site is owed, when each falls due, and of which days it tells (R3, C7)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from domain import clock
from domain.text import N_

Rhythm = Literal["day", "week", "month", "half_year", "year"]
FARTHEST = 370


@dataclass(frozen=True)
class Kind:
    """One kind of report: its title, how often, its usual day and minute; `figures` are those it shows, None: all."""

    name: str
    title: str
    rhythm: Rhythm
    day: int
    minute: int
    figures: frozenset[str] | None = None


KINDS = {
    kind.name: kind
    for kind in (
        Kind("daily", N_("Daily brief"), "day", 0, 17 * 60),
        Kind("weekly", N_("Weekly report"), "week", 5, 14 * 60),
        Kind("complaints", N_("Monthly analysis of complaints"), "month", 25, 9 * 60, frozenset({"slips"})),
        Kind("monthly", N_("Monthly report and next month's plan"), "month", 27, 9 * 60),
        Kind("vacant", N_("Vacant units"), "month", 5, 9 * 60, frozenset()),
        Kind("half_year", N_("Half-yearly report"), "half_year", 5, 9 * 60),
        Kind("year", N_("Yearly report"), "year", 5, 9 * 60),
    )
}


@dataclass(frozen=True)
class Due:
    """On which day and minute a site wants a kind."""

    kind: Kind
    day: int
    minute: int

    def is_on(self, day: date) -> bool:
        """Whether it falls due that day; the 31st of a short month is its last day."""
        last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        on_day = day.day == min(self.day, last.day)
        match self.kind.rhythm:
            case "day":
                return True
            case "week":
                return day.isoweekday() == self.day
            case "month":
                return on_day
            case "half_year":
                return on_day and day.month in (1, 7)
            case _:
                return on_day and day.month == 1

    def at(self, day: date, zone: str) -> datetime:
        """The instant of that day."""
        return clock.at_local(day, time(self.minute // 60, self.minute % 60), zone)

    def last(self, now: datetime, zone: str) -> date | None:
        """The last day on which it fell due."""
        return next((day for day in _days(now, zone, -1) if self.is_on(day) and self.at(day, zone) <= now), None)

    def next(self, now: datetime, zone: str) -> date | None:
        """The next day on which it falls due."""
        return next((day for day in _days(now, zone, 1) if self.is_on(day) and self.at(day, zone) > now), None)

    def span(self, day: date) -> tuple[date, date]:
        """From which day to which the report of that day tells, both included."""
        match self.kind.rhythm:
            case "day":
                return day, day
            case "week":
                return day - timedelta(days=6), day
            case "month" if self.kind.name == "vacant":
                return day, day
            case "month":
                last_month = day.replace(day=1) - timedelta(days=1)
                return last_month.replace(day=min(day.day, last_month.day)) + timedelta(days=1), day
            case "half_year" if day.month == 7:
                return date(day.year, 1, 1), date(day.year, 6, 30)
            case "half_year":
                return date(day.year - 1, 7, 1), date(day.year - 1, 12, 31)
            case _:
                return date(day.year - 1, 1, 1), date(day.year - 1, 12, 31)


def _days(now: datetime, zone: str, step: int) -> Iterator[date]:
    today = clock.local_date(now, zone)
    return (today + timedelta(days=step * number) for number in range(FARTHEST))
