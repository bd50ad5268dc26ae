"""Correcting a slip of the pen, noting what was done about somebody who lingers, urging a host."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from domain import events, search
from domain.database import db
from domain.errors import Conflict, DomainError
from domain.identity import Actor
from domain.occupants.models import Host
from domain.sites.models import Site
from domain.text import N_
from domain.visits.arrivals import Entered, Whom, grams_of, is_present, presence_key, whom_of
from domain.visits.models import PRESENT, Visit, VisitState
from domain.visits.notices import tell_again, tell_hosts
from domain.visits.queries import hold
from domain.visits.stay_times import TIMES, StayTimes, corrected, count_anew

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


def _said(whom: Whom) -> str:
    return f"{whom.host.name} {whom.unit.number}" if whom.host else whom.unit.company or whom.unit.number


def correct(
    visit: Visit,
    *,
    entered: Entered,
    whom: Whom,
    purpose_id: int,
    actor: Actor,
    now: datetime,
    times: StayTimes | None = None,
) -> list[str]:
    """Write the entry anew and keep what stood there in the history; returns the names of the fields that changed.

    Whoever is now to be seen is told, while the visitor is there. Raises Conflict for a phone that is inside already
    (V11), DomainError when the data were erased and for times that cannot be.
    """
    if hold(visit).erased_at:
        raise DomainError(N_("The personal data of this visit were erased. It can no longer be corrected."))
    new = {name: value for name, value in asdict(entered).items() if name in CORRECTABLE}
    new |= {"unit_id": whom.unit.id, "host_id": whom.host.id if whom.host else None, "purpose_id": purpose_id}
    new_times = corrected(visit, times, now=now) if times else {}
    new |= new_times
    changed = [name for name, value in new.items() if getattr(visit, name) != value]
    if not changed:
        return []
    known_by = visit.presence_key
    if known_by and visit.state in PRESENT and {"name", "phone"} & set(changed):
        known_by = presence_key(entered, at_desk=visit.source == "desk")
        if known_by and known_by != visit.presence_key and is_present(visit.site_id, known_by):
            if entered.phone:
                raise Conflict(N_("A visit with this phone is in the building already."), field="phone")
            raise Conflict(N_("Somebody of this name without a phone is in the building already."), field="name")
    before = {f"{name}_before": getattr(visit, name) for name in changed if name in CORRECTABLE}
    before_ids = {f"{name}_before": getattr(visit, name) for name in changed if name not in (*CORRECTABLE, *TIMES)}
    before_times = {name: getattr(visit, name) for name in new_times}
    whom_changes = {"unit_id", "host_id"} & set(changed)
    whom_before = _said(whom_of(visit)) if whom_changes else ""
    known = grams_of(visit)
    for name in changed:
        setattr(visit, name, new[name])
    visit.presence_key = known_by
    db.session.flush()
    search.forget(site_id=visit.site_id, kind=search.VISIT, subject_id=visit.id, known=known)
    search.index(site_id=visit.site_id, kind=search.VISIT, subject_id=visit.id, found_by=grams_of(visit), is_new=True)
    after = {name: new[name] for name in changed if name in CORRECTABLE}
    ids = {name: new[name] for name in changed if name not in (*CORRECTABLE, *TIMES)}
    for name in whom_changes:  # in words as well: who was there then may be gone when the line is read
        before[f"{name}_before"], after[name] = whom_before, _said(whom)
    if whom_changes and visit.state in PRESENT:
        site = db.session.get_one(Site, visit.site_id)
        tell_hosts(visit, site=site, whom_unit=whom.unit, host=whom.host, now=now)
    if times and new_times:
        count_anew(visit, before_times.get("arrived_at"))
        after["why"] = times.why
    told = {name: at.isoformat() for name, at in new_times.items()}
    told |= {f"{name}_before": at.isoformat() for name, at in before_times.items()}
    _line("visit.corrected", visit, actor, now, {"fields": changed, **ids, **before_ids, **told}, before | after)
    return changed


def note_lingering(visit: Visit, *, note: str, due_at: datetime, actor: Actor, now: datetime) -> None:
    """Note what was done about a visitor who lingers, and until when the visit may last now (V12)."""
    if hold(visit).state not in PRESENT:
        raise Conflict(N_("This visit has ended. There is nothing to note any more."))
    if due_at <= now:
        raise DomainError(N_("The new expected end lies in the past."), field="until")
    visit.linger_note, visit.due_at = note, due_at
    db.session.flush()
    _line("visit.lingering_noted", visit, actor, now, {"due_at": due_at.isoformat()}, {"note": note})


def badge_printed(visit: Visit, *, actor: Actor, now: datetime) -> None:
    """The badge was printed again; of a visit that ended there is none."""
    if visit.state not in PRESENT:
        raise Conflict(N_("This visit has ended. Its badge is no longer valid."))
    _line("visit.badge_printed", visit, actor, now, {}, {})


def remind(visit: Visit, *, actor: Actor, now: datetime) -> None:
    """Urge the host once more (再催); Conflict when the answer came meanwhile, DomainError where no host was named."""
    if hold(visit).state != VisitState.WAITING:
        raise Conflict(N_("This visit is no longer waiting."))
    if visit.host_id is None:
        raise DomainError(N_("Nobody was named here who could answer. Answer for them."))
    site = db.session.get_one(Site, visit.site_id)
    tell_again(visit, db.session.get_one(Host, visit.host_id), site=site, now=now)
    _line("visit.reminded", visit, actor, now, {"host_id": visit.host_id}, {})
