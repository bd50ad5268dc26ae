"""The directory as the desk reads it (P4): who was meant, and who is found by the search box, phones masked."""

from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, literal, select, union_all

from domain import search
from domain.database import db
from domain.masking import mask_phone
from domain.numbered import counted
from domain.occupants.models import Host, Unit
from domain.records import row_of
from domain.statements import Answer, Ready

_UNIT, _HOST = Unit.__table__.c, Host.__table__.c
HOST = Ready(
    select(*_UNIT, *_HOST)
    .join_from(Unit, Host, Host.unit_id == Unit.id)
    .where(Host.ref == bindparam("ref"), Host.site_id == bindparam("site_id"))
)
UNIT = Ready(select(*_UNIT).where(Unit.ref == bindparam("ref"), Unit.site_id == bindparam("site_id")))


Meant = tuple[Unit, Host | None] | None
"""A unit and the host in it, or the unit alone, or nobody who is there."""


def find(kind: str, ref: str, *, site_id: int) -> Meant:
    """The unit, and the host in it, that a search line stood for; None when there is none at this site. They are to be
    read alone: every form of a visit or a meeting asks for them, and no session needs to know them.
    """
    return ask_for(kind, ref, site_id=site_id).get()


def ask_for(kind: str, ref: str, *, site_id: int) -> Answer[Meant]:
    """Likewise, to be waited for later."""
    if kind == "host":
        return HOST.ask(ref=ref, site_id=site_id).then(_host_of)
    if kind == "unit":
        return UNIT.ask(ref=ref, site_id=site_id).then(lambda rows: (rows[0], None) if rows else None)
    return Answer(lambda: None)


def _host_of(rows: list[Any]) -> Meant:
    if not rows:
        return None
    (row,) = rows
    return row_of(Unit)(*row[: len(_UNIT)]), row_of(Host)(*row[len(_UNIT) :])


@lru_cache(maxsize=64)
def _hits(count: int, of_hosts: bool, of_units: bool) -> Ready:
    """The newest hosts and the newest units that are there and under so many grams."""
    parts: list[Any] = []
    where = Unit.company, Unit.number, Unit.floor
    if of_hosts:
        hosts = select(literal("host").label("kind"), Host.id, Host.ref, Host.name, Host.phone, *where)
        among = search.newest_under(count, kind=search.HOST)
        parts.append(hosts.join(Unit, Unit.id == Host.unit_id).where(Host.id.in_(among), Host.left_at.is_(None)))
    if of_units:
        name, phone = literal("").label("name"), literal("").label("phone")
        units = select(literal("unit").label("kind"), Unit.id, Unit.ref, name, phone, *where)
        among = search.newest_under(count, kind=search.UNIT)
        parts.append(units.where(Unit.id.in_(among), Unit.left_at.is_(None)))
    return Ready(union_all(*parts) if len(parts) > 1 else parts[0])


def _found(
    text: str, *, site_id: int, most: int, of_hosts: bool = False, of_units: bool = False
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The best hosts and the best units, in one statement; none under two characters (V3)."""
    wanted = search.wanted_by(text)
    if not wanted:
        return [], []
    rows = _hits(len(wanted), of_hosts, of_units).rows(**search.values(wanted, site_id=site_id))
    hosts = search.best(text, [row for row in rows if row.kind == "host"], texts=lambda row: [row.name], most=most)
    units = search.best(
        text,
        [row for row in rows if row.kind == "unit"],
        texts=lambda row: [row.number, row.company],
        most=most,
        among_equals=lambda row: counted(row.number),
    )
    return [_host(row) for row in hosts], [_unit(row) for row in units]


def _host(row: Any) -> dict[str, Any]:
    phone = mask_phone(row.phone)
    return {"ref": row.ref, "name": row.name, "phone": phone, "company": row.company, "unit": row.number}


def _unit(row: Any) -> dict[str, Any]:
    return {"ref": row.ref, "unit": row.number, "company": row.company, "floor": row.floor}


def hosts_and_units_found(text: str, *, site_id: int, most: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Both `hosts_found` and `units_found`, in one statement."""
    return _found(text, site_id=site_id, most=most, of_hosts=True, of_units=True)


def hosts_found(text: str, *, site_id: int, most: int) -> list[dict[str, Any]]:
    """Hosts by name, pinyin or initials, with company and masked phone."""
    return _found(text, site_id=site_id, most=most, of_hosts=True)[0]


def units_found(text: str, *, site_id: int, most: int) -> list[dict[str, Any]]:
    """Units by number or company."""
    return _found(text, site_id=site_id, most=most, of_units=True)[1]


def unit_meant(text: str, *, site_id: int, most: int = 5) -> list[Unit]:
    """The occupied unit of exactly that number, else those whose number or company match: one of them is certain."""
    here = select(Unit).where(Unit.site_id == site_id, Unit.left_at.is_(None))
    exact = db.session.scalars(here.where(Unit.number.in_({text, text.upper(), text.lower()})).limit(1)).all()
    if exact:
        return list(exact)
    refs = [found["ref"] for found in units_found(text, site_id=site_id, most=most)]
    found = db.session.scalars(here.where(Unit.ref.in_(refs))) if refs else ()
    return sorted(found, key=lambda unit: (counted(unit.number), unit.id))
