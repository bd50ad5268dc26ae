"""Every page of the staff, found by the URL map: axe finds nothing, it fits, and a finger hits what it aims at."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from domain.permissions import GRANTS, Role
from tests.browser.conftest import House
from tests.browser.looking import look
from tests.browser.visitor import touch
from tests.house.routes import furnish, routes

FINGER = 44
MOUSE = 24
# Who draws which page, the first of them who may: the lead works the desk, the supervisor signs, the manager rules,
# the admin sets up.
DRAWN_BY = {"zhou": Role.LEAD, "wu": Role.SUPERVISOR, "he": Role.MANAGER, "xu": Role.ADMIN}
NOT_HERE = {"auth.lock", "auth.end_session"} | {
    "admin.upload_template",
    "exports.send",
    "invitations.upload_template",
    "keys.photo",
    "keys.upload_template",
    "meetings.picture",
    "reports.send",
    "service.picture",
    "slips.picture",
}
"""What locks the screen, what ends another's session (404), and what is no page but a file."""
SHARES = [("zhou", part, 5) for part in range(5)] + [("wu", 0, 1), ("he", 0, 1), ("xu", 0, 2), ("xu", 1, 2)]
"""The pages of each are looked at in so many tests, so that the workers of a run share them."""


def pages(house: House, login: str) -> list[str]:
    """The addresses that this person opens; each leaves out what one before has."""
    building = furnish(house.app, house.cast)
    found = []
    for route in routes(house.app, "staff"):
        assert route.access.permission is not None
        granted = GRANTS[route.access.permission][0]
        first = next(drawer for drawer, role in DRAWN_BY.items() if role in granted)
        if route.method == "GET" and login == first and route.rule.endpoint not in NOT_HERE:
            found.append(building.address(house.app, route.rule))
    return found


def told(found: list[str]) -> str:
    return "\n".join([f"{len(found)} to mend:", *dict.fromkeys(found)])


def refused(page: Page) -> bool:
    """Send the page's form with nothing typed; whether it came back with its errors."""
    form = page.locator("main form[method=post]:has(input[type=text], input:not([type]), textarea)").first
    if not form.count() or not form.locator("button[data-k=main]").count():
        return False
    for field in form.locator("input[type=text], input:not([type]), textarea").all():
        if field.is_visible() and field.is_editable():
            field.fill("")
    touch(form.locator("button[data-k=main]").first)
    return bool(page.locator("[aria-invalid=true], [role=alert]").count())


@pytest.mark.parametrize(("size", "language"), [("tablet", "zh-CN"), ("desktop", "en")])
@pytest.mark.parametrize(("login", "part", "parts"), SHARES)
def test_every_page_of_the_staff(house: House, login: str, part: int, parts: int, size: str, language: str) -> None:
    addresses = pages(house, login)[part::parts]
    assert addresses
    page = house.staff(login, size=size, language=language)
    pointed = FINGER if size == "tablet" else MOUSE
    found = []
    for path in addresses:
        answer = page.goto(path)
        assert answer is not None
        if "text/html" not in answer.headers.get("content-type", "") or not page.locator("html[lang] h1").count():
            continue  # a region for htmx, which its page shows too
        where = page.url.removeprefix(house.url)
        assert answer.status < 400, f"{path} → {answer.status}"
        found += look(page, where, sizes=(size,), finger=pointed, axe=size == "tablet")
        if size == "desktop" and refused(page):
            found += look(page, f"{where}, refused", sizes=(size,), finger=pointed, dark=False)
    assert not found, told(found)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_doors_of_the_house(house: House, language: str) -> None:
    building = furnish(house.app, house.cast)
    found = []
    for path in ("/sign-in", f"/reset/{building.reset}", "/reset/none", f"/a/{building.answer}", "/a/none", "/nothing"):
        page = house.open("tablet", language=language)
        page.goto(path)
        found += look(page, path, sizes=("tablet", "phone"), finger=FINGER)
    page = house.open("phone", language=language)
    page.goto("/sign-in")
    page.locator("[name=login]").fill("nobody")
    page.locator("[name=password]").fill("nothing at all")
    touch(page.locator("main form button[data-k=main]"))
    found += look(page, "/sign-in, refused", sizes=("phone",), finger=FINGER)
    forbidden = house.staff("chen", language=language)
    forbidden.goto("/admin/people")
    found += look(forbidden, "forbidden", sizes=("tablet",), finger=FINGER)
    assert not found, told(found)


BROKEN = """(rail) => [...rail.querySelectorAll('li a')].flatMap((link) => {
    const words = document.createTreeWalker(link, NodeFilter.SHOW_TEXT), broken = []
    while (words.nextNode()) for (const word of words.currentNode.textContent.matchAll(/[A-Za-z]+/g)) {
        const range = document.createRange()
        range.setStart(words.currentNode, word.index)
        range.setEnd(words.currentNode, word.index + word[0].length)
        if (new Set([...range.getClientRects()].map((one) => Math.round(one.top))).size > 1) broken.push(word[0])
    }
    return link.scrollWidth > link.clientWidth ? [...broken, link.textContent] : broken
})"""


@pytest.mark.parametrize(("login", "path"), [("xu", "/admin/units"), ("zhou", "/admin/units"), ("zhou", "/desk")])
def test_no_word_of_the_rail_is_broken(house: House, login: str, path: str) -> None:
    page = house.staff(login)
    page.goto(path)
    for width, height in ((1180, 820), (1180, 600), (820, 1180), (1440, 900), (600, 800)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.locator(".rail").evaluate(BROKEN) == [], (width, height)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (width, height)


@pytest.mark.parametrize("path", ["/desk", "/visits", "/desk/sign-in"])
def test_what_is_used_on_the_move_fits_a_phone_and_twice_the_zoom(house: House, path: str) -> None:
    furnish(house.app, house.cast)
    page = house.staff("zhou", size="phone")
    page.goto(path)
    found = look(page, path, sizes=("zoomed", "phone"), finger=FINGER)
    assert not found, told(found)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("path", ["/slips?state=not_closed", "/loans?state=out", "/visits?state=inside"])
def test_filter_and_clear_stand_in_the_row_of_the_filters(house: House, path: str, language: str) -> None:
    page = house.staff("zhou", language=language)
    page.goto(path)
    bottoms = page.locator(".filters :is(.in, .btn):visible").evaluate_all(
        "all => all.map((one) => Math.round(one.getBoundingClientRect().bottom))"
    )
    assert len(bottoms) >= 6
    assert len(set(bottoms)) == 1, bottoms


def test_from_and_to_are_asked_of_who_chooses_them(house: House) -> None:
    page = house.staff("zhou", scripts=False)
    page.goto("/slips")
    expect(page.get_by_label("From")).to_be_hidden()
    page.get_by_label("Time").select_option("own")
    page.get_by_label("From").fill("2026-03-01")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_label("From")).to_have_value("2026-03-01")
    page.goto("/slips?since=2026-03-01")
    expect(page.get_by_label("From")).to_be_visible()
