"""The only place that asks the time. UTC inside; a site's zone at the edge."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)


def minute() -> int:
    """The minute that it is, as a number: part of every board's version, whose times are written to the minute."""
    return int(now().timestamp() // 60)


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name; raises `ZoneInfoNotFoundError`."""
    return ZoneInfo(name)


def local(instant: datetime, zone_name: str) -> datetime:
    """That instant on the clock of the zone."""
    return instant.astimezone(zone(zone_name))


def local_date(instant: datetime, zone_name: str) -> date:
    """The calendar day of that instant in the zone."""
    return local(instant, zone_name).date()


def at_local(day: date, clock_time: time, zone_name: str) -> datetime:
    """That wall-clock time as an instant in UTC; a time skipped by DST moves forward, a double one is the first."""
    return datetime.combine(day, clock_time, zone(zone_name)).astimezone(UTC)


def day_span(day: date, zone_name: str) -> tuple[datetime, datetime]:
    """First instant of that day and of the next, in UTC (23, 24 or 25 hours apart)."""
    return at_local(day, time.min, zone_name), at_local(day + timedelta(days=1), time.min, zone_name)
