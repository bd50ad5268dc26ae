"""M10: an address for a calendar is made, shown once, read by any calendar, and taken back."""

from datetime import timedelta

import pytest
import vobject
from flask import Flask
from flask.testing import FlaskClient

from domain import clock as time_of_day
from domain.database import db, reading, writing
from domain.meetings import ends
from domain.meetings.changes import Which
from domain.meetings.service_models import ServiceOrder
from domain.people.models import Person
from tests import rooms as house
from tests.blueprints.admin.test_every_page import MOST_STATEMENTS, statements
from tests.cabinet import actor_of
from tests.cast import Cast, at_desk
from tests.rooms import TUESDAY, Rooms

FORM = "form[action='/meetings/calendars']"


@pytest.fixture
def made(app: Flask, cast: Cast, rooms: Rooms):
    """Makes a feed at somebody's page; gives the path of its address."""

    def make(login: str, what: str, label: str = "") -> str:
        browser = at_desk(app, cast, login)
        answer = browser.submit("/meetings/calendars", {"what": what, "label": label}, form=FORM)
        assert answer.status_code == 200, answer.words
        return answer.page.select_one("code").text.removeprefix("http://localhost")

    return make


def read(app: Flask, path: str):
    """What a calendar reads there, as another library understands it."""
    answer = FlaskClient(app).get(path)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "text/calendar"
    return vobject.readOne(answer.text)


def titles(calendar) -> list[str]:
    return [event.summary.value for event in getattr(calendar, "vevent_list", [])]


def room_choice(app: Flask, room_id: int) -> str:
    with app.app_context(), reading():
        return f"room:{house.room(room_id).ref}"


def test_a_room_s_calendar_shows_what_stands_and_nobody_s_name(app, cast, rooms, made):
    with app.app_context(), writing():
        house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))
        off = house.book(rooms.pine, cast, "16:00", "17:00", days=(TUESDAY,), meeting=house.wish(cast, "取消的会"))
        house.book(rooms.bamboo, cast, "14:00", "15:00", days=(TUESDAY,), meeting=house.wish(cast, "别处的会"))
        ends.cancel(off[0], which=Which.ONE, reason="", actor=actor_of(cast, "lisi"), now=time_of_day.now())
    path = made("lisi", room_choice(app, rooms.pine), "大屏")
    calendar = read(app, path)
    assert calendar.x_wr_calname.value == "松厅"
    assert titles(calendar) == ["季度会"]
    assert calendar.vevent.dtstart.value.isoformat() == "2026-03-03T14:00:00+08:00"
    answer = FlaskClient(app).get(path)
    assert "张三" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    with app.app_context(), writing():
        house.site_of(cast).door_titles = False
    assert titles(read(app, path)) != ["季度会"]


def test_what_did_not_change_is_not_sent_again(app, cast, rooms, made):
    path = made("lisi", room_choice(app, rooms.pine))
    tag = FlaskClient(app).get(path).headers["ETag"]
    same = FlaskClient(app).get(path, headers={"If-None-Match": tag})
    assert (same.status_code, same.data) == (304, b"")
    with app.app_context(), writing():
        house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))
    assert FlaskClient(app).get(path, headers={"If-None-Match": tag}).status_code == 200


def test_each_sees_the_own_meetings_and_the_attendant_the_own_service(app, cast, rooms, made):
    with app.app_context(), writing():
        house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,), meeting=house.wish(cast, "我的会", by="lisi"))
        (served,) = house.book(rooms.pine, cast, "16:00", "17:00", days=(TUESDAY,))
        db.session.add(
            ServiceOrder(
                site_id=cast.site_id,
                reservation_id=served.id,
                attendant_id=cast.people["chen"],
                ordered_at=time_of_day.now(),
            )
        )
    assert titles(read(app, made("lisi", "mine"))) == ["我的会"]
    assert titles(read(app, made("chen", "duty"))) == ["季度会"]
    assert titles(read(app, made("chen", "mine"))) == []
    refused = at_desk(app, cast, "chen").submit("/meetings/calendars", {}, form=FORM)
    assert "Choose what the calendar is of." in refused.words


def test_taken_back_it_opens_nothing_and_guessing_is_slowed_down(app, cast, rooms, made):
    path, desk = made("lisi", "mine", "Outlook"), at_desk(app, cast)
    assert "Outlook" in desk.get("/meetings/calendars").words
    assert path.rpartition("/")[2].removesuffix(".ics") not in desk.get("/meetings/calendars").text
    assert at_desk(app, cast, "zhou").get("/meetings/calendars").words.count("Outlook") == 1  # the hint of the field
    assert desk.submit("/meetings/calendars", form="form[action$='/revocation']").status_code == 303
    gone = FlaskClient(app).get(path, headers={"Accept-Language": "en"})
    assert gone.status_code == 404
    assert "taken back" in gone.text
    guesser = FlaskClient(app)
    for number in range(31):
        assert guesser.get(f"/calendars/guess-{number}.ics").status_code == 404


def test_who_reads_without_a_pause_is_asked_to_wait(app, cast, rooms, made, clock):
    path, reader = made("lisi", "mine"), FlaskClient(app)
    answers = [reader.get(path).status_code for _ in range(61)]
    assert answers == [200] * 60 + [429]
    clock.shift(timedelta(minutes=10))
    assert reader.get(path).status_code == 200


def test_who_left_has_no_calendar_any_more(app, cast, rooms, made):
    path = made("lisi", "mine")
    with app.app_context(), writing():
        db.session.get_one(Person, cast.people["lisi"]).left_at = time_of_day.now()
    assert FlaskClient(app).get(path).status_code == 404


def test_an_address_costs_the_same_at_any_number_of_meetings_and_ends_at_a_year(app, cast, rooms, made):
    path = made("lisi", room_choice(app, rooms.bamboo))
    FlaskClient(app).get(path)
    few = statements(app, lambda: FlaskClient(app).get(path))
    days = [TUESDAY + timedelta(days=7 * week) for week in range(60)]
    with app.app_context(), writing():
        house.book(rooms.bamboo, cast, "10:00", "11:00", days=tuple(days))
    many = statements(app, lambda: FlaskClient(app).get(path))
    assert many == few <= MOST_STATEMENTS
    assert len(titles(read(app, path))) == 53
