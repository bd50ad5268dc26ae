"""Invitations that come as a file (V5): each row checked in words, then all of them made at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import ClassVar

from sqlalchemy import select

from domain import clock
from domain.database import db
from domain.emails import parse_email
from domain.errors import DomainError
from domain.identity import Actor
from domain.names import clean_name, name_problem
from domain.occupants.directory import unit_meant
from domain.occupants.models import Host, Unit
from domain.occupants.numbers import folded
from domain.phones import parse_phone
from domain.sites.models import Purpose, Site
from domain.text import N_
from domain.uploads import UploadedRow
from domain.visits.arrivals import Whom
from domain.visits.invitations import MOST_AT_ONCE, Guest, Plan, invite, must_make_sense
from domain.widths import plain_digits

REQUIRED = ("name", "day", "since", "until", "whom")
LONGEST_ORGANISATION = 120


@dataclass
class Row(UploadedRow):
    """One row of a file: what stands in it, and afterwards what it means and what is wrong with it."""

    NARROW: ClassVar = ("phone", "day", "since", "until", "entries")
    guest: Guest | None = None
    plan: Plan | None = None


class _Known:
    """Hosts of the site by name, read once for all rows."""

    def __init__(self, site_id: int, names: set[str]) -> None:
        self.site_id = site_id
        self.hosts: dict[str, list[tuple[Host, Unit]]] = {}
        rows = db.session.execute(
            select(Host, Unit)
            .join(Unit, Unit.id == Host.unit_id)
            .where(Host.site_id == site_id, Host.left_at.is_(None), Host.name.in_(names))
        )
        for host, unit in rows:
            self.hosts.setdefault(host.name, []).append((host, unit))


def check(rows: Sequence[Row], *, site: Site, purpose: Purpose, now: datetime) -> None:
    """Look at every row, and write into it what it means or what is wrong, in words."""
    typed = {row.cells.get("whom", "") for row in rows}
    known = _Known(site.id, typed | {clean_name(name) for name in typed})
    for row in rows:
        row.guest = row.plan = None
        if not row.begins_anew():
            continue
        with row.blames():
            row.guest = _guest(row.cells)
            row.plan = _plan(row.cells, known, site=site, purpose=purpose)
            must_make_sense(row.plan, now=now)


def _guest(cells: dict[str, str]) -> Guest:
    name = clean_name(cells["name"])
    if problem := name_problem(name):
        raise DomainError(problem)
    phone, email = cells.get("phone", ""), cells.get("email", "")
    organisation = cells.get("organisation", "")
    if len(organisation) > LONGEST_ORGANISATION:
        raise DomainError(N_("A company has at most %(most)d characters."), most=LONGEST_ORGANISATION)
    return Guest(name, parse_phone(phone) if phone else "", parse_email(email) if email else "", organisation)


def _plan(cells: dict[str, str], known: _Known, *, site: Site, purpose: Purpose) -> Plan:
    day = _day(cells["day"])
    begins_at = clock.at_local(day, _time(cells["since"]), site.zone)
    ends_at = clock.at_local(day, _time(cells["until"]), site.zone)
    entries = cells.get("entries", "") or "1"
    if not entries.isascii() or not entries.isdecimal() or len(entries) > 4:
        raise DomainError(N_("“%(text)s” is no number of entries."), text=entries)
    return Plan(_whom(cells, known), purpose, begins_at, ends_at, int(entries))


def _whom(cells: dict[str, str], known: _Known) -> Whom:
    """The host of that name, told from others of it by the unit; else the unit alone."""
    name, number = cells["whom"], cells.get("unit", "")
    hosts = known.hosts.get(name) or known.hosts.get(clean_name(name), [])
    if number:
        meant = folded(number)
        hosts = [(host, unit) for host, unit in hosts if meant in (folded(unit.number), folded(unit.company))]
    if len(hosts) == 1:
        host, unit = hosts[0]
        return Whom(unit, host)
    if len(hosts) > 1:
        raise DomainError(N_("Several people are called “%(name)s”. Write the room too."), name=name)
    units = _units(number or name, known.site_id) if (number or name) and not (number and name) else []
    if len(units) == 1:
        return Whom(units[0])
    raise DomainError(N_("Nobody here is called “%(name)s”."), name=" ".join(filter(None, (name, number))))


def _units(text: str, site_id: int) -> list[Unit]:
    return unit_meant(text, site_id=site_id) or unit_meant(plain_digits(text), site_id=site_id)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.replace("/", "-")[:10])
    except ValueError:
        raise DomainError(N_("“%(text)s” is no day such as 2026-03-09."), text=text) from None


def _time(text: str) -> time:
    bare = text.rpartition("T")[2] if "T" in text else text
    try:
        return time.fromisoformat(bare.zfill(5) if len(bare) < 6 else bare).replace(second=0, microsecond=0)
    except ValueError:
        raise DomainError(N_("“%(text)s” is no time such as 09:30."), text=text) from None


def enter(rows: Sequence[Row], *, site: Site, purpose: Purpose, actor: Actor, now: datetime) -> int:
    """Invite everybody of the rows at once; gives how many. Checks them again: raises DomainError when one has a
    problem now.
    """
    check(rows, site=site, purpose=purpose, now=now)
    if not rows or any(row.problems for row in rows):
        raise DomainError(N_("Rows with problems are not entered. Put them right in the file and choose it again."))
    by_plan: dict[Plan, list[Guest]] = {}
    for row in rows:
        if row.plan and row.guest:
            by_plan.setdefault(row.plan, []).append(row.guest)
    for plan, guests in by_plan.items():
        for at in range(0, len(guests), MOST_AT_ONCE):
            invite(guests[at : at + MOST_AT_ONCE], plan, site=site, source="upload", actor=actor, now=now)
    return len(rows)
