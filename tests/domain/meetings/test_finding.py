"""A room is found for so many people; old meetings lose their names; rooms are retired when nothing lies ahead."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from domain import clock as time
from domain import search
from domain.database import reading, writing
from domain.errors import Conflict, DomainError
from domain.identity import SYSTEM
from domain.meetings.erasure import erase_meetings
from domain.meetings.free import Offer, find_rooms
from domain.meetings.rooms import add_room, retire_room
from tests import rooms as house
from tests.cabinet import actor_of
from tests.cast import Cast
from tests.found import indexed
from tests.rooms import HOURS, TUESDAY, Rooms


def look(cast: Cast, since: str, until: str, people: int = 5, **values: Any) -> list[Offer]:
    """Look for a room on Tuesday."""
    given: dict[str, Any] = {"day": TUESDAY, "layout": "", "equipment": ()}
    return find_rooms(
        house.site_of(cast),
        since=house.at(since),
        until=house.at(until),
        people=people,
        now=time.now(),
        **given | values,
    )


def test_free_rooms_come_first_and_the_smallest_that_suits_on_top(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context():
        with writing():
            house.book(rooms.pine, cast, "10:00", "11:00", days=(TUESDAY,))
        with reading():
            assert [offer.room.name for offer in look(cast, "10:00", "11:00")] == ["竹厅", "雪松厅", "松厅"]
            pine = look(cast, "10:00", "11:00")[-1]
            assert not pine.free
            assert house.at("11:15") in pine.others
            assert [offer.room.name for offer in look(cast, "10:00", "11:00", 20)] == ["雪松厅"]
            assert [offer.room.name for offer in look(cast, "10:00", "11:00", equipment=["video"])] == ["雪松厅"]
            assert [offer.room.name for offer in look(cast, "10:00", "11:00", layout="theatre")] == ["雪松厅"]
            assert look(cast, "10:00", "11:00", 500) == []


def test_a_time_that_no_room_could_have_is_refused(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context(), reading():
        for since, until, words in (("11:00", "10:00", "before the beginning"), ("10:00", "10:00", "same time")):
            with pytest.raises(DomainError, match=words):
                look(cast, since, until)
        with pytest.raises(DomainError, match="is over"):
            look(cast, "08:00", "09:00", day=TUESDAY - timedelta(days=1))
        with pytest.raises(DomainError, match="two years"):
            look(cast, "08:00", "09:00", day=TUESDAY + timedelta(days=900))


def test_old_meetings_lose_who_and_what_and_keep_when_and_where(
    app: Flask, cast: Cast, rooms: Rooms, clock: Any
) -> None:
    with app.app_context():
        with writing():
            (one,) = house.book(rooms.pine, cast, "14:00", "15:00")
            (later,) = house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))
        clock.shift(timedelta(days=90, hours=12))
        assert erase_meetings(actor=SYSTEM, now=time.now()) == 1
        assert erase_meetings(actor=SYSTEM, now=time.now()) == 0
        with reading():
            gone, kept = house.reservation(one.id), house.reservation(later.id)
            assert (gone.title, gone.host_id, gone.room_id, gone.unit_id) == ("", None, rooms.pine, cast.unit_id)
            assert kept.title == "季度会"
            assert indexed(search.MEETING) == {later.id}


def test_a_room_is_retired_when_nothing_lies_ahead(app: Flask, cast: Cast, rooms: Rooms, clock: Any) -> None:
    with app.app_context():
        with writing():
            house.book(rooms.pine, cast, "14:00", "15:00")
        with pytest.raises(Conflict, match="reserved still"), writing():
            retire_room(house.room(rooms.pine), actor=actor_of(cast, "zhou"), now=time.now())
        clock.shift(timedelta(days=1))
        with writing():
            retire_room(house.room(rooms.pine), actor=actor_of(cast, "zhou"), now=time.now())
        with pytest.raises(Conflict, match="no longer reserved"), writing():
            house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))


@pytest.mark.parametrize(("values", "field"), [({"closes": 400}, "closes"), ({"open_days": []}, "open_days")])
def test_hours_that_make_no_sense_are_refused(
    app: Flask, cast: Cast, rooms: Rooms, values: dict[str, Any], field: str
) -> None:
    given = HOURS | {"name": "x", "capacity": 3} | values
    with app.app_context(), pytest.raises(DomainError) as caught, writing():
        add_room(site_id=cast.site_id, actor=actor_of(cast, "zhou"), now=time.now(), **given)
    assert caught.value.field == field
