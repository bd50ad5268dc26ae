"""The house is away for a while: whoever stands before a screen is told, keeps the page, and need do nothing more."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from blueprints.kiosk import journey
from tests.browser import visitor
from tests.browser.conftest import House

LONG = 30_000
SINCE = re.compile(r"No connection to the server since \d\d:\d\d\. What you press is not saved\.")


def test_the_desk_says_since_when_nothing_is_saved(house: House) -> None:
    page = house.staff()
    page.goto("/desk")
    bar = page.locator("[data-away]")
    expect(bar).to_be_hidden(timeout=LONG)
    with house.unreachable():
        expect(bar).to_have_text(SINCE, timeout=LONG)
    expect(bar).to_be_hidden(timeout=LONG)


def test_what_was_typed_at_the_desk_stays_and_is_sent_afterwards(house: House) -> None:
    page = house.staff()
    page.goto("/desk/sign-in")
    page.locator("[name=name]").fill("王五")
    button = page.locator("main form button[data-k=main]")
    with house.unreachable():
        button.click()
        expect(page.locator("[data-away]")).to_be_visible(timeout=LONG)
        expect(page.locator("[name=name]")).to_have_value("王五")
    expect(page.locator("[data-away]")).to_be_hidden(timeout=LONG)
    visitor.touch(button)
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value("王五")


def test_the_kiosk_keeps_its_page(house: House) -> None:
    page = house.kiosk()
    visitor.begin(page)
    with house.unreachable():
        page.locator("a.tile").first.click()
        expect(page.locator("[data-away]")).to_contain_text("This screen has no connection right now.", timeout=LONG)
    expect(page.locator("[data-away]")).to_be_hidden(timeout=LONG)
    visitor.find(page)
    visitor.choose(page, house.cast.purpose_ref)
    page.locator("[name=name]").fill("王五")
    page.locator("[name=phone]").fill("13800138000")
    go_on = page.locator("form.details button[data-k=main]")
    with house.unreachable():
        go_on.click()
        expect(page.locator("[data-away]")).to_be_visible(timeout=LONG)
    expect(page.locator("[data-away]")).to_be_hidden(timeout=LONG)
    visitor.touch(go_on)
    visitor.agree(page)
    expect(page.locator(".badge .no")).to_have_text("A-001")


def test_a_kiosk_that_is_left_without_the_house_shows_nothing_typed(house: House) -> None:
    page = house.kiosk()
    visitor.begin(page)
    visitor.find(page)
    visitor.choose(page, house.cast.purpose_ref)
    page.locator("[name=name]").fill("王五")
    page.evaluate("document.body.dataset.idleAfter = '1'")
    with house.unreachable():
        page.locator("[name=name]").press("End")  # the last touch
        expect(page.locator("[name=name]")).to_have_value("", timeout=LONG)
    page.wait_for_url("**/kiosk/still-here**")


def test_a_page_after_signing_in_that_is_left_without_the_house_shows_nobody_s_name_and_goes_home_afterwards(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journey, "DONE_SECONDS", 3)
    page = house.kiosk()
    with page.expect_navigation(url="**/kiosk/badge"):
        visitor.sign_in(page, house.cast.purpose_ref)
    with house.unreachable():
        expect(page.locator("[data-away]")).to_contain_text("goes on by itself", timeout=LONG)
        expect(page.locator("h1")).to_be_hidden()
        expect(page.locator(".badge")).to_be_hidden()
        expect(page).to_have_url(re.compile("/kiosk/badge$"))
    page.wait_for_url("**/kiosk", timeout=LONG)
    expect(page.locator("a.tile").first).to_be_visible()
