"""A room is reserved at the desk, once or repeatedly; whatever cannot be has a sentence at its field."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from domain.database import db, reading, writing
from domain.meetings.models import Reservation
from tests import rooms as house
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.rooms import TUESDAY, Rooms

PAGE = "/meetings/new"
FORM = f"form[action='{PAGE}']"


def kept(app: Flask) -> list[Reservation]:
    with app.app_context(), reading():
        found = list(db.session.scalars(select(Reservation).order_by(Reservation.id)))
        db.session.expunge_all()
        return found


def send(app: Flask, desk: FoyerClient, rooms: Rooms, cast: Cast, **values: Any) -> Any:
    """Reserve the pine room for Zhang San on Tuesday from 10 to 11, but for `values`."""
    with app.app_context(), reading():
        ref = house.room(rooms.pine).ref
    token = desk.get(PAGE).page.select_one(f"{FORM} [name=form_token]")["value"]
    given = {
        "title": "季度会",
        "room": ref,
        "day": TUESDAY.isoformat(),
        "since": "10:00",
        "until": "11:00",
        "people": "5",
        "who": f"host:{cast.host_ref}",
    }
    return desk.post(PAGE, data=given | values | {"form_token": token})


def test_a_room_is_reserved_and_stands_in_the_register(app: Flask, cast: Cast, rooms: Rooms, desk: FoyerClient) -> None:
    answer = send(app, desk, rooms, cast, layout="boardroom", notes="茶水")
    (one,) = kept(app)
    assert (answer.status_code, answer.location) == (303, f"/reservations/{one.ref}")
    entry = desk.get(answer.location).words
    assert "松厅 is reserved, 03-03 10:00." in entry
    assert "张*" in entry
    assert "张三" not in entry
    assert "季度会" in desk.get("/reservations?text=季度").words
    assert "0001 季度 会 Reserved, 松厅, 03-03 10:00–11:00" in desk.get("/desk/search?q=季度").words


def test_the_organiser_is_found_by_typing_with_and_without_scripts(
    app: Flask, cast: Cast, rooms: Rooms, desk: FoyerClient
) -> None:
    found = desk.submit(PAGE, {"who_text": "张三", "title": "会"}, form=FORM, follow_redirects=False)
    assert found.status_code == 422
    token = desk.get(PAGE).page.select_one(f"{FORM} [name=form_token]")["value"]
    drawn = desk.post(PAGE, data={"form_token": token, "who_text": "zhou", "find": "1", "title": "周会"})
    who = drawn.page.select_one("input[name=who][checked]")["value"]
    assert drawn.page.select_one("[name=title]")["value"] == "周会"
    assert "Enter" not in drawn.page.select_one("main").get_text()
    assert "张三" in desk.htmx("/meetings/organisers?who_text=张三", target="who-found").words
    assert desk.get("/meetings/organisers?who_text=张三").status_code == 303
    assert send(app, desk, rooms, cast, who=who).status_code == 303
    assert kept(app)[0].person_id == cast.people["zhou"]


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"title": " "}, "title", "Say what the meeting is about."),
        ({"room": ""}, "room", "Choose a room."),
        ({"room": "nowhere"}, "room", "Choose one of those shown."),
        ({"day": ""}, "day", "Enter a day."),
        ({"day": "2026-02-30"}, "day", "Enter a date such as"),
        ({"day": "9999-12-31"}, "day", "at most two years"),
        ({"day": "9999-12-31", "repeat": "week", "repeat_until": "9999-12-31"}, "day", "too far away"),
        ({"day": "0001-01-01"}, "since", "This time is over."),
        ({"day": "2026-03-07"}, "day", "closed on this weekday"),
        ({"day": "2026-03-01"}, "since", "This time is over."),
        ({"since": "25:00"}, "since", "Enter a time such as"),
        ({"since": "10:03"}, "since", "steps of 5 minutes"),
        ({"since": "07:00"}, "since", "open from 08:00 to 20:00"),
        ({"since": "19:30", "until": "20:30"}, "until", "open from 08:00 to 20:00"),
        ({"until": "10:00"}, "until", "begins and ends at the same time"),
        ({"until": "09:00"}, "until", "The end lies before the beginning."),
        ({"people": "0"}, "people", "At least 1."),
        ({"people": "13"}, "people", "12 seats, for 13 people"),
        ({"people": ""}, "people", "Enter how many people come."),
        ({"layout": "theatre"}, "layout", "cannot be set up like this"),
        ({"who": ""}, "who_text", "choose who organises it"),
        ({"who": "host:nobody"}, "who_text", "choose who organises it"),
        ({"repeat": "week"}, "repeat_until", "a repeat has an end"),
        ({"repeat": "day", "repeat_until": "2028-01-01"}, "repeat_until", "more than 400 dates"),
        ({"repeat": "week", "repeat_until": "2036-01-01"}, "repeat_until", "two years at most"),
        ({"repeat": "week", "repeat_until": "2026-01-01"}, "repeat_until", "ends before it begins"),
        ({"repeat_until": "2026-04-01"}, "repeat", "Choose how it repeats"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words_at_its_field(
    app: Flask, cast: Cast, rooms: Rooms, desk: FoyerClient, values: dict[str, str], field: str, words: str
) -> None:
    answer = send(app, desk, rooms, cast, **values)
    assert answer.status_code == 422
    control = answer.page.select_one(f"[name={field}]")
    assert words in control.around(".field").get_text(" ")
    assert kept(app) == []


def test_who_comes_second_is_told_so_and_keeps_what_was_typed(
    app: Flask, cast: Cast, rooms: Rooms, desk: FoyerClient
) -> None:
    send(app, desk, rooms, cast)
    answer = send(app, desk, rooms, cast, title="另一个会", since="10:30", until="11:30")
    assert answer.status_code == 409
    assert "松厅 is taken in this time. It is free for as long at" in answer.words
    assert answer.page.select_one("[name=title]")["value"] == "另一个会"
    assert len(kept(app)) == 1
    other = answer.page.select_one("button[name=free_at]")["value"]
    moved = send(app, desk, rooms, cast, title="另一个会", since="10:30", until="11:30", free_at=other)
    assert moved.page.select_one("[name=since]")["value"] == other
    assert moved.page.select_one("[name=title]")["value"] == "另一个会"
    assert len(kept(app)) == 1, "looked at once more before it is sent"
    until = moved.page.select_one("[name=until]")["value"]
    assert send(app, desk, rooms, cast, title="另一个会", since=other, until=until).status_code == 303
    assert send(app, desk, rooms, cast, since="", free_at="x").status_code == 200


def test_a_repeat_names_each_date_that_collides_and_takes_what_is_chosen_for_it(
    app: Flask, cast: Cast, rooms: Rooms, desk: FoyerClient
) -> None:
    with app.app_context(), writing():
        for weeks in (1, 2):
            house.book(rooms.pine, cast, "10:00", "11:00", days=(TUESDAY + timedelta(days=7 * weeks),))
    every: dict[str, Any] = {"repeat": "week", "repeat_until": "2026-03-31"}
    answer = send(app, desk, rooms, cast, **every)
    assert answer.status_code == 409
    assert "2 of the dates cannot be." in answer.words
    lists = answer.page.select("select[name^=on_]")
    assert [one["name"] for one in lists] == ["on_2026-03-10", "on_2026-03-17"]
    offered = [option["value"] for option in lists[0].select("option")]
    assert offered[:2] == ["", "out"]
    assert "11:15" in offered
    assert "Tue 10 Mar" in answer.words
    once = send(app, desk, rooms, cast, **every | {"on_2026-03-10": "out"})
    assert once.status_code == 409
    assert once.page.select_one("[name='on_2026-03-10'] [selected]")["value"] == "out"
    done = send(app, desk, rooms, cast, **every | {"on_2026-03-10": "out", "on_2026-03-17": "11:15"})
    assert done.status_code == 303
    assert "reserved for 4 dates" in desk.get(done.location).words
    assert len(kept(app)) == 6


def test_a_form_sent_twice_reserves_once(app: Flask, cast: Cast, rooms: Rooms, desk: FoyerClient) -> None:
    with app.app_context(), reading():
        ref = house.room(rooms.pine).ref
    token = desk.get(PAGE).page.select_one(f"{FORM} [name=form_token]")["value"]
    given = {"title": "会", "room": ref, "day": "2026-03-03", "since": "10:00", "until": "11:00", "people": "2"}
    given |= {"who": f"host:{cast.host_ref}", "form_token": token}
    first, again = desk.post(PAGE, data=given), desk.post(PAGE, data=given)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location
    assert len(kept(app)) == 1


def test_too_few_seats_and_a_wrong_time_are_said_at_once(
    app: Flask, cast: Cast, rooms: Rooms, desk: FoyerClient
) -> None:
    send(app, desk, rooms, cast)
    for values, field, words in (
        ({"since": "19:30", "until": "20:30"}, "until", "open from 08:00 to 20:00"),
        ({}, "since", "is taken in this time"),
    ):
        answer = send(app, desk, rooms, cast, **{"people": "13"} | values)
        said = {name: answer.page.select_one(f"#{name}-e").get_text(" ") for name in ("people", field)}
        assert "12 seats, for 13 people" in said["people"]
        assert words in said[field]
        assert "wait" not in {button.get("name") for button in answer.page.select("main button")}
    assert len(kept(app)) == 1


@pytest.mark.parametrize(
    ("now", "asked", "day", "since"),
    [
        ("2026-03-03 21:10", "?day=2026-03-03", "2026-03-04", "08:00"),
        ("2026-03-03 21:10", "", "2026-03-04", "08:00"),
        ("2026-03-06 21:10", "", "2026-03-09", "08:00"),
        ("2026-03-03 21:10", "?day=2026-03-05", "2026-03-05", "08:00"),
        ("2026-03-03 13:10", "?day=2026-03-05", "2026-03-05", "14:00"),
        ("2026-03-03 18:10", "", "2026-03-03", "19:00"),
        ("2026-03-03 23:30", "?day=2026-03-03", "2026-03-04", "08:00"),
        ("2026-03-03 21:10", "?day=2026-03-02", "2026-03-02", "22:00"),
    ],
)
def test_a_time_is_proposed_that_can_be_reserved(
    app: Flask, cast: Cast, rooms: Rooms, clock: Any, now: str, asked: str, day: str, since: str
) -> None:
    clock.move_to(datetime.fromisoformat(f"{now}+08:00"))
    page = at_desk(app, cast).get(f"{PAGE}{asked}").page
    assert [page.select_one(f"[name={name}]")["value"] for name in ("day", "since")] == [day, since]
