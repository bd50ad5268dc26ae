"""What is reserved is moved, extended, called off, begun and ended; what is over stays."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from domain import clock as time
from domain.database import db, reading, writing
from domain.errors import Conflict, DomainError
from domain.meetings import changes, ends
from domain.meetings.changes import Which
from domain.meetings.models import Reservation
from tests import rooms as house
from tests.cabinet import actor_of, refused
from tests.cast import Cast
from tests.rooms import MONDAY, TUESDAY, Rooms

WEEKLY = tuple(TUESDAY + timedelta(days=7 * week) for week in range(4))


def change(one: Reservation, cast: Cast, since: str, until: str, **values: Any) -> list[Reservation]:
    """Move as Li Si does: by default this meeting alone, on its day, in its room."""
    given: dict[str, Any] = {
        "which": Which.ONE,
        "room": house.room(one.room_id),
        "day": time.local_date(one.begins_at, "Asia/Shanghai"),
        "wish": house.wish(cast),
    }
    return changes.change(
        one,
        since=house.at(since),
        until=house.at(until),
        site=house.site_of(cast),
        actor=actor_of(cast, "lisi"),
        now=time.now(),
        **given | values,
    )


def do(deed: Any, one: Reservation, cast: Cast, **values: Any) -> Any:
    """One of the small deeds, as Li Si does it."""
    return deed(one, actor=actor_of(cast, "lisi"), now=time.now(), **values)


def test_a_meeting_moves_within_its_own_time_and_not_into_another(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context():
        with writing():
            (one,) = house.book(rooms.pine, cast, "14:00", "15:00")
            house.book(rooms.pine, cast, "16:00", "17:00")
            change(one, cast, "14:30", "15:30")
            assert time.local(one.begins_at, "Asia/Shanghai").hour == 14
        with pytest.raises(Conflict, match="is taken"), writing():
            change(house.reservation(one.id), cast, "15:00", "16:00")
        with writing():
            (moved,) = change(house.reservation(one.id), cast, "16:00", "17:00", room=house.room(rooms.cedar))
            assert moved.room_id == rooms.cedar
            assert moved.begins_at - moved.reserved_from == timedelta(minutes=30)


def test_this_and_the_later_ones_change_and_the_past_does_not(app: Flask, cast: Cast, rooms: Rooms, clock: Any) -> None:
    with app.app_context():
        with writing():
            ids = [one.id for one in house.book(rooms.pine, cast, "10:00", "11:00", days=WEEKLY)]
        clock.move_to(time.now() + timedelta(days=8, hours=-1))
        with writing():
            changed = change(house.reservation(ids[2]), cast, "14:00", "15:00", which=Which.LATER)
            assert [one.id for one in changed] == ids[2:]
        with writing():
            changed = change(house.reservation(ids[2]), cast, "16:00", "17:00", which=Which.ALL)
            assert [one.id for one in changed] == ids[1:]
        with reading():
            first = house.reservation(ids[0])
            assert time.local(first.begins_at, "Asia/Shanghai").hour == 10
        with pytest.raises(Conflict, match="is over"), writing():
            change(house.reservation(ids[0]), cast, "14:00", "15:00")
        with pytest.raises(DomainError, match="one meeting at a time"), writing():
            change(house.reservation(ids[2]), cast, "16:00", "17:00", which=Which.ALL, day=MONDAY)


def test_a_detail_changes_without_touching_the_accepted_time(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context():
        with writing():
            (one,) = house.book(rooms.pine, cast, "14:00", "15:00")
            house.room(rooms.pine).after_minutes = 60
        with writing():
            change(house.reservation(one.id), cast, "14:00", "15:00", wish=house.wish(cast, "年会", by="zhou"))
        with reading():
            kept = house.reservation(one.id)
            assert kept.reserved_until - kept.ends_at == timedelta(minutes=15)
            assert (kept.title, kept.host_id, kept.person_id) == ("年会", None, cast.people["zhou"])


def test_a_meeting_is_extended_until_the_next_one(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context():
        with writing():
            (one,) = house.book(rooms.pine, cast, "14:00", "15:00")
            house.book(rooms.pine, cast, "15:45", "16:30")
            do(changes.extend, one, cast, minutes=30, site=house.site_of(cast))
            assert one.ends_at - one.begins_at == timedelta(minutes=90)
        with pytest.raises(Conflict, match="leaves 0 minutes"), writing():
            do(changes.extend, house.reservation(one.id), cast, minutes=15, site=house.site_of(cast))


def test_who_leaves_early_frees_the_room_after_clearing(app: Flask, cast: Cast, rooms: Rooms, clock: Any) -> None:
    with app.app_context():
        with writing():
            (one,) = house.book(rooms.pine, cast, "09:30", "12:00")
            do(ends.start, one, cast)
        clock.shift(timedelta(minutes=30))
        with pytest.raises(Conflict, match="being held"), writing():
            do(ends.cancel, house.reservation(one.id), cast, which=Which.ONE, reason="")
        with writing():
            do(ends.end_early, house.reservation(one.id), cast)
        with pytest.raises(Conflict, match="is taken"), writing():
            house.book(rooms.pine, cast, "10:10", "11:00")
        with writing():
            assert house.book(rooms.pine, cast, "10:15", "11:00")
        with pytest.raises(Conflict, match="is over"), writing():
            change(house.reservation(one.id), cast, "14:00", "15:00")


def test_whom_nobody_saw_loses_the_room_without_any_timer(app: Flask, cast: Cast, rooms: Rooms, clock: Any) -> None:
    with app.app_context():
        with writing():
            (one,) = house.book(rooms.cedar, cast, "10:00", "12:00")
        clock.shift(timedelta(minutes=44))
        with pytest.raises(Conflict, match="is taken"), writing():
            house.book(rooms.cedar, cast, "11:00", "11:30")
        clock.shift(timedelta(minutes=1))
        with writing():
            assert house.book(rooms.cedar, cast, "11:00", "11:30")
        with reading():
            gone = house.reservation(one.id)
            assert (gone.state, gone.ended_at) == ("released", gone.release_at)
        with pytest.raises(Conflict, match="is taken"), writing():
            do(ends.revive, house.reservation(one.id), cast)


def test_what_was_called_off_takes_place_after_all_while_the_room_is_free(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context():
        with writing():
            (one,) = house.book(rooms.pine, cast, "14:00", "15:00")
            do(ends.cancel, one, cast, which=Which.ONE, reason="改期")
        with writing():
            do(ends.revive, house.reservation(one.id), cast)
        with writing():
            do(ends.cancel, house.reservation(one.id), cast, which=Which.ONE, reason="")
            house.book(rooms.pine, cast, "14:30", "15:30")
        with pytest.raises(Conflict, match="is taken"), writing():
            do(ends.revive, house.reservation(one.id), cast)


def test_calling_off_this_and_the_later_ones_leaves_the_earlier(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context(), writing():
        made = house.book(rooms.pine, cast, "10:00", "11:00", days=WEEKLY)
        others = house.book(rooms.pine, cast, "15:00", "16:00", days=WEEKLY)
        gone = do(ends.cancel, made[1], cast, which=Which.LATER, reason="")
        assert [one.id for one in gone] == [one.id for one in made[1:]]
        assert {one.state for one in (made[0], *others)} == {"held"}


def test_what_has_ended_is_frozen_in_the_database(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context():
        with writing():
            (one,) = house.book(rooms.pine, cast, "09:30", "12:00")
            do(ends.end_early, one, cast)
        for values in ({"state": "held", "ended_at": None}, {"people": 9}, {"ends_at": time.now() + timedelta(days=1)}):
            with pytest.raises(IntegrityError) as caught, writing():
                db.session.execute(update(Reservation).where(Reservation.id == one.id).values(values))
            assert "is over" in refused(caught)
        with pytest.raises(IntegrityError), writing():
            db.session.execute(delete(Reservation).where(Reservation.id == one.id))
