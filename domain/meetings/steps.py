"""Ticking a step of a run sheet (M5): done, skipped with its reason, or taken back; by one person, once.

A tick comes from a device, also later than it was made (domain/ticks.py). What it finds changed it is told in words.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from domain import custody, ticks
from domain.database import db
from domain.errors import Conflict, DomainError
from domain.identity import Actor
from domain.meetings import ends, history
from domain.meetings.models import Reservation, ReservationState, Room
from domain.meetings.orders import take_goods
from domain.meetings.phases import UNSKIPPED, Duty, Phase
from domain.meetings.queries import hold
from domain.meetings.runs import end_of, key_out
from domain.meetings.service_models import ServiceOrder, ServiceStep
from domain.meetings.service_queries import hold_order
from domain.meetings.sheet_queries import LIVE
from domain.people.models import Person
from domain.permissions import Permission
from domain.text import N_
from domain.ticks import LATE, TAKEN, Answer, Sent

DONE, SKIPPED, BACK = "done", "skipped", "back"
LONGEST_REASON = 200
AFTERWARDS = timedelta(minutes=60)
"""The key is due back so long after the end."""


def tick(step: ServiceStep, sent: Sent, *, how: str, reason: str = "", actor: Actor, now: datetime) -> Answer:
    """Tick it, skip it or take the tick back; the answer says what became of it.

    Raises DomainError where a skip has no reason, and for what nobody may skip: nothing is kept of it then.
    """
    reason = reason.strip()
    if how not in (DONE, SKIPPED, BACK):
        raise DomainError(N_("This tick could not be read. Look at the sheet again."))
    if how == SKIPPED and step.duty in UNSKIPPED:
        raise DomainError(
            N_("This step is not skipped: no meeting is closed before the equipment is checked and the power is off.")
        )
    if how == SKIPPED and not reason:
        raise DomainError(N_("Say why it is skipped."), field="reason")
    if len(reason) > LONGEST_REASON:
        raise DomainError(
            N_("At most %(max)d characters, now %(n)d."), field="reason", max=LONGEST_REASON, n=len(reason)
        )
    said = f"{how}:{reason}"

    def decide(at: datetime) -> Answer:
        return _decide(step, at, how=how, reason=reason, actor=actor, now=now)

    return ticks.once(
        sent,
        subject="service_step",
        subject_id=step.id,
        what=said,
        site_id=step.site_id,
        actor=actor,
        now=now,
        decide=decide,
    )


def _decide(step: ServiceStep, at: datetime, *, how: str, reason: str, actor: Actor, now: datetime) -> Answer:
    of = db.session.scalars(select(ServiceOrder.reservation_id).where(ServiceOrder.id == step.order_id)).one()
    (reservation,) = hold([of])  # meetings before orders, as whoever moves one does
    order = hold_order(step.order_id)
    db.session.refresh(step)
    if refusal := _moved_on(step, order, reservation, how):
        history.record(
            "tick_late",
            reservation,
            actor=actor,
            now=now,
            facts={"step_id": step.id, "how": how, "at": at.isoformat()},
            entered={"reason": reason},
        )
        return refusal
    if how == BACK:
        return _take_back(step, reservation, actor=actor, now=now)
    try:
        _duty(step, order, reservation, how, actor=actor, now=now)
    except DomainError as error:  # such as a key that somebody else has: nothing was written yet
        return Answer(LATE, error.sentence, error.values)
    step.how, step.reason = how, reason if how == SKIPPED else ""
    step.ticked_at, step.noted_at, step.ticked_by_id = at, now, actor.id
    db.session.flush()
    if how == DONE and step.phase == Phase.PREPARE and step.duty != Duty.KEY_OUT:
        take_goods(order, now=now)
    if how == DONE and step.phase == Phase.SERVE:
        ends.serve(reservation, at=at, actor=actor, now=now)
    facts = {"step_id": step.id, "code": step.code, "step": step.name, "at": at.isoformat()}
    facts["late"] = round((at - step.due_at).total_seconds() / 60)
    history.record(
        "ticked" if how == DONE else "skipped",
        reservation,
        actor=actor,
        now=now,
        facts=facts,
        entered={"reason": reason},
    )
    if how == SKIPPED:
        return Answer(TAKEN, N_("Skipped. The reason is noted."))
    return Answer(TAKEN, N_("Noted as done at %(at)s."), {"at": at})


def _moved_on(step: ServiceStep, order: ServiceOrder, reservation: Reservation, how: str) -> Answer | None:
    """Why a tick changes nothing any more; None when it does."""
    if order.closed_at is not None:
        return Answer(
            LATE,
            N_("This meeting was closed at %(at)s. Your tick is noted; the sheet stays as it is."),
            {"at": order.closed_at},
        )
    if step.void_at is not None and reservation.state == ReservationState.RELEASED:
        return Answer(
            LATE,
            N_(
                "Nobody had begun this meeting in time and the room was released. If they are there, tell the desk; "
                "your tick is noted."
            ),
        )
    if step.void_at is not None and reservation.state not in LIVE:
        return Answer(LATE, N_("This meeting was called off. Your tick is noted; nothing more is to be done."))
    if step.void_at is not None:
        return Answer(LATE, N_("This step is no longer asked for. Your tick is noted."))
    if (step.how is None) == (how == BACK):
        if how == BACK:
            return Answer(LATE, N_("This step is not ticked."))
        by = db.session.get(Person, step.ticked_by_id) if step.ticked_by_id else None
        values = {"name": by.name if by else "–", "at": step.ticked_at}
        if step.how == SKIPPED:
            return Answer(LATE, N_("%(name)s skipped this step at %(at)s. Your tick is noted beside it."), values)
        return Answer(LATE, N_("%(name)s did this step at %(at)s already. Your tick is noted beside it."), values)
    return None


def _take_back(step: ServiceStep, reservation: Reservation, *, actor: Actor, now: datetime) -> Answer:
    """Whoever ticked by mistake, or the lead, opens the step again; the key's own steps follow the key."""
    if step.duty in (Duty.KEY_OUT, Duty.KEY_BACK):
        return Answer(LATE, N_("The key went with this tick. It is not taken back: see the desk."))
    if step.ticked_by_id != actor.id and not actor.may(Permission.SERVICE_ASSIGN, reservation.site_id):
        return Answer(LATE, N_("Somebody else ticked this. That person or the lead takes it back."))
    was = step.how
    step.open()
    db.session.flush()
    facts = {"step_id": step.id, "code": step.code, "step": step.name, "was": was}
    history.record("tick_back", reservation, actor=actor, now=now, facts=facts)
    return Answer(TAKEN, N_("The tick is taken back."))


def _duty(
    step: ServiceStep, order: ServiceOrder, reservation: Reservation, how: str, *, actor: Actor, now: datetime
) -> None:
    """The room's key goes out to who ticks, and comes back (K8)."""
    if how != DONE:
        return
    if step.duty == Duty.KEY_OUT:
        room = db.session.get_one(Room, reservation.room_id)
        if key_out(order) not in (None, room.key_id):
            raise Conflict(N_("The key of the former room is out still. Hand it in at the desk, then fetch this one."))
        if room.key_id is not None and actor.id is not None:
            order.key_loan_id = custody.keeper().hand_out(
                room.key_id,
                person_id=actor.id,
                until=end_of(reservation) + AFTERWARDS,
                purpose=f"{room.name} {reservation.number:04d}",
                actor=actor,
                now=now,
            )
            db.session.flush()
    elif step.duty == Duty.KEY_BACK and order.key_loan_id is not None:
        custody.keeper().take_back(order.key_loan_id, actor=actor, now=now)
