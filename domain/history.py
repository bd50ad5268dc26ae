"""The history of one entry, read; and the look at full data that it remembers (P2)."""

from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import and_, select

from domain import events
from domain.database import db
from domain.events import UNMASKED, Event, EventDetail
from domain.identity import Actor
from domain.people.models import Person
from domain.registers import Register
from domain.sites.models import Kiosk

MOST_OF_ENTRY = 200
LOOKS = 50
"""So many looks in full stand on a page."""


def of_entry(register: Register, entry_id: int, *, site_id: int) -> Sequence[Any]:
    """Everything that happened to one entry, oldest first, with who did it and what was entered then."""
    return of_subject(register.subject, entry_id, site_id=site_id)


def of_subject(subject: str, subject_id: int, *, site_id: int) -> Sequence[Any]:
    """Likewise, of anything that has a history without being an entry: a key, say. What this very request adds is the
    end of it: the answer is drawn before the commit."""
    rows = db.session.execute(
        select(
            Event.number,
            Event.at,
            Event.kind,
            Event.facts,
            Event.actor_kind,
            EventDetail.entered,
            Person.name.label("person_name"),
            Kiosk.name.label("kiosk_name"),
        )
        .outerjoin(EventDetail, and_(EventDetail.site_id == Event.site_id, EventDetail.number == Event.number))
        .outerjoin(Person, and_(Event.actor_kind == "staff", Person.id == Event.actor_id))
        .outerjoin(Kiosk, and_(Event.actor_kind.in_(("kiosk", "visitor")), Kiosk.id == Event.actor_id))
        .where(Event.subject == subject, Event.subject_id == subject_id, Event.site_id == site_id)
        .order_by(Event.number)
        .limit(MOST_OF_ENTRY)
    ).all()
    added = events.unnumbered(subject, subject_id, site_id=site_id)
    return [*rows, *(_added(row, entered) for row, entered in added)] if added else rows


def _added(row: dict[str, Any], entered: dict[str, Any]) -> Any:
    """A line that is not numbered yet, with the same names as those that are read."""
    kind, actor_id = row["actor_kind"], row["actor_id"]
    person = db.session.get(Person, actor_id) if kind == "staff" and actor_id else None
    kiosk = db.session.get(Kiosk, actor_id) if kind in ("kiosk", "visitor") and actor_id else None
    read = {name: row[name] for name in ("at", "kind", "facts", "actor_kind")}
    names = {"person_name": person and person.name, "kiosk_name": kiosk and kiosk.name}
    return SimpleNamespace(**read, number=None, entered=entered or None, **names)


def looks(site_id: int, *, before: int | None = None) -> Sequence[Any]:
    """The latest looks at full data at a site, or those before that number: who, when, at what and why (P2)."""
    asked = (
        select(
            Event.number,
            Event.at,
            Event.subject,
            Event.facts,
            Event.actor_kind,
            EventDetail.entered,
            Person.name.label("person_name"),
            Kiosk.name.label("kiosk_name"),
        )
        .outerjoin(EventDetail, and_(EventDetail.site_id == Event.site_id, EventDetail.number == Event.number))
        .outerjoin(Person, and_(Event.actor_kind == "staff", Person.id == Event.actor_id))
        .outerjoin(Kiosk, and_(Event.actor_kind.in_(("kiosk", "visitor")), Kiosk.id == Event.actor_id))
        .where(UNMASKED, Event.site_id == site_id)
        .order_by(Event.number.desc())
        .limit(LOOKS)
    )
    return db.session.execute(asked.where(Event.number < before) if before is not None else asked).all()


def looked_at(register: Register, row: Any, *, reason: str, actor: Actor, now: datetime) -> None:
    """Somebody saw the unmasked data of an entry (P2)."""
    events.record(
        f"{register.subject}.unmasked",
        site_id=row.site_id,
        subject=register.subject,
        subject_id=row.id,
        actor=actor,
        now=now,
        facts={"number": row.number},
        entered={"reason": reason},
    )
