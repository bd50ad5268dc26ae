"""Units and hosts, read; what a kiosk may see of them (V3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload

from domain import grams, search
from domain.database import db
from domain.errors import NotFound
from domain.numbered import counted
from domain.occupants.models import Host, Unit
from domain.occupants.titles import without_title
from domain.spelling import compact, is_han, usual_sounds
from domain.statements import Ready, in_full

MOST_AT_KIOSK = 5


@dataclass(frozen=True)
class Match:
    """One line of a search for somebody: never a phone number, never a mail address."""

    ref: str
    kind: str
    """`host` or `unit`."""
    name: str
    company: str
    unit: str


def unit_name(number: str, company: str) -> str:
    """How a unit is called: number and company, or what there is of it."""
    return " ".join(part for part in (number, company) if part)


def called(text: str, *, site_id: int) -> tuple[list[int], list[int]]:
    """Hosts of just that name, and units of just that number or company, those who left included: ids for a filter.

    Parts of names are not looked for: no index says for whom a visit was, so each text would read the whole register.
    """
    named = "".join(text.split()).lower()
    if not named:
        return [], []
    company = func.lower(func.replace(Unit.company, " ", ""))
    found = db.session.execute(
        union_all(
            select(literal(0), Host.id).where(
                Host.site_id == site_id, func.lower(func.replace(Host.name, " ", "")) == named
            ),
            select(literal(1), Unit.id).where(
                Unit.site_id == site_id, or_(func.lower(Unit.number) == named, company == named)
            ),
        )
    ).all()
    return [row[1] for row in found if not row[0]], [row[1] for row in found if row[0]]


def hosts_of(site_id: int) -> Select[Host]:
    """Hosts who are still there, by name."""
    return select(Host).where(Host.site_id == site_id, Host.left_at.is_(None)).order_by(Host.name, Host.id)


def get_present_host(ref: str, *, site_id: int | None) -> Host:
    """The host of that ref with the unit; raises NotFound for who left, or belongs to another site."""
    here = select(Host).where(Host.ref == ref, Host.site_id == site_id, Host.left_at.is_(None))
    host = db.session.scalar(here.options(joinedload(Host.unit)))
    if host is None:
        raise NotFound
    return host


def units_of(site_id: int) -> Select[Unit]:
    """Units that are occupied, by number."""
    return select(Unit).where(Unit.site_id == site_id, Unit.left_at.is_(None)).order_by(Unit.number, Unit.id)


def contacts_of(unit_id: int) -> Select[Host]:
    """Who is told of a visitor who names only the unit."""
    return select(Host).where(Host.unit_id == unit_id, Host.contact, Host.left_at.is_(None)).order_by(Host.id)


def _hosts(ids: Sequence[int]) -> Sequence[object]:
    return db.session.execute(
        select(Host.id, Host.ref, Host.name, Unit.company, Unit.number)
        .join(Unit, Unit.id == Host.unit_id)
        .where(Host.id.in_(ids), Host.left_at.is_(None))
        .order_by(Host.id.desc())
    ).all()


def _units(ids: Sequence[int]) -> Sequence[object]:
    return db.session.execute(
        select(Unit.id, Unit.ref, Unit.company, Unit.number)
        .where(Unit.id.in_(ids), Unit.left_at.is_(None))
        .order_by(Unit.id.desc())
    ).all()


@cache
def _first() -> Ready:
    """The first batch of hosts and of units under one gram, those who left among them: one sees how many there were."""
    hosts, units = search.batch(search.HOST).subquery(), search.batch(search.UNIT).subquery()
    return Ready(
        union_all(
            select(in_full("host").label("kind"), hosts.c.subject_id.label("id"), Host.ref, Host.name, Unit.company)
            .add_columns(Unit.number, Host.left_at)
            .select_from(hosts.outerjoin(Host, Host.id == hosts.c.subject_id).outerjoin(Unit, Unit.id == Host.unit_id)),
            select(
                in_full("unit"), units.c.subject_id, Unit.ref, literal(""), Unit.company, Unit.number, Unit.left_at
            ).select_from(units.outerjoin(Unit, Unit.id == units.c.subject_id)),
        )
    )


def _first_batches(query: str, site_id: int) -> dict[str, tuple[list[int], list[Any]]]:
    """The first batch of each kind, read in one statement: it is the only one for nearly every name."""
    batches: dict[str, tuple[list[int], list[Any]]] = {"host": ([], []), "unit": ([], [])}
    for gram in grams.query_grams(query)[:1]:
        rows = _first().rows(site_id=site_id, gram=gram, before=search.NEWER_THAN_ALL)
        for row in sorted(rows, key=lambda row: -row.id):
            ids, seen = batches[row.kind]
            ids.append(row.id)
            if row.ref is not None and row.left_at is None:
                seen.append(row)
    return batches


def look_up(query: str, *, site_id: int, most: int = MOST_AT_KIOSK) -> list[Match]:
    """Hosts by name, pinyin or initials, then units by number or company (V3); nothing under two characters.

    Who types 王先生 or Ms Chen means a host of that name, besides whatever is called just so.
    """
    found = _look_up(query, site_id=site_id, most=most)
    name = without_title(query)
    if name is None or len(found) >= most:
        return found
    # A surname of one 汉字 is under no gram: those who sound like it are read, and of them whose name begins with it.
    alone = len(name) == 1 and is_han(name)
    meant = _look_up(
        usual_sounds(compact(name), True)[-1] if alone else name,
        site_id=site_id,
        most=most,
        begins=compact(name) if alone else "",
    )
    known = {match.ref for match in found}
    return (found + [match for match in meant if match.ref not in known])[:most]


def _look_up(query: str, *, site_id: int, most: int, begins: str = "") -> list[Match]:
    """As `look_up`, of what was typed; `begins`: hosts alone whose name begins with that 汉字."""

    def meant(rows: Sequence[Any]) -> list[Any]:
        return [row for row in rows if compact(row.name).startswith(begins)]

    batches = _first_batches(query, site_id)
    ids, rows = batches["host"]
    hosts = search.candidates(
        query,
        site_id=site_id,
        kind=search.HOST,
        load=lambda ids: meant(_hosts(ids)),
        texts=lambda row: [row.name],
        most=most,
        first=(ids, meant(rows)),
    )
    units = search.candidates(
        query,
        site_id=site_id,
        kind=search.UNIT,
        load=_units,
        texts=_texts_of_unit,
        most=most,
        first=batches["unit"] if not begins else ([], []),
        among_equals=lambda row: counted(row.number),
    )
    found = [Match(row.ref, "host", row.name, row.company, row.number) for row in hosts]
    # Two places are kept for units that begin so: one with a rare reading somewhere inside takes nobody's place.
    kept = sum(grams.degree(query, _texts_of_unit(row)) >= grams.BEGINS for row in units[:2])
    room_for_units = max(most - len(found), kept)
    found = found[: most - min(room_for_units, len(units))]
    return found + [Match(row.ref, "unit", row.company or row.number, "", row.number) for row in units[:room_for_units]]


def _texts_of_unit(row: Any) -> list[str]:
    return [row.number, row.company]
