"""Who may reserve a room, and whose word it needs."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from domain.database import db
from domain.errors import DomainError
from domain.identity import Actor
from domain.meetings.models import ANSWER_WITHIN, Answer, Approver, OpenTo, Room
from domain.meetings.room_parts import RoomUnit
from domain.numbered import counted
from domain.occupants.models import Unit
from domain.permissions import Permission, Role
from domain.text import N_

AT_LEAST = timedelta(minutes=15)
ROLES: dict[Approver, frozenset[Role]] = {
    Approver.LEAD: frozenset({Role.LEAD, Role.SUPERVISOR, Role.MANAGER}),
    Approver.SUPERVISOR: frozenset({Role.SUPERVISOR, Role.MANAGER}),
    Approver.MANAGER: frozenset({Role.MANAGER}),
}
APPROVER_NAMES = {
    Approver.NOBODY: N_("Nobody: it stands at once"),
    Approver.LEAD: N_("The lead"),
    Approver.SUPERVISOR: N_("The supervisor"),
    Approver.MANAGER: N_("The manager"),
}
OPEN_TO_NAMES = {
    OpenTo.ALL: N_("Everybody, hosts through their link too"),
    OpenTo.STAFF: N_("The reception alone"),
    OpenTo.LEAD: N_("The lead alone"),
    OpenTo.UNITS: N_("For certain units alone"),
}


def may_decide(approver: Approver, actor: Actor) -> bool:
    """Whether the actor's word is the one that is asked for."""
    return bool(ROLES.get(approver, frozenset()) & actor.roles_at(actor.site_id))


def approval_columns(room: Room, begins: datetime, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """The columns of a reservation that say whose word it waits for, and until when. Who may decide has decided."""
    approver = Approver(room.approver)
    if approver is Approver.NOBODY or may_decide(approver, actor):
        return {"approver": Approver.NOBODY, "answer": Answer.NONE, "answer_by": None}
    return {
        "approver": approver,
        "answer": Answer.NONE,
        "answer_by": min(now + ANSWER_WITHIN, max(begins, now + AT_LEAST)),
    }


def units_of(room: Room) -> list[Unit]:
    """The units that the room is kept for."""
    joined = select(Unit).join(RoomUnit, RoomUnit.unit_id == Unit.id).where(RoomUnit.room_id == room.id)
    return sorted(db.session.scalars(joined), key=lambda unit: (counted(unit.number), unit.id))


def may_reserve(room: Room, *, unit_id: int | None, actor: Actor) -> bool:
    """Whether this actor may reserve the room for people of that unit."""
    try:
        must_be_let(room, unit_id=unit_id, actor=actor)
    except DomainError:
        return False
    return True


def must_be_let(room: Room, *, unit_id: int | None, actor: Actor) -> None:
    """Raise DomainError for a room that this actor may not reserve, or not for people of that unit.

    What a lead does is right; Foyer itself only moves what was accepted.
    """
    if actor.kind == "system" or actor.may(Permission.MEETINGS_APPROVE):
        return
    match OpenTo(room.open_to):
        case OpenTo.ALL:
            return
        case OpenTo.STAFF:
            if actor.kind != "staff":
                raise DomainError(N_("%(room)s is reserved at the reception."), field="room", room=room.name)
        case OpenTo.LEAD:
            raise DomainError(N_("%(room)s is reserved by the lead alone."), field="room", room=room.name)
        case OpenTo.UNITS:
            units = units_of(room)
            if unit_id is None or unit_id not in {unit.id for unit in units}:
                kept_for = ", ".join(f"{unit.company} {unit.number}".strip() for unit in units[:5])
                raise DomainError(
                    N_("%(room)s is kept for certain units: %(units)s."), field="room", room=room.name, units=kept_for
                )
