"""The lines that an account leaves in the house's history; never a password, a token or a code."""

from datetime import datetime
from typing import Any

from domain import events
from domain.identity import Actor
from domain.people.models import Person


def note(
    kind: str,
    person: Person | int | None,
    *,
    actor: Actor,
    now: datetime,
    facts: dict[str, Any] | None = None,
    entered: dict[str, Any] | None = None,
) -> None:
    """Record `person.<kind>` of that person; of nobody known, without a subject."""
    events.record(
        f"person.{kind}",
        site_id=events.HOUSE,
        subject="person",
        subject_id=person.id if isinstance(person, Person) else person,
        actor=actor,
        now=now,
        facts=facts,
        entered=entered,
    )
