"""Pages of a register: filtered, newest first, by keyset, so that page 40,000 costs what page 1 costs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select

from domain.database import db
from domain.errors import NotFound
from domain.identity import Actor
from domain.registers import Register

PAGE = 25
COUNTED = 1000
_BUILT: dict[Any, tuple[Select[Any], Select[int]]] = {}


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
    """The conditions of what is asked for, without the site, the actor's limits and the keyset."""
    result: list[Any] = []
    if wanted.since:
        result.append(register.at >= wanted.since)
    if wanted.until:
        result.append(register.at < wanted.until)
    chosen = dict(wanted.chosen)
    for one in register.filters:
        if value := chosen.get(one.name):
            by_reader = one.by_reader if wanted.actor else None
            result.append(by_reader(value, wanted.actor) if by_reader and wanted.actor else one.clause(value, now))
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
    edge = _edge(register, wanted)
    backwards = bool(edge and wanted.after and not wanted.before)
    values: dict[str, Any] = {"site_id": wanted.site_id}
    if edge:
        values |= {"edge_at": edge[0], "edge_id": edge[1]}
    way = "back" if backwards else "on" if edge else "first"
    narrowed = tuple(clauses(register, wanted, now))
    if narrowed:
        limits = _limits(register, wanted.actor)
        listed, counted = _listed(register, limits + narrowed, way), _counted(register, limits + narrowed)
    else:
        listed, counted = _unfiltered(register, way, wanted.actor)
    rows = list(db.session.execute(listed, values).all())
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards:
        rows.reverse()
    return Page(
        rows=rows,
        older=register.ref(rows[-1]) if rows and (more or backwards) else None,
        newer=register.ref(rows[0]) if rows and (more if backwards else edge) else None,
        count=db.session.scalar(counted, {"site_id": wanted.site_id, "most": COUNTED + 1}) or 0,
    )


def _listed(register: Register, conditions: tuple[Any, ...], way: str) -> Select[Any]:
    """The rows of a page: the first, or on or back from the bound edge, and one more to see whether it goes on."""
    at, id_ = register.at, register.id
    edge_at: Any = bindparam("edge_at")
    edge_id: Any = bindparam("edge_id")
    statement = register.statement().where(register.site == bindparam("site_id"), *conditions)
    if way == "back":
        statement = statement.where(at >= edge_at, or_(at > edge_at, and_(at == edge_at, id_ > edge_id)))
    elif way == "on":
        statement = statement.where(at <= edge_at, or_(at < edge_at, and_(at == edge_at, id_ < edge_id)))
    order = (at.asc(), id_.asc()) if way == "back" else (at.desc(), id_.desc())
    return statement.order_by(*order).limit(PAGE + 1)


def _counted(register: Register, conditions: tuple[Any, ...]) -> Select[int]:
    """How many there are, to so many as is bound."""
    some = (
        select(register.id)
        .where(register.site == bindparam("site_id"), *conditions)
        .limit(bindparam("most"))
        .subquery()
    )
    return select(func.count()).select_from(some)


def _limits(register: Register, actor: Actor | None) -> tuple[Any, ...]:
    return (register.limit(actor),) if actor and register.limit else ()


def _unfiltered(register: Register, way: str, actor: Actor | None) -> tuple[Select[Any], Select[int]]:
    """The statements of a page without filters, built once for the same roles: this costs as much as asking them."""
    limited = actor if register.limit else None
    key = register.name, way, limited and (limited.kind, limited.site_id, limited.roles_at(limited.site_id))
    if key not in _BUILT:
        limits = _limits(register, actor)
        _BUILT[key] = _listed(register, limits, way), _counted(register, limits)
    return _BUILT[key]


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
    return list(register.find(text, actor.site_id, most, actor))
