"""What a class allows is said on one page (K4): who may borrow, who approves, for how long, who is on its list."""

from typing import Any

import pytest
from flask import Flask

from domain.database import db, reading
from domain.keys.classes import Borrower, KeyClass, Rules
from domain.keys.rules import listed, rules_at
from domain.people.models import Person
from domain.permissions import Role
from tests.cabinet import Stock
from tests.cast import Cast, at_desk
from tests.client import FoyerClient

RULES = "form[action='/keys/classes']"
LISTING = "form[action='/keys/classes/listings']:has(select)"


@pytest.fixture
def manager(app: Flask, cast: Cast, stock: Stock) -> FoyerClient:
    """He, the manager, who answers for the building."""
    return at_desk(app, cast, "he")


def rules(app: Flask, cast: Cast, code: KeyClass) -> Rules:
    with app.app_context(), reading():
        return rules_at(cast.site_id)[code]


def on_list(app: Flask, cast: Cast, code: KeyClass) -> list[str]:
    with app.app_context(), reading():
        return [person.name for person in listed(code, site_id=cast.site_id)]


def ref_of(app: Flask, cast: Cast, login: str) -> str:
    with app.app_context(), reading():
        return db.session.get_one(Person, cast.people[login]).ref


def test_the_page_shows_what_holds_now(manager: FoyerClient) -> None:
    page = manager.get("/keys/classes?class=plant_room").page
    assert page.select_one("h1").get_text() == "Rules for keys: Plant room"
    assert [box["value"] for box in page.select("[name=borrowers][checked]")] == ["staff"]
    assert page.select_one("[name=custodian] option[selected]").get_text() == "Zhou"
    assert page.select_one("[name=limit_minutes]")["value"] == "120"
    assert page.select_one("[name=listed_only]").has_attr("checked")


def test_a_class_nobody_knows_shows_the_first(manager: FoyerClient) -> None:
    assert "Rules for keys: Public" in manager.get("/keys/classes?class=golden").words


def test_rules_are_changed(app: Flask, cast: Cast, manager: FoyerClient) -> None:
    given: dict[str, Any] = {
        "borrowers": ["staff", "occupant"],
        "approvals": "2",
        "approvers": ["manager", "lead"],
        "limit_minutes": "60",
        "default_minutes": "30",
        "custodian": ref_of(app, cast, "wu"),
        "seen_by": ["lead", "supervisor"],
    }
    answer = manager.submit("/keys/classes?class=public", given, form=RULES)
    assert answer.location.endswith("/keys/classes?class=public")
    after = rules(app, cast, KeyClass.PUBLIC)
    assert after.borrowers == {Borrower.STAFF, Borrower.OCCUPANT}
    assert after.approvals == 2
    assert after.approvers == {Role.MANAGER, Role.LEAD}
    assert (after.limit_minutes, after.default_minutes) == (60, 30)
    assert after.custodian_id == cast.people["wu"]
    assert after.seen_by == {Role.LEAD, Role.SUPERVISOR}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"default_minutes": "800"}, "The usual time is longer than the longest."),
        ({"limit_minutes": "44641"}, "At most 44640."),
        ({"limit_minutes": ""}, "Enter minutes."),
        ({"approvals": "1", "approvers": []}, "Say who approves"),
        ({"borrowers": ["ghost"]}, "Choose only from those shown."),
        ({"custodian": "nobody"}, "Choose one of those shown."),
    ],
)
def test_rules_that_make_no_sense_are_refused_in_words(
    app: Flask, cast: Cast, manager: FoyerClient, given: dict[str, Any], words: str
) -> None:
    before = rules(app, cast, KeyClass.PUBLIC)
    answer = manager.submit("/keys/classes?class=public", given, form=RULES)
    assert answer.status_code == 422
    assert words in answer.words
    assert rules(app, cast, KeyClass.PUBLIC) == before


def test_plant_room_keys_never_go_to_outsiders(app: Flask, cast: Cast, manager: FoyerClient) -> None:
    page = manager.get("/keys/classes?class=plant_room").page
    assert {box["value"] for box in page.select("[name=borrowers]")} == {"occupant", "staff"}
    answer = manager.submit("/keys/classes?class=plant_room", {"borrowers": ["contractor"]}, form=RULES)
    assert answer.status_code == 422
    assert rules(app, cast, KeyClass.PLANT_ROOM).borrowers == {Borrower.STAFF}


def test_who_changed_it_meanwhile_is_told(app: Flask, cast: Cast, manager: FoyerClient) -> None:
    drawn = manager.get("/keys/classes?class=cabinet").page.select_one(RULES)
    sent = {field["name"]: field["value"] for field in drawn.select("input[type=hidden], input.in")}
    sent |= {"borrowers": ["staff"], "approvals": "0", "approvers": ["supervisor", "manager"]}
    sent |= {"seen_by": ["receptionist", "lead", "supervisor", "manager"]}
    at_desk(app, cast, "xu").submit("/keys/classes?class=cabinet", {"limit_minutes": "600"}, form=RULES)
    answer = manager.post("/keys/classes", data=sent | {"limit_minutes": "500"})
    assert answer.status_code == 409
    assert "Somebody changed “Longest time” meanwhile." in answer.words
    assert rules(app, cast, KeyClass.CABINET).limit_minutes == 600


def test_somebody_is_put_on_a_list_and_taken_off(app: Flask, cast: Cast, manager: FoyerClient) -> None:
    page = "/keys/classes?class=plant_room"
    assert on_list(app, cast, KeyClass.PLANT_ROOM) == ["Chen"]
    manager.submit(page, {"person": ref_of(app, cast, "zhou")}, form=LISTING)
    assert on_list(app, cast, KeyClass.PLANT_ROOM) == ["Chen", "Zhou"]
    off = manager.get(page).page.select_one("form:has([name=off])")
    sent = {field["name"]: field["value"] for field in off.select("input")}
    assert manager.post(off["action"], data=sent).status_code == 303
    assert on_list(app, cast, KeyClass.PLANT_ROOM) == ["Zhou"]


def test_nobody_lists_the_own_person(app: Flask, cast: Cast, manager: FoyerClient) -> None:
    answer = manager.submit("/keys/classes?class=plant_room", {"person": ref_of(app, cast, "he")}, form=LISTING)
    assert answer.status_code == 403
    assert "Somebody else has to put you on this list." in answer.words


def test_nobody_of_another_site_is_listed(app: Flask, cast: Cast, manager: FoyerClient) -> None:
    answer = manager.submit("/keys/classes?class=plant_room", {"person": ref_of(app, cast, "qian")}, form=LISTING)
    assert answer.status_code == 422
    assert on_list(app, cast, KeyClass.PLANT_ROOM) == ["Chen"]


def test_the_lead_says_nothing_of_rules(app: Flask, cast: Cast, stock: Stock) -> None:
    lead = at_desk(app, cast, "zhou")
    assert lead.get("/keys/classes").status_code == 403
    assert lead.post("/keys/classes", data={}).status_code == 403
