"""Exports asked for, called off, and read back by the one who asked (R4)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from domain import events
from domain.database import db
from domain.errors import DomainError, NotFound
from domain.exports.models import Export, ExportState
from domain.identity import Actor
from domain.pages import Wanted
from domain.permissions import Permission
from domain.registers import Register
from domain.text import N_

AT_ONCE = 3
SHOWN = 50


def ask(
    register: Register,
    wanted: Wanted,
    *,
    kind: str,
    full: bool,
    reason: str,
    language: str,
    actor: Actor,
    now: datetime,
) -> Export:
    """Ask for what the register shows under these filters, as a file.

    Raises NotAllowed without the rights at every site of it, DomainError when three of the person are under way. Full
    data needs a reason (P2); the history of each site keeps it.
    """
    sites = wanted.site_ids or (wanted.site_id,)
    for site_id in sites:
        for right in (Permission.EXPORTS_MAKE, register.read, *((register.unmask,) if full else ())):
            actor.must(right, site_id)
    if full and not reason:
        raise DomainError(N_("Say why: it is written into the history."), field="reason")
    under_way = select(func.count()).where(
        Export.person_id == actor.id, Export.state.in_((ExportState.WAITING, ExportState.RUNNING))
    )
    if (db.session.scalar(under_way) or 0) >= AT_ONCE:
        raise DomainError(N_("Three of your exports are under way. Wait for one of them, or call it off."))
    export = Export(
        site_id=wanted.site_id,
        person_id=actor.id,
        register=register.name,
        site_ids=list(sites),
        chosen={name: value for name, value in wanted.chosen if value},
        since=wanted.since,
        until=wanted.until,
        typed=wanted.text or None,
        format=kind,
        full=full,
        language=language,
        asked_at=now,
    )
    db.session.add(export)
    db.session.flush()
    for site_id in sites:
        events.record(
            "export.unmasked" if full else "export.asked",
            site_id=site_id,
            subject="export",
            subject_id=export.id,
            actor=actor,
            now=now,
            facts={"register": register.name, "format": kind, "chosen": export.chosen},
            entered={"reason": reason, "typed": wanted.text},
        )
    db.session.info["nudge"] = True
    return export


def mine(actor: Actor) -> Sequence[Export]:
    """The exports of the actor, the newest first."""
    asked = select(Export).where(Export.person_id == actor.id).order_by(Export.asked_at.desc(), Export.id.desc())
    return db.session.scalars(asked.limit(SHOWN)).all()


def one(ref: str, *, actor: Actor) -> Export:
    """The actor's export of that name; raises NotFound, also for somebody else's."""
    found = db.session.scalar(select(Export).where(Export.ref == ref, Export.person_id == actor.id))
    if found is None:
        raise NotFound
    return found


def call_off(export: Export, *, actor: Actor, now: datetime) -> None:
    """Stop an export that is under way; the worker removes what it has written. Finished ones stay as they are."""
    stopped = db.session.execute(
        update(Export)
        .where(Export.id == export.id, Export.state.in_((ExportState.WAITING, ExportState.RUNNING)))
        .values(state=ExportState.CANCELLED, finished_at=now, typed=None, claimed_until=None)
    )
    if stopped.rowcount:  # type: ignore[attr-defined]
        events.record(
            "export.cancelled", site_id=export.site_id, subject="export", subject_id=export.id, actor=actor, now=now
        )
