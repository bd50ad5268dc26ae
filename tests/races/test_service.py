"""M5, M8: of two who tick one step at once one did it and both are answered; closing and faults go together."""

import threading
from datetime import timedelta
from random import Random

from flask import Flask
from sqlalchemy import func, select

from domain import clock
from domain.database import db, reading, writing
from domain.meetings import closing, faults, steps
from domain.meetings.models import Reservation
from domain.meetings.service_models import ServiceOrder, ServiceStep
from domain.slips.models import Slip
from domain.ticks import LATE, TAKEN, Tick
from tests import rooms as house
from tests import service
from tests.cabinet import actor_of
from tests.cast import Cast
from tests.races.race import Outcome, race

CLIENTS, TRIES = 6, 24


def meeting_of(app: Flask, cast: Cast) -> tuple[int, int]:
    """A meeting with its service; gives its id and the order's."""
    with app.app_context(), writing():
        rooms = house.furnish_rooms(cast)
        today = clock.local_date(clock.now(), "Asia/Shanghai")
        monday = today + timedelta(days=7 - today.weekday())
        (one,) = house.book(rooms.pine, cast, "10:00", "11:00", days=(monday,))
        return one.id, service.order(one, cast).id


def test_a_step_is_done_once_however_many_tick_it(app: Flask, cast: Cast) -> None:
    _, order_id = meeting_of(app, cast)
    with app.app_context(), reading():
        step_id = service.steps_on(order_id, "clean")[0].id
        chen, lisi = actor_of(cast, "chen"), actor_of(cast, "lisi")
    answers: list[str] = []
    adding = threading.Lock()

    def turn(outcome: Outcome, chance: Random) -> None:
        def tick() -> None:
            step = db.session.get_one(ServiceStep, step_id)
            who = chen if chance.random() < 0.5 else lisi
            answer = steps.tick(step, service.sent(), how=steps.DONE, actor=who, now=clock.now())
            with adding:
                answers.append(answer.outcome)

        outcome.attempt(tick)

    outcome = race(app, turn, clients=CLIENTS, tries=TRIES)
    assert (outcome.broken, outcome.refused.total()) == ([], 0)
    assert sorted(answers) == [LATE] * (TRIES - 1) + [TAKEN]
    with app.app_context(), reading():
        assert db.session.scalar(select(func.count()).select_from(Tick)) == TRIES, "None is lost."


def test_the_same_tick_sent_by_an_impatient_device_is_one(app: Flask, cast: Cast) -> None:
    _, order_id = meeting_of(app, cast)
    with app.app_context(), reading():
        step_id, chen = service.steps_on(order_id, "clean")[0].id, actor_of(cast, "chen")
    made = service.sent()
    answers: list[str] = []

    def turn(outcome: Outcome, chance: Random) -> None:
        def tick() -> None:
            step = db.session.get_one(ServiceStep, step_id)
            answers.append(steps.tick(step, made, how=steps.DONE, actor=chen, now=clock.now()).outcome)

        outcome.attempt(tick)

    outcome = race(app, turn, clients=CLIENTS, tries=TRIES)
    assert (outcome.broken, outcome.won) == ([], TRIES)
    assert set(answers) == {TAKEN}
    with app.app_context(), reading():
        assert db.session.scalar(select(func.count()).select_from(Tick)) == 1


def test_closing_and_faults_in_the_same_moment_lose_nothing(app: Flask, cast: Cast) -> None:
    meeting_id, order_id = meeting_of(app, cast)
    with app.app_context(), writing():
        chen = actor_of(cast, "chen")
        for code in ("check", "power"):
            service.tick(order_id, code, cast)
        later = db.session.get_one(Reservation, meeting_id).ends_at + timedelta(minutes=30)

    def turn(outcome: Outcome, chance: Random) -> None:
        def shut() -> None:
            closing.close(db.session.get_one(ServiceOrder, order_id), actor=chen, now=later)

        def fault() -> None:
            meeting = db.session.get_one(Reservation, meeting_id)
            faults.note_fault(meeting, what="灯不亮", urgent=False, actor=chen, now=later)

        beside = Outcome()
        outcome.attempt(shut)
        beside.attempt(fault)
        outcome.broken += beside.broken + list(beside.refused)

    outcome = race(app, turn, clients=CLIENTS, tries=TRIES)
    assert (outcome.broken, outcome.won) == ([], 1)
    with app.app_context(), reading():
        assert db.session.scalar(select(func.count()).select_from(Slip)) == TRIES
