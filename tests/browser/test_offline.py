"""Run sheets that open again where no network reaches, and that nobody else finds afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from playwright.sync_api import Error, Page, Worker, expect
from sqlalchemy import func, select, update

from domain.database import db, reading, writing
from domain.people.models import StaffSession
from domain.ticks import Tick
from tests import cabinet as shelf
from tests import rooms as rooms_of
from tests import service
from tests.browser.conftest import PATIENCE, House
from tests.browser.visitor import touch
from tests.conftest import MONDAY_MORNING
from tests.rooms import furnish_rooms

KEPT = "async () => (await (await caches.open('foyer-pages')).keys()).map((one) => new URL(one.url).pathname).sort()"

NO_NETWORK = "ERR_INTERNET_DISCONNECTED|ERR_FAILED"


@pytest.fixture
def run(house: House) -> Iterator[str]:
    """The address of a sheet that Chen serves; the clock starts on Monday at 9:30."""
    with time_machine.travel(MONDAY_MORNING, tick=True):
        with house.app.app_context(), writing():
            rooms = furnish_rooms(house.cast)
            shelf.fill(house.cast)
            service.fill_catalogue(house.cast)
            (one,) = rooms_of.book(rooms.pine, house.cast, "10:00", "11:00")
            service.order(one, house.cast)
            service.give_to(one, house.cast)
            address = f"/meetings/{one.ref}/run"
        yield address


def worker(page: Page) -> Worker:
    """The one that keeps; a page of the browser's own that says that there is no network could not be asked."""
    workers = page.context.service_workers
    return workers[0] if workers else page.context.wait_for_event("serviceworker")


def wait_for_kept(page: Page, *paths: str) -> None:
    """Wait until the browser keeps these pages and no others."""
    for _ in range(PATIENCE // 50):
        if worker(page).evaluate(KEPT) == sorted(paths):
            break
        page.wait_for_timeout(50)
    assert worker(page).evaluate(KEPT) == sorted(paths)


def offline(page: Page, run: str) -> None:
    """Open the sheet, and go where no network reaches."""
    page.goto(run)
    wait_for_kept(page, "/meetings/runs", run)
    page.context.set_offline(True)


def ticks(house: House) -> int:
    """How many ticks the house has."""
    with house.app.app_context(), reading():
        return db.session.scalar(select(func.count()).select_from(Tick)) or 0


def test_a_sheet_opens_anew_without_a_network_and_its_ticks_are_sent_once(house: House, run: str) -> None:
    phone = house.staff("chen", "phone", fresh=True)
    offline(phone, run)
    phone.reload()
    expect(phone.locator("[data-kept-note]")).to_contain_text("No network: this is how it stood at 09:3")
    expect(phone.locator("main")).to_have_css("display", "grid")
    with house.unreachable():
        phone.get_by_role("button", name="Done: Clean").first.click()
        expect(phone.locator("[data-outbox-note]")).to_contain_text("Not sent yet: 1")
        touch(phone.get_by_role("link", name="Meetings of today"))
        expect(phone.locator("[data-kept-note]")).to_be_visible()
        touch(phone.get_by_role("link", name="松厅"))
        expect(phone.locator("[data-outbox-note]")).to_contain_text("Not sent yet: 1")
    assert ticks(house) == 0
    phone.context.set_offline(False)
    expect(phone.locator("[data-outbox-note]")).to_be_hidden()
    expect(phone.locator("[data-kept-note]")).to_be_hidden()
    expect(phone.get_by_role("button", name="Undo: Clean")).to_be_visible()
    phone.reload()
    assert ticks(house) == 1


def test_what_was_drawn_since_is_what_is_kept(house: House, run: str) -> None:
    phone = house.staff("chen", "phone", fresh=True)
    phone.goto(run)
    wait_for_kept(phone, "/meetings/runs", run)
    phone.get_by_role("button", name="Done: Clean").first.click()
    expect(phone.get_by_role("button", name="Undo: Clean")).to_be_visible()
    phone.context.set_offline(True)
    phone.reload()
    expect(phone.locator("[data-kept-note]")).to_be_visible()
    expect(phone.get_by_role("button", name="Undo: Clean")).to_be_visible()
    assert phone.locator("main").count() == 1


def test_nothing_is_kept_beyond_logging_out_or_locking(house: House, run: str) -> None:
    phone = house.staff("chen", "phone", fresh=True)
    offline(phone, run)
    phone.goto("/meetings/runs")
    phone.evaluate("document.querySelector('form[data-forget]').requestSubmit()")
    wait_for_kept(phone)
    phone.context.set_offline(False)
    phone.goto(run)
    wait_for_kept(phone, run)
    with house.app.app_context(), writing():
        db.session.execute(update(StaffSession).values(locked_at=MONDAY_MORNING))
    phone.goto(run)
    expect(phone.get_by_label("Password")).to_be_visible()
    wait_for_kept(phone)


def test_nothing_is_kept_for_who_signs_in_next(house: House, run: str) -> None:
    phone = house.staff("chen", "phone", fresh=True)
    phone.goto(run)
    wait_for_kept(phone, "/meetings/runs", run)
    phone.context.add_cookies([{**one, "path": "/"} for one in house.staff("zhou", "phone").context.cookies()])
    phone.goto("/meetings/runs")
    wait_for_kept(phone, "/meetings/runs")
    assert "Zhou" in phone.evaluate("async () => (await caches.match('/meetings/runs')).text()")
    phone.context.set_offline(True)
    with pytest.raises(Error, match=NO_NETWORK):
        phone.goto(run)


def test_nothing_is_kept_beyond_the_day(house: House, run: str) -> None:
    phone = house.staff("chen", "phone", fresh=True)
    offline(phone, run)
    age = """async () => {
      const cache = await caches.open('foyer-pages');
      for (const one of await cache.keys()) {
        const old = await cache.match(one), headers = new Headers(old.headers);
        headers.set('X-Keep', headers.get('X-Keep').replace(/until=\\d+/, 'until=' + (Date.now() - 1)));
        await cache.put(one, new Response(await old.text(), { headers }));
      }
    }"""
    phone.evaluate(age)
    with pytest.raises(Error, match=NO_NETWORK):
        phone.goto(run)


def test_the_desk_keeps_nothing_and_starts_no_worker(house: House, run: str) -> None:
    desk = house.staff("lisi", fresh=True)
    for path in ("/desk", "/meetings", "/meetings/runs"):
        desk.goto(path)
        assert desk.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    assert desk.evaluate(KEPT) == []
