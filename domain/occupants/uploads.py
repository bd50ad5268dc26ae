"""The directory as a file: a row a host, or a unit alone. Each is read (`reading`), compared with what stands
(`matching`), and all of them are entered at once.

A cell that is empty says nothing: what stands is kept. So a file of new phone numbers changes nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from domain.database import db
from domain.errors import Conflict, DomainError
from domain.identity import Actor
from domain.occupants import operations
from domain.occupants.models import Host, Unit
from domain.text import N_
from domain.uploads import Said, UploadedRow

REQUIRED = ("unit",)
OF_HOST = ("name", "phone", "email", "language", "contact", "channels")


@dataclass
class UnitMeant:
    """A unit of the file: `found` there already, or new. `line` is the first that names it."""

    line: int
    number: str
    company: str
    found: Unit | None = None
    floor: str = ""
    floor_line: int = 0

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """What of it is to change: name, before, after."""
        if self.found is None or self.floor in ("", self.found.floor):
            return []
        return [("floor", self.found.floor, self.floor)]


@dataclass
class Row(UploadedRow):
    """One row of a file: what stands in it, and afterwards what it means and what is wrong with it.

    `language`, `contact` and `shared` hold codes already: how they are called is the reader's affair. `values` has what
    was read of the cells that are not empty. `host` is who is meant, when he or she is there already; `deputy` the row
    or the host that is. A row of somebody who `has_left` is left out: it makes and changes nothing.
    """

    NARROW: ClassVar = ("unit", "floor", "phone")
    remarks: list[Said] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    unit: UnitMeant | None = None
    host: Any = None
    deputy: Any = None
    has_left: bool = False
    changes: list[tuple[str, Any, Any]] = field(default_factory=list)

    @property
    def is_host(self) -> bool:
        """Whether it names somebody who is, or is to be, here."""
        return "name" in self.values and not self.has_left

    @property
    def is_first(self) -> bool:
        """Whether no row before names its unit."""
        return self.unit is not None and self.unit.line == self.line

    @property
    def makes(self) -> list[str]:
        """What comes about by it: unit, host."""
        unit = self.is_first and self.unit is not None and self.unit.found is None
        return ["unit"] * unit + ["host"] * (self.is_host and self.host is None)

    @property
    def alters(self) -> list[tuple[str, Any, Any]]:
        """What changes by it: name, before, after."""
        of_unit = self.unit.changes if self.unit is not None and self.unit.floor_line == self.line else []
        return of_unit + self.changes


@dataclass
class Tally:
    """How many units and hosts are new, how many rows change something, say what stands already, or are left out."""

    units: int = 0
    hosts: int = 0
    changed: int = 0
    same: int = 0
    left: int = 0
    silent: int = 0
    """New hosts whom no message reaches."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing would happen."""
        return not (self.units or self.hosts or self.changed)


def tally(rows: Sequence[Row]) -> Tally:
    """Count what checked rows come to."""
    counted = Tally()
    for row in rows:
        made = row.makes
        counted.units += "unit" in made
        counted.hosts += "host" in made
        counted.changed += bool(row.alters)
        counted.left += row.has_left
        counted.same += not (made or row.alters or row.has_left)
        counted.silent += "host" in made and is_silent(row.values)
    return counted


def is_silent(values: dict[str, Any]) -> bool:
    """Whether there is neither phone nor mail nor channel: the desk can only go and tell."""
    return not any(values.get(name) for name in ("phone", "email", "channels"))


def plan(rows: Sequence[Row]) -> list[Any]:
    """All that would happen, for a mark by which a preview is known to be true still. Holds phones: keep the mark."""
    return [[row.line, row.makes, row.alters, row.host.ref if row.host else "", _called(row.deputy)] for row in rows]


def _called(deputy: Any) -> str:
    if isinstance(deputy, Row):
        return str(deputy.line)
    return deputy.ref if deputy is not None else ""


def enter(
    rows: Sequence[Row], *, site_id: int, actor: Actor, now: datetime, is_as_seen: Callable[[], bool] = lambda: True
) -> Tally:
    """Enter and change all that checked rows say, each with its line in the history; gives how many.

    The rows were checked in this transaction, with what they mean `held`. `is_as_seen`: whether that is what somebody
    saw and confirmed. Raises DomainError when a row has a problem, Conflict when something else would happen by now,
    and Conflict (by constraint) for a unit that somebody else entered in the same moment.
    """
    if not rows or any(row.problems for row in rows):
        raise DomainError(N_("Rows with problems are not entered. Put them right in the file and choose it again."))
    if not is_as_seen():
        raise Conflict(
            N_("Units or hosts were changed since this was shown. Below stands what would happen now: look again.")
        )
    counted = tally(rows)  # what was changed says nothing of it any more
    units = {id(row.unit): row.unit for row in rows if row.unit is not None}
    made = {
        key: Unit(site_id=site_id, number=unit.number, company=unit.company, floor=unit.floor)
        for key, unit in units.items()
        if unit.found is None
    }
    operations.enter_units(list(made.values()), actor=actor, now=now)
    for unit in units.values():
        if unit.found is not None and unit.changes:
            operations.change_unit(unit.found, floor=unit.floor, actor=actor, now=now)
    _enter_hosts(rows, made, actor=actor, now=now)
    return counted


def _enter_hosts(rows: Sequence[Row], made: dict[int, Unit], *, actor: Actor, now: datetime) -> None:
    hosts: dict[int, Host] = {}
    for row in rows:
        if row.is_host and row.host is None and row.unit is not None:
            unit = row.unit.found or made[id(row.unit)]
            values = {name: row.values[name] for name in OF_HOST if name in row.values}
            hosts[row.line] = Host(site_id=unit.site_id, unit_id=unit.id, **values)
    operations.enter_hosts(list(hosts.values()), actor=actor, now=now)
    for row in rows:  # deputies may stand further down than those whom they stand in for
        if row.deputy is None:
            continue
        deputy = hosts[row.deputy.line] if isinstance(row.deputy, Row) and row.deputy.host is None else row.deputy
        deputy_id = deputy.host.id if isinstance(deputy, Row) else deputy.id
        if row.host is None:
            hosts[row.line].deputy_id = deputy_id
        else:
            row.values["deputy_id"] = deputy_id
    for row in rows:
        if row.changes:
            changed = {name: row.values[name] for name, _, _ in row.changes if name != "deputy"}
            if "deputy_id" in row.values:
                changed["deputy_id"] = row.values["deputy_id"]
            operations.change_host(db.session.get_one(Host, row.host.id), **changed, actor=actor, now=now)
    db.session.flush()
