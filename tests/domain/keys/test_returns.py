"""K6: a return is never refused; a lost key is frozen, told of, followed up, and taken when it turns up."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from domain import clock, events
from domain.database import db, reading, writing
from domain.errors import Conflict
from domain.keys import returns
from domain.keys.cabinet import retire
from domain.keys.loan_models import Loan, LoanLine
from domain.keys.losses import report_lost
from domain.keys.models import Key
from domain.keys.returns import Kind, Return, return_keys
from domain.notices import Notice
from domain.people.models import Person
from domain.slips.models import Slip, SlipState
from domain.slips.queries import steps_of
from tests import cabinet as shelf
from tests.cabinet import Stock, refused
from tests.cast import Cast


def bring(cast: Cast, *key_ids: int, minutes: int = 0, **values: object) -> list[Return]:
    """Bring keys back to Li Si, so many minutes later."""
    now = clock.now() + timedelta(minutes=minutes)
    keys = [shelf.key(key_id) for key_id in key_ids]
    return return_keys(keys, actor=shelf.actor_of(cast, "lisi"), now=now, **values)  # type: ignore[arg-type]


def test_a_key_that_is_back_can_be_lent_again(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            loan = shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
        with writing():
            (back,) = bring(cast, stock.roof, minutes=30, condition="完好")
        assert (back.kind, back.late, back.left) == (Kind.RETURNED, False, 0)
        assert loan.ended_at == clock.now() + timedelta(minutes=30)
        with writing():
            shelf.hand_out(shelf.key(stock.roof), shelf.host_of(cast), cast)


def test_late_and_by_somebody_else_is_taken_and_recorded_so(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
        with writing():
            (back,) = bring(cast, stock.roof, minutes=90, brought_by="保安何样", confirmed=False)
        assert back.late
        with reading():
            line = db.session.scalars(select(LoanLine)).one()
            assert (line.brought_by, line.confirmed, line.ended_how) == ("保安何样", False, "returned")
            event = db.session.scalars(select(events.Event).where(events.Event.kind == "loan.returned")).one()
            assert event.facts["late"]
            assert event.facts["by_other"]
            assert "何样" not in str(event.facts)


def test_part_of_a_set_is_taken_and_the_rest_stays_out(app: Flask, cast: Cast, stock: Stock) -> None:
    first, second, third = stock.plant
    with app.app_context():
        with writing():
            loan = shelf.hand_out(shelf.key_set(stock.plant_set), shelf.person_of(cast, "chen"), cast)
        with writing():
            parts = bring(cast, first, third)
        assert [part.left for part in parts] == [1, 1]
        assert loan.ended_at is None
        with reading():
            assert [key.id for key in returns.out_of(shelf.key_set(stock.plant_set))] == [second]
        with pytest.raises(Conflict, match="JF-B1-07 is out"), writing():
            shelf.hand_out(shelf.key_set(stock.plant_set), shelf.person_of(cast, "chen"), cast)
        with writing():
            (last,) = bring(cast, second)
        assert last.left == 0
        assert loan.ended_at is not None


def test_what_was_not_out_is_taken_too_and_says_so(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            retire(shelf.key(stock.room), actor=shelf.actor_of(cast, "zhou"), now=clock.now())
        with writing():
            kinds = [one.kind for one in bring(cast, stock.roof, stock.room)]
        assert kinds == [Kind.ON_HOOK, Kind.RETIRED]
        with reading():
            told = db.session.scalars(select(events.Event).where(events.Event.kind == "key.handed_in")).all()
            assert [event.subject_id for event in told] == [stock.roof, stock.room]


def test_the_same_key_brought_twice_is_returned_once(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
        with writing():
            assert [one.kind for one in bring(cast, stock.roof)] == [Kind.RETURNED]
        with writing():
            assert [one.kind for one in bring(cast, stock.roof)] == [Kind.ON_HOOK]


def test_a_returned_loan_is_never_reopened_whoever_writes(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            loan = shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
            bring(cast, stock.roof)
        for change in (
            update(LoanLine).values(ended_at=None, ended_how=None),
            update(LoanLine).values(ended_how="lost"),
            update(Loan).values(ended_at=None),
        ):
            with pytest.raises(IntegrityError) as caught, writing():
                db.session.execute(change)
            assert refused(caught)
        for change in (db.delete(LoanLine), db.delete(Loan), update(LoanLine).values(key_id=stock.room)):
            with pytest.raises(IntegrityError), writing():
                db.session.execute(change)
        with pytest.raises(IntegrityError) as caught, writing():
            db.session.add(LoanLine(loan_id=loan.id, key_id=stock.room))
        assert "never opened again" in refused(caught)


def test_a_loan_does_not_end_while_a_key_of_it_is_out(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
        with pytest.raises(IntegrityError), writing():
            db.session.execute(update(Loan).values(ended_at=clock.now() + timedelta(hours=1)))


def test_a_lost_key_is_frozen_told_of_and_followed_up(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            db.session.get_one(Person, cast.people["wu"]).email = "wu@example.com"
            loan = shelf.hand_out(shelf.key_set(stock.plant_set), shelf.person_of(cast, "chen"), cast)
        with writing():
            slip = report_lost(
                shelf.key(stock.plant[0]), note="掉进管井", actor=shelf.actor_of(cast, "lisi"), now=clock.now()
            )
        assert loan.ended_at is None
        assert loan.lost
        assert (slip.cause, slip.label, slip.owner_id, slip.state) == (
            "key_lost",
            "JF-B1-06",
            cast.people["lisi"],
            SlipState.OPEN,
        )
        with reading():
            told = db.session.scalars(select(Notice).where(Notice.kind == "key.lost")).all()
            assert [one.recipient_id for one in told] == [cast.people["wu"]]
            line = db.session.scalars(select(LoanLine).where(LoanLine.key_id == stock.plant[0])).one()
            assert line.ended_how == "lost"
        with pytest.raises(Conflict, match="was reported lost"), writing():
            report_lost(shelf.key(stock.plant[0]), note="", actor=shelf.actor_of(cast, "lisi"), now=clock.now())
        with writing():
            bring(cast, *stock.plant[1:])
        assert loan.ended_at is not None


def test_a_key_that_was_thought_lost_is_taken_and_its_slip_learns_of_it(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
            slip = report_lost(shelf.key(stock.roof), note="", actor=shelf.actor_of(cast, "lisi"), now=clock.now())
        with writing():
            (found,) = bring(cast, stock.roof, brought_by="清洁工")
        assert found.kind == Kind.FOUND
        with reading():
            assert db.session.get_one(Key, stock.roof).lost_at is None
            assert db.session.get_one(Slip, slip.id).state == SlipState.OPEN
            assert [step.facts.get("learned") for step in steps_of(slip.id)] == [None, "key_found"]
        with writing():
            shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)


def test_a_clock_that_steps_back_breaks_nothing(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            loan = shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
        with writing():
            bring(cast, stock.roof, minutes=-61)
        assert loan.ended_at == loan.out_at
