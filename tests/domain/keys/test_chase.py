"""K5: borrower, desk, supervisor; each step once, computed from the due time and not from a round having run."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from domain import clock, events
from domain.database import db, reading, writing
from domain.identity import SYSTEM
from domain.keys.chase import chase, step_of
from domain.keys.hooks import tally
from domain.keys.loan_queries import out_now
from domain.keys.returns import return_keys
from domain.notices import Notice
from domain.people.models import Person
from tests import cabinet as shelf
from tests.cabinet import Stock
from tests.cast import Cast


def go_round(minutes: int) -> int:
    """A round so many minutes from now."""
    with writing():
        return chase(actor=SYSTEM, now=clock.now() + timedelta(minutes=minutes))


def told(kind: str) -> list[int]:
    """Who was told of it."""
    with reading():
        found = select(Notice.recipient_id).where(Notice.kind == kind).order_by(Notice.id)
        return list(db.session.scalars(found))


def test_each_step_is_taken_once_in_its_time(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            db.session.get_one(Person, cast.people["wu"]).email = "wu@example.com"
            shelf.hand_out(shelf.key(stock.room), shelf.host_of(cast), cast, minutes=60)
        assert go_round(59) == 0
        assert [go_round(60), go_round(61)] == [1, 0]
        assert told("key.due") == [cast.host_id]
        assert [go_round(74), go_round(75), go_round(76)] == [0, 1, 0]
        assert told("key.overdue_long") == []
        assert [go_round(179), go_round(180), go_round(999)] == [0, 1, 0]
        assert told("key.overdue_long") == [cast.people["wu"]]
        assert told("key.due") == [cast.host_id]


def test_a_round_that_comes_late_takes_all_steps_at_once(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast, minutes=60)
        assert [go_round(24 * 60), go_round(24 * 60)] == [3, 0]
        with reading():
            steps = db.session.scalars(
                select(events.Event.facts).where(events.Event.kind == "loan.chased").order_by(events.Event.number)
            ).all()
            assert [step["step"] for step in steps] == [1, 2, 3]
            assert steps[0]["told"] is False


def test_what_is_back_is_not_chased(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast, minutes=60)
            return_keys([shelf.key(stock.roof)], actor=shelf.actor_of(cast, "lisi"), now=clock.now())
        assert go_round(24 * 60) == 0


def test_the_desk_sees_what_is_late_without_any_round(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast, minutes=60)
            shelf.hand_out(shelf.key(stock.room), shelf.host_of(cast), cast, minutes=100)
        lisi = shelf.actor_of(cast, "lisi")
        with reading():
            at = {minutes: clock.now() + timedelta(minutes=minutes) for minutes in (59, 60, 75, 180)}
            rows = out_now(cast.site_id, actor=lisi, most=9)
            assert [row.tag for row in rows] == ["GG-01", "HY-03"]
            assert [step_of(rows[0], now) for now in at.values()] == [0, 1, 2, 3]
            figures = tally(cast.site_id, actor=lisi, soon=at[75] + timedelta(hours=1), now=at[75])
            assert (figures.out, figures.overdue, figures.soon) == (2, 1, 1)
            nothing = tally(cast.other_site_id, actor=lisi, soon=at[75], now=at[75])
            assert (nothing.out, nothing.overdue, nothing.soon) == (0, 0, 0)
