"""M7, M10: the display at the door says how the room stands, and takes a touch: begin, end, extend, take it now."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from domain.database import db, reading, writing
from domain.meetings.models import Approver, Reservation
from domain.sites import pairing
from domain.sites.models import Kiosk
from tests import rooms as house
from tests.cabinet import actor_of
from tests.cast import Cast, at_desk, at_kiosk
from tests.doors import at_door, hang_display
from tests.rooms import MONDAY, Rooms


@pytest.fixture
def token(app: Flask, rooms: Rooms) -> str:
    """The token of a display at the cedar room, whose meetings are released after fifteen minutes."""
    with app.app_context(), writing():
        return hang_display(house.room(rooms.cedar))[1]


@pytest.fixture
def door(app: Flask, token: str):
    """The display's browser; it speaks English here."""
    with app.app_context(), writing():
        db.session.execute(db.text("UPDATE sites SET language = 'en'"))
    return at_door(app, token)


def address(app: Flask, room_id: int) -> str:
    with app.app_context(), reading():
        return f"/meetings/rooms/{house.room(room_id).ref}/door"


def booked(app: Flask, cast: Cast, room_id: int, since: str, until: str) -> int:
    with app.app_context(), writing():
        return house.book(room_id, cast, since, until, days=(MONDAY,))[0].id


def kept(app: Flask, meeting: int) -> Reservation:
    with app.app_context(), reading():
        found = house.reservation(meeting)
        db.session.expunge_all()
        return found


def touch(door, page: str, what: str, button: str | None = None, ask: str = "") -> object:
    """Press a button of the display, the one of that value where there are several."""
    forms = door.get(page + ask).page.select(f"form[action='{page}/{what}']")
    form = next(it for it in forms if button is None or it.select_one(f"button[value='{button}']"))
    data = {each["name"]: each["value"] for each in form.select("input[name]")}
    return door.post(form["action"], data=data | ({"minutes": button} if button else {}))


def test_a_free_room_says_until_when_and_is_taken_by_a_touch(app, cast, rooms, door):
    page = address(app, rooms.cedar)
    booked(app, cast, rooms.cedar, "11:30", "12:30")
    words = door.get(page).words
    assert "Free Yours to use until 11:00 From 11:00 it is set up for the meeting at 11:30" in words
    assert "11:30 季度会 until 12:30" in words
    assert door.get("/meetings/door").location == page
    assert touch(door, page, "meetings", "30").status_code == 303
    words = door.get(page).words
    assert "Busy until 10:00 Taken at the door, 09:30" in words
    with app.app_context(), reading():
        taken = db.session.scalars(select(Reservation).order_by(Reservation.id.desc())).first()
        assert (taken.ends_at - taken.begins_at, taken.host_id, taken.person_id) == (timedelta(minutes=30), None, None)
        assert taken.started_at is not None
    assert touch(door, page, "extensions", "15").status_code == 303
    assert "Busy until 10:15" in door.get(page).words
    assert touch(door, page, "extensions", "30").status_code == 303
    assert not door.get(page).page.select(f"form[action='{page}/extensions']"), "set-up begins at 11:00"
    assert touch(door, page, "ends", ask="?ask=end").status_code == 303
    assert "Not now until 09:45 The room is being cleared." in door.get(page).words


def test_who_begins_at_the_door_keeps_the_room(app, cast, rooms, door, clock):
    page = address(app, rooms.cedar)
    meeting = booked(app, cast, rooms.cedar, "10:30", "11:30")
    assert touch(door, page, "meetings", "15").status_code == 303
    clock.shift(timedelta(minutes=62))
    words = door.get(page).words
    assert "Reserved until 11:30" in words
    assert "The room is free again at 10:45." in words
    assert touch(door, page, "starts").status_code == 303
    clock.shift(timedelta(minutes=30))
    assert kept(app, meeting).started_at is not None
    page_now = door.get(page)
    assert "Busy until 11:30" in page_now.words
    assert page_now.page.select_one("progress")["value"] == "32"


def test_who_did_not_begin_is_seen_no_more_although_no_timer_ran(app, cast, rooms, door, clock):
    page = address(app, rooms.cedar)
    booked(app, cast, rooms.cedar, "10:30", "11:30")
    clock.shift(timedelta(minutes=80))
    assert "Free Yours to use until 20:00" in door.get(page).words
    assert touch(door, page, "meetings", "60").status_code == 303


def test_two_touches_at_once_end_in_words(app, cast, rooms, door):
    page = address(app, rooms.cedar)
    form = door.get(page).page.select_one(f"form[action='{page}/meetings']")
    data = {each["name"]: each["value"] for each in form.select("input[name]")} | {"minutes": "30"}
    booked(app, cast, rooms.cedar, "10:00", "11:00")
    answer = door.post(f"{page}/meetings", data=data)
    assert answer.status_code in (409, 422)
    assert "not free for that long" in answer.words
    assert "What comes next 10:00 季度会" in answer.words
    for odd in ("0", "-5", "9999", "x", ""):
        token = door.get(page).page.select_one("[name=form_token]")["value"]
        assert door.post(f"{page}/extensions", data={"form_token": token, "minutes": odd}).status_code in (404, 422)


def test_a_room_that_asks_for_a_word_is_not_taken_at_its_door(app, cast, rooms, door):
    page = address(app, rooms.cedar)
    form = door.get(page).page.select_one(f"form[action='{page}/meetings']")
    data = {each["name"]: each["value"] for each in form.select("input[name]")} | {"minutes": "30"}
    with app.app_context(), writing():
        house.room(rooms.cedar).approver = Approver.LEAD
    assert not door.get(page).page.select(f"form[action='{page}/meetings']")
    assert door.post(f"{page}/meetings", data=data).status_code == 422
    meeting = booked(app, cast, rooms.cedar, "10:30", "11:00")
    assert "10:30 季度会" in door.get(page).words
    assert kept(app, meeting).is_tentative


def test_titles_stay_hidden_where_the_site_says_so(app, cast, rooms, door):
    page = address(app, rooms.cedar)
    booked(app, cast, rooms.cedar, "11:30", "12:30")
    with app.app_context(), writing():
        house.site_of(cast).door_titles = False
    words = door.get(page).words
    assert "季度会" not in words
    assert "11:30 Reserved until 12:30" in words


def test_an_unchanged_display_is_drawn_once_and_a_changed_one_again(app, cast, rooms, door):
    page = address(app, rooms.cedar)
    tag = door.get(page).page.select_one("#door")["hx-ptag"]
    same = door.htmx(page, target="door", headers={"HX-PTag": tag})
    assert same.status_code == 304
    booked(app, cast, rooms.cedar, "11:30", "12:30")
    changed = door.htmx(page, target="door", headers={"HX-PTag": tag})
    assert changed.status_code == 200
    assert "季度会" in changed.words


def test_only_the_own_room_opens_and_nothing_of_the_staff_or_the_kiosk(app, cast, rooms, token):
    browser = FlaskClient(app)
    browser.set_cookie("foyer_kiosk", token)
    assert browser.get(address(app, rooms.cedar)).status_code == 200
    assert browser.get(address(app, rooms.pine)).status_code == 404
    assert browser.get("/kiosk").status_code == 403
    assert browser.get("/meetings").status_code == 303
    with app.app_context(), reading():
        own_code = db.session.scalars(select(Kiosk.own_code).where(Kiosk.room_id.is_not(None))).one()
    assert FlaskClient(app).get(f"/own/{own_code}").status_code == 404
    assert at_kiosk(app, cast).get(address(app, rooms.cedar)).status_code == 403
    assert app.test_client().get(address(app, rooms.cedar)).location == "/kiosk/pair"


def test_a_display_that_was_cut_off_gets_words(app, cast, rooms, token):
    with app.app_context(), writing():
        display = db.session.scalars(select(Kiosk).where(Kiosk.room_id.is_not(None))).one()
        pairing.cut_off(display, actor=actor_of(cast, "zhou"), now=house.clock.now())
    answer = at_door(app, token).get(address(app, rooms.cedar))
    assert answer.status_code == 403
    assert "Please see the reception" in answer.words or "请" in answer.words


def test_it_may_be_framed_by_the_pages_that_the_site_names_and_by_no_others(app, cast, rooms, door):
    page = address(app, rooms.cedar)
    assert door.get(page).headers["X-Frame-Options"] == "DENY"
    with app.app_context(), writing():
        house.site_of(cast).door_frames = "https://signs.example.com"
    answer = door.get(page)
    assert "X-Frame-Options" not in answer.headers
    assert "frame-ancestors 'self' https://signs.example.com;" in answer.headers["Content-Security-Policy"]
    assert at_desk(app, cast).get("/meetings").headers["X-Frame-Options"] == "DENY"


def test_a_display_is_paired_with_its_letters_and_cut_off_by_one_touch(app, cast, rooms):
    lead, screen = at_desk(app, cast, "zhou"), app.test_client()
    with app.app_context(), reading():
        ref = house.room(rooms.pine).ref
    assert screen.submit("/kiosk/pair").status_code == 303
    code = screen.get("/kiosk/pair").page.select_one("p.big b").text
    page = f"/meetings/rooms/{ref}/displays"
    wrong = lead.submit(page, {"code": "BCDF-GHJK"}, form=f"form[action='{page}']")
    assert wrong.status_code == 422
    nothing = lead.submit(page, {"code": "?"}, form=f"form[action='{page}']")
    assert "Enter the eight letters that the display shows." in nothing.words
    assert lead.submit(page, {"code": code}, form=f"form[action='{page}']").status_code == 303
    named = screen.get("/kiosk/pair", headers={"Accept-Language": "en"}).words
    assert "This device may be the display at a door now" in named
    assert "Door of 松厅" in named
    assert "kiosk" not in named
    assert screen.submit("/kiosk/pair", form="form[action='/kiosk/pair/token']").location == "/meetings/door"
    assert screen.get("/meetings/door").location == f"/meetings/rooms/{ref}/door"
    assert screen.get(f"/meetings/rooms/{ref}/door").status_code == 200
    assert "松厅" not in lead.get("/desk").words
    cut = lead.submit(page, form="form[action$='/cut-off']")
    assert cut.status_code == 303
    assert screen.get(f"/meetings/rooms/{ref}/door").status_code == 403
    assert "Cut off" in lead.get(page).words
