"""A meeting begins, ends early, is called off, or nobody comes (M7). Each ends the reservation and keeps it."""

from datetime import datetime, timedelta
from typing import Any

from domain.database import db
from domain.errors import Conflict, DomainError
from domain.identity import Actor
from domain.meetings import history
from domain.meetings.changes import OVER, Which, meant, must_be_held
from domain.meetings.decisions import approval_columns
from domain.meetings.lapses import release_lapsed, taken_in
from domain.meetings.models import Answer, Reservation, ReservationState, Room, has_lapsed
from domain.meetings.notices import tell_organiser
from domain.meetings.queries import hold, hold_rooms
from domain.meetings.reservations import RoomTaken
from domain.meetings.spans import Span, is_free
from domain.meetings.waiting import offer_freed
from domain.text import N_

EARLY = timedelta(minutes=30)
"""Who comes so much too early may begin."""


def may_start(row: Any, now: datetime) -> bool:
    """Whether they can begin at that time: of a reservation, or of a row of a list."""
    return _stands(row, now) and row.started_at is None and row.begins_at - now <= EARLY


def may_end(row: Any, now: datetime) -> bool:
    """Whether they can have left by then."""
    return _stands(row, now) and (row.begins_at <= now or row.started_at is not None)


def _stands(row: Any, now: datetime) -> bool:
    tentative = row.approver != "" and row.answer == ""
    return bool(row.state == ReservationState.HELD and not has_lapsed(row, now) and row.ends_at > now and not tentative)


def start(reservation: Reservation, *, actor: Actor, now: datetime) -> None:
    """They are there. Raises Conflict when it has begun already or is over, DomainError long before its time."""
    hold([reservation.id])
    must_be_held(reservation, now=now)
    if reservation.started_at:
        raise Conflict(N_("This meeting has begun already."))
    if reservation.is_tentative:
        raise Conflict(N_("This meeting is tentative still: nobody has agreed to it yet."))
    if reservation.begins_at - now > EARLY:
        raise DomainError(N_("It is too early: this meeting begins at %(begins)s."), begins=reservation.begins_at)
    reservation.started_at = now
    db.session.flush()
    history.record("started", reservation, actor=actor, now=now)


def serve(reservation: Reservation, *, at: datetime, actor: Actor, now: datetime) -> None:
    """Whoever serves was in the room with them at that time, so it has begun, whether somebody said so or not: no room
    in which tea is poured is released (M7). The reservation is held; what cannot have begun then stays as it is.
    """
    if may_start(reservation, at):
        reservation.started_at = at
        db.session.flush()
        history.record("started", reservation, actor=actor, now=now, facts={"at": at.isoformat(), "served": True})


def end_early(reservation: Reservation, *, actor: Actor, now: datetime) -> None:
    """They have left: the room is free as soon as it is cleared. Raises Conflict when it does not run."""
    hold_rooms([reservation.room_id])  # rooms before meetings, as whoever reserves does: nobody waits for each other
    hold([reservation.id])
    must_be_held(reservation, now=now)
    if reservation.started_at is None and reservation.begins_at > now:
        raise Conflict(N_("This meeting has not begun. Call it off instead."))
    clearing = reservation.reserved_until - reservation.ends_at
    reservation.state, reservation.ended_at = ReservationState.ENDED, now
    reservation.reserved_until = max(reservation.reserved_from, min(reservation.reserved_until, now + clearing))
    reservation.sequence += 1
    db.session.flush()
    history.record("ended", reservation, actor=actor, now=now)
    tell_organiser("meeting.ended", [reservation], now=now)
    offer_freed([reservation.room_id], now=now)


def release(reservation: Reservation, *, actor: Actor, now: datetime) -> None:
    """Nobody came: the room is free at once. Raises Conflict before its time, or when they did come."""
    hold_rooms([reservation.room_id])
    hold([reservation.id])
    must_be_held(reservation, now=now)
    if reservation.started_at:
        raise Conflict(N_("This meeting has begun. End it instead."))
    if reservation.begins_at > now:
        raise Conflict(N_("This meeting has not begun. Call it off instead."))
    reservation.state, reservation.ended_at = ReservationState.RELEASED, now
    reservation.sequence += 1
    db.session.flush()
    history.record("released", reservation, actor=actor, now=now)
    tell_organiser("meeting.released", [reservation], now=now)
    offer_freed([reservation.room_id], now=now)


def cancel(reservation: Reservation, *, which: Which, reason: str, actor: Actor, now: datetime) -> list[Reservation]:
    """Call it off, or more of its repeat; gives those that are. Raises Conflict for one that runs or is over."""
    found = meant(reservation, which, now=now)
    hold_rooms({one.room_id for one in found})
    chosen = hold({one.id for one in found})
    if which is Which.ONE or reservation.series is None:
        must_be_held(reservation, now=now)
        if reservation.started_at:
            raise Conflict(N_("This meeting is being held. End it instead."))
    called_off = [one for one in chosen if one.state == ReservationState.HELD]
    if not called_off:
        raise Conflict(OVER)
    for one in called_off:
        one.state, one.ended_at, one.reason = ReservationState.CANCELLED, now, reason
        one.sequence += 1
    db.session.flush()
    for one in called_off:
        history.record("cancelled", one, actor=actor, now=now, entered={"reason": reason})
    tell_organiser("meeting.cancelled", called_off, now=now)
    offer_freed({one.room_id for one in called_off}, now=now)
    return called_off


def revive(reservation: Reservation, *, actor: Actor, now: datetime) -> None:
    """It takes place after all. Raises Conflict when it is over, or somebody else has the room by now."""
    (room,) = hold_rooms([reservation.room_id])
    hold([reservation.id])
    release_lapsed([room.id], now=now)
    db.session.refresh(reservation)
    if reservation.state == ReservationState.HELD:
        raise Conflict(N_("This meeting stands already."))
    if reservation.state == ReservationState.ENDED or reservation.ends_at <= now:
        raise Conflict(OVER)
    _must_be_free(reservation, room, now=now)
    came_late = reservation.state == ReservationState.RELEASED
    reservation.state, reservation.ended_at, reservation.reason = ReservationState.HELD, None, ""
    if reservation.approver and reservation.answer != Answer.GRANTED:
        # What was refused or never decided does not come back by a side door: it is asked for anew.
        for name, value in approval_columns(room, reservation.begins_at, actor=actor, now=now).items():
            setattr(reservation, name, value)
    if came_late:
        reservation.started_at = now
    reservation.sequence += 1
    db.session.flush()
    history.record("revived", reservation, actor=actor, now=now)
    tell_organiser("meeting.revived", [reservation], now=now)


def _must_be_free(reservation: Reservation, room: Room, *, now: datetime) -> None:
    if room.retired_at:
        raise Conflict(N_("This room is no longer reserved. Choose another one."))
    span = Span(reservation.begins_at, reservation.ends_at, reservation.reserved_from, reservation.reserved_until)
    if not is_free(span, taken_in(room, since=span.begins, until=span.ends, now=now, but=[reservation.id])):
        raise RoomTaken(room)
