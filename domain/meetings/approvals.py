"""Tentative meetings: a room that asks for somebody's word is kept until it is given or the time has run out."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.database import db
from domain.errors import Conflict, DomainError, NotAllowed
from domain.identity import Actor
from domain.meetings import history
from domain.meetings.changes import must_be_held
from domain.meetings.decisions import ROLES, approval_columns, may_decide
from domain.meetings.models import Answer, Approver, Reservation, ReservationState, Room
from domain.meetings.notices import tell_approvers, tell_organiser
from domain.meetings.queries import hold, hold_rooms, of_series
from domain.meetings.waiting import offer_freed
from domain.text import N_

NOTHING_ASKED = N_("This meeting waits for nobody's word.")


def _ask_for(reservation: Reservation, *, now: datetime) -> None:
    hold_rooms([reservation.room_id])  # rooms before meetings, as whoever reserves does
    hold([reservation.id])
    must_be_held(reservation, now=now)
    if not reservation.is_tentative:
        raise Conflict(NOTHING_ASKED)


def _together(reservation: Reservation, *, now: datetime) -> Sequence[Reservation]:
    """The meeting, and those of its repeat that wait for the same word: they are decided together."""
    if reservation.series is None or reservation.approver == Approver.ORGANISER:
        return [reservation]
    waiting = [
        one
        for one in of_series(reservation.series, site_id=reservation.site_id)
        if one.is_tentative and one.approver == reservation.approver and not one.has_lapsed(now)
    ]
    return hold({one.id for one in waiting})


def _must_decide(reservation: Reservation, actor: Actor) -> None:
    if not may_decide(Approver(reservation.approver), actor):
        raise NotAllowed(N_("Your role does not decide about this room. Ask your lead."))


def grant(reservation: Reservation, *, actor: Actor, now: datetime) -> Sequence[Reservation]:
    """Agree: it stands, with the tentative ones of its repeat. Raises Conflict when there is nothing to decide."""
    _ask_for(reservation, now=now)
    _must_decide(reservation, actor)
    decided = _together(reservation, now=now)
    _answer(decided, Answer.GRANTED, "granted", actor=actor, now=now)
    tell_organiser("meeting.granted", decided, now=now)
    return decided


def refuse(reservation: Reservation, *, reason: str, actor: Actor, now: datetime) -> Sequence[Reservation]:
    """Refuse, with a reason that the organiser is told: the room is free. Raises as `grant` does."""
    if not reason.strip():
        raise DomainError(N_("Say why: the organiser is told."), field="reason")
    _ask_for(reservation, now=now)
    _must_decide(reservation, actor)
    decided = _together(reservation, now=now)
    for one in decided:
        one.state, one.ended_at, one.reason = ReservationState.CANCELLED, now, reason
    _answer(decided, Answer.REFUSED, "refused", actor=actor, now=now, reason=reason)
    tell_organiser("meeting.refused", decided, now=now)
    offer_freed({one.room_id for one in decided}, now=now)
    return decided


def take(reservation: Reservation, *, actor: Actor, now: datetime) -> None:
    """Whoever was waiting takes the room that is held for them; where the room asks for somebody's word, it is asked
    for now. Raises Conflict when the time has run out.
    """
    _ask_for(reservation, now=now)
    if reservation.approver != Approver.ORGANISER:
        raise Conflict(NOTHING_ASKED)
    room = db.session.get_one(Room, reservation.room_id)
    asked = approval_columns(room, reservation.begins_at, actor=actor, now=now)
    if asked["approver"] and not asked["answer"]:
        for name, value in asked.items():
            setattr(reservation, name, value)
        reservation.sequence += 1
        db.session.flush()
        history.record("accepted", reservation, actor=actor, now=now)
        tell_approvers([reservation], roles=ROLES[Approver(reservation.approver)], now=now)
        return
    _answer([reservation], Answer.GRANTED, "accepted", actor=actor, now=now)
    tell_organiser("meeting.granted", [reservation], now=now)


def _answer(
    decided: Sequence[Reservation], answer: Answer, kind: str, *, actor: Actor, now: datetime, reason: str = ""
) -> None:
    late = {one.id: _release_at(one, now) for one in decided}
    for one in decided:
        one.answer, one.sequence, one.release_at = answer, one.sequence + 1, late[one.id]
    db.session.flush()
    entered: dict[str, Any] | None = {"reason": reason} if reason else None
    for one in decided:
        history.record(kind, one, actor=actor, now=now, entered=entered)


def _release_at(one: Reservation, now: datetime) -> datetime | None:
    """Who was told late has as long to begin as others have: the no-show counts from the answer on."""
    if one.release_at is None or now <= one.begins_at:
        return one.release_at
    return now + max(one.release_at - one.begins_at, timedelta(0))
