"""The closing list says who still has a key, and what is out on a visitor's name, with the way to the loan (V9)."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from domain import clock as time
from domain.database import db, reading, writing
from domain.keys.borrowers import Who, visitor
from domain.keys.cabinet import add_key
from domain.keys.classes import KeyClass
from domain.keys.rules import set_rules
from domain.occupants.models import Host, Unit
from domain.permissions import Role
from domain.sites.models import Purpose, Site
from domain.visits.models import Visit
from tests import cabinet as shelf
from tests import factories as make
from tests.blueprints.admin.test_every_page import MOST_STATEMENTS, statements
from tests.cast import Cast, at_desk
from tests.client import FoyerClient


@pytest.fixture
def stock(app: Flask, cast: Cast, clock: object) -> shelf.Stock:
    with app.app_context(), writing():
        return shelf.fill(cast)


@pytest.fixture
def garage(app: Flask, cast: Cast, stock: shelf.Stock) -> int:
    """The id of a second key that may be lent to strangers."""
    with app.app_context(), writing():
        zhou, cabinet = shelf.actor_of(cast, "zhou"), shelf.cabinet_of(stock)
        public, now = KeyClass.PUBLIC, time.now()
        return add_key(cabinet=cabinet, hook=9, tag="GG-02", opens="地库门", class_code=public, actor=zhou, now=now).id


@pytest.fixture
def desk(app: Flask, cast: Cast, stock: shelf.Stock) -> FoyerClient:
    return at_desk(app, cast)


@pytest.fixture
def refs(app: Flask, cast: Cast, stock: shelf.Stock) -> list[str]:
    """Two who are still in."""
    with app.app_context(), writing():
        site, unit = db.session.get_one(Site, cast.site_id), db.session.get_one(Unit, cast.unit_id)
        host, purpose = db.session.get_one(Host, cast.host_id), db.session.get_one(Purpose, cast.purpose_id)
        return [
            make.make_visit(site, purpose, unit, host, name=name, phone=f"+861380013800{number}").ref
            for number, name in enumerate("甲乙")
        ]


def lines_of(desk: FoyerClient, ref: str) -> list[tuple[str, str]]:
    """What stands in the visitor's row of keys: words, and where they lead."""
    held = desk.get("/desk/closing").page.select(f"#in-{ref} .held")
    return [(" ".join(line.get_text(" ").split()), (line.select_one("a") or {}).get("href", "")) for line in held]


def lend_to(app: Flask, cast: Cast, thing_id: int, who: Callable[[], Who]) -> str:
    """Hand that key out; gives the loan's ref."""
    with app.app_context(), writing():
        return shelf.hand_out(shelf.key(thing_id), who(), cast).ref


def visitor_of(cast: Cast, ref: str) -> Who:
    return visitor(ref, site_id=cast.site_id, now=time.now())


def test_who_still_has_a_key_is_told_with_the_way_to_the_loan(
    app: Flask, cast: Cast, desk: FoyerClient, refs: list[str], stock: shelf.Stock, garage: int
) -> None:
    assert "Key is out" not in desk.get("/desk/closing").words
    before = statements(app, lambda: desk.get("/desk/closing"))
    loan = lend_to(app, cast, stock.roof, lambda: visitor_of(cast, refs[0]))
    assert lines_of(desk, refs[0]) == [("Key is out GG-01, 天台门", f"/loans/{loan}")]
    assert not lines_of(desk, refs[1])
    page = desk.get("/desk/closing")
    assert "1 of them still has a key" in page.words
    lend_to(app, cast, garage, lambda: visitor_of(cast, refs[1]))
    assert statements(app, lambda: desk.get("/desk/closing")) == before <= MOST_STATEMENTS
    assert desk.get(f"/loans/{loan}").status_code == 200


def test_a_key_that_is_out_on_the_same_name_is_told_as_that(
    app: Flask, cast: Cast, desk: FoyerClient, refs: list[str], stock: shelf.Stock, garage: int
) -> None:
    same = lend_to(app, cast, stock.roof, lambda: shelf.worker("甲", "+8613800138000"))
    lend_to(app, cast, garage, lambda: shelf.worker("乙", "+8613900000099"))
    ((words, url),) = lines_of(desk, refs[0])
    assert (words.split(" GG-01")[0], url) == ("On the same name", f"/loans/{same}")
    assert not lines_of(desk, refs[1]), "another phone is somebody else"
    assert "still has a key" not in desk.get("/desk/closing").words, "that it is the same person is a guess"
    with app.app_context(), writing():
        db.session.scalars(select(Visit).where(Visit.ref == refs[1])).one().phone = ""
    assert len(lines_of(desk, refs[1])) == 1, "without a phone the name tells"


def test_a_loan_that_the_reader_may_not_see_is_told_without_a_way_to_it(
    app: Flask, cast: Cast, desk: FoyerClient, refs: list[str], stock: shelf.Stock, garage: int
) -> None:
    lend_to(app, cast, stock.roof, lambda: visitor_of(cast, refs[0]))
    lend_to(app, cast, garage, lambda: shelf.worker("乙", "+8613800138001"))
    with app.app_context(), writing():
        manager, lead = shelf.actor_of(cast, "he"), frozenset({Role.LEAD})
        set_rules(site_id=cast.site_id, code=KeyClass.PUBLIC, seen_by=lead, actor=manager, now=time.now())
    assert [url for _, url in lines_of(desk, refs[0])] == [""]
    assert lines_of(desk, refs[1]) == []


def press(desk: FoyerClient, refs: list[str], seen: str, known: list[str] | None = None) -> Any:
    """The button at the bottom, with these ticked; gives the list as it is after that."""
    token = desk.get("/desk/closing").page.select_one("#gone [name=form_token]")["value"]
    data = {"form_token": token, "visits": refs, "seen": seen} | ({"known": known} if known is not None else {})
    answer = desk.post("/desk/closing", data=data)
    assert answer.status_code == 303
    return desk.get(answer.location)


def states(app: Flask) -> list[str]:
    with app.app_context(), reading():
        return list(db.session.scalars(select(Visit.state).order_by(Visit.id)))


def test_of_several_who_were_seen_those_with_a_key_stay_and_are_named(
    app: Flask, cast: Cast, desk: FoyerClient, refs: list[str], stock: shelf.Stock
) -> None:
    lend_to(app, cast, stock.roof, lambda: visitor_of(cast, refs[0]))
    page = press(desk, refs, "1")
    assert states(app) == ["inside", "left"]
    assert "1 visit signed out, seen leaving." in page.words
    told = page.page.select_one("[role=alert]")
    assert "1 still has a key and was not signed out" in told.get_text()
    assert "甲" in told.get_text()
    assert "GG-01" in told.get_text()
    assert told.select_one("a")["href"] == f"#in-{refs[0]}"
    assert page.page.select_one(f"#tick-{refs[0]}-box").has_attr("checked")
    assert "had left meanwhile" not in page.words


def test_who_left_with_a_key_all_the_same_is_signed_out_on_a_second_word(
    app: Flask, cast: Cast, desk: FoyerClient, refs: list[str], stock: shelf.Stock
) -> None:
    loan = lend_to(app, cast, stock.roof, lambda: visitor_of(cast, refs[0]))
    press(desk, refs[:1], "1")
    again = press(desk, refs[:1], "1")
    assert states(app)[0] == "inside", "the same button pressed twice by a hasty finger is no second word"
    button = again.page.select_one("[role=alert] button")
    known = [field["value"] for field in again.page.select("#gone [name=known]")]
    assert (button["form"], known) == ("gone", [loan])
    gone = press(desk, refs[:1], button["value"], known)
    assert states(app)[0] == "left"
    assert "was not handed in on leaving and is still out" in gone.words
    assert "GG-01" in gone.page.select_one(f"#left-{refs[0]} .held").get_text(), "it is shown as long as the name is"
    entry = desk.get(f"/visits/{refs[0]}")
    assert "Signed out although a key is not back" in entry.words
    assert "was not handed in on leaving and is still out" in entry.words
    assert entry.page.select(f"a[href='/loans/{loan}']")


def test_the_second_word_holds_for_the_keys_that_were_told_alone(
    app: Flask, cast: Cast, desk: FoyerClient, refs: list[str], stock: shelf.Stock, garage: int
) -> None:
    loan = lend_to(app, cast, stock.roof, lambda: visitor_of(cast, refs[0]))
    lend_to(app, cast, garage, lambda: visitor_of(cast, refs[0]))
    press(desk, refs[:1], "knowing", [loan])
    assert states(app)[0] == "inside"


def test_who_was_not_seen_is_marked_and_the_answer_says_which_key_is_still_out(
    app: Flask, cast: Cast, desk: FoyerClient, refs: list[str], stock: shelf.Stock
) -> None:
    loan = lend_to(app, cast, stock.roof, lambda: visitor_of(cast, refs[0]))
    page = press(desk, refs, "0")
    assert states(app) == ["probably_left"] * 2
    assert "甲, badge A-001: The key GG-01 (天台门) was not handed in on leaving and is still out." in page.words
    entry = desk.get(f"/visits/{refs[0]}")
    assert "marked as probably left although a key is not back" in entry.words
    assert entry.page.select(f"a[href='/loans/{loan}']")
    for board in ("/keys", "/loans?state=out"):
        assert "GG-01" in desk.get(board).words, "the desk keeps an eye on it"


def test_those_with_a_key_come_first_and_the_note_leads_there(
    app: Flask, cast: Cast, desk: FoyerClient, refs: list[str], stock: shelf.Stock
) -> None:
    def order() -> list[str]:
        return [row["id"] for row in desk.get("/desk/closing").page.select(".going li")]

    assert order() == [f"in-{refs[0]}", f"in-{refs[1]}"]
    lend_to(app, cast, stock.roof, lambda: visitor_of(cast, refs[1]))
    assert order() == [f"in-{refs[1]}", f"in-{refs[0]}"]
    note = desk.get("/desk/closing").page.select_one(".note a")
    assert (note["href"], note.get_text()[:25]) == (f"#in-{refs[1]}", "1 of them still has a key")
