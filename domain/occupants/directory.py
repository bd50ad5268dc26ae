"""The directory as the desk reads it (P4): who was meant, and who is found by the search box, phones masked."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import ColumnElement, select

from domain import grams, search
from domain.database import db
from domain.masking import mask_phone
from domain.occupants.models import Host, Unit

LOOKED_AT = 120


def find(kind: str, ref: str, *, site_id: int) -> tuple[Unit, Host | None] | None:
    """The unit, and the host in it, that a search line stood for; None when there is none at this site."""
    if kind == "host":
        row = db.session.execute(
            select(Unit, Host).join(Host, Host.unit_id == Unit.id).where(Host.ref == ref, Host.site_id == site_id)
        ).first()
        return (row[0], row[1]) if row else None
    if kind == "unit":
        unit = db.session.scalar(select(Unit).where(Unit.ref == ref, Unit.site_id == site_id))
        return (unit, None) if unit else None
    return None


def _newest(text: str, *, site_id: int, kind: int, column: Any) -> ColumnElement[bool] | None:
    """Whether a row is among the newest that the typed text may mean; None under two characters (V3)."""
    wanted = grams.query_grams(text)
    return column.in_(search.under(wanted, site_id=site_id, kind=kind).limit(LOOKED_AT)) if wanted else None


def _best(text: str, rows: Iterable[Any], texts: Callable[[Any], list[str]], most: int) -> list[Any]:
    matching = [(-grams.degree(text, texts(row)), -row.id, row) for row in rows if grams.matches(text, texts(row))]
    return [row for *_, row in sorted(matching, key=lambda item: item[:2])[:most]]


def hosts_found(text: str, *, site_id: int, most: int) -> list[dict[str, Any]]:
    """Hosts by name, pinyin or initials, with company and masked phone, in one statement."""
    among = _newest(text, site_id=site_id, kind=search.HOST, column=Host.id)
    if among is None:
        return []
    rows = db.session.execute(
        select(Host.id, Host.ref, Host.name, Host.phone, Unit.company, Unit.number)
        .join(Unit, Unit.id == Host.unit_id)
        .where(among, Host.left_at.is_(None))
    )
    return [
        {"ref": row.ref, "name": row.name, "phone": mask_phone(row.phone), "company": row.company, "unit": row.number}
        for row in _best(text, rows, lambda row: [row.name], most)
    ]


def units_found(text: str, *, site_id: int, most: int) -> list[dict[str, Any]]:
    """Units by number or company, in one statement."""
    among = _newest(text, site_id=site_id, kind=search.UNIT, column=Unit.id)
    if among is None:
        return []
    rows = db.session.execute(
        select(Unit.id, Unit.ref, Unit.company, Unit.number, Unit.floor).where(among, Unit.left_at.is_(None))
    )
    return [
        {"ref": row.ref, "unit": row.number, "company": row.company, "floor": row.floor}
        for row in _best(text, rows, lambda row: [row.number, row.company], most)
    ]


def unit_meant(text: str, *, site_id: int, most: int = 5) -> list[Unit]:
    """The occupied unit of exactly that number, else those whose number or company match: one of them is certain."""
    here = select(Unit).where(Unit.site_id == site_id, Unit.left_at.is_(None))
    exact = db.session.scalars(here.where(Unit.number.in_({text, text.upper(), text.lower()})).limit(1)).all()
    if exact:
        return list(exact)
    refs = [found["ref"] for found in units_found(text, site_id=site_id, most=most)]
    return list(db.session.scalars(here.where(Unit.ref.in_(refs)).order_by(Unit.number))) if refs else []
