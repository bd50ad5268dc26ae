"""Lists of rooms: those that a form offers, that the grid of the day draws, and that are kept."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import bindparam, cast, select

from domain.database import JsonList, db
from domain.meetings.models import Room
from domain.meetings.queries import by_floor, rooms_in_use
from domain.statements import Answer, Ready


class Offered(NamedTuple):
    """A room as a form offers it."""

    id: int
    ref: str
    name: str
    capacity: int
    layouts: tuple[str, ...]
    open_days: tuple[int, ...]
    opens: int
    closes: int


_DRAWN = (
    *(Room.id, Room.ref, Room.name, Room.capacity, cast(Room.layouts, JsonList).label("layouts")),
    *(cast(Room.open_days, JsonList).label("open_days"), Room.opens, Room.closes),
)
_ALL = Ready(rooms_in_use().with_only_columns(*_DRAWN, Room.floor))


def rooms_offered(site_id: int) -> list[Offered]:
    """The rooms that can be reserved, of each only what a form offers."""
    return [Offered(*row[: len(_DRAWN)]) for row in by_floor(_ALL.rows(site_id=site_id))]


@cache
def _rooms_drawn() -> Ready:
    here = Room.site_id == bindparam("site_id")
    return Ready(
        select(
            Room.id,
            Room.ref,
            Room.name,
            Room.floor,
            Room.capacity,
            cast(Room.open_days, JsonList).label("open_days"),
            Room.opens,
            Room.closes,
            Room.retired_at,
        ).where(here, Room.retired_at.is_(None)),
        one_plan=True,
    )


def rooms_drawn(site_id: int) -> Answer[list[Any]]:
    """Likewise, of each only what the day's grid draws."""
    return _rooms_drawn().ask(site_id=site_id).then(by_floor)


def all_rooms(site_id: int) -> Sequence[Room]:
    """All rooms of the site, retired ones at the end."""
    rooms = by_floor(db.session.scalars(select(Room).where(Room.site_id == site_id)))
    return sorted(rooms, key=lambda room: room.retired_at is not None)
