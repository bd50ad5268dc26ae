"""M1, M10 behind a host's own link: rooms are found, reserved, changed and called off, the own ones alone."""

import pytest
import vobject
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from domain import clock as house_clock
from domain.database import db, reading, writing
from domain.meetings.models import Approver, OpenTo, Reservation
from domain.meetings.spans import span_on
from domain.meetings.waiting import wait_for
from domain.occupants.links import link_of, token_of
from domain.occupants.models import Host
from tests import rooms as house
from tests.cabinet import actor_of
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.rooms import TUESDAY, Rooms, furnish_rooms


@pytest.fixture
def rooms(app: Flask, cast: Cast, clock: object) -> Rooms:
    with app.app_context(), writing():
        return furnish_rooms(cast)


@pytest.fixture
def page(app: Flask, cast: Cast, rooms: Rooms) -> str:
    """The page of Zhang San's rooms."""
    with app.app_context(), writing():
        host = db.session.get_one(Host, cast.host_id)
        host.language = "en"
        return f"/hosts/{token_of(link_of(host, actor=actor_of(cast, 'lisi'), now=house_clock.now()))}/rooms"


def ref_of(app: Flask, room_id: int) -> str:
    with app.app_context(), reading():
        return house.room(room_id).ref


def last(app: Flask) -> Reservation:
    with app.app_context(), reading():
        found = db.session.scalars(select(Reservation).order_by(Reservation.id.desc())).first()
        assert found
        db.session.expunge_all()
        return found


def test_a_host_finds_a_room_reserves_moves_and_calls_off(app, cast, rooms, client: FoyerClient, page):
    with app.app_context(), writing():
        house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,), meeting=house.wish(cast, by="zhou"))
        house.room(rooms.cedar).open_to = OpenTo.STAFF
    form = f"form[action='{page}']"
    said = {"title": "选题会", "people": "5", "day": "2026-03-03", "since": "14:00", "until": "15:00"}
    token = client.get(page).page.select_one(f"{form} [name=form_token]")["value"]
    found = client.post(page, data={**said, "form_token": token, "find": "1"})
    assert "6 seats, free then" in found.words
    assert "12 seats, free at" in found.words
    assert "雪松厅" not in found.words
    taken = client.post(page, data={**said, "form_token": token, "room": ref_of(app, rooms.pine)})
    assert taken.status_code == 409
    assert "松厅 is taken in this time." in taken.words
    token = taken.page.select_one(f"{form} [name=form_token]")["value"]
    odd = client.post(page, data={**said, "form_token": token, "room": ref_of(app, rooms.cedar)})
    assert "Choose one of those shown." in odd.words or "Choose a room." in odd.words
    token = odd.page.select_one(f"{form} [name=form_token]")["value"]
    made = client.post(page, data={**said, "form_token": token, "room": ref_of(app, rooms.bamboo)})
    assert made.status_code == 303
    assert last(app).host_id == cast.host_id
    assert "竹厅 is reserved" in client.get(made.location).words
    stale = client.get(made.location).page
    change = f"form[action='{made.location}']"
    moved = client.submit(made.location, {"since": "16:00", "until": "17:00"}, form=change)
    assert moved.status_code == 303
    assert house_clock.local(last(app).begins_at, "Asia/Shanghai").hour == 16
    data = {each["name"]: each.get("value", "") for each in stale.select(f"{change} input[type=hidden]")}
    late = client.post(made.location, data=data | said | {"room": ref_of(app, rooms.bamboo), "title": "改名"})
    assert late.status_code == 409
    assert "Somebody changed “From” meanwhile. It is now: 16:00" in late.words
    assert client.submit(made.location, form="form[action$='/cancellation']").status_code == 303
    assert last(app).state == "cancelled"
    assert "does not take place any more" in client.get(made.location).words
    assert "张三" not in at_desk(app, cast, "lisi").get(f"/reservations/{last(app).ref}").words


def test_nobody_else_s_meeting_opens(app, cast, rooms, page):
    with app.app_context(), writing():
        (other,) = house.book(
            rooms.bamboo, cast, "14:00", "15:00", days=(TUESDAY,), meeting=house.wish(cast, by="zhou")
        )
        ref = other.ref
    browser = FlaskClient(app)
    assert browser.get(f"{page}/{ref}").status_code == 404
    for deed in ("", "/cancellation", "/acceptance"):
        assert browser.post(f"{page}/{ref}{deed}").status_code == 404


def test_a_room_that_was_waited_for_is_taken_and_one_that_asks_for_a_word_says_so(app, cast, rooms, client, page):
    with app.app_context(), writing():
        house.room(rooms.bamboo).approver = Approver.LEAD
    with app.app_context(), writing():
        (blocking,) = house.reserve_as(rooms.bamboo, cast, "zhou", "14:00", "15:00", days=(TUESDAY,))
        room, site = house.room(rooms.bamboo), house.site_of(cast)
        span = span_on(TUESDAY, house.at("14:00"), 60, room=room, zone=site.zone)
        wait_for(
            room, span, wish=house.wish(cast, "候补"), site=site, actor=actor_of(cast, "lisi"), now=house_clock.now()
        )
        ref = blocking.ref
    desk = at_desk(app, cast, "lisi")
    desk.submit(f"/reservations/{ref}/cancellation", form="form[action$='/cancellation']")
    held = f"{page}/{last(app).ref}"
    assert "The room is held for you until" in client.get(held).words
    assert client.submit(held, form="form[action$='/acceptance']").status_code == 303
    assert "It is tentative: somebody has to agree to it until" in client.get(held).words


def test_the_own_calendar_is_shown_once_and_read_by_a_calendar(app, cast, rooms, client, page):
    with app.app_context(), writing():
        house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))
    shown = client.submit(page, form="form[action$='/calendar']")
    address = shown.page.select_one("code").text.removeprefix("http://localhost")
    read = vobject.readOne(FlaskClient(app).get(address).text)
    assert [event.summary.value for event in read.vevent_list] == ["季度会"]
