"""Writing a slip, handing it on, sending it to a department, and the one way to close it (C1–C3)."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from domain import events, grams, search
from domain.codes import new_ref
from domain.database import db
from domain.errors import Conflict, DomainError
from domain.identity import Actor
from domain.people.models import Person
from domain.phones import last_four
from domain.sites.numbers import ALWAYS, next_numbers
from domain.slips.models import Department, Nature, Slip, SlipKind, SlipState, SlipStep, Source
from domain.text import N_

URGENT_REPAIR = timedelta(minutes=30)
USUAL = timedelta(days=1)
FOUND_BY = 60
"""How many characters of the matter a slip is found by."""


def hold(slip: Slip) -> Slip:
    """The slip as it stands now, kept from others until the commit."""
    db.session.refresh(slip, with_for_update={"key_share": True})
    return slip


def grams_of(slip: Any, unit: str = "") -> set[str]:
    """What a slip is found by: who told of it, what it is about, the unit, the key's tag."""
    found_by = grams.grams_of_name(slip.name) if slip.name else set()
    if slip.phone:
        found_by |= grams.grams_of_digits(slip.phone) | {last_four(slip.phone)}
    for text in (slip.matter[:FOUND_BY], slip.label, unit):
        found_by |= grams.grams_of_text(text) if text else set()
    return found_by


def _step(
    slip: Slip,
    kind: str,
    *,
    actor: Actor,
    now: datetime,
    text: str = "",
    facts: dict[str, str] | None = None,
    ids: dict[str, Any] | None = None,
    entered: dict[str, Any] | None = None,
) -> None:
    """Add a line to the slip and to the history. The line's words are personal data as soon as somebody is named."""
    by_id = actor.id if actor.kind == "staff" else None
    db.session.add(SlipStep(slip_id=slip.id, kind=kind, at=now, by_id=by_id, text=text, facts=facts or {}))
    db.session.flush()
    events.record(
        f"slip.{kind}",
        site_id=slip.site_id,
        subject="slip",
        subject_id=slip.id,
        actor=actor,
        now=now,
        facts={"number": slip.number, "state": slip.state, **(facts or {}), **(ids or {})},
        entered={"text": text, **(entered or {})},
    )


def _must_be_open(slip: Slip) -> None:
    if hold(slip).state == SlipState.CLOSED:
        raise Conflict(N_("This slip is closed. Open it again first."))


def promise_for(nature: Nature, *, urgent: bool, kind: SlipKind | None, now: datetime) -> datetime:
    """What is promised where nobody chose: the kind's time, arrival within 30 minutes for an urgent repair (C2a)."""
    if nature is Nature.REPAIR and urgent:
        return now + URGENT_REPAIR
    if kind and kind.promise_minutes:
        return now + timedelta(minutes=kind.promise_minutes)
    return now + USUAL


def write(
    *,
    site_id: int,
    nature: Nature,
    source: Source,
    actor: Actor,
    now: datetime,
    matter: str = "",
    kind: SlipKind | None = None,
    urgent: bool = False,
    promise_at: datetime | None = None,
    unit_number: str = "",
    note: str = "",
    **values: Any,
) -> Slip:
    """Write down a matter; who writes it stays its owner until another accepts it (C1).

    `values` are columns of Slip (name, phone, host_id, unit_id, department_id, against_id; cause, label, about and
    about_id where Foyer itself writes). `unit_number` makes it findable, `note` goes with the first line. Raises
    DomainError for an empty matter or a promise that is over already.
    """
    if not matter.strip() and not values.get("cause"):
        raise DomainError(N_("Say what it is about."), field="matter")
    if promise_at and promise_at <= now:
        raise DomainError(N_("This time is over. Promise a later one."), field="promise_at")
    if kind and kind.nature != nature:
        raise DomainError(N_("Choose one of those shown."), field="kind")
    if kind:
        values.setdefault("department_id", kind.department_id)
    (number,) = next_numbers(site_id, ("slips", ALWAYS))
    by_id = actor.id if actor.kind == "staff" else None
    slip = Slip(
        ref=new_ref(),
        site_id=site_id,
        number=number,
        state=SlipState.OPEN,
        source=source,
        nature=nature,
        kind_id=kind.id if kind else None,
        matter=matter.strip(),
        urgent=urgent,
        owner_id=by_id,
        written_by_id=by_id,
        promise_at=promise_at or promise_for(nature, urgent=urgent, kind=kind, now=now),
        opened_at=now,
        **({"name": "", "phone": "", "cause": "", "label": "", "about": ""} | values),
    )
    db.session.add(slip)
    db.session.flush()
    search.index(
        site_id=site_id, kind=search.SLIP, subject_id=slip.id, found_by=grams_of(slip, unit_number), is_new=True
    )
    ids = {
        name: getattr(slip, name)
        for name in ("source", "nature", "kind_id", "urgent", "cause", "about", "about_id", "unit_id", "department_id")
    }
    entered = {"matter": slip.matter, "name": slip.name, "phone": slip.phone}
    _step(slip, "written", actor=actor, now=now, text=note, ids=ids, entered=entered)
    return slip


def note(slip: Slip, *, text: str, actor: Actor, now: datetime) -> None:
    """Add a line: what was done, what comes next. Foyer's own lines may be added to a closed slip too."""
    if actor.kind != "system":
        _must_be_open(slip)
    if not text.strip():
        raise DomainError(N_("Say what was done."), field="text")
    _step(slip, "noted", actor=actor, now=now, text=text.strip())


def learned(slip: Slip, what: str, *, actor: Actor, now: datetime) -> None:
    """Foyer learned something that concerns the slip, such as `key_found`; open or closed, the line is added."""
    _step(slip, "noted", actor=actor, now=now, facts={"learned": what})


def offer(slip: Slip, *, to: Person, actor: Actor, now: datetime) -> None:
    """Ask somebody to take the slip over; until accepted, the owner stays the owner (C1)."""
    _must_be_open(slip)
    if to.left_at or to.id == slip.owner_id:
        raise DomainError(N_("Choose somebody else: this person cannot take it over."), field="to")
    slip.offered_to_id = to.id
    _step(slip, "offered", actor=actor, now=now, ids={"to_id": to.id})


def accept(slip: Slip, *, actor: Actor, now: datetime) -> None:
    """Become the owner; the one before is free of it. Raises Conflict when it was offered to somebody else."""
    _must_be_open(slip)
    if slip.owner_id == actor.id:
        return
    if slip.offered_to_id not in (None, actor.id):
        raise Conflict(N_("This slip was offered to somebody else. Let that person accept it, or offer it anew."))
    before, slip.owner_id, slip.offered_to_id = slip.owner_id, actor.id, None
    _step(slip, "accepted", actor=actor, now=now, ids={"before_id": before})


def dispatch(slip: Slip, *, to: Department, actor: Actor, now: datetime, text: str = "") -> None:
    """Send it to a department (派工), whose receipt is then waited for (C3)."""
    _must_be_open(slip)
    if to.retired_at or to.site_id != slip.site_id:
        raise DomainError(N_("Choose one of those shown."), field="department")
    slip.department_id, slip.state, slip.received_at = to.id, SlipState.DISPATCHED, None
    _step(
        slip,
        "dispatched",
        actor=actor,
        now=now,
        text=text,
        facts={"department": to.name},
        ids={"department_id": to.id},
    )


def receive(slip: Slip, *, actor: Actor, now: datetime, text: str = "") -> None:
    """The department confirms that it has it; a second confirmation changes nothing."""
    _must_be_open(slip)
    if slip.state != SlipState.DISPATCHED:
        return
    slip.state, slip.received_at = SlipState.IN_WORK, now
    _step(slip, "received", actor=actor, now=now, text=text)


def done(slip: Slip, *, text: str, actor: Actor, now: datetime) -> None:
    """The work is done, with material and cause noted; it is still to be checked (C3)."""
    _must_be_open(slip)
    if not text.strip():
        raise DomainError(N_("Note cause and material: what was it, and what was used?"), field="text")
    slip.state, slip.done_at, slip.done_by_id = SlipState.DONE, now, actor.id
    _step(slip, "done", actor=actor, now=now, text=text.strip())


def move_promise(slip: Slip, *, to: datetime, told: str, said: str, actor: Actor, now: datetime) -> None:
    """Promise another time, once the person was told and agreed: who, and what was said (C5a)."""
    _must_be_open(slip)
    if to <= now:
        raise DomainError(N_("This time is over. Promise a later one."), field="promise_at")
    if not told.strip() or not said.strip():
        raise DomainError(N_("A promise moves only after the person agreed: say who was told and what was said."))
    before, slip.promise_at = slip.promise_at, to
    facts = {"before": before.isoformat(), "promise_at": to.isoformat()}
    _step(slip, "promise_moved", actor=actor, now=now, text=f"{told.strip()}: {said.strip()}", facts=facts)


def close(slip: Slip, *, outcome: str, actor: Actor, now: datetime) -> None:
    """Close the slip: the one way, for screens, list actions and timers alike (C3).

    Raises Conflict when it is closed already, DomainError without an outcome, a dispatched repair before it was done,
    or by the person complained about (C5).
    """
    _must_be_open(slip)
    if not outcome.strip():
        raise DomainError(N_("Say how it ended."), field="outcome")
    if slip.against_id is not None and slip.against_id == actor.id:
        raise DomainError(N_("This complaint is about you. Somebody else has to close it."))
    if slip.nature == Nature.REPAIR and slip.state in (SlipState.DISPATCHED, SlipState.IN_WORK):
        raise DomainError(N_("The department has not reported this repair as done yet."))
    if slip.state == SlipState.DONE:
        _step(slip, "checked", actor=actor, now=now)
    slip.state, slip.closed_at, slip.closed_by_id = SlipState.CLOSED, max(now, slip.opened_at), actor.id
    slip.outcome, slip.offered_to_id = outcome.strip(), None
    _step(slip, "closed", actor=actor, now=now, text=outcome.strip())


def reopen(slip: Slip, *, reason: str, promise_at: datetime, actor: Actor, now: datetime) -> None:
    """Open a closed slip again, with a reason and a new promise."""
    if hold(slip).state != SlipState.CLOSED:
        raise Conflict(N_("This slip is open."))
    if not reason.strip():
        raise DomainError(N_("Say why it is opened again."), field="reason")
    if promise_at <= now:
        raise DomainError(N_("This time is over. Promise a later one."), field="promise_at")
    slip.state, slip.closed_at, slip.closed_by_id, slip.promise_at = SlipState.OPEN, None, None, promise_at
    slip.done_at = slip.done_by_id = None
    _step(slip, "reopened", actor=actor, now=now, text=reason.strip(), facts={"promise_at": promise_at.isoformat()})


def add_department(*, site_id: int, name: str, email: str = "", actor: Actor, now: datetime) -> Department:
    """Add a department to the site's list; raises Conflict (by constraint) for a known name."""
    last = db.session.scalar(
        select(Department.position).where(Department.site_id == site_id).order_by(Department.position.desc()).limit(1)
    )
    department = Department(ref=new_ref(), site_id=site_id, name=name, email=email, position=(last or 0) + 1)
    db.session.add(department)
    db.session.flush()
    _listed("department.added", department, actor, now, {"name": name})
    return department


def add_kind(
    *,
    site_id: int,
    nature: Nature,
    name: str,
    actor: Actor,
    now: datetime,
    promise_minutes: int | None = None,
    department: Department | None = None,
) -> SlipKind:
    """Add a kind to the site's list; raises Conflict (by constraint) for a known name."""
    last = db.session.scalar(
        select(SlipKind.position).where(SlipKind.site_id == site_id).order_by(SlipKind.position.desc()).limit(1)
    )
    kind = SlipKind(
        ref=new_ref(),
        site_id=site_id,
        nature=nature,
        name=name,
        promise_minutes=promise_minutes,
        department_id=department.id if department else None,
        position=(last or 0) + 1,
    )
    db.session.add(kind)
    db.session.flush()
    _listed("slip_kind.added", kind, actor, now, {"name": name, "nature": nature})
    return kind


def change_listed(listed: Department | SlipKind, *, actor: Actor, now: datetime, **values: Any) -> None:
    """Change a department or a kind; slips of the past keep it."""
    changed = {name: value for name, value in values.items() if getattr(listed, name) != value}
    if not changed:
        return
    for name, value in changed.items():
        setattr(listed, name, value)
    db.session.flush()
    _listed(f"{_subject(listed)}.changed", listed, actor, now, changed)


def retire_listed(listed: Department | SlipKind, *, actor: Actor, now: datetime) -> None:
    """Take a department or a kind off the list; slips of the past keep it."""
    if listed.retired_at is None:
        listed.retired_at = now
        db.session.flush()
        _listed(f"{_subject(listed)}.retired", listed, actor, now, {"name": listed.name})


def _subject(listed: Department | SlipKind) -> str:
    return "department" if isinstance(listed, Department) else "slip_kind"


def _listed(kind: str, listed: Department | SlipKind, actor: Actor, now: datetime, facts: dict[str, Any]) -> None:
    events.record(
        kind,
        site_id=listed.site_id,
        subject=_subject(listed),
        subject_id=listed.id,
        actor=actor,
        now=now,
        facts=facts,
    )
