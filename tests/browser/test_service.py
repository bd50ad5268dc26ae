"""The service of a meeting in real browsers: the attendant's phone, also without a network, and the desk beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from domain.database import db, reading, writing
from domain.meetings.models import Reservation
from domain.meetings.service_models import ServiceOrder
from domain.meetings.service_queries import items_of
from domain.ticks import Tick
from domain.visits.invitation_models import Invitation
from tests import cabinet as shelf
from tests import rooms as rooms_of
from tests import service
from tests.browser.conftest import House
from tests.browser.looking import look
from tests.browser.visitor import touch
from tests.conftest import MONDAY_MORNING
from tests.rooms import furnish_rooms

MAIN = "main button[data-k=main]"


@dataclass(frozen=True)
class Prepared:
    """Rooms, keys and a catalogue; the clock starts on Monday at 9:30 and goes on."""

    pine: int
    key: int
    clock: time_machine.Traveller


@pytest.fixture
def prepared(house: House) -> Iterator[Prepared]:
    """Pine has a key."""
    with time_machine.travel(MONDAY_MORNING, tick=True) as clock:
        with house.app.app_context(), writing():
            rooms, stock = furnish_rooms(house.cast), shelf.fill(house.cast)
            service.fill_catalogue(house.cast)
            rooms_of.room(rooms.pine).key_id = stock.room
        yield Prepared(rooms.pine, stock.room, clock)


def ticks(house: House) -> int:
    """How many ticks the house has."""
    with house.app.app_context(), reading():
        return db.session.scalar(select(func.count()).select_from(Tick)) or 0


def done(page: Page, words: str) -> None:
    """Touch "Done" of the first step of these words in the list."""
    page.get_by_role("button", name=f"Done: {words}").first.click()


def greet(house: House, desk: Page, phone: Page) -> None:
    """The desk invites a guest, who comes in at the kiosk; who stands at the door of the room sees it on the phone."""
    desk.goto(f"/invitations/meetings/{ref(house)}")
    desk.locator("[name=guests]").fill("王五, 13800138000, 示例公司")
    touch(desk.get_by_role("button", name="Invite", exact=True))
    expect(desk.get_by_text("0 of 1 have come")).to_be_visible()
    touch(phone.get_by_role("link", name="Guests"))
    expect(phone.get_by_text("0 of 1 have come")).to_be_visible()
    with house.app.app_context(), reading():
        digits = db.session.scalars(select(Invitation.digits)).one() or ""
    kiosk = house.kiosk()
    kiosk.goto("/kiosk?language=en")
    touch(kiosk.locator("a.tile", has_text="I have an invitation"))
    kiosk.locator("[name=code]").fill(digits)
    touch(kiosk.locator("main form button[data-k=main]"))
    touch(kiosk.get_by_role("button", name="Agree and sign in"))
    expect(kiosk.get_by_text("A-001").first).to_be_visible()
    for page in (phone, desk):  # both ask by themselves
        expect(page.get_by_text("1 of 1 have come")).to_be_visible()
    phone.goto(f"/meetings/{ref(house)}/run")


def test_a_meeting_from_its_reservation_to_the_key_back_with_desk_and_phone_side_by_side(
    house: House, prepared: Prepared
) -> None:
    desk, phone = house.staff("lisi"), house.staff("chen", "phone")
    desk.goto("/meetings/new?day=2026-03-02&since=10:00&until=11:00")
    desk.get_by_label("What the meeting is about").fill("季度会")
    desk.get_by_label("Room", exact=True).select_option(label="松厅, 12 seats")
    desk.get_by_label("How many people").fill("5")
    desk.get_by_label("Who organises it").fill("zhang")
    desk.locator("main .choice", has_text="张三").click()
    touch(desk.get_by_role("button", name="Reserve and order the service"))
    desk.get_by_label("绿茶").first.fill("5")
    desk.get_by_label("Again every … minutes 绿茶").fill("20")
    touch(desk.locator(MAIN))
    expect(desk.get_by_text("The service is ordered.")).to_be_visible()

    phone.goto("/meetings/runs")
    touch(phone.get_by_role("link", name="松厅"))
    touch(phone.get_by_role("button", name="I serve it"))
    expect(phone.locator("#now")).to_have_text("Fetch the key")
    desk.goto("/desk")
    expect(desk.locator("#late-service")).to_contain_text("松厅 since 09:20")
    phone.locator(".urgent").get_by_role("button", name="Done").click()
    expect(phone.locator("#now")).to_have_text("Clean, air, set the temperature")
    expect(desk.locator("#board")).to_contain_text("HY-03")

    before = ticks(house)
    phone.context.set_offline(True)
    phone.locator(".next, .urgent").get_by_role("button", name="Done").click()
    expect(phone.locator("[data-outbox-note]")).to_contain_text("Not sent yet: 1")
    done(phone, "Set up tables")
    expect(phone.locator("[data-outbox-note]")).to_contain_text("Not sent yet: 2")
    expect(phone.locator("#sheet-" + ref(house)).locator("[data-waits]").first).to_be_visible()
    done(phone, "Test the equipment")
    desk.goto(f"/meetings/{ref(house)}/run")
    done(desk, "Test the equipment")
    expect(desk.get_by_role("button", name="Undo: Test the equipment")).to_be_visible()
    prepared.clock.shift(timedelta(minutes=12))
    assert ticks(house) == before + 1, "The desk's; the phone's three wait."
    phone.context.set_offline(False)
    expect(phone.locator("[data-outbox-note]")).to_be_hidden()
    expect(phone.locator("[data-outbox-said]")).to_contain_text("Lisi did this step")
    phone.get_by_role("button", name="I have read it").click()
    expect(phone.locator("[data-outbox-said]")).to_be_hidden()
    expect(phone.locator("#now")).to_contain_text("Tea, water and utensils")
    phone.reload()
    assert ticks(house) == before + 4

    prepared.clock.shift(timedelta(minutes=18))
    desk = house.staff("lisi")  # the one before is locked by now
    for words in ("Tea, water", "Stand at the door", "Take orders"):
        done(phone, words)
        expect(phone.locator("[data-waits]")).to_have_count(0)
        expect(phone.get_by_role("button", name=f"Done: {words}")).to_have_count(0)
        if words == "Stand at the door":
            greet(house, desk, phone)
    desk.goto(f"/reservations/{ref(house)}")
    expect(desk.locator("main")).to_contain_text("Begun")
    prepared.clock.shift(timedelta(minutes=24))
    phone.reload()
    done(phone, "Refill")
    expect(phone.get_by_role("button", name="Undo: Refill")).to_be_visible()
    touch(phone.get_by_role("link", name="Fault"))
    touch(phone.get_by_role("button", name="Light"))
    expect(phone.locator("main")).to_contain_text("松厅: Light")
    phone.locator(".go summary").click()
    widths = phone.locator(".go button").evaluate_all("buttons => buttons.map(one => one.offsetWidth)")
    assert len(set(widths)) == 1, "The main deed keeps its width beside an open way to skip it."
    phone.get_by_label("Why is it skipped?").fill("客人不要")
    phone.get_by_role("button", name="Skip it").click()
    expect(phone.locator("main")).to_contain_text("Skipped: 客人不要")

    for _ in range(2):
        prepared.clock.shift(timedelta(minutes=24))
        phone.reload()
    touch(phone.get_by_role("link", name="Close"))
    expect(phone.locator("main .facts li")).to_have_count(3)
    touch(phone.get_by_role("link", name="Back to the sheet"))
    for words in ("Check the equipment", "Power off", "Bring the key back"):
        done(phone, words)
        expect(phone.locator("[data-waits]")).to_have_count(0)
        expect(phone.get_by_role("button", name=f"Done: {words}")).to_have_count(0)
    touch(phone.get_by_role("link", name="Close"))
    touch(phone.locator(MAIN))
    expect(phone.locator("main")).to_contain_text("What was written of it stays.")
    desk = house.staff("lisi")
    desk.goto("/desk")
    expect(desk.locator("#board")).not_to_contain_text("HY-03")
    with house.app.app_context(), reading():
        assert db.session.scalars(select(ServiceOrder.closed_at)).one() is not None


def ref(house: House) -> str:
    """The meeting's."""
    with house.app.app_context(), reading():
        return db.session.scalars(select(Reservation.ref)).one()


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_every_page_of_the_service_is_right_to_look_at(house: House, prepared: Prepared, language: str) -> None:
    with house.app.app_context(), writing():
        (one,) = rooms_of.book(prepared.pine, house.cast, "10:00", "12:00")
        goods = [item.id for item in items_of(house.cast.site_id)]
        order = service.order(one, house.cast, (goods[0], 5, 20), (goods[2], 5, 40))
        service.give_to(one, house.cast)
        service.tick(order.id, "key_out", house.cast)
        run = f"/meetings/{one.ref}/run"
    phone, lead = house.staff("chen", "phone", language=language), house.staff("zhou", language=language)
    found = []
    for path in ("/meetings/runs", run, f"{run}/fault", f"{run}/lost", f"{run}/closing", f"{run}/confirmation"):
        phone.goto(path)
        found += look(phone, path, sizes=("phone",), finger=44)
    phone.goto(f"{run}/offer")
    found += look(phone, "attendant", sizes=("phone",), finger=44)
    lists = ("/meetings/service", "/meetings/service/steps", "/meetings/service/templates/new")
    for path in ("/meetings/runs", run, f"/meetings/{one_ref(run)}/order", *lists):
        lead.goto(path)
        found += look(lead, path, sizes=("tablet",), finger=44)
    assert found == []


def one_ref(run: str) -> str:
    """The ref in the address of a sheet."""
    return run.split("/")[2]
