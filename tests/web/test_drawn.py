"""What many screens look at is drawn once, and never for whom it is not, nor after something happened."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from domain import clock as time
from domain.database import db, writing
from domain.identity import Actor
from domain.people.models import Person
from domain.visits.departures import sign_out
from domain.visits.models import Visit
from tests.blueprints.desk.test_board import come, statements
from tests.cast import Cast, at_desk


@pytest.fixture(autouse=True)
def _time_stands(clock: time_machine.Traveller) -> None:
    """No minute ends in the middle of a test."""


def tokens(answer: object) -> set[str]:
    return {field["value"] for field in answer.page.select("#board input[name=form_token]")}  # type: ignore[attr-defined]


def test_a_second_tablet_gets_what_the_first_drew_with_tokens_of_its_own(app: Flask, cast: Cast) -> None:
    ref = come(app, cast)
    first, second = at_desk(app, cast), at_desk(app, cast)
    seen = first.get("/desk")
    sent = statements(app)
    again = second.get("/desk")
    assert len(sent) == 2, "who it is, and what is asked of them"
    assert again.page.select_one("#board h2").text == seen.page.select_one("#board h2").text
    assert tokens(again)
    assert not tokens(again) & tokens(seen)
    gone = second.submit("/desk", form=f"form[action='/visits/{ref}/departures']")
    assert gone.status_code == 303, "and they are good"
    assert not first.get("/desk").page.select_one(f"#in-{ref}")


def test_whatever_happens_is_drawn_at_once(app: Flask, cast: Cast) -> None:
    ref, desk = come(app, cast, name="钱七"), at_desk(app, cast)
    assert "钱七" in desk.get("/desk").page.select_one(f"#in-{ref}").text
    with app.test_request_context(), writing():  # within a request: what tests do by hand forgets all boards
        visit = db.session.scalars(select(Visit).where(Visit.ref == ref)).one()
        sign_out(visit, how="desk", actor=Actor("staff", 1, "", cast.site_id), now=time.now())
    assert not desk.get("/desk").page.select_one(f"#in-{ref}")
    assert "钱七" in desk.get("/desk").page.select_one(f"#left-{ref}").text


def test_another_language_is_drawn_in_it(app: Flask, cast: Cast) -> None:
    first, second = at_desk(app, cast), at_desk(app, cast)
    assert "Nobody is waiting." in first.get("/desk").words
    with app.test_request_context(), writing():
        for person in db.session.scalars(select(Person)):
            person.language = "zh_Hans"
    assert "Nobody is waiting." not in second.get("/desk").words


def test_nothing_is_kept_beyond_its_minute(app: Flask, cast: Cast, clock: time_machine.Traveller) -> None:
    desk = at_desk(app, cast)
    desk.get("/desk")
    sent = statements(app)
    clock.shift(timedelta(minutes=1))
    desk.get("/desk")
    assert len(sent) > 2
