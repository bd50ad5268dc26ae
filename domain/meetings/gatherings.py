"""Meetings as others need to know them: their guests are invited by another noun (M6)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from domain import clock, gatherings
from domain.database import db
from domain.gatherings import Gathering
from domain.masking import mask_name
from domain.meetings.models import Reservation, ReservationState, Room
from domain.occupants.models import Host
from domain.people.models import Person

LATELY, LONGEST = timedelta(hours=12), timedelta(days=2)
MOST = 50


@cache
def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Reservation,
            Room.name.label("room"),
            Room.floor,
            Host.name.label("host"),
            Host.unit_id.label("host_unit_id"),
            Person.name.label("person"),
        )
        .join(Room, Room.id == Reservation.room_id)
        .outerjoin(Host, Host.id == Reservation.host_id)
        .outerjoin(Person, Person.id == Reservation.person_id)
    )


def _gathering(row: Any) -> Gathering:
    one, now = row.Reservation, clock.now()
    return Gathering(
        id=one.id,
        ref=one.ref,
        site_id=one.site_id,
        title=one.title,
        room=row.room,
        floor=row.floor,
        begins_at=one.begins_at,
        ends_at=one.ended_at if one.state == ReservationState.ENDED else one.ends_at,
        stands=one.state == ReservationState.HELD and not one.has_lapsed(now) and one.ends_at > now,
        host_id=one.host_id,
        unit_id=row.host_unit_id or one.unit_id,
        organiser=row.person or row.host or "",
        organiser_shown=row.person or mask_name(row.host or ""),
    )


@gatherings.describes
def described(ids: Sequence[int]) -> dict[int, Gathering]:
    """The meetings of these ids."""
    return {row.Reservation.id: _gathering(row) for row in db.session.execute(_rows().where(Reservation.id.in_(ids)))}


@cache
def _ahead() -> Select[*tuple[Any, ...]]:
    held = Reservation.state == ReservationState.HELD
    since = Reservation.ends_at > bindparam("since")
    host: Any = bindparam("host_id")
    here = Reservation.site_id == select(Host.site_id).where(Host.id == host).scalar_subquery()
    near = Reservation.begins_at > bindparam("after")
    return (
        _rows()
        .where(here, near, since, held, Reservation.host_id == host)
        .order_by(Reservation.begins_at, Reservation.id)
        .limit(MOST)
    )


@gatherings.lists_upcoming
def upcoming(host_id: int, now: datetime) -> list[Gathering]:
    """What the host organises that runs or lies ahead, and what ended some hours ago."""
    rows = db.session.execute(_ahead(), {"host_id": host_id, "since": now - LATELY, "after": now - LONGEST})
    return [_gathering(row) for row in rows]
