"""V4: the first answer counts; a silent host has a deputy."""

import threading
from datetime import timedelta

import pytest
from flask import Flask

from domain import clock as house_clock
from domain.database import db, reading, writing
from domain.encryption import Keyring, use_keyring
from domain.errors import Conflict, NotFound
from domain.identity import SYSTEM, Actor
from domain.occupants.models import Host
from domain.visits import answers
from domain.visits.models import HostAnswer, Visit
from tests.cast import Cast
from tests.conftest import SECRET
from tests.stays import arrive


def test_of_two_who_answer_in_the_same_moment_one_is_told_so(app: Flask, cast: Cast) -> None:
    visit = arrive(app, cast, waits=True)
    start = threading.Barrier(2)
    ends: list[HostAnswer | None] = []

    def say(what: HostAnswer) -> None:
        with app.app_context():
            try:
                with writing():
                    here = db.session.get_one(Visit, visit.id)
                    if db.engine.dialect.name != "sqlite":  # SQLite lets in one writer, and so one reader of the state
                        start.wait(10)
                    answers.answer(here, what, by="host", actor=SYSTEM, now=house_clock.now())
                ends.append(what)
            except Conflict:
                ends.append(None)

    threads = [threading.Thread(target=say, args=(what,)) for what in (HostAnswer.MEET, HostAnswer.REFUSE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [won] = [what for what in ends if what]
    with app.app_context(), reading():
        assert len(ends) == 2
        assert db.session.get_one(Visit, visit.id).answer == won


def test_the_desk_has_told_the_visitor_with_its_answer_and_a_host_has_not(app: Flask, cast: Cast) -> None:
    by_desk, by_host = arrive(app, cast, waits=True), arrive(app, cast, waits=True, phone="+8613800138001")
    with app.app_context():
        for visit, by in ((by_desk, "desk"), (by_host, "host")):
            with writing():
                here = db.session.get_one(Visit, visit.id)
                answers.answer(here, HostAnswer.MEET, by=by, actor=SYSTEM, now=house_clock.now())
                assert (here.answer_told_at is not None) is (by == "desk")
        with writing():
            here = db.session.get_one(Visit, by_host.id)
            answers.told(here, actor=Actor("kiosk"), now=house_clock.now())
            assert here.answer_told_at


def test_a_link_lives_on_when_the_secret_is_changed(app: Flask, cast: Cast) -> None:
    visit = arrive(app, cast, waits=True)
    try:
        with app.app_context(), reading():
            old = answers.answer_token(visit.ref, cast.host_ref)
            use_keyring(Keyring.from_secret(["another secret, which is as long as it must be", SECRET]))
            assert answers.answer_token(visit.ref, cast.host_ref) != old
            assert answers.find_by_token(old, now=house_clock.now())[0].id == visit.id
            use_keyring(Keyring.from_secret(["another secret, which is as long as it must be"]))
            with pytest.raises(NotFound):
                answers.find_by_token(old, now=house_clock.now())
    finally:
        use_keyring(Keyring.from_secret([SECRET]))


def test_the_deputy_is_told_after_the_minutes_of_the_site_and_once(app: Flask, cast: Cast, clock) -> None:
    arrive(app, cast, waits=True)
    arrive(app, cast, phone="+8613800138001")
    told = []
    with app.app_context():
        for _ in range(6):
            with writing():
                told.append(answers.stand_in(now=house_clock.now(), actor=SYSTEM))
            clock.shift(timedelta(minutes=1))
    assert told == [0, 0, 0, 1, 0, 0]


def test_the_deputy_of_a_host_who_is_away_is_told_at_once(app: Flask, cast: Cast, clock) -> None:
    with app.app_context(), writing():
        db.session.get_one(Host, cast.host_id).away_until = house_clock.now() + timedelta(hours=1)
    visit = arrive(app, cast, waits=True)
    assert visit.deputy_told_at == house_clock.now()
