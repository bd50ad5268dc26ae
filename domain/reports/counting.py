"""The worker counts the days of every site: today as often as something happened, past days again while they may still
change, and days that nobody has counted yet (a new version, another year). Call outside of any transaction.
"""

import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select

from domain import clock, figures
from domain.database import db, dialect, reading, upsert, writing
from domain.events import Counter
from domain.figures import Day
from domain.reports.models import CountedDay, Tally
from domain.sites.models import Site

AGAIN = 35
"""A visitor leaves, a key comes back, a meeting ends after the day: so many days are counted anew each night."""
AT_MOST = 20.0
"""Seconds that one round takes to count days that are missing."""


def count_day(site_id: int, zone: str, day: date, *, now: datetime) -> None:
    """Count one day of a site anew; the tallies of before give way in the same transaction."""
    since, until = clock.day_span(day, zone)
    asked = Day(site_id, zone, since, until, now)
    amounts: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0, 0])
    with reading():
        version = db.session.scalar(select(Counter.value).where(Counter.site_id == site_id)) or 0
        for figure in figures.every():
            for tallied in figure.tallies:
                for key, count, seconds in tallied.count(asked):
                    amount = amounts[tallied.name, key]
                    amount[0] += count
                    amount[1] += seconds
    here = {"site_id": site_id, "day": day}
    rows = [
        here | {"name": name, "key": key, "count": int(count), "total": round(seconds)}
        for (name, key), (count, seconds) in amounts.items()
    ]
    table: Any = CountedDay.__table__
    done = upsert(table, dialect()).values(**here, version=version, counted_at=now)
    done = done.on_conflict_do_update(index_elements=["site_id", "day"], set_={"version": version, "counted_at": now})
    with writing():
        db.session.execute(delete(Tally).where(Tally.site_id == site_id, Tally.day == day))
        if rows:
            db.session.execute(insert(Tally), rows)
        db.session.execute(done)


def must_count_anew(site_id: int, days: Iterable[date]) -> None:
    """These days are no longer what was counted: the next round counts them, until then the tallies stay."""
    their = CountedDay.site_id == site_id, CountedDay.day.in_(list(days))
    db.session.execute(delete(CountedDay).where(*their))


def count_due(*, now: datetime, at_most: float = AT_MOST) -> int:
    """Count today and yesterday where something happened since, then days that are missing; returns how many days."""
    with reading():
        sites = db.session.execute(
            select(Site.id, Site.zone, Counter.value).join(Counter, Counter.site_id == Site.id).order_by(Site.id)
        ).all()
        recent = {
            (row.site_id, row.day): row.version
            for row in db.session.execute(
                select(CountedDay.site_id, CountedDay.day, CountedDay.version).where(
                    CountedDay.day >= clock.local_date(now, "UTC") - timedelta(days=3)
                )
            )
        }
    counted, began = 0, time.monotonic()
    for site_id, zone, version in sites:
        today = clock.local_date(now, zone)
        for day in (today, today - timedelta(days=1)):
            if recent.get((site_id, day)) != version:
                count_day(site_id, zone, day, now=now)
                counted += 1
    for site_id, zone, _ in sites:
        for day in _missing(site_id, zone, now):
            if time.monotonic() - began > at_most:
                return counted
            count_day(site_id, zone, day, now=now)
            counted += 1
    return counted


def _missing(site_id: int, zone: str, now: datetime) -> list[date]:
    """Days from the first entry on that were never counted or must be counted anew, the latest first. A day whose only
    entry was moved to a later one has tallies still.
    """
    with reading():
        firsts = [db.session.scalar(figure.first(site_id)) for figure in figures.every()]
        tallied = db.session.scalar(select(func.min(Tally.day)).where(Tally.site_id == site_id))
        known = set(db.session.scalars(select(CountedDay.day).where(CountedDay.site_id == site_id)))
    begun = [clock.local_date(first, zone) for first in firsts if first is not None and first <= now]
    begun += [tallied] if tallied else []
    if not begun:
        return []
    day, today = min(begun), clock.local_date(now, zone)
    every = (today - timedelta(days=number) for number in range((today - day).days + 1))
    return [each for each in every if each not in known]


def count_again(*, now: datetime) -> None:
    """Count the last weeks anew."""
    with reading():
        sites = db.session.execute(select(Site.id, Site.zone).order_by(Site.id)).all()
        known = {(row.site_id, row.day) for row in db.session.execute(select(CountedDay.site_id, CountedDay.day))}
    for site_id, zone in sites:
        today = clock.local_date(now, zone)
        for number in range(AGAIN):
            if (site_id, day := today - timedelta(days=number)) in known:
                count_day(site_id, zone, day, now=now)
