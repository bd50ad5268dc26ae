"""The display at a door in a real browser: taken by a touch, extended, ended, with scripts and without; and the pages
on which displays, calendars and the rules of a room are kept.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from domain import clock
from domain.database import db, writing
from domain.meetings.models import Room
from domain.sites.models import Site
from tests import rooms as rooms_of
from tests.browser.conftest import House
from tests.browser.looking import look
from tests.browser.visitor import touch
from tests.doors import hang_display
from tests.rooms import Rooms, furnish_rooms
from web import devices

SIZES = ("landscape", "portrait")


@pytest.fixture
def rooms(house: House) -> Rooms:
    """The rooms, open around the clock where it is about noon now: no test runs into the night."""
    hour = clock.now().hour
    with house.app.app_context(), writing():
        db.session.get_one(Site, house.cast.site_id).zone = f"Etc/GMT{hour - 12:+d}"
        db.session.get_one(Site, house.cast.site_id).language = "en"
        db.session.flush()
        made = furnish_rooms(house.cast)
        db.session.execute(db.update(Room).values(open_days=[1, 2, 3, 4, 5, 6, 7], opens=0, closes=1440))
        return made


def display(house: House, room_id: int, *, scripts: bool = True) -> Page:
    """The browser of a display at that door."""
    with house.app.app_context(), writing():
        _display, token = hang_display(rooms_of.room(room_id), name=f"Door {room_id} {scripts}")
    page = house.open("landscape", scripts=scripts)
    page.context.add_cookies([{"name": devices.KIOSK_COOKIE, "value": token, "url": house.url}])
    page.goto("/meetings/door")
    return page


@pytest.mark.parametrize("scripts", [True, False])
def test_a_room_is_taken_at_its_door_extended_and_ended(house: House, rooms: Rooms, scripts: bool) -> None:
    door = display(house, rooms.bamboo, scripts=scripts)
    expect(door.get_by_role("heading", name="Free")).to_be_visible()
    found = look(door, "free", sizes=SIZES, finger=64, axe=scripts, dark=False) if scripts else []
    door.get_by_role("button", name="Take it now, 30 min").click()
    expect(door.get_by_role("heading", name="Busy")).to_be_visible()
    door.get_by_role("button", name="Extend 15 min").click()
    expect(door.locator("progress")).to_have_attribute("max", "45")
    found += look(door, "busy", sizes=SIZES, finger=64, axe=scripts, dark=False) if scripts else []
    touch(door.get_by_role("link", name="End now"))
    door.get_by_role("button", name="Yes, end it").click()
    expect(door.get_by_role("heading", name="Free")).to_be_visible()
    refresh = door.locator("noscript meta, meta[http-equiv]").count()
    assert refresh or scripts, "Without scripts the display asks again by itself."
    assert found == []


def test_the_display_sees_by_itself_what_the_desk_reserves(house: House, rooms: Rooms) -> None:
    door = display(house, rooms.bamboo)
    expect(door.get_by_text("Nothing more today.")).to_be_visible()
    with house.app.app_context(), writing():
        site = rooms_of.site_of(house.cast)
        begins = clock.local(clock.now() + timedelta(hours=2), site.zone)
        since, until = f"{begins.hour:02d}:00", f"{begins.hour:02d}:30"
        rooms_of.book(rooms.bamboo, house.cast, since, until, days=(begins.date(),))
    expect(door.locator(".next li")).to_contain_text("季度会", timeout=15_000)


def test_the_pages_of_displays_calendars_and_rules_are_right_to_look_at(house: House, rooms: Rooms) -> None:
    with house.app.app_context(), writing():
        pine = rooms_of.room(rooms.pine).ref
        hang_display(rooms_of.room(rooms.pine))
    lead = house.staff("zhou", language="zh-CN")
    found = []
    for path in (f"/meetings/rooms/{pine}/displays", f"/meetings/rooms/{pine}/rules", "/meetings/waiting"):
        lead.goto(path)
        found += look(lead, path, sizes=("phone", "tablet"), finger=44)
    lead.goto("/meetings/calendars")
    lead.get_by_label("哪个日历").select_option("mine")
    lead.get_by_role("button", name="生成").click()
    expect(lead.locator("code")).to_contain_text("/calendars/")
    found += look(lead, "/meetings/calendars", sizes=("phone", "tablet"), finger=44)
    assert found == []
