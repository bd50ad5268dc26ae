"""Entering units and hosts, changing them, noting that they left."""

from datetime import datetime
from typing import Any

from domain import events, grams, search
from domain.database import db
from domain.errors import DomainError
from domain.identity import Actor
from domain.occupants.models import Host, Unit
from domain.text import N_


def _index_unit(unit: Unit, *, is_new: bool) -> None:
    found_by = grams.grams_of_text(unit.number) | grams.grams_of_text(unit.company)
    search.index(site_id=unit.site_id, kind=search.UNIT, subject_id=unit.id, found_by=found_by, is_new=is_new)


def _index_host(host: Host, *, is_new: bool) -> None:
    search.index(
        site_id=host.site_id,
        kind=search.HOST,
        subject_id=host.id,
        found_by=grams.grams_of_name(host.name),
        is_new=is_new,
    )


def _record(kind: str, subject: Unit | Host, actor: Actor, now: datetime, entered: dict[str, Any]) -> None:
    events.record(
        kind,
        site_id=subject.site_id,
        subject=type(subject).__name__.lower(),
        subject_id=subject.id,
        actor=actor,
        now=now,
        entered=entered,
    )


def add_unit(*, site_id: int, actor: Actor, now: datetime, number: str, **values: Any) -> Unit:
    """Enter a unit; raises Conflict (by constraint) when number and company stand already."""
    unit = Unit(site_id=site_id, number=number, **values)
    db.session.add(unit)
    db.session.flush()
    _index_unit(unit, is_new=True)
    _record("unit.entered", unit, actor, now, {"number": number, "company": unit.company})
    return unit


def change_unit(unit: Unit, *, actor: Actor, now: datetime, **values: Any) -> None:
    """Change what is known of a unit."""
    for name, value in values.items():
        setattr(unit, name, value)
    db.session.flush()
    _index_unit(unit, is_new=False)
    _record("unit.changed", unit, actor, now, {"number": unit.number, "company": unit.company})


def add_host(*, unit: Unit, actor: Actor, now: datetime, name: str, **values: Any) -> Host:
    """Enter a host of a unit."""
    host = Host(site_id=unit.site_id, unit_id=unit.id, name=name, **values)
    db.session.add(host)
    db.session.flush()
    _index_host(host, is_new=True)
    _record("host.entered", host, actor, now, {"name": name, "phone": host.phone, "email": host.email})
    return host


def change_host(host: Host, *, actor: Actor, now: datetime, **values: Any) -> None:
    """Change what is known of a host; a deputy must be somebody else (V4)."""
    if values.get("deputy_id") == host.id:
        raise DomainError(N_("A deputy is somebody else."), field="deputy")
    for name, value in values.items():
        setattr(host, name, value)
    db.session.flush()
    _index_host(host, is_new=False)
    _record("host.changed", host, actor, now, {"name": host.name, "phone": host.phone, "email": host.email})


def host_left(host: Host, *, actor: Actor, now: datetime) -> None:
    """The host is found no more; visits of the past keep the name."""
    host.left_at = now
    search.forget(site_id=host.site_id, kind=search.HOST, subject_id=host.id, known=grams.grams_of_name(host.name))
    _record("host.left", host, actor, now, {})


def unit_left(unit: Unit, *, actor: Actor, now: datetime) -> None:
    """Nobody is in the unit any more; it is found no more."""
    unit.left_at = now
    known = grams.grams_of_text(unit.number) | grams.grams_of_text(unit.company)
    search.forget(site_id=unit.site_id, kind=search.UNIT, subject_id=unit.id, known=known)
    _record("unit.left", unit, actor, now, {})
