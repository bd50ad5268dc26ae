"""M5, M7: who is served has begun; moved to another room, a meeting is prepared there from the beginning (K8)."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from domain import clock as time
from domain.database import db, writing
from domain.keys.loan_models import Loan
from domain.keys.returns import return_keys
from domain.meetings import closing, steps
from domain.meetings.changes import Which, change
from domain.meetings.lapses import release_lapsed
from domain.meetings.models import Reservation
from domain.meetings.service_models import ServiceOrder, ServiceStep
from domain.ticks import LATE, TAKEN
from tests import cabinet as shelf
from tests import rooms as house
from tests import service
from tests.cabinet import actor_of
from tests.cast import Cast
from tests.rooms import Rooms, book


def serve_in(room_id: int, cast: Cast, since: str = "10:00", until: str = "11:00") -> tuple[Reservation, ServiceOrder]:
    """A meeting that Chen serves."""
    goods = service.fill_catalogue(cast)
    (one,) = book(room_id, cast, since, until)
    service.order(one, cast, (goods.tea, 5, 20))
    return one, service.give_to(one, cast)


def move(one: Reservation, cast: Cast, room_id: int, since: str = "10:00", until: str = "11:00") -> None:
    """Li Si moves it, at the same hour or at another."""
    change(
        one,
        which=Which.ONE,
        room=house.room(room_id),
        day=house.MONDAY,
        since=house.at(since),
        until=house.at(until),
        wish=house.wish(cast),
        site=house.site_of(cast),
        actor=actor_of(cast, "lisi"),
        now=time.now(),
    )


def test_who_is_served_keeps_the_room_although_nobody_said_that_they_have_begun(
    app: Flask, cast: Cast, rooms: Rooms, clock
) -> None:
    with app.app_context(), writing():
        one, order = serve_in(rooms.cedar, cast)
        service.tick(order.id, "greet", cast)
        assert one.started_at is None, "The attendant stands at the door; nobody is there yet."
    clock.shift(timedelta(minutes=33))  # 10:03
    with app.app_context(), writing():
        service.tick(order.id, "door", cast, made=service.sent(age=60))
        kept = db.session.get_one(Reservation, one.id)
        assert kept.started_at == time.now() - timedelta(seconds=60), "When it was ticked, not when it was heard of."
    clock.shift(timedelta(minutes=20))
    with app.app_context(), writing():
        assert release_lapsed([rooms.cedar], now=time.now()) == 0
        assert db.session.get_one(Reservation, one.id).state == "held"


def test_a_tick_made_in_time_and_sent_late_keeps_the_room_that_nobody_took(
    app: Flask, cast: Cast, rooms: Rooms, clock
) -> None:
    with app.app_context(), writing():
        one, order = serve_in(rooms.cedar, cast)
    clock.shift(timedelta(minutes=50))  # 10:20, five minutes after the room would be free
    with app.app_context(), writing():
        answer = service.tick(order.id, "door", cast, made=service.sent(age=15 * 60))
        assert answer.outcome == TAKEN
        assert db.session.get_one(Reservation, one.id).started_at == time.now() - timedelta(minutes=15)


def test_who_ticks_after_the_room_was_released_is_told_to_see_the_desk(
    app: Flask, cast: Cast, rooms: Rooms, clock
) -> None:
    with app.app_context(), writing():
        one, order = serve_in(rooms.cedar, cast)
        step_id = service.steps_on(order.id, "door")[0].id
    clock.shift(timedelta(minutes=50))
    with app.app_context(), writing():
        release_lapsed([rooms.cedar], now=time.now())
        door = db.session.get_one(ServiceStep, step_id)
        answer = steps.tick(door, service.sent(), how="done", actor=actor_of(cast, "chen"), now=time.now())
        assert (answer.outcome, "released" in answer.sentence) == (LATE, True)
        assert db.session.get_one(Reservation, one.id).state == "released"


def test_ticking_everything_after_the_end_begins_nothing(app: Flask, cast: Cast, rooms: Rooms, clock) -> None:
    with app.app_context(), writing():
        one, order = serve_in(rooms.pine, cast)
    clock.shift(timedelta(minutes=120))
    with app.app_context(), writing():
        service.tick(order.id, "door", cast)
        assert db.session.get_one(Reservation, one.id).started_at is None


def test_moved_to_another_room_everything_is_prepared_there_and_the_other_key_comes_back_first(
    app: Flask, cast: Cast, rooms: Rooms
) -> None:
    with app.app_context(), writing():
        stock = shelf.fill(cast)
        house.room(rooms.pine).key_id, house.room(rooms.bamboo).key_id = stock.room, stock.roof
        db.session.flush()
        one, order = serve_in(rooms.pine, cast)
        for code in ("key_out", "clean", "test"):
            assert service.tick(order.id, code, cast).outcome == TAKEN
        former = db.session.get_one(Loan, order.key_loan_id)
        taken = order.goods_at

        move(one, cast, rooms.bamboo)
        assert {step.code for step in service.steps_on(order.id) if step.how} == set()
        assert order.goods_at == taken, "The tea goes along."
        answer = service.tick(order.id, "key_out", cast)
        assert (answer.outcome, "former room" in answer.sentence) == (LATE, True)
        assert "The key is not back" in " ".join(b.sentence for b in closing.blocks(order, one, now=time.now()))
        return_keys([shelf.key(stock.room)], actor=actor_of(cast, "lisi"), now=time.now())
        assert service.tick(order.id, "key_out", cast).outcome == TAKEN
        assert order.key_loan_id != former.id
        assert db.session.get_one(Loan, order.key_loan_id).key_id == stock.roof


def test_moved_into_a_room_without_a_key_the_first_one_still_comes_back(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context(), writing():
        stock = shelf.fill(cast)
        house.room(rooms.pine).key_id = stock.room
        db.session.flush()
        one, order = serve_in(rooms.pine, cast)
        service.tick(order.id, "key_out", cast)
        move(one, cast, rooms.bamboo)
        assert service.steps_on(order.id, "key_out") == []
        assert service.tick(order.id, "key_back", cast).outcome == TAKEN
        assert db.session.scalars(select(Loan.ended_at)).one() is not None


def test_what_moves_by_an_hour_in_its_room_stays_prepared_and_by_half_a_day_does_not(
    app: Flask, cast: Cast, rooms: Rooms
) -> None:
    with app.app_context(), writing():
        one, order = serve_in(rooms.pine, cast)
        service.tick(order.id, "clean", cast)
        move(one, cast, rooms.pine, "11:00", "12:00")
        assert [step.how for step in service.steps_on(order.id, "clean")] == ["done"]
        move(one, cast, rooms.pine, "16:00", "17:00")
        assert [step.how for step in service.steps_on(order.id, "clean")] == [None]
