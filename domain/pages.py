"""Pages of a register: filtered, newest first, by keyset, so that page 40,000 costs what page 1 costs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select, union_all

from domain.database import db, reading
from domain.errors import NotFound
from domain.identity import Actor
from domain.registers import Register
from domain.statements import in_full

PAGE = 25
COUNTED = 1000
_BUILT: dict[Any, tuple[Select[Any], Select[int]]] = {}


@dataclass(frozen=True)
class Wanted:
    """What of a register is asked for: a span of time (end excluded), chosen filters, typed text, where to go on.

    `before` and `after` are the refs of the row at the edge of the page that is left; one that is not known (any more)
    leads to the first page. `actor` narrows a register that not every reader sees the whole of. `site_ids` asks for
    several sites, or for another one.
    """

    site_id: int
    since: datetime | None = None
    until: datetime | None = None
    chosen: tuple[tuple[str, str], ...] = ()
    text: str = ""
    before: str = ""
    after: str = ""
    actor: Actor | None = None
    site_ids: tuple[int, ...] = ()

    @property
    def sites(self) -> tuple[int, ...]:
        """The sites whose entries are asked for."""
        return self.site_ids or (self.site_id,)


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
        result.append(or_(*(register.search(wanted.text, site_id) for site_id in wanted.sites)))
    return result


def _edge(register: Register, wanted: Wanted) -> tuple[datetime, int] | None:
    ref = wanted.before or wanted.after
    if not ref:
        return None
    row = db.session.connection().execute(_edge_of(register), {"ref": ref, "sites": wanted.sites}).first()
    return (row[0], row[1]) if row else None


@cache
def _edge_of(register: Register) -> Select[Any]:
    """Built once, and asked apart from the list: a ref that is not known any more leads to another list."""
    here = register.site.in_(bindparam("sites", expanding=True))
    return select(register.at, register.id).where(register.by_ref == bindparam("ref"), here)


def read(register: Register, wanted: Wanted, *, now: datetime) -> Page:
    """One page of the register: three statements, wherever it is."""
    edge = _edge(register, wanted)
    backwards = bool(edge and wanted.after and not wanted.before)
    values: dict[str, Any] = {"site_id": wanted.site_id}
    if edge:
        values |= {"edge_at": edge[0], "edge_id": edge[1]}
    way = "back" if backwards else "on" if edge else "first"
    narrowed = tuple(clauses(register, wanted, now))
    if wanted.site_ids:
        listed = _among(register, wanted, narrowed, way, PAGE + 1)
        counted = _counted_among(register, wanted, narrowed)
    elif narrowed:
        limits = _limits(register, wanted.actor)
        listed, counted = _listed(register, limits + narrowed, way), _counted(register, limits + narrowed)
    else:
        listed, counted = _unfiltered(register, way, wanted.actor)
    rows = list(db.session.connection().execute(listed, values).all())
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards:
        rows.reverse()
    return Page(
        rows=rows,
        older=register.ref(rows[-1]) if rows and (more or backwards) else None,
        newer=register.ref(rows[0]) if rows and (more if backwards else edge) else None,
        count=db.session.connection().scalar(counted, {"site_id": wanted.site_id}) or 0,
    )


def _listed(register: Register, conditions: tuple[Any, ...], way: str, most: Any = PAGE + 1) -> Select[Any]:
    """The rows of a page: the first, or on or back from the bound edge, and one more to see whether it goes on."""
    statement = register.statement().where(register.site == bindparam("site_id"), *conditions)
    return _on_from_edge(register, statement, way, most)


def _on_from_edge(register: Register, statement: Select[Any], way: str, most: Any) -> Select[Any]:
    at, id_ = register.at, register.id
    edge_at: Any = bindparam("edge_at")
    edge_id: Any = bindparam("edge_id")
    if way == "back":
        statement = statement.where(at >= edge_at, or_(at > edge_at, and_(at == edge_at, id_ > edge_id)))
    elif way == "on":
        statement = statement.where(at <= edge_at, or_(at < edge_at, and_(at == edge_at, id_ < edge_id)))
    order = (at.asc(), id_.asc()) if way == "back" else (at.desc(), id_.desc())
    return statement.order_by(*order).limit(most)


def _at_each(register: Register, wanted: Wanted) -> list[Any]:
    """For each site the condition that an entry is of it and that the actor may see it there."""
    found = []
    for site_id in wanted.sites:
        there = replace(wanted.actor, site_id=site_id) if wanted.actor else None
        found.append(and_(register.site == site_id, *_limits(register, there)))
    return found


def _among(register: Register, wanted: Wanted, conditions: tuple[Any, ...], way: str, most: int) -> Select[Any]:
    """As `_listed` over several sites: of each the few that may be on the page, by its own index, then the first."""
    ids = [
        select(_on_from_edge(register, select(register.id).where(at_one, *conditions), way, most).subquery())
        for at_one in _at_each(register, wanted)
    ]
    statement = register.statement().where(register.id.in_(union_all(*ids)))
    return _on_from_edge(register, statement, way, most)


def _counted_among(register: Register, wanted: Wanted, conditions: tuple[Any, ...]) -> Select[int]:
    parts = [
        select(select(register.id).where(at_one, *conditions).limit(COUNTED + 1).subquery())
        for at_one in _at_each(register, wanted)
    ]
    return select(func.count()).select_from(union_all(*parts).subquery())


def count(register: Register, wanted: Wanted, *, now: datetime) -> int:
    """How many entries there are, all of them counted."""
    where = or_(*_at_each(register, wanted))
    asked = select(func.count()).select_from(
        select(register.id).where(where, *clauses(register, wanted, now)).subquery()
    )
    return db.session.scalar(asked) or 0


def walk(register: Register, wanted: Wanted, *, now: datetime, at_a_time: int) -> Iterator[Sequence[Any]]:
    """Every entry that is asked for, newest first, so many at a time, each time in a reading transaction of its own."""
    with reading():
        conditions = tuple(clauses(register, wanted, now))
    way: str = "first"
    values: dict[str, Any] = {}
    asked = {name: _all_of(register, wanted, conditions, name, at_a_time) for name in ("first", "on")}
    while True:
        with reading():
            rows = db.session.execute(asked[way], values).all()
            edge = _edge(register, replace(wanted, before=register.ref(rows[-1]))) if len(rows) == at_a_time else None
        if rows:
            yield rows
        if edge is None:
            return
        way, values = "on", {"edge_at": edge[0], "edge_id": edge[1]}


def _all_of(register: Register, wanted: Wanted, conditions: tuple[Any, ...], way: str, most: int) -> Select[Any]:
    if len(wanted.sites) > 1:
        return _among(register, wanted, conditions, way, most)
    return _on_from_edge(register, register.statement().where(*_at_each(register, wanted), *conditions), way, most)


def _counted(register: Register, conditions: tuple[Any, ...]) -> Select[int]:
    """How many there are, to so many as are counted."""
    some = select(register.id).where(register.site == bindparam("site_id"), *conditions).limit(COUNTED + 1)
    return _number_of(some)


def _number_of(some: Select[Any]) -> Select[int]:
    return select(func.count()).select_from(some.subquery())


def _limits(register: Register, actor: Actor | None) -> tuple[Any, ...]:
    return (register.limit(actor),) if actor and register.limit else ()


def _unfiltered(register: Register, way: str, actor: Actor | None) -> tuple[Select[Any], Select[int]]:
    """The statements of a page without filters, built once for the same roles: this costs as much as asking them.

    PostgreSQL plans them once too, for all sites: in order of time even the count reads no more than that site's own.
    """
    limited = actor if register.limit else None
    key = register.name, way, limited and (limited.kind, limited.site_id, limited.roles_at(limited.site_id))
    if key not in _BUILT:
        limits = _limits(register, actor)
        newest = select(register.id).where(register.site == bindparam("site_id"), *limits)
        counted = _on_from_edge(register, newest, "first", in_full(COUNTED + 1))
        _BUILT[key] = _listed(register, limits, way, in_full(PAGE + 1)), _number_of(counted)
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
