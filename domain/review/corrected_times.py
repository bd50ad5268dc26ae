"""Entries whose times somebody corrected: who signs them reads what stood there before, and by whom it was changed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, select

from domain import registers
from domain.database import db
from domain.events import Event
from domain.people.models import Person
from domain.registers import Register
from domain.sites.models import Kiosk


@dataclass(frozen=True)
class CorrectedTime:
    """One time that was corrected: the line of the history that says so, the words of the field, and what it was."""

    line: Any
    label: str
    before: datetime


@cache
def _corrections() -> Any:
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
            Event.kind == bindparam("kind"),
        )
        .order_by(Event.number)
    )


def corrected_times(register: Register, site_id: int, ids: Collection[int]) -> dict[int, list[CorrectedTime]]:
    """Of these entries of the site those of which a time was corrected, by their ids, the first correction first. One
    statement, however many they are; the register says what a correction changed.
    """
    found: dict[int, list[CorrectedTime]] = {}
    if not ids:
        return found
    asked = {"subject": register.subject, "ids": list(ids), "site": site_id, "kind": f"{register.subject}.corrected"}
    for line in db.session.connection().execute(_corrections(), asked):
        for change in registers.happening(register, line).changes:
            if isinstance(change.before, datetime):
                found.setdefault(line.subject_id, []).append(CorrectedTime(line, change.label, change.before))
    return found
