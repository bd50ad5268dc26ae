"""Numbers that are given once and in order, without gaps: they roll back with their transaction."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache

from sqlalchemy import ColumnElement, TextClause, bindparam, select, text, update

from domain.sites.models import DailyNumber
from domain.statements import Ready, in_full

Series = tuple[str, date]
"""What is counted, and on which day."""
ALWAYS = date(1, 1, 1)
"""The day of a series that never starts anew."""

_NUMBERS = DailyNumber.__table__
_PASS = Ready(
    update(_NUMBERS)  # type: ignore[arg-type]
    .where(
        _NUMBERS.c.site_id == bindparam("of_site"),
        _NUMBERS.c.series == bindparam("of_series"),
        _NUMBERS.c.day == bindparam("of_day"),
    )
    .values(last=bindparam("last"))
)


def _raised(count: int) -> TextClause:
    """As text: SQLAlchemy compiles an INSERT of several rows anew each time, which costs more than the INSERT."""
    name, day = DailyNumber.__tablename__, DailyNumber.__table__.c.day
    rows = ", ".join(f"(:of_site, :series_{place}, :day_{place}, 1)" for place in range(count))
    return text(
        f"INSERT INTO {name} (site_id, series, day, last) VALUES {rows}"  # noqa: S608 -- names of ours alone
        f" ON CONFLICT (site_id, series, day) DO UPDATE SET last = {name}.last + 1 RETURNING series, last"
    ).bindparams(
        bindparam("of_site", type_=_NUMBERS.c.site_id.type),
        *(bindparam(f"series_{place}", type_=_NUMBERS.c.series.type) for place in range(count)),
        *(bindparam(f"day_{place}", type_=day.type) for place in range(count)),
    )


@cache
def _raise(count: int) -> Ready:
    return Ready(_raised(count))


def values_beside(site_id: int, series: Iterable[Series]) -> dict[str, int | str | date]:
    """In the order of their names, so that two who need the same ones wait for each other and not in a ring."""
    values: dict[str, int | str | date] = {"of_site": site_id}
    for place, (name, day) in enumerate(sorted(series)):
        values |= {f"series_{place}": name, f"day_{place}": day}
    return values


def next_numbers(site_id: int, *series: Series) -> list[int]:
    """The next number of each series at the site; holds the rows until the commit, so call it late."""
    given = dict(_raise(len(series)).rows(**values_beside(site_id, series)))
    return [given[name] for name, _ in series]


def given_beside(numbered: Sequence[tuple[str, str]]) -> dict[str, ColumnElement[int]]:
    """What the INSERT of a record gives to each of its columns, of which the name and that of its series are said: on
    PostgreSQL the next number is given by the same statement. It is sent with `values_beside`.
    """
    given = _raised(len(numbered)).columns(_NUMBERS.c.series, _NUMBERS.c.last).cte("given")
    return {
        column: select(given.c.last).where(given.c.series == in_full(series)).scalar_subquery()
        for column, series in numbered
    }


def pass_over(site_id: int, series: str, day: date, *, last: int) -> None:
    """Let that series, of which this transaction was given a number, go on after `last`."""
    _PASS.later(of_site=site_id, of_series=series, of_day=day, last=last)
