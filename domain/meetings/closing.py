"""Closing a meeting (M8): only when the equipment was checked, the power is off and the key is back (K8).

What blocks is computed at the moment of closing and says how to clear it. A closed meeting is frozen by the database.
The organiser may confirm the service: signed on the attendant's phone, or by a link; each says it once.
"""

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from domain.database import db
from domain.encryption import blind_index, keyring
from domain.errors import Conflict, DomainError, NotFound
from domain.identity import Actor
from domain.meetings import history, service_notices
from domain.meetings.changes import GONE
from domain.meetings.models import Reservation, ReservationState
from domain.meetings.orders import must_be_open
from domain.meetings.phases import Duty
from domain.meetings.queries import hold
from domain.meetings.runs import end_of, key_out
from domain.meetings.service_models import ANSWER_NAMES, Confirmation, ServiceOrder, ServiceStep
from domain.meetings.service_queries import hold_order, order_of
from domain.text import N_

PURPOSE = "meeting.confirmation"
LENGTH = 26
LINK_LASTS = timedelta(days=7)
LONGEST_COMMENT = 500
SHORTEST_SIGNATURE, LONGEST_SIGNATURE = 16, 20_000
INVALID = N_("This link is not valid. Ask the reception.")


@dataclass(frozen=True)
class Block:
    """Why a meeting is not closed yet, and how that is cleared; `step` is the ref of the step that does it."""

    sentence: str
    values: dict[str, Any] = field(default_factory=dict)
    step: str | None = None


WAITS = {
    Duty.EQUIPMENT: N_("The equipment is not checked yet. Look it over for damage and tick it."),
    Duty.POWER: N_("The power is not off yet. Switch it off and tick it."),
}
NO_STEP = {
    Duty.EQUIPMENT: N_("This sheet has no check of the equipment. Ask the lead to put that step back."),
    Duty.POWER: N_("This sheet has no step for the power. Ask the lead to put that step back."),
}


def blocks(order: ServiceOrder, reservation: Reservation, *, now: datetime) -> list[Block]:
    """What must be cleared before the meeting can be closed."""
    found = []
    if end_of(reservation) > now:
        ends = {"ends": reservation.ends_at}
        found.append(Block(N_("The meeting runs until %(ends)s. End it when they have left."), ends))
    steps = db.session.scalars(
        select(ServiceStep)
        .where(ServiceStep.order_id == order.id, ServiceStep.void_at.is_(None), ServiceStep.duty != "")
        .order_by(ServiceStep.due_at)
        .execution_options(populate_existing=True)
    ).all()
    for duty in (Duty.EQUIPMENT, Duty.POWER):
        own = [step for step in steps if step.duty == duty]
        if not any(step.how == "done" for step in own):
            found.append(Block(WAITS[duty], step=own[0].ref) if own else Block(NO_STEP[duty]))
    if key_out(order):
        waiting = [step.ref for step in steps if step.duty == Duty.KEY_BACK and step.how is None]
        found.append(
            Block(
                N_("The key is not back yet. Hang it on its hook and tick it, or hand it in at the desk."),
                step=waiting[0] if waiting else None,
            )
        )
    return found


def close(order: ServiceOrder, *, actor: Actor, now: datetime) -> None:
    """Close it. Raises Conflict when it is closed or was called off, DomainError with the first thing that blocks."""
    (reservation,) = hold([order.reservation_id])
    order = hold_order(order.id)
    must_be_open(order)
    if reservation.state not in (ReservationState.HELD, ReservationState.ENDED) or reservation.has_lapsed(now):
        raise Conflict(GONE)
    if blocking := blocks(order, reservation, now=now):
        raise DomainError(blocking[0].sentence, **blocking[0].values)
    order.closed_at, order.closed_by_id, order.offered_to_id = now, actor.id, None
    db.session.flush()
    history.record("closed", reservation, actor=actor, now=now)


def confirmation_of(order: ServiceOrder) -> Confirmation | None:
    """What the organiser said, if anything."""
    return db.session.scalar(select(Confirmation).where(Confirmation.order_id == order.id))


def ask_confirmation(order: ServiceOrder, reservation: Reservation, *, actor: Actor, now: datetime) -> None:
    """Send the organiser the link. Raises Conflict when it was confirmed, DomainError where there is no address."""
    if confirmation_of(order):
        raise Conflict(N_("This meeting was confirmed already."))
    if not service_notices.ask_organiser(order, reservation, now=now):
        raise DomainError(N_("There is no address to send the link to. Let the organiser sign here instead."))
    history.record("confirmation_asked", reservation, actor=actor, now=now)


def confirm(
    order: ServiceOrder,
    reservation: Reservation,
    *,
    how: str,
    answer: str,
    comment: str = "",
    signature: str = "",
    actor: Actor,
    now: datetime,
) -> Confirmation:
    """Note what the organiser says of the service. Raises Conflict when it was said before, DomainError without it."""
    if answer not in ANSWER_NAMES:
        raise DomainError(N_("Choose how it was."), field="answer")
    if len(comment) > LONGEST_COMMENT:
        raise DomainError(
            N_("At most %(max)d characters, now %(n)d."), field="comment", max=LONGEST_COMMENT, n=len(comment)
        )
    hold_order(order.id)
    if confirmation_of(order):
        raise Conflict(N_("This meeting was confirmed already."))
    made = Confirmation(
        site_id=order.site_id,
        order_id=order.id,
        how=how,
        answer=answer,
        comment=comment.strip(),
        signature=_strokes(signature) if how == "signature" else None,
        said_at=now,
    )
    db.session.add(made)
    db.session.flush()
    facts = {"how": how, "answer": answer}
    history.record("confirmed", reservation, actor=actor, now=now, facts=facts, entered={"comment": comment.strip()})
    return made


def _strokes(drawn: str) -> str:
    strokes = " ".join(drawn.split())
    shape = set(strokes.upper()) <= set("MLHVCSQTZ0123456789 .,-")
    if len(strokes) < SHORTEST_SIGNATURE or not strokes.upper().startswith("M"):
        raise DomainError(N_("Let the organiser sign, or send the link."), field="signature")
    if len(strokes) > LONGEST_SIGNATURE or not shape:
        raise DomainError(N_("This signature could not be read. Let the organiser sign again."), field="signature")
    return strokes


def confirmation_token(reservation_ref: str) -> str:
    """The unguessable end of the organiser's link."""
    return f"{reservation_ref}-{blind_index(reservation_ref, PURPOSE)[:LENGTH]}"


def find_by_token(token: str, *, now: datetime) -> tuple[Reservation, ServiceOrder]:
    """Meeting and order of an organiser's link; raises NotFound for a wrong one, and a week after the meeting."""
    ref, _, seal = token.partition("-")
    if not any(
        hmac.compare_digest(seal.encode(), good[:LENGTH].encode()) for good in keyring().blind_indexes(ref, PURPOSE)
    ):
        raise NotFound(INVALID)
    reservation = db.session.scalar(select(Reservation).where(Reservation.ref == ref))
    order = order_of(reservation.id) if reservation else None
    if reservation is None or order is None:
        raise NotFound(INVALID)
    if reservation.erased_at or reservation.ends_at + LINK_LASTS <= now:
        raise NotFound(N_("This link no longer shows anything."))
    return reservation, order
