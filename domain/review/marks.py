"""What whoever signs a register stops at: times that somebody corrected, with what stood there before and by whom it
was changed; and what the register itself marks.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from domain import registers
from domain.database import db
from domain.events import Event
from domain.people.models import Person
from domain.registers import Register, State
from domain.sites.models import Kiosk


@dataclass(frozen=True)
class CorrectedTime:
    """One time that was corrected: the line of the history that says so, the words of the field, and what it was."""

    line: Any
    label: str
    before: datetime


@dataclass
class Marks:
    """What one entry is marked by: its corrected times, the first correction first, and the mark of its register with
    the line of the history that set it.
    """

    corrected: list[CorrectedTime] = field(default_factory=list)
    state: State | None = None
    line: Any = None

    def __bool__(self) -> bool:
        return bool(self.corrected or self.state)


@cache
def _lines(register: Register) -> Any:
    corrected = Event.kind == f"{register.subject}.corrected"
    return (
        select(
            Event.subject_id,
            Event.at,
            Event.kind,
            Event.facts,
            Event.actor_kind,
            Person.name.label("person_name"),
            Kiosk.name.label("kiosk_name"),
        )
        .outerjoin(Person, and_(Event.actor_kind == "staff", Person.id == Event.actor_id))
        .outerjoin(Kiosk, and_(Event.actor_kind.in_(("kiosk", "visitor")), Kiosk.id == Event.actor_id))
        .where(
            Event.subject == bindparam("subject"),
            Event.subject_id.in_(bindparam("ids", expanding=True)),
            Event.site_id == bindparam("site"),
            or_(corrected, register.marks()) if register.marks else corrected,
        )
        .order_by(Event.subject_id, Event.number)  # as the index has them: SQLite would walk a site by its numbers
    )


def marks_of(register: Register, site_id: int, ids: Collection[int]) -> dict[int, Marks]:
    """What these entries of the site are marked by, by their ids; those without a mark are left out. One statement,
    however many they are; the register says in its history what a correction changed and what sets a mark.
    """
    found: dict[int, Marks] = {}
    if not ids:
        return found
    asked = {"subject": register.subject, "ids": list(ids), "site": site_id}
    for line in db.session.connection().execute(_lines(register), asked):
        happening, marks = registers.happening(register, line), found.setdefault(line.subject_id, Marks())
        if line.kind == f"{register.subject}.corrected":
            for change in happening.changes:
                if isinstance(change.before, datetime):
                    marks.corrected.append(CorrectedTime(line, change.label, change.before))
        else:
            marks.state, marks.line = happening.mark, line
    return {entry_id: marks for entry_id, marks in found.items() if marks}
