"""Numbers that are given once and in order, without gaps: they roll back with their transaction."""

from datetime import date
from functools import cache

from sqlalchemy import bindparam, text, update

from domain.sites.models import DailyNumber
from domain.statements import Ready

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


@cache
def _raise(count: int) -> Ready:
    """As text: SQLAlchemy compiles an INSERT of several rows anew each time, which costs more than the INSERT."""
    name, day = DailyNumber.__tablename__, DailyNumber.__table__.c.day
    rows = ", ".join(f"(:site_id, :series_{place}, :day_{place}, 1)" for place in range(count))
    return Ready(
        text(
            f"INSERT INTO {name} (site_id, series, day, last) VALUES {rows}"  # noqa: S608 -- names of ours alone
            f" ON CONFLICT (site_id, series, day) DO UPDATE SET last = {name}.last + 1 RETURNING series, last"
        ).bindparams(*(bindparam(f"day_{place}", type_=day.type) for place in range(count)))
    )


def next_numbers(site_id: int, *series: tuple[str, date]) -> list[int]:
    """The next number of each (series, day) at the site; holds the rows until the commit, so call it late."""
    values: dict[str, int | str | date] = {"site_id": site_id}
    for place, (name, day) in enumerate(sorted(series)):
        values |= {f"series_{place}": name, f"day_{place}": day}
    given = dict(_raise(len(series)).rows(**values))
    return [given[name] for name, _ in series]


def pass_over(site_id: int, series: str, day: date, *, last: int) -> None:
    """Let that series, of which this transaction was given a number, go on after `last`."""
    _PASS.later(of_site=site_id, of_series=series, of_day=day, last=last)
