"""The directory as the desk reads it (P4): who was meant, and who is found by the search box, phones masked."""

from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, cast, literal, null, select, union_all

from domain import search
from domain.database import UTCDateTime, db
from domain.masking import mask_phone
from domain.numbered import counted
from domain.occupants.models import Host, Unit
from domain.occupants.namesakes import told_apart
from domain.occupants.queries import DEPUTY
from domain.records import row_of
from domain.sites.queries import Texts
from domain.statements import Answer, Ready

# The way to a unit in nine languages is longer than the rest of it, and most who ask do not need it.
_UNIT = [cast(one, Texts).label(one.key) if one.key == "directions" else one for one in Unit.__table__.c]
_HOST = Host.__table__.c
HOST = Ready(
    select(*_UNIT, *_HOST)
    .join_from(Unit, Host, Host.unit_id == Unit.id)
    .where(Host.ref == bindparam("ref"), Host.site_id == bindparam("site_id"))
)
HOST_AND_DEPUTY = Ready(
    select(*_UNIT, *_HOST, DEPUTY.name)
    .join_from(Unit, Host, Host.unit_id == Unit.id)
    .outerjoin(DEPUTY, DEPUTY.id == Host.deputy_id)
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
        return HOST.ask(ref=ref, site_id=site_id).then(lambda rows: _unit_and_host(rows[0]) if rows else None)
    if kind == "unit":
        return UNIT.ask(ref=ref, site_id=site_id).then(lambda rows: (rows[0], None) if rows else None)
    return Answer(lambda: None)


def find_with_deputy(kind: str, ref: str, *, site_id: int) -> tuple[Unit, Host | None, str] | None:
    """The same to be shown: with the name of who stands in for the host."""
    if kind == "host" and (row := HOST_AND_DEPUTY.first(ref=ref, site_id=site_id)):
        return *_unit_and_host(row[:-1]), row[-1] or ""
    found = find(kind, ref, site_id=site_id) if kind == "unit" else None
    return (*found, "") if found else None


def _unit_and_host(row: Any) -> tuple[Unit, Host]:
    return row_of(Unit)(*row[: len(_UNIT)]), row_of(Host)(*row[len(_UNIT) :])


@lru_cache(maxsize=64)
def _hits(count: int, of_hosts: bool, of_units: bool) -> Ready:
    """The newest hosts and the newest units that are there and under so many grams."""
    parts: list[Any] = []
    where = Unit.company, Unit.number, Unit.floor
    if of_hosts:
        hosts = select(literal("host").label("kind"), Host.id, Host.ref, Host.name, Host.phone, *where)
        hosts = hosts.add_columns(Host.email, Host.away_until, DEPUTY.name.label("deputy"))
        hosts = hosts.join(Unit, Unit.id == Host.unit_id).outerjoin(DEPUTY, DEPUTY.id == Host.deputy_id)
        among = search.newest_under(count, kind=search.HOST)
        parts.append(hosts.where(Host.id.in_(among), Host.left_at.is_(None)))
    if of_units:
        name, phone = literal("").label("name"), literal("").label("phone")
        units = select(literal("unit").label("kind"), Unit.id, Unit.ref, name, phone, *where)
        units = units.add_columns(literal(""), cast(null(), UTCDateTime), literal(""))
        among = search.newest_under(count, kind=search.UNIT)
        parts.append(units.where(Unit.id.in_(among), Unit.left_at.is_(None)))
    return Ready(union_all(*parts) if len(parts) > 1 else parts[0], one_plan=True)


def _found(
    text: str, *, site_id: int, most: int, of_hosts: bool = False, of_units: bool = False
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The best hosts and the best units, in one statement; none under two characters (V3)."""
    wanted = search.wanted_by(text)
    if not wanted:
        return [], []
    rows = _hits(len(wanted), of_hosts, of_units).rows(**search.values(wanted, site_id=site_id))
    people = [row for row in rows if row.kind == "host"]
    marks = told_apart((f"{row.name} {row.company} {row.number}", row.phone, row.email) for row in people)
    apart = {row.ref: mark for row, mark in zip(people, marks, strict=True)}
    hosts = search.best(text, people, texts=lambda row: [row.name], most=most)
    units = search.best(
        text,
        [row for row in rows if row.kind == "unit"],
        texts=lambda row: [row.number, row.company],
        most=most,
        among_equals=lambda row: counted(row.number),
    )
    return [_host(row, apart[row.ref]) for row in hosts], [_unit(row) for row in units]


def _host(row: Any, apart: str) -> dict[str, Any]:
    """A line of a host; `apart` is what tells it from another that reads the same, empty where none does."""
    return {
        "ref": row.ref,
        "name": row.name,
        "phone": mask_phone(row.phone),
        "apart": apart,
        "company": row.company,
        "unit": row.number,
        "away_until": row.away_until,
        "deputy": row.deputy or "",
    }


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
