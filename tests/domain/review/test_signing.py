"""A span goes on where the last one ended, whoever signs and whatever happens meanwhile (R1)."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from domain import clock as time
from domain import registers
from domain.database import db, reading, writing
from domain.errors import Conflict, DomainError, NotAllowed
from domain.review import board, lookout, pages, sealing, signing, verification
from domain.review.models import Mark, Review, Waiting
from domain.sites.models import Site
from domain.visits.stay_times import StayTimes
from tests.domain.review.conftest import actor_of


def span(desk, login="wu"):
    """What the page of visits shows now: numbers from earlier, and of the span."""
    with desk.app.app_context(), reading():
        site, who = db.session.get_one(Site, desk.cast.site_id), actor_of(desk.cast, login)
        shown = pages.span(registers.get("visits"), site, most=50, actor=who, now=time.now())
        return [row.number for row in shown.earlier], [row.number for row in shown.rows]


def board_of(desk, login="wu"):
    """The line of visits on the board."""
    with desk.app.app_context(), reading():
        (one,) = board.boards(actor_of(desk.cast, login), now=time.now())
        return next(line for line in one.lines if line.register.name == "visits")


def test_what_is_left_out_waits_and_is_signed_with_the_next_span(desk):
    desk.visits(4)
    desk.sign(desk.shown(1, 4, but=(2,)))
    assert span(desk) == ([2], [])
    desk.visits(1, begin=20)
    line = board_of(desk)
    assert (line.fresh, line.earlier, line.unread, line.unsigned) == (1, 1, 1, 2)
    desk.sign(desk.shown(5, 4, more=(2,)))
    assert span(desk) == ([], [5])
    desk.sign(desk.shown(5, 5))
    assert span(desk) == ([], [])


def test_a_change_after_the_signature_is_found_by_day_and_by_night(desk, app):
    visits = desk.visits(3)
    desk.sign(desk.shown(1, 3))
    desk.correct(visits[1], "改正")
    assert span(desk) == ([2], [])
    with app.app_context():
        lookout.note_changes(now=time.now())
        with reading():
            assert [(row.number, row.why) for row in db.session.scalars(select(Waiting))] == [(2, "changed")]
            assert db.session.scalars(select(Mark.looked_to)).one() > 0
    assert span(desk) == ([2], [])
    desk.sign(desk.shown(4, 3, more=(2,)))
    assert span(desk) == ([], [])
    with app.app_context():
        lookout.note_changes(now=time.now())
    assert span(desk) == ([], [])


def test_a_register_that_was_never_signed_begins_with_this_week(desk, app, cast, clock):
    desk.visits(3)
    clock.shift(timedelta(days=7))
    desk.visits(2, begin=30)
    with app.app_context(), writing():
        site, monday = db.session.get_one(Site, cast.site_id), time.now() - timedelta(hours=10)
        visits, wu = registers.get("visits"), actor_of(cast, "wu")
        assert signing.begin_with(visits, site, monday, actor=wu, now=time.now()) == 3
    assert span(desk) == ([], [4, 5])
    desk.sign(desk.shown(4, 5))
    with app.app_context(), pytest.raises(Conflict), writing():
        signing.begin_with(visits, db.session.get_one(Site, cast.site_id), monday, actor=wu, now=time.now())


def test_only_who_may_sign_signs(desk, app, cast):
    desk.visits(1)
    for login in ("lisi", "zhou", "he", "xu", "qian"):
        with pytest.raises(NotAllowed):
            desk.sign(desk.shown(1, 1), by=login)
    with pytest.raises(DomainError, match="Tick at least one"):
        desk.sign(desk.shown(1, 1, but=(1,)))


def test_the_database_itself_takes_no_span_twice_and_keeps_what_was_signed(desk, app, cast):
    desk.visits(2)
    desk.sign(desk.shown(1, 2))
    columns = [
        column.name for column in Review.__table__.columns if column.name not in ("id", "ref", "number", "first")
    ]
    again = f"INSERT INTO reviews (id, ref, number, first, {', '.join(columns)}) "
    again += f"SELECT 99, 'again', 99, 2, {', '.join(columns)} FROM reviews"  # noqa: S608
    for attack in (
        again,
        "UPDATE reviews SET last = 5",
        "UPDATE reviews SET remark = 'other'",
        "DELETE FROM reviews",
        "UPDATE review_entries SET digest = ''",
        "UPDATE review_entries SET salt = 'other'",
        "DELETE FROM review_entries",
        "UPDATE seals SET root = ''",
        "DELETE FROM seals",
    ):
        with app.app_context(), pytest.raises(Exception, match=r"reviews_|review_entries_|seals_"), writing():
            db.session.execute(text(attack))


def test_of_many_who_sign_the_same_span_at_once_one_does(desk, app):
    desk.visits(5)
    shown, results, start = desk.shown(1, 5), [], threading.Barrier(4)

    def sign() -> None:
        start.wait()
        try:
            results.append(desk.sign(shown).review.number)
        except DomainError as refused:
            results.append(refused.status)
        except Exception as broken:
            results.append(repr(broken))

    threads = [threading.Thread(target=sign) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, results)) == ["1", "409", "409", "409"]


def test_the_night_seals_what_nobody_signed(desk, app, cast, clock):
    desk.visits(3)
    with app.app_context():
        assert sealing.catch_up_everywhere(now=time.now()) == 2, "The site, and the house's own history."
        assert sealing.catch_up(cast.site_id, now=time.now()) == 0
    desk.sign(desk.shown(1, 3))
    with app.app_context(), reading():
        rows = db.session.execute(
            text("SELECT first_event, last_event FROM seals WHERE site_id = 1 ORDER BY number")
        ).all()
    assert rows[1][1] == rows[1][0] - 1, "The signature binds what the night has sealed."


def test_times_corrected_after_the_signature_wait_to_be_signed_anew_and_nothing_was_touched(app, desk):
    visits = desk.visits(2)
    desk.sign(desk.shown(1, 2))
    desk.correct(visits[0], times=StayTimes(time.now() - timedelta(minutes=25), why="on paper"))
    assert desk.ask(lambda: list(verification.problems())) == []
    assert span(desk) == ([1], [])
    desk.sign(desk.shown(3, 2, more=(1,)))
    assert span(desk) == ([], [])
    assert desk.ask(lambda: list(verification.problems())) == []
