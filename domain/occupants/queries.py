"""Units and hosts, read; what a kiosk may see of them (V3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload

from domain import search
from domain.database import db
from domain.errors import NotFound
from domain.grams import query_grams
from domain.numbered import counted
from domain.occupants.models import Host, Unit
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
    for gram in query_grams(query)[:1]:
        rows = _first().rows(site_id=site_id, gram=gram, before=search.NEWER_THAN_ALL)
        for row in sorted(rows, key=lambda row: -row.id):
            ids, seen = batches[row.kind]
            ids.append(row.id)
            if row.ref is not None and row.left_at is None:
                seen.append(row)
    return batches


def look_up(query: str, *, site_id: int, most: int = MOST_AT_KIOSK) -> list[Match]:
    """Hosts by name, pinyin or initials, then units by number or company (V3); nothing under two characters."""
    batches = _first_batches(query, site_id)
    hosts = search.candidates(
        query,
        site_id=site_id,
        kind=search.HOST,
        load=_hosts,
        texts=lambda row: [row.name],
        most=most,
        first=batches["host"],
    )
    units = search.candidates(
        query,
        site_id=site_id,
        kind=search.UNIT,
        load=_units,
        texts=lambda row: [row.number, row.company],
        most=most,
        first=batches["unit"],
        among_equals=lambda row: counted(row.number),
    )
    found = [Match(row.ref, "host", row.name, row.company, row.number) for row in hosts]
    room_for_units = max(most - len(found), min(len(units), 2))
    found = found[: most - min(room_for_units, len(units))]
    return found + [Match(row.ref, "unit", row.company or row.number, "", row.number) for row in units[:room_for_units]]
