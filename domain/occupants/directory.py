"""The directory as the desk reads it (P4): who was meant, and who is found by the search box, phones masked."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from domain import search
from domain.database import db
from domain.masking import mask_phone
from domain.occupants.models import Host, Unit


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


def _hosts(ids: Sequence[int]) -> Sequence[Any]:
    return db.session.execute(
        select(Host.id, Host.ref, Host.name, Host.phone, Host.away_until, Unit.company, Unit.number, Unit.floor)
        .join(Unit, Unit.id == Host.unit_id)
        .where(Host.id.in_(ids), Host.left_at.is_(None))
        .order_by(Host.id.desc())
    ).all()


def _units(ids: Sequence[int]) -> Sequence[Any]:
    return db.session.execute(
        select(Unit.id, Unit.ref, Unit.company, Unit.number, Unit.floor)
        .where(Unit.id.in_(ids), Unit.left_at.is_(None))
        .order_by(Unit.id.desc())
    ).all()


def hosts_found(query: str, *, site_id: int, most: int) -> list[dict[str, Any]]:
    """Hosts by name, pinyin or initials, with company and masked phone."""
    rows = search.candidates(
        query, site_id=site_id, kind=search.HOST, load=_hosts, texts=lambda row: [row.name], most=most
    )
    return [
        {"ref": row.ref, "name": row.name, "phone": mask_phone(row.phone), "company": row.company, "unit": row.number}
        for row in rows
    ]


def units_found(query: str, *, site_id: int, most: int) -> list[dict[str, Any]]:
    """Units by number or company."""
    rows = search.candidates(
        query, site_id=site_id, kind=search.UNIT, load=_units, texts=lambda row: [row.number, row.company], most=most
    )
    return [{"ref": row.ref, "unit": row.number, "company": row.company, "floor": row.floor} for row in rows]
