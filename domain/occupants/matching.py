"""What the rows of an uploaded directory mean at this site: which units and hosts stand already, and what would change.

A unit is known by number and company, a host within the unit by phone or mail, else by name.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import select

from domain.database import db
from domain.identity import Actor
from domain.occupants.models import Host, Unit
from domain.occupants.numbers import door, folded
from domain.occupants.queries import unit_name
from domain.occupants.reading import read
from domain.occupants.remarks import tell_other_sites, tell_whom_else
from domain.occupants.uploads import OF_HOST, Row, UnitMeant, is_silent
from domain.text import N_

Key = tuple[str, ...]


def check(
    rows: Sequence[Row], *, site_id: int, actor: Actor, own_hosts: Collection[str] = (), held: bool = False
) -> None:
    """Look at every row, and write into it what it means, what of it is worth a remark, and what is wrong, in words.

    `held`: nobody else enters or changes these units and hosts until the commit.
    """
    read(rows, own_hosts=own_hosts)
    known = _Known(site_id, held=held)
    _find_units(rows, known)
    tell_other_sites(rows, site_id, actor)
    by_unit: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row.is_host and row.unit is not None:
            by_unit[id(row.unit)].append(row)
    for there in by_unit.values():
        _find_hosts(there, known)
    for row in rows:
        if row.unit is not None and not row.has_left:
            _note_floor(row, row.unit)
    _find_deputies(rows, known)
    tell_whom_else(rows, known.hosts.values())
    for row in rows:
        if row.is_host and row.host is None and not row.problems and is_silent(row.values):
            row.remarks.append((N_("Neither phone nor mail nor chat channel: the desk can only go and tell."), {}))


class _Known:
    """What the site has, read once for all rows."""

    def __init__(self, site_id: int, *, held: bool) -> None:
        units, hosts = select(Unit).where(Unit.site_id == site_id), select(Host).where(Host.site_id == site_id)
        units, hosts = units.order_by(Unit.id), hosts.order_by(Host.id)
        if held:
            units, hosts = units.with_for_update(key_share=True), hosts.with_for_update(key_share=True)
        self.units: dict[Key, Unit] = {}
        self.by_id: dict[int, Unit] = {}
        for unit in db.session.scalars(units):
            self.by_id[unit.id] = unit
            key = folded(unit.number), folded(unit.company)
            if key not in self.units or self.units[key].left_at:
                self.units[key] = unit
        self.present: dict[int, list[Host]] = defaultdict(list)
        self.gone: dict[int, list[Host]] = defaultdict(list)
        self.hosts: dict[int, Host] = {}
        for host in db.session.scalars(hosts):
            (self.gone if host.left_at else self.present)[host.unit_id].append(host)
            if not host.left_at:
                self.hosts[host.id] = host


def _find_units(rows: Sequence[Row], known: _Known) -> None:
    by_number: dict[str, dict[Key, UnitMeant]] = defaultdict(dict)
    for key, unit in known.units.items():
        if not unit.left_at:
            by_number[door(unit.number)][key] = UnitMeant(0, unit.number, unit.company, unit)
    keys: dict[int, Key] = {
        row.line: (folded(row.values["unit"]), folded(row.values.get("company", "")))
        for row in rows
        if "unit" in row.values
    }
    shared = {keys[row.line] for row in rows if row.line in keys and row.values.get("shared")}
    # Rows without a company mean what the others made of their number.
    for row in sorted(rows, key=lambda row: not row.values.get("company")):
        if wanted := keys.get(row.line):
            row.unit = _unit(row, wanted, by_number[door(wanted[0])], known, wanted in shared)
    for row in rows:
        if row.unit is not None:
            row.unit.line = min(row.unit.line or row.line, row.line)


def _unit(row: Row, key: Key, there: dict[Key, UnitMeant], known: _Known, shared: bool) -> UnitMeant | None:
    if key in there:
        return there[key]
    if (
        there
        and all(number != key[0] for number, _ in there)
        and (otherwise := next((one for (_, company), one in there.items() if key[1] in ("", company)), None))
    ):
        row.problems.append(
            (N_("This unit is entered already as %(unit)s. Write its number like that."), {"unit": otherwise.number})
        )
        return None
    if not key[1] and len(there) == 1 and not shared:
        return next(iter(there.values()))
    if not key[1] and there and not shared:
        row.problems.append(
            (N_("Several companies are in %(unit)s. Write the company too."), {"unit": row.values["unit"]})
        )
        return None
    if key in known.units:  # and left
        row.problems.append((N_("Nobody is in this unit any more. Note first that it is occupied again."), {}))
        return None
    if there and not shared:
        other = next(iter(there.values()))
        row.problems.append((
            N_("There is a unit %(unit)s already. Write yes under “Another company in the same unit” to add this one."),
            {"unit": unit_name(other.number, other.company)},
        ))  # fmt: skip
        return None
    there[key] = UnitMeant(row.line, row.values["unit"], row.values.get("company", ""))
    return there[key]


def _note_floor(row: Row, unit: UnitMeant) -> None:
    floor = row.values.get("floor")
    if floor and unit.floor and floor != unit.floor:
        row.problems.append((N_("Line %(line)d has another floor for this unit."), {"line": unit.floor_line}))
    elif floor and not unit.floor:
        unit.floor, unit.floor_line = floor, row.line


def _sure(values: dict[str, Any]) -> list[Key]:
    """What one and the same host has: the name, and phone or mail."""
    name = folded(values["name"])
    ways = [(way, value) for way in ("phone", "email") if (value := folded(values.get(way) or ""))]
    return [(name, *way) for way in ways] or [(name,)]


def _reached_by(values: dict[str, Any]) -> list[Key]:
    """Mail first: a phone is shared more often."""
    return [(way, value) for way in ("email", "phone") if (value := folded(values.get(way) or ""))]


class _Free:
    """The hosts of a unit whom no row means yet."""

    def __init__(self, hosts: Iterable[Host]) -> None:
        self.by: dict[Key, list[Host]] = defaultdict(list)
        self.taken: set[int] = set()
        for host in hosts:
            values = {"name": host.name, "phone": host.phone, "email": host.email}
            name = (folded(host.name),)
            for key in {*_sure(values), *_reached_by(values), name}:
                self.by[key].append(host)

    def under(self, key: Key) -> list[Host]:
        return [host for host in self.by.get(key, ()) if host.id not in self.taken]


def _find_hosts(rows: Sequence[Row], known: _Known) -> None:
    """Who is meant in one unit: the surest first, over all rows, so that nobody is taken for a namesake."""
    meant = rows[0].unit
    unit_id = meant.found.id if meant is not None and meant.found is not None else 0
    free, gone = _Free(known.present.get(unit_id, ())), _Free(known.gone.get(unit_id, ()))
    seen: dict[Key, int] = {}
    single = []
    for row in rows:
        twice = next((seen[key] for key in _sure(row.values) if key in seen), None)
        if twice is not None:
            row.problems.append((N_("Line %(line)d has this host too."), {"line": twice}))
            continue
        name = (folded(row.values["name"]),)
        if name in seen:
            row.remarks.append((N_("Line %(line)d has this name in this unit too."), {"line": seen[name]}))
        for key in (*_sure(row.values), name):
            seen.setdefault(key, row.line)
        single.append(row)
    for row in single:
        _take(row, free, [key for key in _sure(row.values) if len(key) > 1])
    for row in single:
        _take(row, free, _reached_by(row.values))
    for row in single:
        if row.host is None:
            _take_by_name(row, free, gone)
    for row in single:
        if row.host is not None:
            now = {name: getattr(row.host, name) for name in OF_HOST}
            changed = [name for name in OF_HOST if name in row.values and row.values[name] != now[name]]
            row.changes = [(name, now[name], row.values[name]) for name in changed]


def _take(row: Row, free: _Free, keys: Sequence[Key]) -> None:
    for key in keys:
        found = free.under(key)
        if row.host is None and found and (len(found) == 1 or len(key) > 2):
            row.host = found[0]
            free.taken.add(found[0].id)


def _take_by_name(row: Row, free: _Free, gone: _Free) -> None:
    name = (folded(row.values["name"]),)
    found = free.under(name)
    if len(found) > 1:
        values = {"name": row.values["name"]}
        row.problems.append(
            (N_("Several in this unit are called “%(name)s”. Write the phone or the mail too."), values)
        )
        return
    if found:
        row.host = found[0]
        free.taken.add(found[0].id)
    elif any(gone.under(key) for key in _sure(row.values)):
        row.has_left = True
        sentence = N_("%(name)s has left this unit. Is this host back, note it there first.")
        row.remarks.append((sentence, {"name": row.values["name"]}))


def _find_deputies(rows: Sequence[Row], known: _Known) -> None:
    """By name, in the own unit first, then in the building; behind a comma may stand the unit."""
    if not any("deputy" in row.values for row in rows):
        return
    named: dict[str, list[tuple[Any, Any, str, str]]] = defaultdict(list)
    meant = {row.host.id for row in rows if row.host is not None}
    for host in known.hosts.values():
        if host.id not in meant:
            unit = known.by_id[host.unit_id]
            named[folded(host.name)].append((host, unit, unit.number, unit.company))
    for row in rows:
        if row.is_host and row.unit is not None:
            place = (row, row.unit.found or row.unit, row.unit.number, row.unit.company)
            named[folded(row.values["name"])].append(place)
    for row in rows:
        if "deputy" in row.values and row.unit is not None and row.is_host:
            _find_deputy(row, named, known)


def _find_deputy(row: Row, named: dict[str, list[tuple[Any, Any, str, str]]], known: _Known) -> None:
    name, _, where = row.values["deputy"].replace("，", ",").partition(",")
    found, unit = named.get(folded(name), []), folded(where)
    if unit:
        found = [one for one in found if unit in (folded(one[2]), folded(one[3]), folded(unit_name(one[2], one[3])))]
    elif row.unit is not None:
        own = row.unit.found or row.unit
        found = [one for one in found if one[1] is own] or found
    if not found:
        row.problems.append((N_("Nobody here is called “%(name)s”."), {"name": row.values["deputy"]}))
    elif len(found) > 1:
        sentence = N_("Several people are called “%(name)s”. Write the unit after the name, with a comma between.")
        row.problems.append((sentence, {"name": name}))
    elif found[0][0] is row:
        row.problems.append((N_("A deputy is somebody else."), {}))
    else:
        _stand_in(row, found[0][0], known)


def _stand_in(row: Row, deputy: Any, known: _Known) -> None:
    row.deputy = deputy
    if row.host is None:
        return
    host = deputy.host if isinstance(deputy, Row) else deputy
    if host is None or host.id != row.host.deputy_id:
        before = known.hosts.get(row.host.deputy_id or 0)
        after = deputy.values["name"] if isinstance(deputy, Row) else deputy.name
        row.changes.append(("deputy", before.name if before else "", after))
    else:
        row.deputy = None
