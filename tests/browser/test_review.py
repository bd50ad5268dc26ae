"""A register is read, commented, corrected, signed and sealed in a real browser; every page of it looked at."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import House
from tests.browser.looking import look
from tests.browser.visitor import touch
from tests.domain.review.conftest import Desk
from tests.factories import PASSWORD

FINGER = 24
ON_THE_DESK = 44


@pytest.fixture
def desk(house: House) -> Desk:
    """Three visitors have come."""
    desk = Desk(house.app, house.cast)
    desk.visits(3)
    return desk


def keys(page: Page, *pressed: str) -> None:
    """Press these, one after the other."""
    for key in pressed:
        page.keyboard.press(key)


def test_the_supervisor_reads_by_keyboard_asks_for_a_correction_and_signs(house: House, desk: Desk) -> None:
    page = house.staff("wu", size="desktop", language="en")
    found: list[str] = []
    page.goto("/review")
    page.get_by_role("link", name="Register of visits").last.click()
    expect(page.locator("h1")).to_have_text("Register of visits: to sign")
    keys(page, "j")
    expect(page.locator("#beside h2")).to_have_text("Visit 0002")
    assert page.evaluate("document.activeElement.textContent") == "0002"
    keys(page, "k")
    expect(page.locator("#beside h2")).to_have_text("Visit 0001")
    found += look(page, "a register that is read", sizes=("tablet", "desktop"), finger=FINGER)
    keys(page, "c")
    page.keyboard.type("Write the full name")
    page.get_by_label("Ask for a correction").select_option(label="Lisi")
    page.locator("#beside").get_by_role("button", name="Comment").click()
    expect(page.locator("#beside .thread")).to_contain_text("Write the full name")
    expect(page.locator("#beside .facts li").first).to_contain_text("Correction asked for: Write the full name")
    expect(page.locator("tr:has(a[data-entry]) + .say").first).to_contain_text("Wu → Lisi")
    expect(page.locator("tr.say:visible td[colspan] > [id]")).to_have_count(1)  # the cell stays what it was
    expect(page.locator("#beside textarea").first).to_have_value("")
    # What was drawn anew took the focus with it: it is at the entry again, and reading goes on by keyboard.
    assert page.evaluate("document.activeElement.textContent") == "0001"
    keys(page, "j")
    expect(page.locator("#beside h2")).to_have_text("Visit 0002")
    keys(page, "c", "j", "Escape", "k")  # what is typed is typed; Escape leaves the field
    expect(page.locator("#beside h2")).to_have_text("Visit 0001")
    assert page.evaluate("document.activeElement.textContent") == "0001"
    expect(page.locator("tr.say:visible")).to_have_count(1)
    found += look(page, "an entry with a demand", sizes=("desktop",), finger=FINGER)

    clerk = house.staff("lisi", size="tablet", language="en")
    clerk.goto("/desk")
    touch(clerk.get_by_role("link", name="Look at it"))
    expect(clerk.locator("h1")).to_have_text("Corrections asked of me")
    found += look(clerk, "corrections asked of me", sizes=("phone", "tablet"), finger=ON_THE_DESK)
    touch(clerk.get_by_role("link", name="Open the entry"))
    touch(clerk.get_by_role("button", name="Correct"))
    clerk.locator("[name=name]").fill("Wang Xiaoming")
    touch(clerk.locator("form button[data-k=main]"))
    clerk.goto("/review/asked")
    touch(clerk.get_by_role("button", name="Send the answer"))
    expect(clerk.get_by_role("status").first).to_contain_text("went back")

    page.goto("/review")
    found += look(page, "/review", sizes=("tablet", "desktop"), finger=FINGER)
    page.get_by_role("link", name="Visit 0001").click()
    page.get_by_role("button", name="Accept the answer").click()
    expect(page.locator("#beside")).to_contain_text("Accepted")
    found += look(page, "an entry on its own page", sizes=("desktop",), finger=FINGER)
    page.get_by_role("link", name="Back").click()
    page.locator("[data-entry]").first.focus()
    keys(page, "x", "j", "x", "j", "x", "s")
    page.keyboard.type("All seen")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign and seal").click()
    expect(page.get_by_role("status").first).to_contain_text("Signed and sealed: 3 entries")
    expect(page.locator("main")).to_contain_text("Everything is signed.")
    page.goto("/review/seals")
    page.get_by_role("button", name="Check the seals").click()
    expect(page.locator("main")).to_contain_text("Whole: at the check of")
    found += look(page, "/review/seals", sizes=("desktop",), finger=FINGER)
    page.get_by_role("link", name="Signature").first.click()
    head = page.locator(".head").inner_text()
    assert re.fullmatch(r"([0-9A-F]{4} ){15}[0-9A-F]{4}", head)
    found += look(page, "a signature", sizes=("desktop",), finger=FINGER)
    page.emulate_media(media="print")
    expect(page.locator(".rail")).to_be_hidden()
    expect(page.locator(".sealed-by .qr")).to_be_visible()
    expect(page.locator(".sealed-by")).to_contain_text(head)
    assert not found, "\n".join(found)


def test_on_the_tablet_without_scripts_the_same_is_signed(house: House, desk: Desk) -> None:
    page = house.staff("wu", size="tablet", language="en", scripts=False)
    page.goto("/review")
    touch(page.get_by_role("link", name="Register of visits").last)
    touch(page.get_by_role("link", name="0002"))
    expect(page.locator("h1")).to_have_text("Visit 0002")
    page.get_by_label("Comment").fill("Seen")
    touch(page.locator("#beside").get_by_role("button", name="Comment"))
    expect(page.get_by_role("status").first).to_contain_text("The comment is noted.")
    touch(page.get_by_role("link", name="Back"))
    for number in ("0001", "0002", "0003"):
        page.get_by_label(f"Sign No. {number}").check()
    page.get_by_label("Your password").fill("not the password of Wu")
    touch(page.get_by_role("button", name="Sign and seal"))
    expect(page.get_by_role("alert")).to_contain_text("not the password")
    assert page.get_by_label("Sign No. 0003").is_checked()
    page.get_by_label("Your password").fill(PASSWORD)
    touch(page.get_by_role("button", name="Sign and seal"))
    expect(page.get_by_role("status").first).to_contain_text("Signed and sealed: 3 entries")


def test_a_long_span_is_read_and_signed_without_looking_for_anything(house: House, desk: Desk) -> None:
    desk.visits(40, begin=100)
    page = house.staff("wu", size="desktop", language="en")
    page.goto("/review")
    page.get_by_role("link", name="Register of visits").last.click()
    password = page.get_by_label("Your password")
    for shown in (password, page.get_by_role("button", name="Sign and seal")):
        expect(shown).to_be_in_viewport(ratio=1)
    # Nothing of the page lies far under its end, and no column beside the edge of the table.
    assert page.locator("main").evaluate("main => document.documentElement.scrollHeight - main.offsetHeight") < 200
    assert page.locator(".review").evaluate("table => table.scrollWidth - table.clientWidth") < 1
    password.fill("not the password of Wu")
    page.get_by_label("Sign No. 0001").check()
    page.get_by_role("button", name="Sign and seal").click()
    expect(page.locator("#sign .err")).to_be_in_viewport(ratio=1)
