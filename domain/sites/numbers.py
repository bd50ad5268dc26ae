"""Numbers that are given once and in order, without gaps: they roll back with their transaction."""

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import bindparam

from domain.database import db, dialect, upsert
from domain.sites.models import DailyNumber

ALWAYS = date(1, 1, 1)
"""The day of a series that never starts anew."""


@cache
def _raise(name: str, count: int) -> Any:
    table = DailyNumber.__table__
    rows = [
        {
            "site_id": bindparam(f"site_{place}", type_=table.c.site_id.type),
            "series": bindparam(f"series_{place}", type_=table.c.series.type),
            "day": bindparam(f"day_{place}", type_=table.c.day.type),
            "last": 1,
        }
        for place in range(count)
    ]
    return (
        upsert(table, name)
        .values(rows)
        .on_conflict_do_update(index_elements=["site_id", "series", "day"], set_={"last": table.c.last + 1})
        .returning(table.c.series, table.c.last)
    )


def next_numbers(site_id: int, *series: tuple[str, date]) -> list[int]:
    """The next number of each (series, day) at the site; holds the rows until the commit, so call it late."""
    values: dict[str, int | str | date] = {}
    for place, (name, day) in enumerate(sorted(series)):
        values |= {f"site_{place}": site_id, f"series_{place}": name, f"day_{place}": day}
    given = {row.series: row.last for row in db.session.connection().execute(_raise(dialect(), len(series)), values)}
    return [given[name] for name, _ in series]
