"""Entering rooms, changing their rules, retiring them. What is reserved already stays as it was accepted (M9)."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain import events
from domain.codes import new_ref
from domain.database import db
from domain.errors import Conflict, DomainError
from domain.identity import Actor
from domain.meetings.models import Reservation, ReservationState, Room
from domain.meetings.queries import hold_rooms
from domain.text import N_


def _check(values: dict[str, Any]) -> None:
    if not values["name"]:
        raise DomainError(N_("Enter a name for the room."), field="name")
    if values["closes"] <= values["opens"]:
        raise DomainError(N_("The room closes before it opens."), field="closes")
    if not values["open_days"]:
        raise DomainError(N_("Choose the days on which the room is open."), field="open_days")


def _record(kind: str, room: Room, *, actor: Actor, now: datetime, facts: dict[str, Any] | None = None) -> None:
    events.record(
        f"room.{kind}",
        site_id=room.site_id,
        subject="room",
        subject_id=room.id,
        actor=actor,
        now=now,
        facts={"name": room.name, **(facts or {})},
    )


def add_room(*, site_id: int, actor: Actor, now: datetime, **values: Any) -> Room:
    """Enter a room; `values` are columns of Room. Raises DomainError for hours that make no sense."""
    _check(values)
    room = Room(ref=new_ref(), site_id=site_id, created_at=now, **values)
    db.session.add(room)
    db.session.flush()
    _record("added", room, actor=actor, now=now)
    return room


def change_room(room: Room, *, actor: Actor, now: datetime, **values: Any) -> None:
    """Change its rules for what is reserved from now on. Raises DomainError likewise."""
    _check(values)
    changed = [name for name, value in values.items() if getattr(room, name) != value]
    for name in changed:
        setattr(room, name, values[name])
    db.session.flush()
    if changed:
        _record("changed", room, actor=actor, now=now, facts={"changed": changed})


def retire_room(room: Room, *, actor: Actor, now: datetime) -> None:
    """Nobody reserves it any more. Raises Conflict while somebody still has it reserved."""
    hold_rooms([room.id])
    if room.retired_at:
        raise Conflict(N_("This room is retired already."))
    ahead = (
        select(Reservation.begins_at)
        .where(
            Reservation.room_id == room.id,
            Reservation.state == ReservationState.HELD,
            Reservation.ends_at > now,
        )
        .order_by(Reservation.begins_at.desc())
        .limit(1)
    )
    if last := db.session.scalar(ahead):
        raise Conflict(
            N_("It is reserved still, the last time for %(last)s. Move or call off those meetings first."), last=last
        )
    room.retired_at = now
    db.session.flush()
    _record("retired", room, actor=actor, now=now)
