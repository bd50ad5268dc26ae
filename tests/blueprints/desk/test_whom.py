"""Whom to see, at the desk's sign-in: told apart, known to be away, and looked for by Enter (V3, V4)."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from domain import clock as time
from domain.database import db, writing
from domain.occupants.models import Host, Unit
from tests import factories as make
from tests.blueprints.desk.test_sign_in import filled, send, visits
from tests.cast import Cast, at_desk
from tests.client import FoyerClient


@pytest.fixture
def desk(app: Flask, cast: Cast, clock: time_machine.Traveller) -> FoyerClient:
    return at_desk(app, cast)


@pytest.fixture
def twin(app: Flask, cast: Cast) -> str:
    """Another host of the same name in the same unit."""
    with app.app_context(), writing():
        return make.make_host(db.session.get_one(Unit, cast.unit_id), phone="+8613900131111").ref


def test_two_of_one_name_are_told_apart_in_the_form_and_in_the_search(cast: Cast, desk: FoyerClient, twin: str) -> None:
    found = desk.htmx("/desk/sign-in/whom?whom_text=张三", target="whom-found").page
    lines = {one["value"]: one.parent.get_text() for one in found.select("[name=whom]")}
    assert "139****1111" in lines[f"host:{twin}"]
    assert "139****9000" in lines[f"host:{cast.host_ref}"]
    assert (
        len(
            {line.get_text() for line in desk.get("/desk/search?q=张三").page.select("#found .row > div:first-of-type")}
        )
        == 2
    )


def test_who_was_chosen_in_the_search_box_is_told_from_a_namesake(desk: FoyerClient, twin: str) -> None:
    assert "139****1111" in desk.get(f"/desk/sign-in?whom=host:{twin}").page.select_one("#whom-found").get_text()


@pytest.mark.parametrize(
    "address", ["/desk/search?q=张三", "/desk/sign-in/whom?whom_text=张三", "/desk/sign-in?whom=host:{ref}"]
)
def test_a_host_who_is_away_is_shown_with_the_deputy(app: Flask, cast: Cast, desk: FoyerClient, address: str) -> None:
    with app.app_context(), writing():
        db.session.get_one(Host, cast.host_id).away_until = time.now() + timedelta(days=2)
    asked = address.format(ref=cast.host_ref)
    words = (desk.htmx(asked) if "whom_text" in asked else desk.get(asked)).words
    assert "Away until" in words
    assert "deputy: 冯小样" in words


def test_enter_looks_up_what_was_typed_and_chooses_the_only_one(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    page = send(desk, filled(desk, cast, whom="", whom_text="zhang", enter="1")).page
    assert page.select_one(f"input[value='host:{cast.host_ref}'][checked]")
    assert page.select_one("[role=alert]") is None
    assert not visits(app)
    sought = page.select_one("[name=whom_sought]")["value"]
    assert send(desk, filled(desk, cast, whom_text="zhang", whom_sought=sought, enter="1")).status_code == 303


def test_enter_after_another_name_was_typed_takes_the_place_of_who_was_chosen(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    page = send(desk, filled(desk, cast, whom_text="冯小样", whom_sought="zhang", enter="1")).page
    assert page.select_one(f"input[value='host:{cast.deputy_ref}'][checked]")
    assert not visits(app)


def test_enter_in_another_field_signs_in_who_was_chosen(cast: Cast, desk: FoyerClient) -> None:
    assert send(desk, filled(desk, cast, enter="1")).status_code == 303


def test_the_first_button_says_that_enter_sent_the_form(desk: FoyerClient) -> None:
    first = desk.get("/desk/sign-in").page.select_one("form[action='/desk/sign-in'] button")
    assert (first["name"], first["value"]) == ("enter", "1")
