"""Back and reload after a form that was refused: the page, and never the browser's question about sending it again."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser import visitor
from tests.browser.conftest import House
from tests.stays import arrive


def test_going_back_at_the_desk_past_a_form_that_was_refused(house: House) -> None:
    page = house.staff()
    page.goto("/desk")
    page.goto("/desk/sign-in")
    for _ in range(2):
        visitor.touch(page.locator("main form button[data-k=main]"))
        expect(page.get_by_role("alert").first).to_be_visible()
    page.goto("/visits")
    for _ in range(3):
        page.go_back()
        expect(page.locator("h1")).to_have_text("Sign a visitor in")
        expect(page.locator("[name=name]")).to_be_visible()
    page.reload()
    expect(page.locator("[name=name]")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(house.url + "/desk")


def test_what_has_no_address_of_its_own_stands_as_its_subject(house: House) -> None:
    ref = visitor_inside(house)
    page = house.staff()
    page.goto(f"/visits/{ref}")
    visitor.touch(page.locator(f"form[action='/visits/{ref}/corrections/looks'] button"))
    page.locator("[name=name]").fill("")
    visitor.touch(page.locator("main form.stack button[data-k=main]"))
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page).to_have_url(f"{house.url}/visits/{ref}")
    page.goto("/visits")
    page.go_back()
    expect(page.locator("h1")).to_contain_text("Visit 0001")


def test_going_back_at_the_kiosk_past_a_form_that_was_refused(house: House) -> None:
    page = house.kiosk()
    visitor.begin(page)
    visitor.find(page)
    visitor.choose(page, house.cast.purpose_ref)
    visitor.enter(page, phone="138")
    expect(page.get_by_role("alert").first).to_be_visible()
    visitor.enter(page)
    expect(page.locator("input[name=visit]")).to_be_visible()
    page.go_back()
    expect(page.locator("form.details [name=phone]")).to_have_value("13800138000")


def visitor_inside(house: House) -> str:
    """Somebody signs in; gives the visit's ref."""
    return arrive(house.app, house.cast).ref
