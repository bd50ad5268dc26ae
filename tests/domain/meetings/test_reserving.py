"""A room has one meeting at a time, set-up and clearing included, whichever way it is written down."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from domain import clock as time
from domain.database import db, reading, writing
from domain.errors import Conflict, DomainError
from domain.meetings.models import Reservation, Room
from domain.meetings.reservations import Clashes
from domain.meetings.rooms import change_room
from tests import rooms as house
from tests.cabinet import actor_of, refused
from tests.cast import Cast
from tests.rooms import MONDAY, TUESDAY, Rooms


def test_a_reservation_takes_set_up_and_clearing_from_the_room(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context(), writing():
        (made,) = house.book(rooms.cedar, cast, "14:00", "15:00")
        assert made.begins_at - made.reserved_from == timedelta(minutes=30)
        assert made.reserved_until - made.ends_at == timedelta(minutes=15)
        assert (made.number, made.unit_id, made.host_id) == (1, cast.unit_id, cast.host_id)


@pytest.mark.parametrize(
    ("since", "until"), [("14:00", "15:00"), ("13:00", "13:35"), ("15:40", "16:30"), ("13:00", "17:00")]
)
def test_nobody_gets_a_part_of_the_time_of_another(
    app: Flask, cast: Cast, rooms: Rooms, since: str, until: str
) -> None:
    with app.app_context():
        with writing():
            house.book(rooms.cedar, cast, "14:00", "15:00")
        with pytest.raises(Conflict, match="is taken"), writing():
            house.book(rooms.cedar, cast, since, until)
        with writing():
            assert house.book(rooms.pine, cast, since, until)


def test_the_database_refuses_what_no_operation_looked_at(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context():
        with writing():
            (first,) = house.book(rooms.pine, cast, "14:00", "15:00")
            (other,) = house.book(rooms.pine, cast, "16:00", "17:00")
            first_id, other_id = first.id, other.id
        behind = {
            "begins_at": first.begins_at,
            "ends_at": first.ends_at,
            "reserved_from": first.reserved_from,
            "reserved_until": first.reserved_until,
        }
        with pytest.raises(IntegrityError) as caught, writing():
            db.session.execute(update(Reservation).where(Reservation.id == other_id).values(behind))
        assert "just reserved this room" in refused(caught)
        told = {"title": "x", "people": 1, "host_id": cast.host_id, "made_at": time.now()}
        unseen = Reservation(site_id=cast.site_id, number=99, room_id=rooms.pine, **told, **behind)
        with pytest.raises(IntegrityError) as caught, writing():
            db.session.add(unseen)
        assert "just reserved this room" in refused(caught)
        with writing():
            values = {"state": "cancelled", "ended_at": time.now()}
            db.session.execute(update(Reservation).where(Reservation.id == first_id).values(values))
            db.session.execute(update(Reservation).where(Reservation.id == other_id).values(behind))
        again = {"state": "held", "ended_at": None}
        with pytest.raises(IntegrityError) as caught, writing():
            db.session.execute(update(Reservation).where(Reservation.id == first_id).values(again))
        assert "just reserved this room" in refused(caught)


@pytest.mark.parametrize(
    ("since", "until", "day", "words"),
    [
        ("14:00", "14:00", MONDAY, "begins and ends at the same time"),
        ("14:00", "13:00", MONDAY, "The end lies before the beginning"),
        ("22:00", "01:00", MONDAY, "Over midnight"),
        ("08:00", "09:00", MONDAY, "This time is over"),
        ("07:00", "09:00", TUESDAY, "is open from 08:00 to 20:00"),
        ("19:00", "20:30", TUESDAY, "is open from 08:00 to 20:00"),
        ("10:00", "11:00", date(2026, 3, 7), "is closed on this weekday"),
        ("10:00", "11:00", date(2028, 6, 1), "at most two years"),
        ("10:02", "11:00", TUESDAY, "steps of 5 minutes"),
    ],
)
def test_a_time_that_makes_no_sense_is_refused_in_words(
    app: Flask, cast: Cast, rooms: Rooms, since: str, until: str, day: date, words: str
) -> None:
    with app.app_context(), pytest.raises(DomainError, match=words), writing():
        house.book(rooms.pine, cast, since, until, days=(day,))


def test_more_people_than_seats_or_a_layout_the_room_has_not_are_refused(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context():
        with pytest.raises(DomainError, match="12 seats, for 13 people"), writing():
            house.book(rooms.pine, cast, "14:00", "15:00", meeting=house.wish(cast, people=13))
        with pytest.raises(DomainError, match="cannot be set up"), writing():
            house.book(rooms.pine, cast, "14:00", "15:00", meeting=house.wish(cast, layout="banquet"))


def test_a_series_names_each_date_that_cannot_be_and_lets_it_be_left_out_or_moved(
    app: Flask, cast: Cast, rooms: Rooms
) -> None:
    days = tuple(TUESDAY + timedelta(days=7 * week) for week in range(4))
    with app.app_context():
        with writing():
            house.book(rooms.pine, cast, "10:00", "11:00", days=(days[1],))
            house.book(rooms.pine, cast, "10:00", "11:00", days=(days[3],))
        with pytest.raises(Clashes) as caught, writing():
            house.book(rooms.pine, cast, "10:30", "11:30", days=days)
        clashes = caught.value.clashes
        assert [clash.day for clash in clashes] == [days[1], days[3]]
        assert [f"{each:%H:%M}" for each in clashes[0].others] == ["08:00", "08:45", "11:15", "19:00"]
        with reading():
            assert len(db.session.scalars(select(Reservation)).all()) == 2
        with writing():
            instead = {days[1]: None, days[3]: house.at("11:15")}
            made = house.book(rooms.pine, cast, "10:30", "11:30", days=days, instead=instead)
        assert [one.begins_at.astimezone(time.zone("Asia/Shanghai")).strftime("%d %H:%M") for one in made] == [
            "03 10:30",
            "17 10:30",
            "24 11:15",
        ]
        assert len({one.series for one in made}) == 1


def test_later_rules_of_a_room_alter_nothing_that_was_accepted(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context():
        with writing():
            (made,) = house.book(rooms.pine, cast, "14:00", "15:00")
            until = made.reserved_until
            pine = house.room(rooms.pine)
            values = {name: getattr(pine, name) for name in ("name", "capacity", "opens", "open_days")}
            change_room(
                pine,
                actor=actor_of(cast, "zhou"),
                now=time.now(),
                **values | {"after_minutes": 120, "closes": 600, "capacity": 1},
            )
        with reading():
            kept = house.reservation(made.id)
            assert kept.reserved_until == until
            assert kept.state == "held"
            assert db.session.get_one(Room, rooms.pine).capacity == 1
