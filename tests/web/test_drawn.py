"""What many screens look at is drawn once, and never for whom it is not, nor after something happened."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask, g
from markupsafe import Markup
from sqlalchemy import select

from domain import clock as time
from domain.database import db, writing
from domain.identity import Actor
from domain.people.models import Person
from domain.permissions import Role
from domain.visits.departures import sign_out
from domain.visits.models import Visit
from tests.blueprints.desk.test_board import come, statements
from tests.cast import Cast, at_desk
from web import drawn
from web.tokens import form_token


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


class Drawer:
    """Draws a line of a row, and counts."""

    def __init__(self) -> None:
        self.rows: list[object] = []

    def __call__(self, row: tuple[object, ...], *said: str) -> Markup:
        self.rows.append(row)
        return Markup("<li>{} {} {}</li>").format(row[0], "".join(said), form_token("visits.depart"))


@pytest.fixture
def signed_in(app: Flask, cast: Cast) -> Iterator[None]:
    with app.test_request_context("/desk"):
        g.actor = Actor("staff", 1, "", cast.site_id, ((Role.RECEPTIONIST, cast.site_id),))
        g.language = "en"
        yield


@pytest.mark.usefixtures("signed_in")
def test_of_a_list_only_the_lines_that_changed_are_drawn_anew() -> None:
    draw = Drawer()
    first = drawn.lines("some", [("a", 1), ("b", 1)], draw)
    assert drawn.lines("some", [("a", 1), ("b", 2)], draw) != first
    assert draw.rows == [("a", 1), ("b", 1), ("b", 2)]
    drawn.lines("others", [("a", 1)], draw)
    drawn.lines("some", [("a", 1)], draw, "whatever else it depends on")
    g.language = "zh_Hans"
    drawn.lines("some", [("a", 1)], draw)
    g.actor = Actor("staff", 1, "", g.actor.site_id, ((Role.LEAD, g.actor.site_id),))
    drawn.lines("some", [("a", 1)], draw)
    assert draw.rows[3:] == [("a", 1)] * 4, "another list, another dependence, another language, other rights"


@pytest.mark.usefixtures("signed_in")
def test_what_a_line_says_of_the_time_is_drawn_when_it_changes() -> None:
    draw, words = Drawer(), iter(("11 min", "11 min", "12 min"))
    for _ in range(3):
        html = drawn.lines("some", [("a", 1)], draw, said=lambda _row: next(words))
    assert len(draw.rows) == 2
    assert "12 min" in html


@pytest.mark.usefixtures("signed_in")
def test_each_line_has_a_token_of_its_own_and_what_was_typed_is_escaped() -> None:
    draw = Drawer()
    html = drawn.lines("some", [("<b>", 1), ("b", 1)], draw) + drawn.lines("some", [("<b>", 1)], draw)
    tokens = re.findall(r" (\S+)</li>", html)
    assert len(set(tokens)) == 3
    assert len(draw.rows) == 2
    assert html.count("&lt;b&gt;") == 2


@pytest.mark.usefixtures("signed_in")
def test_a_line_that_nobody_looks_at_is_forgotten(clock: time_machine.Traveller) -> None:
    draw, both = Drawer(), [("a", 1), ("b", 1)]
    drawn.lines("some", both, draw)
    for _ in range(4):
        clock.shift(timedelta(minutes=drawn.LINES_LAST - 1))
        drawn.lines("some", both[:1], draw)
    assert len(draw.rows) == 2, "what is looked at all the time stays"
    drawn.lines("some", both, draw)
    assert draw.rows[2:] == [("b", 1)]
    clock.shift(timedelta(minutes=2 * drawn.LINES_LAST))
    drawn.lines("some", both, draw)
    assert len(draw.rows) == 5


@pytest.mark.usefixtures("signed_in")
def test_so_many_lines_are_kept_and_no_more(app: Flask) -> None:
    draw = Drawer()
    for part in range(9):
        drawn.lines("some", [(number, part) for number in range(drawn.MOST_LINES // 3)], draw)
    kept = app.extensions[drawn.KEPT]
    assert sum(len(of) for lines in (kept.lines, kept.before) for of in lines.values()) <= 2 * drawn.MOST_LINES
