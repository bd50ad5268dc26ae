"""Entering units and hosts, changing them, noting that they left."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain import events, grams, search
from domain.database import db
from domain.errors import Conflict, DomainError
from domain.identity import Actor
from domain.occupants.models import Host, Unit
from domain.occupants.numbers import door, folded, read_number
from domain.occupants.queries import unit_name
from domain.permissions import Permission
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


def add_unit(*, site_id: int, actor: Actor, now: datetime, number: str, shared: bool = False, **values: Any) -> Unit:
    """Enter a unit; raises Conflict when number and company stand already, and DomainError for what is no number, and
    for the number of another company unless both are said to share it.
    """
    number = read_number(number)
    _must_be_meant(number, values.get("company", ""), site_id=site_id, but=0, shared=shared)
    unit = Unit(site_id=site_id, number=number, **values)
    enter_units([unit], actor=actor, now=now)
    return unit


def enter_units(units: Sequence[Unit], *, actor: Actor, now: datetime) -> None:
    """Make these units findable, each with its line in the history; raises Conflict (by constraint) likewise. That the
    companies of one number are meant to share it was asked before.
    """
    db.session.add_all(units)
    db.session.flush()
    for unit in units:
        _index_unit(unit, is_new=True)
        _record("unit.entered", unit, actor, now, {"number": unit.number, "company": unit.company})


def change_unit(unit: Unit, *, actor: Actor, now: datetime, shared: bool = False, **values: Any) -> None:
    """Change what is known of a unit; raises what `add_unit` raises. No change, no event."""
    number, company = values.get("number", unit.number), values.get("company", unit.company)
    if number != unit.number:
        values["number"] = number = read_number(number)
    renamed = door(number) != door(unit.number)
    if renamed or folded(company) != folded(unit.company):
        _must_be_meant(number, company, site_id=unit.site_id, but=unit.id, shared=shared or not renamed)
    changed = _set(unit, values)
    if not changed:
        return
    db.session.flush()
    if unit.left_at is None and {"number", "company"} & set(changed):
        _index_unit(unit, is_new=False)
    _record("unit.changed", unit, actor, now, {"number": unit.number, "company": unit.company})


def _must_be_meant(number: str, company: str, *, site_id: int, but: int, shared: bool) -> None:
    """One company has a door once, however its number is written. Two companies may share a unit; more often somebody
    enters again what is there, and visitors find both.
    """
    units = select(Unit.number, Unit.company, Unit.left_at).where(Unit.site_id == site_id, Unit.id != but)
    own = door(number)
    there = [row for row in db.session.execute(units) if door(row.number) == own]
    if any(folded(row.company) == folded(company) for row in there):
        raise Conflict(N_("This unit is entered already with this company."), field="number")
    occupied = sorted((row for row in there if row.left_at is None), key=lambda row: row.company)
    if occupied and not shared:
        raise DomainError(
            N_("There is a unit %(unit)s already. Tick this to add another company in it."),
            field="shared",
            unit=unit_name(occupied[-1].number, occupied[-1].company),
        )


def _set(subject: Unit | Host, values: dict[str, Any]) -> list[str]:
    changed = [name for name, value in values.items() if getattr(subject, name) != value]
    for name in changed:
        setattr(subject, name, values[name])
    return changed


def add_host(*, unit: Unit, actor: Actor, now: datetime, name: str, **values: Any) -> Host:
    """Enter a host of a unit; raises DomainError when nobody is in the unit any more."""
    if unit.left_at:
        raise DomainError(N_("Nobody is in this unit any more. Note first that it is occupied again."))
    _check_deputy(None, unit.site_id, values)
    host = Host(site_id=unit.site_id, unit_id=unit.id, name=name, **values)
    enter_hosts([host], actor=actor, now=now)
    return host


def enter_hosts(hosts: Sequence[Host], *, actor: Actor, now: datetime) -> None:
    """Make these hosts findable, each with its line in the history. That their units are occupied, and their deputies
    there, was asked before.
    """
    db.session.add_all(hosts)
    db.session.flush()
    for host in hosts:
        _index_host(host, is_new=True)
        _record("host.entered", host, actor, now, {"name": host.name, "phone": host.phone, "email": host.email})


def change_host(host: Host, *, actor: Actor, now: datetime, **values: Any) -> None:
    """Change what is known of a host; a deputy must be somebody else (V4). No change, no event."""
    _check_deputy(host.id, host.site_id, values)
    changed = _set(host, values)
    if not changed:
        return
    db.session.flush()
    if host.left_at is None and "name" in changed:
        _index_host(host, is_new=False)
    _record("host.changed", host, actor, now, {"name": host.name, "phone": host.phone, "email": host.email})


def _check_deputy(host_id: int | None, site_id: int, values: dict[str, Any]) -> None:
    deputy_id = values.get("deputy_id")
    if deputy_id is None:
        return
    if deputy_id == host_id:
        raise DomainError(N_("A deputy is somebody else."), field="deputy")
    there = select(Host.id).where(Host.id == deputy_id, Host.site_id == site_id, Host.left_at.is_(None))
    if db.session.scalar(there) is None:
        raise DomainError(N_("This person is no longer in the building. Choose another deputy."), field="deputy")


def host_left(host: Host, *, actor: Actor, now: datetime) -> None:
    """The host is found no more and nobody's deputy any more; visits of the past keep the name."""
    if host.left_at:
        return
    host.left_at = now
    search.forget(site_id=host.site_id, kind=search.HOST, subject_id=host.id, known=grams.grams_of_name(host.name))
    for other in db.session.scalars(select(Host).where(Host.deputy_id == host.id)):
        other.deputy_id = None
        _record("host.deputy_left", other, actor, now, {})
    db.session.flush()
    _record("host.left", host, actor, now, {})


def host_is_back(host: Host, *, actor: Actor, now: datetime) -> None:
    """The host was noted as gone and is in the unit after all, or again."""
    if host.left_at is None:
        return
    if db.session.get_one(Unit, host.unit_id).left_at:
        raise DomainError(N_("Nobody is in this unit any more. Note first that it is occupied again."))
    host.left_at, host.away_until = None, None
    db.session.flush()
    _index_host(host, is_new=False)
    _record("host.returned", host, actor, now, {})


def unmask(
    host: Host, *, reason: str, actor: Actor, now: datetime, right: Permission = Permission.OCCUPANTS_UNMASK
) -> None:
    """Note that the actor looks at the host's phone and mail in full, or, by the right to call hosts, at the number
    alone; and why (P4). Raises NotAllowed.
    """
    actor.must(right, host.site_id)
    _record("host.unmasked", host, actor, now, {"reason": reason})


def unit_left(unit: Unit, *, actor: Actor, now: datetime) -> None:
    """Nobody is in the unit any more: it is found no more, nor is who was in it."""
    if unit.left_at:
        return
    for host in db.session.scalars(select(Host).where(Host.unit_id == unit.id, Host.left_at.is_(None))).all():
        host_left(host, actor=actor, now=now)
    unit.left_at = now
    known = grams.grams_of_text(unit.number) | grams.grams_of_text(unit.company)
    search.forget(site_id=unit.site_id, kind=search.UNIT, subject_id=unit.id, known=known)
    db.session.flush()
    _record("unit.left", unit, actor, now, {})


def unit_is_back(unit: Unit, *, actor: Actor, now: datetime) -> None:
    """The unit was noted as left and is occupied after all, or again; its hosts are noted one by one."""
    if unit.left_at is None:
        return
    unit.left_at = None
    db.session.flush()
    _index_unit(unit, is_new=False)
    _record("unit.returned", unit, actor, now, {})
