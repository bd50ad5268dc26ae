"""When a site is open, in its own zone."""

from datetime import datetime, time, timedelta

from domain import clock
from domain.sites.models import Site


def spans(site: Site, instant: datetime) -> list[tuple[datetime, datetime]]:
    """Opening spans of the local day of that instant, in UTC; one that ends before it begins runs over midnight."""
    day = clock.local_date(instant, site.zone)
    result = []
    for begin, end in site.opening.get(str(day.isoweekday()), []):
        last_day = day if end > begin else day + timedelta(days=1)
        result.append(
            (
                clock.at_local(day, time.fromisoformat(begin), site.zone),
                clock.at_local(last_day, time.fromisoformat(end), site.zone),
            )
        )
    return result


def is_open(site: Site, now: datetime) -> bool:
    """Whether the site is open; a site without any hours is always open."""
    if not site.opening:
        return True
    around = spans(site, now) + spans(site, now - timedelta(days=1))
    return any(begin <= now < end for begin, end in around)


def closing_time(site: Site, now: datetime) -> datetime | None:
    """When the site closes on the local day of now (V9); None without hours."""
    today = spans(site, now)
    return max(end for _, end in today) if today else None


def closed_since(site: Site, now: datetime) -> datetime | None:
    """When the site closed last, while it is closed (V9); None while it is open, or without hours."""
    if not site.opening or is_open(site, now):
        return None
    ends = [end for back in range(8) for _, end in spans(site, now - timedelta(days=back)) if end <= now]
    return max(ends, default=None)
