"""Pages of a register: filtered, newest first, by keyset, so that page 40,000 costs what page 1 costs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from domain.database import db
from domain.registers import Register

PAGE = 25
COUNTED = 1000


@dataclass(frozen=True)
class Wanted:
    """What of a register is asked for: a span of time (end excluded), chosen filters, typed text, where to go on.

    `before` and `after` are (instant, id) of the row at the edge of the page that is left.
    """

    site_id: int
    since: datetime | None = None
    until: datetime | None = None
    chosen: tuple[tuple[str, str], ...] = ()
    text: str = ""
    before: tuple[datetime, int] | None = None
    after: tuple[datetime, int] | None = None


@dataclass(frozen=True)
class Page:
    """25 rows, newest first; the keys of the pages around, or None; how many there are, counted to 1,000."""

    rows: list[Any]
    older: tuple[datetime, int] | None
    newer: tuple[datetime, int] | None
    count: int

    @property
    def more_than_counted(self) -> bool:
        """Whether there are more than were counted ("1,000+")."""
        return self.count > COUNTED


def clauses(register: Register, wanted: Wanted, now: datetime) -> list[Any]:
    """The conditions of what is asked for, without the keyset."""
    result: list[Any] = [register.site == wanted.site_id]
    if wanted.since:
        result.append(register.at >= wanted.since)
    if wanted.until:
        result.append(register.at < wanted.until)
    chosen = dict(wanted.chosen)
    result += [filter_.clause(chosen[filter_.name], now) for filter_ in register.filters if chosen.get(filter_.name)]
    if wanted.text:
        result.append(register.search(wanted.text, wanted.site_id))
    return result


def read(register: Register, wanted: Wanted, *, now: datetime, counted: bool = True) -> Page:
    """One page of the register."""
    conditions = clauses(register, wanted, now)
    statement = register.statement().where(*conditions)
    backwards = wanted.after is not None
    if wanted.before:
        at, id_ = wanted.before
        statement = statement.where(
            or_(register.at < at, and_(register.at == at, register.id < id_)), register.at <= at
        )
    if wanted.after:
        at, id_ = wanted.after
        statement = statement.where(
            or_(register.at > at, and_(register.at == at, register.id > id_)), register.at >= at
        )
    order = (register.at.asc(), register.id.asc()) if backwards else (register.at.desc(), register.id.desc())
    rows = list(db.session.execute(statement.order_by(*order).limit(PAGE + 1)).all())
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards:
        rows.reverse()
    older = more if not backwards else True
    newer = more if backwards else wanted.before is not None
    count = 0
    if counted:
        inner = select(register.id).where(*conditions).limit(COUNTED + 1).subquery()
        count = db.session.scalar(select(func.count()).select_from(inner)) or 0

    def key(row: Any) -> tuple[datetime, int]:
        return row.at, row.id

    return Page(
        rows=rows,
        older=key(rows[-1]) if rows and older else None,
        newer=key(rows[0]) if rows and newer else None,
        count=count,
    )
