"""Meeting rooms in the cast's building: what tests of meetings begin with.

Pine (12 seats) is cleared for fifteen minutes; Cedar (30) is set up and cleared, and is free again when nobody has
begun after fifteen minutes; Bamboo (6) has no rules. All are open on workdays from 8:00 to 20:00.
"""

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from domain import clock
from domain.database import db
from domain.identity import Actor
from domain.meetings import reservations as deeds
from domain.meetings.models import Reservation, Room
from domain.meetings.reservations import Wish
from domain.meetings.rooms import add_room
from domain.occupants.models import Host, Unit
from domain.people.models import Person
from domain.sites.models import Site
from tests.cabinet import actor_of
from tests.cast import Cast

MONDAY = date(2026, 3, 2)
TUESDAY = date(2026, 3, 3)
HOURS: dict[str, Any] = {"open_days": [1, 2, 3, 4, 5], "opens": 480, "closes": 1200}


@dataclass(frozen=True)
class Rooms:
    """Ids of the rooms."""

    pine: int
    cedar: int
    bamboo: int


def furnish_rooms(cast: Cast) -> Rooms:
    """Enter the rooms; call inside `writing()`."""
    actor, now = actor_of(cast, "zhou"), clock.now()

    def enter(name: str, capacity: int, **values: Any) -> int:
        given: dict[str, Any] = {"floor": "3", "layouts": ["boardroom"], "equipment": ["screen"], **HOURS, **values}
        return add_room(site_id=cast.site_id, name=name, capacity=capacity, actor=actor, now=now, **given).id

    return Rooms(
        enter("松厅", 12, after_minutes=15),
        enter(
            "雪松厅",
            30,
            layouts=["boardroom", "theatre"],
            equipment=["screen", "video"],
            before_minutes=30,
            after_minutes=15,
            release_minutes=15,
        ),
        enter("竹厅", 6, layouts=[], equipment=[]),
    )


def room(room_id: int) -> Room:
    """The room, as it stands."""
    return db.session.get_one(Room, room_id)


def reservation(reservation_id: int) -> Reservation:
    """The reservation, as it stands."""
    return db.session.get_one(Reservation, reservation_id)


def site_of(cast: Cast) -> Site:
    """The site."""
    return db.session.get_one(Site, cast.site_id)


def wish(cast: Cast, title: str = "季度会", *, by: str = "", people: int = 5, **values: Any) -> Wish:
    """A meeting of Zhang San of 1806, or of one of the staff."""
    if by:
        return Wish(title, people, person=db.session.get_one(Person, cast.people[by]), **values)
    host, unit = db.session.get_one(Host, cast.host_id), db.session.get_one(Unit, cast.unit_id)
    return Wish(title, people, host=host, unit=unit, **values)


def at(typed: str) -> time:
    """14:00 as a time."""
    return time.fromisoformat(typed)


def book(
    room_id: int,
    cast: Cast,
    since: str,
    until: str,
    *,
    days: tuple[date, ...] = (MONDAY,),
    meeting: Wish | None = None,
    **values: Any,
) -> list[Reservation]:
    """Reserve as Li Si at the desk does."""
    return reserve_as(room_id, cast, "lisi", since, until, days=days, meeting=meeting, **values)


def reserve_as(
    room_id: int,
    cast: Cast,
    who: str | Actor,
    since: str,
    until: str,
    *,
    days: tuple[date, ...] = (MONDAY,),
    meeting: Wish | None = None,
    **values: Any,
) -> list[Reservation]:
    """Reserve as one of the cast, or as somebody without an account, does."""
    made = deeds.reserve(
        room(room_id),
        days=days,
        since=at(since),
        until=at(until),
        wish=meeting or wish(cast),
        site=site_of(cast),
        actor=actor_of(cast, who) if isinstance(who, str) else who,
        now=clock.now(),
        **values,
    )
    return [reservation(one.id) for one in made]
