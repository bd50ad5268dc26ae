"""Units and hosts, read; what a kiosk may see of them (V3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, cast, func, literal, null, or_, select, union_all
from sqlalchemy.orm import aliased, joinedload

from domain import grams, search
from domain.database import UTCDateTime, db
from domain.errors import NotFound
from domain.numbered import counted
from domain.occupants.models import Host, Unit
from domain.occupants.namesakes import told_apart
from domain.occupants.titles import without_title
from domain.spelling import compact, is_han, usual_sounds
from domain.statements import Ready, in_full

MOST_AT_KIOSK = 5
LOOKED_AT = 12
"""So many are compared, shown or not: whoever is shown may have a namesake who found no place."""
DEPUTY = aliased(Host)


@dataclass(frozen=True)
class Match:
    """One line of a search for somebody: never a whole phone number, never a whole mail address."""

    ref: str
    kind: str
    """`host` or `unit`."""
    name: str
    company: str
    unit: str
    apart: str = ""
    """What tells a host from another whose line reads the same, masked; for staff alone, as what follows."""
    away_until: datetime | None = None
    deputy: str = ""


@dataclass(frozen=True)
class Offered:
    """One line of what a kiosk offers (V3): no personal data but the name."""

    kind: str
    """`host`, `unit`, or `several`: people whom nothing tells apart that may be shown here."""
    ref: str
    name: str
    place: str


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


_OF_STAFF = Host.phone, Host.email, Host.away_until, DEPUTY.name.label("deputy")


def _hosts(ids: Sequence[int]) -> Sequence[object]:
    return db.session.execute(
        select(Host.id, Host.ref, Host.name, Unit.company, Unit.number, *_OF_STAFF)
        .join(Unit, Unit.id == Host.unit_id)
        .outerjoin(DEPUTY, DEPUTY.id == Host.deputy_id)
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
            .add_columns(Unit.number, Host.left_at, *_OF_STAFF)
            .select_from(
                hosts.outerjoin(Host, Host.id == hosts.c.subject_id)
                .outerjoin(Unit, Unit.id == Host.unit_id)
                .outerjoin(DEPUTY, DEPUTY.id == Host.deputy_id)
            ),
            select(in_full("unit"), units.c.subject_id, Unit.ref, literal(""), Unit.company, Unit.number, Unit.left_at)
            .add_columns(literal(""), literal(""), cast(null(), UTCDateTime), literal(""))
            .select_from(units.outerjoin(Unit, Unit.id == units.c.subject_id)),
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
    """Hosts by name, pinyin or initials, then units by number or company (V3); nothing under two characters. For staff:
    who reads as somebody else does is told from them.

    Who types 王先生 or Ms Chen means a host of that name, besides whatever is called just so.
    """
    return _meant(query, site_id=site_id, most=most, tell=_told_apart)


def look_up_at_kiosk(query: str, *, site_id: int) -> list[Offered]:
    """The same as a kiosk offers it: name and company, the room where only that differs. Who reads the same with it too
    is in one line, with which the reception helps: touching one of them would be a guess.
    """
    found = _meant(query, site_id=site_id, most=MOST_AT_KIOSK, tell=_in_one_line)
    alike = [(match.kind == "unit", compact(match.name), match.company or match.unit) for match in found]
    return [
        Offered(
            match.kind,
            match.ref,
            match.name,
            f"{match.company} {match.unit}".strip() if alike.count(reads) > 1 else match.company or match.unit,
        )
        for match, reads in zip(found, alike, strict=True)
    ]


def _told_apart(hosts: Sequence[Any]) -> list[Match]:
    marks = told_apart((f"{row.name} {row.company} {row.number}", row.phone, row.email) for row in hosts)
    return [
        replace(_match(row), apart=mark, away_until=row.away_until, deputy=row.deputy or "")
        for row, mark in zip(hosts, marks, strict=True)
    ]


def _in_one_line(hosts: Sequence[Any]) -> list[Match]:
    lines: dict[tuple[str, str, str], Match] = {}
    for row in hosts:
        reads = compact(row.name), row.company, row.number
        lines[reads] = replace(lines[reads], kind="several") if reads in lines else _match(row)
    return list(lines.values())


def _match(row: Any) -> Match:
    return Match(row.ref, "host", row.name, row.company, row.number)


def _meant(query: str, *, site_id: int, most: int, tell: Callable[[Sequence[Any]], list[Match]]) -> list[Match]:
    found = _look_up(query, site_id=site_id, most=most, tell=tell)
    name = without_title(query)
    if name is None or len(found) >= most:
        return found
    # A surname of one 汉字 is under no gram: those who sound like it are read, and of them whose name begins with it.
    alone = len(name) == 1 and is_han(name)
    meant = _look_up(
        usual_sounds(compact(name), True)[-1] if alone else name,
        site_id=site_id,
        most=most,
        tell=tell,
        begins=compact(name) if alone else "",
    )
    known = {match.ref for match in found}
    return (found + [match for match in meant if match.ref not in known])[:most]


def _look_up(
    query: str, *, site_id: int, most: int, tell: Callable[[Sequence[Any]], list[Match]], begins: str = ""
) -> list[Match]:
    """As `look_up`, of what was typed; `tell` makes lines of hosts; `begins`: hosts alone whose name begins with that
    汉字.
    """

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
        spare=LOOKED_AT,
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
    found = tell(hosts)[:most]
    # Two places are kept for units that begin so: one with a rare reading somewhere inside takes nobody's place.
    kept = sum(grams.degree(query, _texts_of_unit(row)) >= grams.BEGINS for row in units[:2])
    room_for_units = max(most - len(found), kept)
    found = found[: most - min(room_for_units, len(units))]
    return found + [Match(row.ref, "unit", row.company or row.number, "", row.number) for row in units[:room_for_units]]


def _texts_of_unit(row: Any) -> list[str]:
    return [row.number, row.company]
