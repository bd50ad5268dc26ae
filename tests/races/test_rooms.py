"""M2: however many desks reserve at once, a room has one meeting at a time; who comes second is told so in words."""

from datetime import timedelta
from random import Random

from flask import Flask
from sqlalchemy import func, select

from domain import clock
from domain.database import db, reading, writing
from domain.meetings.models import Reservation
from tests import rooms as house
from tests.cabinet import actor_of
from tests.cast import Cast
from tests.races import rooms
from tests.races.race import Outcome, race

CLIENTS, TRIES = 8, 240


def test_no_room_has_two_meetings_at_once(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        pool = rooms.fill(cast.site_id)
        actor = actor_of(cast, "lisi")
    outcome = race(app, rooms.client(pool, actor), clients=CLIENTS, tries=TRIES)
    assert outcome.broken == []
    assert outcome.tries == TRIES
    assert 0 < outcome.won < TRIES
    with app.app_context(), reading():
        assert rooms.violations(pool) == []


def test_fifty_people_at_one_slot_and_one_of_them_gets_it(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        entered = house.furnish_rooms(cast)
        today = clock.local_date(clock.now(), "Asia/Shanghai")
    monday = today + timedelta(days=7 - today.weekday())

    def turn(outcome: Outcome, chance: Random) -> None:
        outcome.attempt(lambda: void(house.book(entered.pine, cast, "14:00", "15:00", days=(monday,))))

    outcome = race(app, turn, clients=CLIENTS, tries=50)
    assert (outcome.won, outcome.broken) == (1, [])
    assert outcome.refused.total() == 49
    with app.app_context(), reading():
        assert db.session.scalar(select(func.count()).select_from(Reservation)) == 1


def void(_anything: object) -> None:
    """Do it for what it does."""
