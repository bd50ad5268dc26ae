"""Who may reserve a room and whose word it needs, what its services cost, and how it looks (M1).

What is reserved already stays as it was accepted (M9).
"""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select

from domain import events
from domain.codes import new_ref
from domain.database import db
from domain.errors import Conflict, DomainError
from domain.identity import Actor
from domain.meetings.models import Approver, OpenTo, Room
from domain.meetings.queries import hold_rooms
from domain.meetings.room_parts import RoomPicture, RoomUnit
from domain.occupants.models import Unit
from domain.text import N_

MOST_UNITS = 200
MOST_PICTURES = 6
SPLIT = re.compile(r"[,，;；、\s]+")


def units_named(text: str, *, site_id: int) -> list[Unit]:
    """The units of these numbers, as they are typed one after the other; raises DomainError that names one unknown."""
    numbers = list(dict.fromkeys(filter(None, SPLIT.split(text))))
    if len(numbers) > MOST_UNITS:
        raise DomainError(N_("Name %(most)d units at most."), field="units", most=MOST_UNITS)
    found = {
        unit.number: unit
        for unit in db.session.scalars(select(Unit).where(Unit.site_id == site_id, Unit.number.in_(numbers)))
    }
    for number in numbers:
        if number not in found:
            raise DomainError(N_("There is no unit %(number)s."), field="units", number=number)
    return [found[number] for number in numbers]


def set_rules(
    room: Room,
    *,
    open_to: OpenTo,
    units: Sequence[Unit],
    approver: Approver,
    door_booking: bool,
    prices: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Say who may reserve it and whose word it needs, from now on. Raises DomainError when no unit is named."""
    hold_rooms([room.id])
    if open_to is OpenTo.UNITS and not units:
        raise DomainError(N_("Name the units that the room is kept for."), field="units")
    said = {"open_to": open_to, "approver": approver, "door_booking": door_booking, "prices": prices}
    changed = [name for name, value in said.items() if getattr(room, name) != value]
    for name in changed:
        setattr(room, name, said[name])
    kept_for = {unit.id for unit in units} if open_to is OpenTo.UNITS else set()
    before = set(db.session.scalars(select(RoomUnit.unit_id).where(RoomUnit.room_id == room.id)))
    if kept_for != before:
        changed.append("units")
        db.session.execute(delete(RoomUnit).where(RoomUnit.room_id == room.id))
        db.session.add_all([RoomUnit(room_id=room.id, unit_id=unit_id) for unit_id in sorted(kept_for)])
    db.session.flush()
    if changed:
        _record("rules_set", room, actor=actor, now=now, facts={"changed": changed})


def pictures_of(room: Room) -> Sequence[RoomPicture]:
    """The pictures of the room, the first one first."""
    return db.session.scalars(select(RoomPicture).where(RoomPicture.room_id == room.id).order_by(RoomPicture.id)).all()


def add_picture(room: Room, *, file: str, actor: Actor, now: datetime) -> RoomPicture:
    """Hang a picture that is kept already; raises Conflict when there are enough."""
    hold_rooms([room.id])
    if len(pictures_of(room)) >= MOST_PICTURES:
        raise Conflict(
            N_("There are %(most)d pictures already. Take one away first."), field="picture", most=MOST_PICTURES
        )
    picture = RoomPicture(ref=new_ref(), room_id=room.id, file=file, made_at=now)
    db.session.add(picture)
    db.session.flush()
    _record("picture_added", room, actor=actor, now=now)
    return picture


def remove_picture(room: Room, picture: RoomPicture, *, actor: Actor, now: datetime) -> None:
    """Take a picture away; its file goes when photos are tidied up."""
    db.session.delete(picture)
    db.session.flush()
    _record("picture_removed", room, actor=actor, now=now)


def _record(kind: str, room: Room, *, actor: Actor, now: datetime, facts: dict[str, object] | None = None) -> None:
    events.record(
        f"room.{kind}",
        site_id=room.site_id,
        subject="room",
        subject_id=room.id,
        actor=actor,
        now=now,
        facts={"name": room.name, **(facts or {})},
    )
