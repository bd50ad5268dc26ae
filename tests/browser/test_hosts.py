"""A host's own page in a real browser: from the link to a room, a guest, the waiting list and calling it off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import expect
from sqlalchemy import select

from domain import clock
from domain.database import db, reading, writing
from domain.identity import SYSTEM
from domain.meetings.models import Reservation
from domain.occupants.links import link_of, token_of
from domain.occupants.models import Host
from tests import rooms as rooms_of
from tests.browser.conftest import House
from tests.browser.looking import look
from tests.browser.visitor import touch
from tests.conftest import MONDAY_MORNING
from tests.rooms import TUESDAY, furnish_rooms


@pytest.fixture
def link(house: House) -> Iterator[str]:
    """Zhang San's link, on Monday at 9:30; Pine is Zhou's on Tuesday from two to three."""
    with time_machine.travel(MONDAY_MORNING, tick=True):
        with house.app.app_context(), writing():
            rooms = furnish_rooms(house.cast)
            mine = rooms_of.wish(house.cast, "周会", by="zhou")
            rooms_of.book(rooms.pine, house.cast, "14:00", "15:00", days=(TUESDAY,), meeting=mine)
            days = tuple(TUESDAY + timedelta(days=7 * week) for week in range(3))
            rooms_of.book(rooms.cedar, house.cast, "10:00", "11:00", days=days)
            host = db.session.get_one(Host, house.cast.host_id)
            host.language = "en"
            address = f"/hosts/{token_of(link_of(host, actor=SYSTEM, now=clock.now()))}"
        yield address


@pytest.mark.parametrize("scripts", [True, False])
def test_a_host_reserves_invites_waits_and_calls_off(house: House, link: str, scripts: bool) -> None:
    phone = house.open("phone", scripts=scripts)
    phone.goto(link)
    touch(phone.get_by_role("link", name="Reserve a room"))
    phone.get_by_label("What the meeting is about").fill("选题会")
    phone.get_by_label("How many people").fill("5")
    phone.get_by_label("Day", exact=True).fill("2026-03-03")
    phone.get_by_label("From").fill("14:00")
    phone.get_by_label("To").fill("15:00")
    touch(phone.get_by_role("button", name="Which rooms are free?"))
    expect(phone.locator(".choice", has_text="竹厅")).to_contain_text("free then")
    phone.locator(".choice", has_text="松厅").filter(has_not_text="雪松厅").click()
    touch(phone.get_by_role("button", name="Reserve", exact=True))
    expect(phone.locator("main")).to_contain_text("松厅 is taken in this time.")
    touch(phone.get_by_role("button", name="Wait for this room"))
    expect(phone.locator("#w1")).to_have_text("I wait for")

    touch(phone.get_by_role("link", name="Reserve a room"))
    phone.get_by_label("What the meeting is about").fill("选题会")
    phone.get_by_label("Day", exact=True).fill("2026-03-03")
    phone.get_by_label("From").fill("14:00")
    phone.get_by_label("To").fill("15:00")
    phone.locator(".choice", has_text="竹厅").click()
    touch(phone.get_by_role("button", name="Reserve", exact=True))
    expect(phone.get_by_text("竹厅 is reserved")).to_have_count(1)
    touch(phone.get_by_role("link", name="Back"))
    touch(phone.get_by_role("button", name="Wait no more: 松厅"))
    expect(phone.locator("#w1")).to_have_count(0)

    touch(phone.get_by_role("link", name="选题会"))
    phone.get_by_role("textbox", name="Guests").fill("王五, 13800138000")
    touch(phone.get_by_role("button", name="Invite", exact=True))
    expect(phone.get_by_role("link", name="王五")).to_be_visible()
    touch(phone.get_by_role("link", name="Change or call off"))
    touch(phone.get_by_role("button", name="Call it off"))
    expect(phone.locator("main")).to_contain_text("The meeting is called off.")

    touch(phone.get_by_role("link", name="Back"))
    touch(phone.get_by_role("link", name="季度会").first)
    touch(phone.get_by_role("link", name="Change or call off"))
    touch(phone.get_by_role("link", name="Call it off …"))
    phone.locator(".choice", has_text="All that lie ahead").click()
    touch(phone.get_by_role("button", name="Call it off"))
    expect(phone.locator("main")).to_contain_text("3 meetings are called off.")
    with house.app.app_context(), reading():
        held = select(Reservation.title).where(Reservation.state == "held")
        assert db.session.scalars(held).all() == ["周会"]


def test_a_visitor_gets_another_time(house: House, link: str) -> None:
    phone = house.open("phone")
    phone.goto(link)
    phone.get_by_role("textbox", name="Guests").fill("王五, 13800138000")
    touch(phone.get_by_role("button", name="Invite", exact=True))
    touch(phone.get_by_role("link", name="Change the time"))
    phone.get_by_label("Day", exact=True).fill("2026-03-04")
    phone.get_by_label("To", exact=True).fill("08:00")
    touch(phone.get_by_role("button", name="Save"))
    expect(phone.locator("#until-e")).to_have_text("The end lies before the beginning.")
    phone.get_by_label("To", exact=True).fill("18:00")
    touch(phone.get_by_role("button", name="Save"))
    expect(phone.locator("main")).to_contain_text("The time is changed.")


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_the_pages_of_a_host_are_right_to_look_at(house: House, link: str, language: str) -> None:
    with house.app.app_context(), reading():
        one = db.session.scalars(select(Reservation.ref).where(Reservation.series.is_not(None))).first()
    phone, found = house.open("phone", language=language.replace("_Hans", "-CN")), []
    asked = f"?lang={language}"
    for path in (asked, f"/rooms{asked}", f"/rooms/{one}", f"/rooms/{one}/cancellation", f"/meetings/{one}"):
        phone.goto(link + path)
        found += look(phone, path, sizes=("phone",), finger=44)
    assert found == []
