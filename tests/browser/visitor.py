"""What a visitor does at the kiosk, touch by touch; the same with scripts and without."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def touch(target: Locator) -> None:
    """Touch what leads to another page, and wait until that one is there."""
    with target.page.expect_navigation():
        target.click()


def begin(page: Page, language: str = "en") -> None:
    """Choose the language on the welcome page."""
    page.goto(f"/kiosk?language={language}")


def find(page: Page, text: str = "zhang") -> None:
    """Look for the host."""
    touch(page.locator("a.tile").first)
    page.locator("#q").fill(text)
    touch(page.locator(".ask .btn"))
    expect(page.locator("#found .pick")).not_to_have_count(0)


def choose(page: Page, purpose: str) -> None:
    """Touch the host that was found, then the purpose by its ref."""
    touch(page.locator("#found .pick").first)
    touch(page.locator(f"button[name=purpose][value='{purpose}']"))
    expect(page.locator("form.details")).to_be_visible()


def enter(page: Page, *, name: str = "王五", phone: str = "13800138000") -> None:
    """Fill in the details and go on."""
    page.locator("[name=name]").fill(name)
    page.locator("[name=phone]").fill(phone)
    touch(page.locator("form.details button[data-k=main]"))


def agree(page: Page) -> None:
    """Tick the consent that is needed and sign in."""
    page.locator("input[name=visit]").check()
    touch(page.locator("main form button[data-k=main]"))


def sign_in(page: Page, purpose: str, *, language: str = "en", name: str = "王五", phone: str = "13800138000") -> None:
    """From the welcome page to the page after signing in."""
    begin(page, language)
    sign_in_from_here(page, purpose, name=name, phone=phone)


def sign_in_from_here(page: Page, purpose: str, *, name: str = "王五", phone: str = "13800138000") -> None:
    """From the welcome page that stands there already."""
    find(page)
    choose(page, purpose)
    enter(page, name=name, phone=phone)
    agree(page)
