"""Meetings in a real browser: reserved by a touch on the day, refused where the room is taken, moved and called off;
every page as the desk sees it.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from domain import clock
from domain.database import reading, writing
from tests import rooms as rooms_of
from tests.browser.conftest import House
from tests.browser.looking import look
from tests.browser.visitor import touch
from tests.rooms import Rooms, furnish_rooms

MAIN = "main button[data-k=main]"


@pytest.fixture
def rooms(house: House) -> Rooms:
    """The rooms of tests/rooms.py in the served house."""
    with house.app.app_context(), writing():
        return furnish_rooms(house.cast)


def monday() -> str:
    """A Monday that lies ahead."""
    today = clock.local_date(clock.now(), "Asia/Shanghai")
    return (today + timedelta(days=7 - today.weekday())).isoformat()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_room_is_reserved_by_a_touch_on_the_day_then_moved_and_called_off(
    house: House, rooms: Rooms, scripts: bool
) -> None:
    desk = house.staff("lisi", scripts=scripts)
    desk.goto(f"/meetings?day={monday()}")
    touch(desk.get_by_role("link", name="Reserve 松厅 from 10:00"))
    desk.get_by_label("What the meeting is about").fill("季度会")
    desk.get_by_label("How many people").fill("5")
    desk.get_by_label("Who organises it").fill("zhang")
    if not scripts:
        touch(desk.get_by_role("button", name="Find", exact=True).last)
    desk.locator("main .choice", has_text="张三").click()
    touch(desk.locator(MAIN))
    expect(desk.get_by_text("松厅 is reserved")).to_be_visible()
    touch(desk.get_by_role("link", name="The day in all rooms"))
    expect(desk.locator("td.meet", has_text="季度会")).to_have_count(1)

    touch(desk.get_by_role("link", name="Reserve 松厅 from 13:00"))
    desk.get_by_label("From").fill("10:30")
    desk.get_by_label("To", exact=True).fill("11:30")
    desk.get_by_label("What the meeting is about").fill("面试")
    desk.get_by_label("How many people").fill("2")
    desk.get_by_label("Who organises it").fill("zhou")
    if not scripts:
        touch(desk.get_by_role("button", name="Find", exact=True).last)
    desk.locator("main .choice", has_text="Zhou").click()
    touch(desk.locator(MAIN))
    expect(desk.locator("main .sum, main [role=alert]").first).to_contain_text("松厅 is taken in this time.")

    desk.goto(f"/meetings?day={monday()}")
    touch(desk.locator("td.meet a"))
    touch(desk.get_by_role("link", name="Change or move"))
    desk.get_by_label("From").fill("16:00")
    desk.get_by_label("To", exact=True).fill("17:00")
    touch(desk.locator(MAIN))
    expect(desk.get_by_text("The meeting is changed.")).to_be_visible()
    touch(desk.get_by_role("link", name="Call it off"))
    touch(desk.locator(MAIN))
    expect(desk.get_by_text("The meeting is called off.")).to_be_visible()
    desk.goto(f"/meetings?day={monday()}")
    expect(desk.locator("td.meet")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_every_page_of_the_room_is_right_to_look_at(house: House, rooms: Rooms, language: str) -> None:
    with house.app.app_context(), writing():
        today = clock.local_date(clock.now(), "Asia/Shanghai")
        first = today + timedelta(days=7 - today.weekday())
        days = (first, first + timedelta(days=7))
        made = rooms_of.book(rooms.pine, house.cast, "10:00", "11:00", days=days)[0].ref
        rooms_of.book(rooms.cedar, house.cast, "13:00", "15:00", days=days)
    with house.app.app_context(), reading():
        pine = rooms_of.room(rooms.pine).ref
    desk = house.staff("zhou", language=language)
    found = []
    for path in (
        f"/meetings?day={monday()}",
        f"/meetings/rooms/{pine}?day={monday()}",
        "/meetings/new",
        f"/meetings/find?people=5&day={monday()}&since=10:00&until=11:00",
        f"/reservations/{made}",
        f"/reservations/{made}/edit",
        f"/reservations/{made}/cancellation",
        "/meetings/rooms",
        "/meetings/rooms/new",
        f"/meetings/rooms/{pine}/retirement",
    ):
        desk.goto(path)
        found += look(desk, path, sizes=("tablet",), finger=44)
    assert found == []
