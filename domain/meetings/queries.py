"""Rooms and reservations, read: limited to the site where the actor works."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import JSON, ColumnElement, Select, and_, bindparam, cast, select
from sqlalchemy.orm import aliased

from domain.database import JsonList, db
from domain.errors import NotFound
from domain.identity import Actor
from domain.masking import mask_name
from domain.meetings.models import MOST_AROUND, Reservation, Room, blocks
from domain.meetings.spans import Taken
from domain.numbered import counted
from domain.occupants.models import Host, Unit
from domain.people.models import Person
from domain.sites.models import Kiosk
from domain.statements import Answer, Ready

Maker = aliased(Person)
AROUND = timedelta(minutes=MOST_AROUND)


@cache
def listed() -> Select[*tuple[Any, ...]]:
    """The columns that lists draw, with room, organiser and unit."""
    return (
        select(
            Reservation.id,
            Reservation.ref,
            Reservation.site_id,
            Reservation.number,
            Reservation.room_id,
            Reservation.series,
            Reservation.title,
            Reservation.people,
            Reservation.layout,
            Reservation.begins_at,
            Reservation.ends_at,
            Reservation.reserved_from,
            Reservation.reserved_until,
            Reservation.release_at,
            Reservation.state,
            Reservation.started_at,
            Reservation.ended_at,
            Reservation.approver,
            Reservation.answer,
            Reservation.answer_by,
            Room.name.label("room_name"),
            Room.ref.label("room_ref"),
            Host.name.label("host_name"),
            Person.name.label("person_name"),
            Unit.number.label("unit_number"),
            Unit.company.label("company"),
        )
        .join(Room, Room.id == Reservation.room_id)
        .outerjoin(Host, Host.id == Reservation.host_id)
        .outerjoin(Person, Person.id == Reservation.person_id)
        .outerjoin(Unit, Unit.id == Reservation.unit_id)
    )


@cache
def whole() -> Select[*tuple[Any, ...]]:
    """The columns of `listed`, and what the page of one reservation needs besides."""
    return (
        listed()
        .add_columns(
            Reservation.notes,
            Reservation.reason,
            Reservation.made_at,
            Reservation.erased_at,
            Host.phone.label("phone"),
            Maker.name.label("made_by"),
        )
        .outerjoin(Maker, Maker.id == Reservation.made_by_id)
    )


def organiser_shown(row: Any) -> str:
    """Who organises, as everybody at the desk may read it: an occupant masked, one of the staff not (P4)."""
    return row.person_name or mask_name(row.host_name or "")


@cache
def rooms_in_use() -> Select[Room]:
    """The rooms of the bound site that can be reserved."""
    return select(Room).where(Room.site_id == bindparam("site_id"), Room.retired_at.is_(None))


def by_floor(rooms: Iterable[Any]) -> list[Any]:
    """Rooms, or rows of them, by floor and name as people count them: 2F before 10F."""
    return sorted(rooms, key=lambda room: (counted(room.floor), counted(room.name), room.id))


def rooms_of(site_id: int) -> Sequence[Room]:
    """The rooms of the site that can be reserved, by floor and name."""
    return by_floor(db.session.scalars(rooms_in_use(), {"site_id": site_id}))


@cache
def _room() -> Select[Room]:
    return select(Room).where(Room.ref == bindparam("ref"), Room.site_id == bindparam("site_id"))


def get_room(ref: str, *, actor: Actor) -> Room:
    """The room of that ref at the actor's site; raises NotFound."""
    room = db.session.scalar(_room(), {"ref": ref, "site_id": actor.site_id})
    if room is None:
        raise NotFound
    return room


def displays_of(site_id: int) -> Sequence[Any]:
    """The displays at the doors of the site's rooms, each `Kiosk` with its `Room`, also those that were cut off."""
    here = select(Kiosk, Room).join(Room, Room.id == Kiosk.room_id).where(Kiosk.site_id == site_id).order_by(Kiosk.id)
    rows = db.session.execute(here).all()
    return sorted(rows, key=lambda row: (counted(row.Room.floor), counted(row.Room.name)))


def get_reservation(ref: str, *, actor: Actor) -> Reservation:
    """The reservation of that ref at the actor's site; raises NotFound."""
    found = db.session.scalar(select(Reservation).where(Reservation.ref == ref, Reservation.site_id == actor.site_id))
    if found is None:
        raise NotFound
    return found


@cache
def _held_rooms() -> Select[Room]:
    return (
        select(Room)
        .where(Room.id.in_(bindparam("ids", expanding=True)))
        .order_by(Room.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def hold_rooms(ids: Iterable[int]) -> Sequence[Room]:
    """The rooms, kept from others who reserve until the commit: of two who are as fast, one comes second."""
    return db.session.scalars(_held_rooms(), {"ids": list(set(ids))}).all()


def _held_room(which: ColumnElement[bool]) -> Ready:
    stored = Room.__table__.c
    columns = (cast(one, JsonList).label(one.key) if isinstance(one.type, JSON) else one for one in stored)
    return Ready(select(*columns).where(which).with_for_update(key_share=True))


_HELD_ROOM = _held_room(Room.id == bindparam("id"))
_HELD_OFFERED = _held_room(
    and_(Room.site_id == bindparam("site_id"), Room.ref == bindparam("ref"), Room.retired_at.is_(None))
)


def hold_room(room_id: int) -> Room:
    """Likewise one room, to be read alone."""
    room: Room = _HELD_ROOM.first(id=room_id)
    return room


def ask_to_hold_offered(ref: str, *, site_id: int) -> Answer[Room | None]:
    """Likewise the room of that ref, where it can be reserved at the site, on the way of the next question."""
    return _HELD_OFFERED.ask(site_id=site_id, ref=ref).then(lambda rows: rows[0] if rows else None)


def hold(ids: Iterable[int]) -> Sequence[Reservation]:
    """Reservations as they stand now, kept from others until the commit; the earliest first."""
    found = db.session.scalars(
        select(Reservation)
        .where(Reservation.id.in_(set(ids)))
        .order_by(Reservation.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    return sorted(found, key=lambda one: (one.begins_at, one.id))


SPAN, STANDS = slice(6, 8), slice(6, None)
"""Where a row of `on_days` says when the meeting is; when and how it stands: those that agree in it look alike."""


@cache
def _on_days(of_one_room: bool) -> Ready:
    """Of hundreds of meetings each further column and table counts."""
    at = Reservation.begins_at
    asked = select(
        Reservation.room_id,
        Reservation.ref,
        Reservation.title,
        Host.name.label("host_name"),
        Person.name.label("person_name"),
        Unit.company.label("company"),
        Reservation.begins_at,
        Reservation.ends_at,
        Reservation.reserved_from,
        Reservation.reserved_until,
        Reservation.state,
        Reservation.started_at,
        Reservation.ended_at,
        Reservation.release_at,
        Reservation.approver,
        Reservation.answer,
        Reservation.answer_by,
    )
    asked = (
        asked.outerjoin(Host, Host.id == Reservation.host_id)
        .outerjoin(Person, Person.id == Reservation.person_id)
        .outerjoin(Unit, Unit.id == Reservation.unit_id)
        .where(Reservation.site_id == bindparam("site_id"), at >= bindparam("since"), at < bindparam("until"))
        .order_by(at, Reservation.id)
    )
    return Ready(asked.where(Reservation.room_id == bindparam("room_id")) if of_one_room else asked, one_plan=True)


def on_days(site_id: int, *, since: datetime, until: datetime, room_id: int | None = None) -> Sequence[Any]:
    """Every reservation of the site, or of one of its rooms, that begins between two instants, however it stands, as
    the grid draws it.
    """
    of_room = {} if room_id is None else {"room_id": room_id}
    return _on_days(bool(of_room)).rows(site_id=site_id, since=since, until=until, **of_room)


@cache
def _of_room() -> Select[*tuple[Any, ...]]:
    """Built once: the display at a door asks again and again."""
    here = and_(Reservation.site_id == bindparam("site_id"), Reservation.room_id == bindparam("room_id"))
    since, until = Reservation.begins_at >= bindparam("since"), Reservation.begins_at < bindparam("until")
    return listed().where(here, since, until).order_by(Reservation.begins_at, Reservation.id)


def of_room(room: Room, *, since: datetime, until: datetime) -> Sequence[Any]:
    """Those of one room, as lists draw them."""
    values = {"site_id": room.site_id, "room_id": room.id, "since": since, "until": until}
    return db.session.execute(_of_room(), values).all()


@cache
def _taken() -> Ready:
    asked = select(Reservation.room_id, Reservation.reserved_from, Reservation.reserved_until).where(
        Reservation.site_id == bindparam("site_id"),
        Reservation.begins_at < bindparam("before"),
        Reservation.begins_at > bindparam("behind"),
        blocks(bindparam("now")),
    )
    return Ready(asked.order_by(Reservation.reserved_from))


def taken_of(site_id: int, *, since: datetime, until: datetime, now: datetime) -> dict[int, Taken]:
    """Reserved times that touch the span, by room, in one statement; of a room that is held, see lapses.taken_in."""
    before, behind = until + 2 * AROUND, since - timedelta(days=1) - 2 * AROUND
    found: dict[int, list[tuple[datetime, datetime]]] = {}
    for room, reserved_from, reserved_until in _taken().rows(site_id=site_id, before=before, behind=behind, now=now):
        found.setdefault(room, []).append((reserved_from, reserved_until))
    return dict(found)


def of_series(series: str, *, site_id: int) -> Sequence[Reservation]:
    """What one repeat made at the site, the earliest first."""
    return db.session.scalars(
        select(Reservation)
        .where(Reservation.series == series, Reservation.site_id == site_id)
        .order_by(Reservation.begins_at, Reservation.id)
    ).all()
