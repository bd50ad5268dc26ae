"""Numbers that are given once and in order, without gaps: they roll back with their transaction."""

from datetime import date

from sqlalchemy.dialects import postgresql, sqlite

from domain.database import db
from domain.sites.models import DailyNumber

ALWAYS = date(1, 1, 1)
"""The day of a series that never starts anew."""


def next_numbers(site_id: int, *series: tuple[str, date]) -> list[int]:
    """The next number of each (series, day) at the site; holds the rows until the commit, so call it late."""
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    rows = [{"site_id": site_id, "series": name, "day": day, "last": 1} for name, day in sorted(series)]
    statement = (
        insert(DailyNumber)
        .values(rows)
        .on_conflict_do_update(index_elements=["site_id", "series", "day"], set_={"last": DailyNumber.last + 1})
        .returning(DailyNumber.series, DailyNumber.last)
    )
    given = {row.series: row.last for row in db.session.execute(statement)}
    return [given[name] for name, _ in series]
