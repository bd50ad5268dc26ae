"""At a kiosk with scripts the next page takes the place of the last one, and nothing is loaded but what must be."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from domain.database import db, writing
from domain.sites.models import Site
from tests.browser import visitor
from tests.browser.conftest import House


def mark(page: Page) -> None:
    """Leave something that a page loaded anew does not have."""
    page.evaluate("window.marked = true")


def is_marked(page: Page) -> bool:
    """Whether no page was loaded since."""
    return page.evaluate("window.marked === true")


def test_from_the_first_page_to_the_badge_nothing_is_loaded(house: House) -> None:
    page = house.kiosk()
    visitor.begin(page)
    mark(page)
    visitor.sign_in_from_here(page, house.cast.purpose_ref)
    expect(page.locator(".badge .no")).to_have_text("A-001")
    expect(page).to_have_url(re.compile("/kiosk/badge$"))
    expect(page).to_have_title("You are signed in · Qingyu Centre")
    expect(page.locator("h1")).to_be_focused()
    assert is_marked(page)


def test_a_page_takes_its_language_and_direction_along(house: House) -> None:
    with house.app.app_context(), writing():
        db.session.get_one(Site, house.cast.site_id).languages = ["zh_Hans", "en", "ar"]
    page = house.kiosk()
    visitor.begin(page)
    mark(page)
    for language, direction in (("ar", "rtl"), ("zh-Hans", None)):
        visitor.touch(page.locator(f"a[lang='{language}']"))
        expect(page.locator("html")).to_have_attribute("lang", language)
        assert page.locator("html").get_attribute("dir") == direction
    assert is_marked(page)


def test_back_asks_the_house_for_the_page_that_stood_there(house: House) -> None:
    page = house.kiosk()
    visitor.begin(page)
    visitor.find(page)
    visitor.choose(page, house.cast.purpose_ref)
    visitor.enter(page)
    expect(page.locator("input[name=visit]")).to_be_visible()
    mark(page)
    page.go_back()
    expect(page.locator("form.details [name=phone]")).to_have_value("13800138000")
    assert not is_marked(page)


def test_a_link_within_the_page_leaves_it_standing(house: House) -> None:
    page = house.kiosk()
    visitor.begin(page)
    visitor.find(page)
    visitor.choose(page, house.cast.purpose_ref)
    page.locator("[name=name]").fill("王五")
    mark(page)
    page.locator("a.skip").press("Enter")
    expect(page).to_have_url(re.compile("#main$"))
    page.go_back()
    expect(page).to_have_url(re.compile("/kiosk/details$"))
    expect(page.locator("[name=name]")).to_have_value("王五")
    assert is_marked(page)


def test_with_a_new_version_the_page_is_loaded_with_its_scripts(house: House) -> None:
    page = house.kiosk()
    visitor.begin(page)
    mark(page)

    def newer(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=re.sub(r"/static/kiosk\.\w+\.js", "/static/kiosk.newer.js", answer.text()))

    page.route("**/kiosk/whom", newer)
    page.route("**/static/kiosk.newer.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.locator("a.tile").first.click()
    expect(page.locator("#q")).to_be_visible()
    page.wait_for_function("window.marked === undefined")
    expect(page).to_have_url(re.compile("/kiosk/whom$"))


def test_what_is_no_page_is_handed_to_the_browser(house: House) -> None:
    page = house.kiosk()
    visitor.begin(page)
    page.route("**/kiosk/whom", lambda route: route.fulfill(body="BEGIN:VCALENDAR", content_type="text/plain"))
    page.locator("a.tile").first.click()
    expect(page.locator("body")).to_have_text("BEGIN:VCALENDAR")


def test_a_touch_on_its_way_gives_place_to_the_next(house: House) -> None:
    page = house.kiosk()
    visitor.begin(page)
    waiting: list[Route] = []
    page.route("**/kiosk/whom", lambda route: waiting.append(route))
    page.locator("a.tile").first.click()
    visitor.touch(page.locator("a[lang='zh-Hans']"))
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("[data-away]")).to_be_hidden()
    assert len(waiting) == 1


def test_nothing_leads_away_while_the_sign_in_is_out(house: House) -> None:
    page = house.kiosk()
    visitor.begin(page)
    visitor.find(page)
    visitor.choose(page, house.cast.purpose_ref)
    visitor.enter(page)
    page.locator("input[name=visit]").check()
    out: list[Route] = []
    page.route("**/kiosk/consent", lambda route: out.append(route))
    page.locator("main form button[data-k=main]").click()
    page.locator(".foot a, .foot button").get_by_text("Cancel, do not sign in").click()
    expect(page.locator("input[name=visit]")).to_be_visible()
    with page.expect_navigation():
        out[0].continue_()
    expect(page.locator(".badge .no")).to_have_text("A-001")
    assert len(out) == 1


def test_the_second_touch_of_a_double_one_does_not_fall_on_the_next_page(house: House) -> None:
    page = house.kiosk(fresh=True)
    visitor.begin(page)
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)
    box = page.locator("a.tile").first.bounding_box()
    assert box
    place = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    with page.expect_navigation():
        page.mouse.click(*place)
    page.evaluate("document.addEventListener('click', (event) => { window.fell = event.target.tagName; })")
    for later, fell in ((100, False), (400, True)):
        page.clock.run_for(later)
        page.mouse.down(click_count=2)
        page.mouse.up(click_count=2)
        assert page.evaluate("window.fell !== undefined") is fell


CAMERA = """
    window.stopped = 0;
    navigator.mediaDevices.getUserMedia = async () => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
        canvas.getContext("2d").fillRect(0, 0, 640, 480);
        const stream = canvas.captureStream(10);
        for (const track of stream.getTracks()) {
            const stop = track.stop.bind(track);
            track.stop = () => { window.stopped += 1; stop(); };
        }
        return stream;
    };
"""


def test_a_camera_is_on_as_long_as_its_page_stands(house: House) -> None:
    with house.app.app_context(), writing():
        db.session.get_one(Site, house.cast.site_id).fields = {"photo": "ask"}
    page = house.kiosk(fresh=True)
    page.add_init_script(CAMERA)
    visitor.begin(page)
    mark(page)
    visitor.find(page)
    visitor.choose(page, house.cast.purpose_ref)
    visitor.enter(page)
    page.locator("input[name=photo]").check()
    visitor.agree(page)
    expect(page.locator("[data-photo-take]")).to_be_visible()
    assert page.evaluate("window.stopped") == 0
    visitor.touch(page.locator(".foot").get_by_role("button", name="Call reception"))
    assert page.evaluate("window.stopped") == 1
    visitor.touch(page.locator("main .btn"))
    expect(page.locator("[data-photo-take]")).to_be_visible()
    assert is_marked(page)
    visitor.touch(page.locator("[data-photo-take]"))
    expect(page.locator(".badge .no")).to_have_text("A-001")
    assert page.evaluate("window.stopped") == 2
    assert is_marked(page)
