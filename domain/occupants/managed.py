"""Units and hosts as those see them who enter them: pages by keyset, and a search (P4: masked at the edge)."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager

from domain import search
from domain.database import db
from domain.identity import Actor
from domain.numbered import counted
from domain.occupants.models import Host, Unit
from domain.occupants.queries import unit_name
from domain.permissions import Permission

PAGE = 25
MOST_FOUND = 50


@dataclass(frozen=True)
class Listed:
    """One page of a list in order; the refs at its edges lead on, None at an end."""

    rows: Sequence[Any]
    before: str | None = None
    after: str | None = None


def unit_visible_to(actor: Actor, ref: str) -> Select[Unit]:
    """That unit, when it is at the site where the actor manages occupants."""
    return select(Unit).where(Unit.ref == ref, Unit.site_id == _site_of(actor))


def host_visible_to(actor: Actor, ref: str) -> Select[Host]:
    """That host with the unit, likewise."""
    return (
        select(Host)
        .join(Unit, Unit.id == Host.unit_id)
        .options(contains_eager(Host.unit))
        .where(Host.ref == ref, Host.site_id == _site_of(actor))
    )


def _site_of(actor: Actor) -> int:
    return actor.site_id if actor.site_id is not None and actor.may(Permission.OCCUPANTS_MANAGE) else -1


def present_hosts(unit_id: int) -> Select[Host]:
    """Who is in the unit now, by name."""
    return select(Host).where(Host.unit_id == unit_id, Host.left_at.is_(None)).order_by(Host.name, Host.id)


def past_hosts(unit_id: int, most: int = MOST_FOUND) -> Select[Host]:
    """Who was in the unit before, the last to leave first."""
    return (
        select(Host)
        .where(Host.unit_id == unit_id, Host.left_at.is_not(None))
        .order_by(Host.left_at.desc(), Host.id.desc())
        .limit(most)
    )


def _units(site_id: int, gone: bool) -> Select[*tuple[Any, ...]]:
    hosts = (
        select(func.count())
        .select_from(Host)
        .where(Host.unit_id == Unit.id, Host.left_at.is_(None))
        .correlate(Unit)
        .scalar_subquery()
    )
    return select(Unit.id, Unit.ref, Unit.number, Unit.company, Unit.floor, Unit.left_at, hosts.label("hosts")).where(
        Unit.site_id == site_id, _there(gone)
    )


def _hosts(site_id: int, gone: bool) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Host.id,
            Host.ref,
            Host.name,
            Host.phone,
            Host.email,
            Host.contact,
            Host.away_until,
            Host.left_at,
            Unit.ref.label("unit_ref"),
            Unit.number,
            Unit.company,
        )
        .join(Unit, Unit.id == Host.unit_id)
        .where(Host.site_id == site_id, Host.left_at.is_not(None) if gone else Host.left_at.is_(None))
    )


def units_page(site_id: int, *, gone: bool = False, before: str = "", after: str = "") -> Listed:
    """25 units by number, each with how many hosts are in it. The numbers of all are read and put in order here: no
    database counts them as people do, and a building has no more than fit.
    """
    names = select(Unit.number, Unit.id).where(Unit.site_id == site_id, _there(gone))
    order = sorted((counted(row.number), row.id) for row in db.session.execute(names))
    edge = None
    if before or after:
        known = select(Unit.number, Unit.id).where(Unit.ref == (before or after), Unit.site_id == site_id)
        edge = db.session.execute(known).first()
    if edge is None:
        first = 0
    elif before:
        first = max(0, bisect_left(order, (counted(edge.number), edge.id)) - PAGE)
    else:
        first = bisect_right(order, (counted(edge.number), edge.id))
    ids = [unit_id for _, unit_id in order[first : first + PAGE]]
    by_id = {row.id: row for row in db.session.execute(_units(site_id, gone).where(Unit.id.in_(ids)))}
    rows = [by_id[unit_id] for unit_id in ids]
    return Listed(
        rows,
        before=rows[0].ref if rows and first else None,
        after=rows[-1].ref if first + PAGE < len(order) else None,
    )


def _there(gone: bool) -> ColumnElement[bool]:
    return Unit.left_at.is_not(None) if gone else Unit.left_at.is_(None)


def hosts_page(site_id: int, *, gone: bool = False, before: str = "", after: str = "") -> Listed:
    """25 hosts by name, each with the unit."""
    statement, edge = _hosts(site_id, gone), None
    if before or after:
        edge = db.session.execute(
            select(Host.name, Host.id).where(Host.ref == (before or after), Host.site_id == site_id)
        ).first()
    backwards = bool(before) and edge is not None
    if edge is not None:
        further = Host.name < edge.name if backwards else Host.name > edge.name
        beside = Host.id < edge.id if backwards else Host.id > edge.id
        statement = statement.where(or_(further, and_(Host.name == edge.name, beside)))
    order = (Host.name.desc(), Host.id.desc()) if backwards else (Host.name, Host.id)
    rows = list(db.session.execute(statement.order_by(*order).limit(PAGE + 1)).all())
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards:
        rows.reverse()
    has_before = more if backwards else edge is not None
    has_after = True if backwards else more
    return Listed(
        rows,
        before=rows[0].ref if rows and has_before else None,
        after=rows[-1].ref if rows and has_after else None,
    )


def find_units(query: str, *, site_id: int, most: int = MOST_FOUND) -> Listed:
    """Units by number or company, best first."""

    def load(ids: Sequence[int]) -> Sequence[Any]:
        return db.session.execute(_units(site_id, False).where(Unit.id.in_(ids)).order_by(Unit.id.desc())).all()

    in_order = {"among_equals": lambda row: counted(row.number)}
    return _find(query, site_id, search.UNIT, load, lambda row: [row.number, row.company], most, **in_order)


def find_hosts(query: str, *, site_id: int, most: int = MOST_FOUND) -> Listed:
    """Hosts by name, pinyin or initials, best first."""

    def load(ids: Sequence[int]) -> Sequence[Any]:
        return db.session.execute(_hosts(site_id, False).where(Host.id.in_(ids)).order_by(Host.id.desc())).all()

    return _find(query, site_id, search.HOST, load, lambda row: [row.name], most)


def _find(
    query: str,
    site_id: int,
    kind: int,
    load: Callable[[Sequence[int]], Sequence[Any]],
    texts: Callable[[Any], list[str]],
    most: int,
    **more: Any,
) -> Listed:
    return Listed(search.candidates(query, site_id=site_id, kind=kind, load=load, texts=texts, most=most, **more))


def named(refs: set[str], site_id: int) -> Select[*tuple[Any, ...]]:
    """Those hosts of the site who are still there, with their units."""
    return _hosts(site_id, False).where(Host.ref.in_(refs))


def called(row: Any) -> str:
    """How a host is told from others of the same name: 张三, 1806 示例科技."""
    return f"{row.name}, {unit_name(row.number, row.company)}"
