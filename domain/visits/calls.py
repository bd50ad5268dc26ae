""" "Call reception" on every kiosk screen (V12b)."""

from datetime import datetime

from sqlalchemy import select

from domain import events
from domain.database import db
from domain.identity import Actor
from domain.visits.models import ReceptionCall


def call_reception(
    *, site_id: int, kiosk_id: int, step: str, language: str, actor: Actor, now: datetime
) -> ReceptionCall:
    """Ring on the desk with kiosk and step; a kiosk that rings already rings on."""
    ringing = db.session.scalar(
        select(ReceptionCall).where(ReceptionCall.kiosk_id == kiosk_id, ReceptionCall.answered_at.is_(None))
    )
    if ringing and ringing.step == step:
        return ringing
    call = ringing or ReceptionCall(site_id=site_id, kiosk_id=kiosk_id, language=language, called_at=now)
    call.step = step  # of who went on meanwhile: the desk's screens draw it anew for this event
    db.session.add(call)
    db.session.flush()
    events.record(
        "call.rang",
        site_id=site_id,
        subject="reception_call",
        subject_id=call.id,
        actor=actor,
        now=now,
        facts={"kiosk_id": kiosk_id, "step": step},
    )
    return call


def go_there(call: ReceptionCall, *, actor: Actor, now: datetime) -> None:
    """Somebody goes to the kiosk; a second tablet that answers the same call changes nothing."""
    _stop(call, "call.answered", actor=actor, now=now)


def settle(call: ReceptionCall, *, actor: Actor, now: datetime) -> None:
    """Nobody needs to go there any more, says somebody of the desk.

    A call never ends by itself when somebody signs in: that may be another visitor, and the screen said to the one who
    called that somebody is coming (V12b).
    """
    _stop(call, "call.settled", actor=actor, now=now)


def _stop(call: ReceptionCall, kind: str, *, actor: Actor, now: datetime) -> None:
    if call.answered_at:
        return
    call.answered_at, call.answered_by_id = now, actor.id
    events.record(
        kind,
        site_id=call.site_id,
        subject="reception_call",
        subject_id=call.id,
        actor=actor,
        now=now,
        facts={"kiosk_id": call.kiosk_id},
    )
