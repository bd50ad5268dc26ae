"""Rooms are entered, changed and retired by the lead and the admin; a room is found by what is needed."""

from functools import partial
from typing import Any

import pytest
from flask import Flask

from domain.database import reading, writing
from tests import rooms as house
from tests.blueprints.admin.test_every_page import MOST_STATEMENTS, statements
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.rooms import TUESDAY, Rooms


@pytest.fixture
def lead(app: Flask, cast: Cast, rooms: Rooms) -> FoyerClient:
    """Zhou, who leads."""
    return at_desk(app, cast, "zhou")


def test_a_room_is_entered_and_can_be_reserved(lead: FoyerClient) -> None:
    given = {"name": "云厅", "capacity": "40", "floor": "5", "closes": "00:00", "after_minutes": "20"}
    done = lead.submit("/meetings/rooms/new", given, form="main form", follow_redirects=True)
    assert "云厅 is entered." in done.words
    assert "云厅" in lead.get("/meetings").words
    assert "云厅, 40 seats" in lead.get("/meetings/new").words


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": ""}, "Enter a name for the room."),
        ({"name": "松厅"}, "This site has a room of this name already."),
        ({"capacity": "0"}, "At least 1."),
        ({"capacity": ""}, "Enter how many seats it has."),
        ({"opens": "21:00"}, "The room closes before it opens."),
        ({"after_minutes": "999"}, "At most 240."),
        ({"release_minutes": "1"}, "At least 5."),
    ],
)
def test_what_makes_no_sense_of_a_room_is_refused_in_words(
    lead: FoyerClient, values: dict[str, str], words: str
) -> None:
    given = {"name": "云厅", "capacity": "40"} | values
    answer = lead.submit("/meetings/rooms/new", given, form="main form")
    assert answer.status_code in (409, 422)
    assert words in answer.words


def test_a_room_is_changed_and_retired_when_nothing_lies_ahead(
    app: Flask, cast: Cast, rooms: Rooms, lead: FoyerClient
) -> None:
    with app.app_context(), writing():
        house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))
        pine, bamboo = house.room(rooms.pine).ref, house.room(rooms.bamboo).ref
    done = lead.submit(f"/meetings/rooms/{pine}/edit", {"capacity": "14"}, form="main form", follow_redirects=True)
    assert "松厅 is changed." in done.words
    refused = lead.submit(f"/meetings/rooms/{pine}/retirement", form="main form")
    assert refused.status_code == 409
    assert "It is reserved still, the last time for 03-03 14:00." in refused.words
    assert lead.submit(f"/meetings/rooms/{bamboo}/retirement", form="main form").status_code == 303
    assert "Retired" in lead.get("/meetings/rooms").words
    assert "竹厅" not in lead.get("/meetings").words


def test_who_does_not_manage_rooms_does_not_see_the_list(app: Flask, cast: Cast, rooms: Rooms) -> None:
    assert at_desk(app, cast, "lisi").get("/meetings/rooms").status_code == 403
    assert at_desk(app, cast, "xu").get("/meetings/rooms").status_code == 200
    assert at_desk(app, cast, "xu").get("/meetings").status_code == 403


def test_a_room_is_found_and_where_none_is_free_the_nearest_times_are_named(
    app: Flask, cast: Cast, rooms: Rooms, desk: FoyerClient
) -> None:
    with app.app_context(), writing():
        house.book(rooms.cedar, cast, "10:00", "11:00", days=(TUESDAY,))
    assert desk.get("/meetings/find").page.select_one("#offers") is None
    asked = "/meetings/find?people=20&day=2026-03-03&since=10:00&until=11:00&equipment=video"
    found = desk.get(asked)
    assert "Not free then; that day it is from:" in found.words
    link = next(a for a in found.page.select("#offers ~ ul a") if a.get_text() == "11:45")
    form = desk.get(link["href"]).page
    assert form.select_one("[name=until]")["value"] == "12:45"
    assert form.select_one("[name=people]")["value"] == "20"
    assert "No room has that many seats" in desk.get(asked.replace("20&", "999&")).words


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("people=&day=2026-03-03&since=10:00&until=11:00", "Enter how many people come."),
        ("people=5&day=2026-03-03&since=10:00&until=09:00", "The end lies before the beginning."),
        ("people=5&day=2026-03-01&since=10:00&until=11:00", "This time is over."),
        ("people=5&day=9999-12-31&since=10:00&until=11:00", "too far away"),
        ("people=5&day=x&since=x&until=x", "Enter a date such as"),
        ("people=5&day=2026-03-03&since=10:00&until=11:00&layout=x", "Choose one of those shown."),
    ],
)
def test_a_search_that_makes_no_sense_is_refused_in_words(desk: FoyerClient, asked: str, words: str) -> None:
    answer = desk.get(f"/meetings/find?{asked}")
    assert answer.status_code == 422
    assert words in answer.words


@pytest.mark.parametrize("page", ["day", "week", "find", "new", "rooms", "register", "entry", "edit"])
def test_a_page_costs_the_same_at_any_number(
    app: Flask, cast: Cast, rooms: Rooms, lead: FoyerClient, page: str
) -> None:
    with app.app_context(), writing():
        ref = house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))[0].ref
    with app.app_context(), reading():
        room = house.room(rooms.pine).ref
    address = {
        "day": "/meetings?day=2026-03-03",
        "week": f"/meetings/rooms/{room}",
        "find": "/meetings/find?people=3&day=2026-03-03&since=10:00&until=11:00",
        "new": "/meetings/new",
        "rooms": "/meetings/rooms",
        "register": "/reservations",
        "entry": f"/reservations/{ref}",
        "edit": f"/reservations/{ref}/edit",
    }[page]
    ask: Any = partial(lead.get, address)
    few = statements(app, ask)
    with app.app_context(), writing():
        for hour in (8, 10, 12, 16, 18):
            for room_id in (rooms.pine, rooms.cedar, rooms.bamboo):
                house.book(room_id, cast, f"{hour:02d}:00", f"{hour:02d}:30", days=(TUESDAY,))
    many = statements(app, ask)
    assert many == few
    assert many <= MOST_STATEMENTS, many
