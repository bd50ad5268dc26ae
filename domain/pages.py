"""Pages of a register: filtered, newest first, by keyset, so that page 40,000 costs what page 1 costs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from domain.database import db
from domain.errors import NotFound
from domain.identity import Actor
from domain.registers import Register

PAGE = 25
COUNTED = 1000


@dataclass(frozen=True)
class Wanted:
    """What of a register is asked for: a span of time (end excluded), chosen filters, typed text, where to go on.

    `before` and `after` are the refs of the row at the edge of the page that is left; one that is not known (any more)
    leads to the first page. `actor` narrows a register that not every reader sees the whole of.
    """

    site_id: int
    since: datetime | None = None
    until: datetime | None = None
    chosen: tuple[tuple[str, str], ...] = ()
    text: str = ""
    before: str = ""
    after: str = ""
    actor: Actor | None = None


@dataclass(frozen=True)
class Page:
    """25 rows, newest first; the refs that the pages around go on from, or None; how many there are, to 1,000."""

    rows: list[Any]
    older: str | None
    newer: str | None
    count: int

    @property
    def more_than_counted(self) -> bool:
        """Whether there are more than were counted ("1,000+")."""
        return self.count > COUNTED


def clauses(register: Register, wanted: Wanted, now: datetime) -> list[Any]:
    """The conditions of what is asked for, without the keyset."""
    result: list[Any] = [register.site == wanted.site_id]
    if wanted.actor and register.limit:
        result.append(register.limit(wanted.actor))
    if wanted.since:
        result.append(register.at >= wanted.since)
    if wanted.until:
        result.append(register.at < wanted.until)
    chosen = dict(wanted.chosen)
    result += [filter_.clause(chosen[filter_.name], now) for filter_ in register.filters if chosen.get(filter_.name)]
    if wanted.text:
        result.append(register.search(wanted.text, wanted.site_id))
    return result


def _edge(register: Register, wanted: Wanted) -> tuple[datetime, int] | None:
    ref = wanted.before or wanted.after
    if not ref:
        return None
    row = db.session.execute(
        select(register.at, register.id).where(register.by_ref == ref, register.site == wanted.site_id)
    ).first()
    return (row[0], row[1]) if row else None


def read(register: Register, wanted: Wanted, *, now: datetime) -> Page:
    """One page of the register: three statements, wherever it is."""
    conditions = clauses(register, wanted, now)
    statement, edge = register.statement().where(*conditions), _edge(register, wanted)
    backwards = bool(edge and wanted.after and not wanted.before)
    at, id_ = register.at, register.id
    if edge and backwards:
        statement = statement.where(at >= edge[0], or_(at > edge[0], and_(at == edge[0], id_ > edge[1])))
    elif edge:
        statement = statement.where(at <= edge[0], or_(at < edge[0], and_(at == edge[0], id_ < edge[1])))
    order = (at.asc(), id_.asc()) if backwards else (at.desc(), id_.desc())
    rows = list(db.session.execute(statement.order_by(*order).limit(PAGE + 1)).all())
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards:
        rows.reverse()
    counted = select(id_).where(*conditions).limit(COUNTED + 1).subquery()
    return Page(
        rows=rows,
        older=register.ref(rows[-1]) if rows and (more or backwards) else None,
        newer=register.ref(rows[0]) if rows and (more if backwards else edge) else None,
        count=db.session.scalar(select(func.count()).select_from(counted)) or 0,
    )


def entry(register: Register, ref: str, *, site_id: int | None, actor: Actor | None = None) -> Any:
    """The row of one entry with everything that its page needs; raises NotFound, also for another site's, and for one
    that the register keeps from this actor.
    """
    statement = register.full().where(register.by_ref == ref, register.site == site_id)
    if actor and register.limit:
        statement = statement.where(register.limit(actor))
    row = db.session.execute(statement).first()
    if row is None:
        raise NotFound
    return row


def found(register: Register, text: str, *, actor: Actor, most: int) -> list[Any]:
    """The best few entries for the desk's search box, of those that the actor may see at the own site."""
    if actor.site_id is None:
        return []
    if register.limit is None:
        return list(register.find(text, actor.site_id, most))
    return list(register.find(text, actor.site_id, most, register.limit(actor)))
