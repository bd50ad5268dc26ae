"""Whether the record is whole: the database, the order of the history, what was entered against its digest, and
what was sealed and signed (domain/review/verification.py).
"""

from collections.abc import Iterator

from sqlalchemy import Engine, func, select, text

from domain.database import db
from domain.events import Counter, Event, EventDetail, digest_of
from domain.review import verification as review

BATCH = 2000


def problems(engine: Engine) -> Iterator[str]:
    """Each thing that is wrong, as a line for who operates Foyer; nothing when all is whole. Call while reading."""
    yield from _of_database(engine)
    yield from _of_order()
    yield from _of_digests()
    yield from map(str, review.problems())


def _of_database(engine: Engine) -> Iterator[str]:
    if engine.dialect.name != "sqlite":
        return
    for (said,) in db.session.execute(text("PRAGMA integrity_check")):
        if said != "ok":
            yield f"database: {said}"
    for row in db.session.execute(text("PRAGMA foreign_key_check")):
        yield f"database: row {row[1]} of {row[0]} has lost its parent in {row[2]}"


def _of_order() -> Iterator[str]:
    rows = db.session.execute(
        select(Counter.site_id, Counter.value, func.count(Event.number), func.max(Event.number))
        .outerjoin(Event, Event.site_id == Counter.site_id)
        .group_by(Counter.site_id, Counter.value)
        .order_by(Counter.site_id)
    )
    for site_id, value, count, last in rows:
        if (last or 0) != value or count != value:
            yield f"history of site {site_id}: {count} events up to {last or 0}, the counter says {value}"


def _of_digests() -> Iterator[str]:
    """Details are compared by (site, number) pages, so that a long history needs little memory."""
    site_id, number = -1, -1
    while True:
        rows = db.session.execute(
            select(EventDetail.site_id, EventDetail.number, EventDetail.salt, EventDetail.entered, Event.digest)
            .join(Event, (Event.site_id == EventDetail.site_id) & (Event.number == EventDetail.number))
            .where((EventDetail.site_id > site_id) | ((EventDetail.site_id == site_id) & (EventDetail.number > number)))
            .order_by(EventDetail.site_id, EventDetail.number)
            .limit(BATCH)
        ).all()
        for row in rows:
            if digest_of(row.salt, row.entered) != row.digest:
                yield f"history of site {row.site_id}: what was entered with event {row.number} was changed"
        if len(rows) < BATCH:
            return
        site_id, number = rows[-1].site_id, rows[-1].number
