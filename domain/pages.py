"""Pages of a register: filtered, newest first, by keyset, so that page 40,000 costs what page 1 costs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    Select,
    and_,
    bindparam,
    case,
    func,
    null,
    or_,
    select,
    tuple_,
    union_all,
)

from domain.database import db, reading
from domain.errors import NotFound
from domain.identity import Actor
from domain.registers import Register
from domain.statements import in_full

PAGE = 25
COUNTED = 1000
HERE: Any = bindparam("site_id")
Way = Literal["first", "on", "back"]
_BUILT: dict[Any, Select[Any]] = {}


@dataclass(frozen=True)
class Wanted:
    """What of a register is asked for: a span of time (end excluded), chosen filters, typed text, where to go on.

    `before` and `after` are the refs of the row at the edge of the page that is left; one that is not known (any more),
    or with nothing beyond it, leads to the first page. `actor` narrows a register that not every reader sees the whole
    of. `site_ids` asks for several sites, or for another one.
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
class Beside:
    """One value that is read in the statement of a page: by what name it is called, and what its column has bound."""

    name: str
    column: Any
    values: dict[str, Any]


@dataclass(frozen=True)
class Page:
    """25 rows, newest first; the refs that the pages around go on from, or None; how many there are, to 1,000; what was
    read beside them, None where there are none.
    """

    rows: list[Any]
    older: str | None
    newer: str | None
    count: int
    beside: Any = None

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


def read(register: Register, wanted: Wanted, *, now: datetime, beside: Beside | None = None) -> Page:
    """One page of the register in one statement, wherever it is; beyond an edge where nothing is (any more), the first
    page in a second one. `beside` is read with it and stands in the page.
    """
    way: Way = "on" if wanted.before else "back" if wanted.after else "first"
    narrowed = tuple(clauses(register, wanted, now))
    values = {"site_id": wanted.site_id, "ref": wanted.before or wanted.after, **(beside.values if beside else {})}
    connection = db.session.connection()
    rows = connection.execute(_page(register, wanted, narrowed, way, beside), values).all()
    if not rows and way != "first":
        way = "first"
        rows = connection.execute(_page(register, wanted, narrowed, way, beside), values).all()
    counted, found = (rows[0][-2], rows[0][-1]) if rows else (0, None)
    more, shown = len(rows) > PAGE, list(rows[:PAGE])
    if way == "back":
        shown.reverse()
    return Page(
        rows=shown,
        older=register.ref(shown[-1]) if shown and (more or way == "back") else None,
        newer=register.ref(shown[0]) if shown and (more if way == "back" else way == "on") else None,
        count=min(counted, COUNTED + 1),
        beside=found,
    )


def _page(
    register: Register, wanted: Wanted, narrowed: tuple[Any, ...], way: Way, beside: Beside | None
) -> Select[Any]:
    """The statement of a page: its rows, and in each of them how many there are and what is beside."""
    if wanted.site_ids:
        listed = _among(register, wanted, narrowed, way, PAGE + 1)
        return _told(listed, _counted_among(register, wanted, narrowed), beside)
    if narrowed:
        conditions = (*_limits(register, wanted.actor), *narrowed)
        return _told(_listed(register, conditions, way), _counted(register, conditions), beside)
    limited = wanted.actor if register.limit else None
    by_reader = limited and (limited.kind, limited.site_id, limited.roles_at(limited.site_id))
    key = register.name, way, COUNTED, by_reader, beside and beside.name
    if key not in _BUILT:  # without filters, for the same roles: building it costs as much as asking it
        listed = _listed(register, _limits(register, wanted.actor), way, in_full(PAGE + 1))
        _BUILT[key] = _told(listed, following(register, HERE, wanted.actor), beside)
    return _BUILT[key]


def _told(listed: Select[Any], count: Any, beside: Beside | None) -> Select[Any]:
    return listed.add_columns(count.label("counted"), (beside.column if beside else null()).label("beside"))


def _listed(register: Register, conditions: tuple[Any, ...], way: Way, most: Any = PAGE + 1) -> Select[Any]:
    """The rows of a page: the first, or on or back from the bound edge, and one more to see whether it goes on."""
    return _on_from_edge(register, register.statement().where(register.site == HERE, *conditions), way, most)


def _on_from_edge(
    register: Register, statement: Select[Any], way: Way, most: Any, sites: Sequence[int] = ()
) -> Select[Any]:
    """Ordered and cut, where it goes on from the entry of the bound ref."""
    at, id_ = register.at, register.id
    if way != "first":
        known = register.site.in_(sites) if sites else register.site == HERE
        edge = select(at, id_).where(register.by_ref == bindparam("ref"), known).correlate(None).scalar_subquery()
        statement = statement.where(tuple_(at, id_).op(">" if way == "back" else "<", is_comparison=True)(edge))
    order = (at.asc(), id_.asc()) if way == "back" else (at.desc(), id_.desc())
    return statement.order_by(*order).limit(most)


def _at_each(register: Register, wanted: Wanted) -> list[Any]:
    """For each site the condition that an entry is of it and that the actor may see it there."""
    found = []
    for site_id in wanted.sites:
        there = replace(wanted.actor, site_id=site_id) if wanted.actor else None
        found.append(and_(register.site == site_id, *_limits(register, there)))
    return found


def _among(register: Register, wanted: Wanted, conditions: tuple[Any, ...], way: Way, most: int) -> Select[Any]:
    """As `_listed` over several sites: of each the few that may be on the page, by its own index, then the first."""
    sites = wanted.sites
    ids = [
        select(_on_from_edge(register, select(register.id).where(at_one, *conditions), way, most, sites).subquery())
        for at_one in _at_each(register, wanted)
    ]
    statement = register.statement().where(register.id.in_(union_all(*ids)))
    return _on_from_edge(register, statement, way, most, sites)


def _counted_among(register: Register, wanted: Wanted, conditions: tuple[Any, ...]) -> Any:
    most = COUNTED + 1
    parts = [
        select(select(register.id).where(at_one, *conditions).limit(most).subquery())
        for at_one in _at_each(register, wanted)
    ]
    return select(func.count()).select_from(union_all(*parts).subquery()).scalar_subquery()


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
    way: Way = "first"
    values: dict[str, Any] = {"site_id": wanted.site_id}
    asked = {name: _all_of(register, wanted, conditions, name, at_a_time) for name in ("first", "on")}
    while True:
        with reading():
            rows = db.session.execute(asked[way], values).all()
        if rows:
            yield rows
        if len(rows) < at_a_time:
            return
        way, values = "on", values | {"ref": register.ref(rows[-1])}


def _all_of(register: Register, wanted: Wanted, conditions: tuple[Any, ...], way: Way, most: int) -> Select[Any]:
    if len(wanted.sites) > 1:
        return _among(register, wanted, conditions, way, most)
    statement = register.statement().where(*_at_each(register, wanted), *conditions)
    return _on_from_edge(register, statement, way, most, wanted.sites)


def _counted(register: Register, conditions: tuple[Any, ...]) -> Any:
    """How many there are of the bound site, to 1,000 and one."""
    some = select(register.id).where(register.site == HERE, *conditions).limit(COUNTED + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def following(register: Register, site: Any, actor: Actor | None, number: Any = None) -> Any:
    """How many entries the site has, after that number. Where nothing is kept from the actor the last number tells,
    for they have no gaps; else they are counted, to 1,000 and one.
    """
    last: Any = select(func.coalesce(func.max(register.number), 0)).where(register.site == site).scalar_subquery()
    beyond = last if number is None else last - number
    if not actor or not register.limit or not register.unlimited:
        return beyond
    theirs = select(register.id).where(register.site == site, register.limit(actor))
    if number is not None:
        theirs = theirs.where(register.number > number)
    newest = theirs.order_by(register.number.desc()).limit(in_full(COUNTED + 1))
    counted = select(func.count()).select_from(newest.subquery()).scalar_subquery()
    return case((register.unlimited(actor), beyond), else_=counted)


def _limits(register: Register, actor: Actor | None) -> tuple[Any, ...]:
    return (register.limit(actor),) if actor and register.limit else ()


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
