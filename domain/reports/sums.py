"""The tallies of a span, read: three statements whatever happened in it."""

from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Literal

from sqlalchemy import Select, bindparam, func, select

from domain import figures
from domain.database import db
from domain.figures import Amount, Span, Sums
from domain.reports.models import CountedDay, Tally

Period = Literal["today", "yesterday", "week", "month", "year"]


def span_of(period: str, today: date) -> Span:
    """The period up to today, and as many days of the one before: Monday to today with last week's same days, a day
    with the same one of last week."""
    match period:
        case "week":
            first = today - timedelta(days=today.weekday())
            return Span(first, today, first - timedelta(days=7), today - timedelta(days=7))
        case "month":
            first = today.replace(day=1)
            last_month = first - timedelta(days=1)
            return Span(first, today, last_month.replace(day=1), last_month.replace(day=min(today.day, last_month.day)))
        case "year":
            first = today.replace(month=1, day=1)
            year = today.year - 1
            return Span(first, today, date(year, 1, 1), date(year, today.month, min(today.day, 28)))
        case "yesterday":
            return span_of("today", today - timedelta(days=1))
        case _:
            return Span(today, today, today - timedelta(days=7), today - timedelta(days=7))


def span_between(first: date, last: date) -> Span:
    """Those days, and as many before them."""
    days = (last - first).days + 1
    return Span(first, last, first - timedelta(days=days), first - timedelta(days=1))


@cache
def _summed() -> Select[Any]:
    counted = Tally.__table__.c
    return (
        select(
            counted.name, counted.key, func.sum(counted.count).label("count"), func.sum(counted.total).label("total")
        )
        .where(counted.site_id == bindparam("site"), counted.day.between(bindparam("first"), bindparam("last")))
        .group_by(counted.name, counted.key)
    )


@cache
def _each_day(names: tuple[str, ...]) -> Select[Any]:
    counted = Tally.__table__.c
    return select(counted.name, counted.day, counted.key, counted.count).where(
        counted.site_id == bindparam("site"),
        counted.day.between(bindparam("first"), bindparam("last")),
        counted.name.in_(names),
    )


def sums_of(site_id: int, span: Span) -> Sums:
    """What was counted at the site over the span and the one before."""
    now, before = _amounts(site_id, span.first, span.last), _amounts(site_id, span.before_first, span.before_last)
    names = tuple(name for figure in figures.every() for name in figure.by_day)
    by_day: dict[str, dict[tuple[date, str], int]] = {}
    if span.days > 1 and names:
        values = {"site": site_id, "first": span.first, "last": span.last}
        for name, day, key, count in db.session.connection().execute(_each_day(names), values):
            by_day.setdefault(name, {})[day, key] = count
    return Sums(site_id, span, now, before, by_day)


def _amounts(site_id: int, first: date, last: date) -> dict[str, dict[str, Amount]]:
    found: dict[str, dict[str, Amount]] = {}
    values = {"site": site_id, "first": first, "last": last}
    for name, key, count, total in db.session.connection().execute(_summed(), values):
        found.setdefault(name, {})[key] = Amount(int(count), int(total))
    return found


def counted_at(site_id: int, day: date) -> datetime | None:
    """When that day was counted; None: not yet."""
    return db.session.scalar(select(CountedDay.counted_at).where(CountedDay.site_id == site_id, CountedDay.day == day))
