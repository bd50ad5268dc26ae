"""Correcting a slip of the pen, noting what was done about somebody who lingers, looking at the full data."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from domain import events, search
from domain.database import db
from domain.errors import DomainError
from domain.identity import Actor
from domain.text import N_
from domain.visits.arrivals import Entered, Whom, grams_of
from domain.visits.models import PRESENT, Visit

CORRECTABLE = ("name", "phone", "organisation", "companions", "plate", "goods")


def _line(kind: str, visit: Visit, actor: Actor, now: datetime, facts: dict[str, Any], entered: dict[str, Any]) -> None:
    events.record(
        kind,
        site_id=visit.site_id,
        subject="visit",
        subject_id=visit.id,
        actor=actor,
        now=now,
        facts={"number": visit.number, **facts},
        entered=entered,
    )


def correct(visit: Visit, *, entered: Entered, whom: Whom, purpose_id: int, actor: Actor, now: datetime) -> list[str]:
    """Write the entry anew and keep what stood there in the history; returns the names of the fields that changed."""
    if visit.erased_at:
        raise DomainError(N_("The personal data of this visit were erased. It can no longer be corrected."))
    new = {name: value for name, value in asdict(entered).items() if name in CORRECTABLE}
    new |= {"unit_id": whom.unit.id, "host_id": whom.host.id if whom.host else None, "purpose_id": purpose_id}
    changed = [name for name, value in new.items() if getattr(visit, name) != value]
    if not changed:
        return []
    before = {f"{name}_before": getattr(visit, name) for name in changed if name in CORRECTABLE}
    known = grams_of(visit)
    for name in changed:
        setattr(visit, name, new[name])
    if "phone" in changed and visit.presence_key and visit.state in PRESENT:
        visit.presence_key = entered.phone or None
    db.session.flush()
    search.forget(site_id=visit.site_id, kind=search.VISIT, subject_id=visit.id, known=known)
    search.index(site_id=visit.site_id, kind=search.VISIT, subject_id=visit.id, found_by=grams_of(visit), is_new=True)
    after = {name: new[name] for name in changed if name in CORRECTABLE}
    ids = {name: new[name] for name in changed if name not in CORRECTABLE}
    _line("visit.corrected", visit, actor, now, {"fields": changed, **ids}, before | after)
    return changed


def note_lingering(visit: Visit, *, note: str, due_at: datetime, actor: Actor, now: datetime) -> None:
    """Note what was done about a visitor who lingers, and until when the visit may last now (V12)."""
    visit.linger_note, visit.due_at = note, due_at
    db.session.flush()
    _line("visit.lingering_noted", visit, actor, now, {"due_at": due_at.isoformat()}, {"note": note})


def looked_at(visit: Visit, *, reason: str, actor: Actor, now: datetime) -> None:
    """Somebody saw the unmasked data (P2)."""
    _line("visit.unmasked", visit, actor, now, {}, {"reason": reason})


def badge_printed(visit: Visit, *, actor: Actor, now: datetime) -> None:
    """The badge was printed again."""
    _line("visit.badge_printed", visit, actor, now, {}, {})
