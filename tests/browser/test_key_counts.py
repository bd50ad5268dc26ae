"""The rest of the keys' room in a real browser: lost and found, a count that was left, keys as a file; with axe."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from domain.database import db, reading, writing
from domain.keys.models import Cabinet, Key
from tests.browser.conftest import House
from tests.browser.looking import look
from tests.browser.visitor import touch
from tests.cabinet import Stock, fill

FINGER = 44
both_ways = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
SEEN = {1: "GG-01", 3: "SK-01", 4: "JF-B1", 5: "HY-03"}
"""What is scanned: the key of unit 1806 is not on hook 2."""


@pytest.fixture
def stock(house: House) -> Stock:
    with house.app.app_context(), writing():
        stock = fill(house.cast)
        db.session.get_one(Cabinet, stock.cabinet).hooks = 8
        return stock


def key_page(house: House, key_id: int) -> str:
    with house.app.app_context(), reading():
        return f"/keys/{db.session.get_one(Key, key_id).ref}"


def fine(page: Page, *sizes: str) -> None:
    """Nothing to mend on the page as it stands."""
    before = page.viewport_size
    assert look(page, page.url, sizes=sizes or ("tablet",), finger=FINGER) == []
    if before:
        page.set_viewport_size(before)


@both_ways
def test_a_key_is_lost_and_found(house: House, stock: Stock, scripts: bool) -> None:
    page = house.staff(scripts=scripts)
    page.goto(key_page(house, stock.pool))
    touch(page.get_by_role("link", name="Report lost"))
    touch(page.get_by_role("button", name="Report it lost"))
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
    page.locator("[name=note]").fill("最后在泳池机房")
    touch(page.get_by_role("button", name="Report it lost"))
    expect(page.locator("main")).to_contain_text("SK-01 is frozen. Slip 0001 follows it up.")
    page.goto("/slips")
    expect(page.locator("main")).to_contain_text("SK-01")
    page.goto(key_page(house, stock.pool))
    touch(page.get_by_role("link", name="Found again"))
    touch(page.locator("main form button[data-k=main]"))
    expect(page.locator("main")).to_contain_text("SK-01 was lost and is here again.")
    expect(page.get_by_role("link", name="Report lost")).to_be_visible()


def count_hook(page: Page, hook: int) -> None:
    """Do at one hook what a receptionist does: scan and press Enter, or say that it is empty."""
    expect(page.locator("#hook-name")).to_have_text(f"Hook 2-{hook}")
    if hook in SEEN:
        page.locator("[name=tag]").fill(SEEN[hook])
        with page.expect_navigation():
            page.locator("[name=tag]").press("Enter")
    else:
        touch(page.get_by_role("button", name="Nothing hangs here"))


@both_ways
def test_a_count_is_left_half_way_taken_up_again_and_its_difference_explained(
    house: House, stock: Stock, scripts: bool
) -> None:
    first = house.staff("lisi", scripts=scripts)
    first.goto("/keys/counts")
    touch(first.get_by_role("button", name="Begin a count"))
    for hook in (1, 2, 3):
        count_hook(first, hook)
    first.close()

    second = house.staff("zhou", scripts=scripts)
    second.goto("/keys/counts")
    touch(second.get_by_role("link", name="Go on with count 0001"))
    expect(second.locator("main")).not_to_contain_text("DY-1806")
    for hook in (4, 5, 6, 7, 8):
        count_hook(second, hook)
    touch(second.get_by_role("button", name="Finish the count"))
    expect(second.locator("main")).to_contain_text("DY-1806 should hang on hook 2-2 and was not there")
    second.locator("[name=explanation]").fill("工程部拿走，没有登记")
    touch(second.get_by_role("button", name="Explain it and open a slip"))
    expect(second.locator("main")).to_contain_text("Slip 0001 follows it up.")
    expect(second.locator("main")).to_contain_text("工程部拿走，没有登记")
    second.goto("/keys/counts")
    expect(second.locator("tbody")).to_contain_text("Explained")


def test_a_scanner_that_types_reaches_the_hook_and_not_the_search(house: House, stock: Stock) -> None:
    page = house.staff()
    page.goto("/keys/counts")
    touch(page.get_by_role("button", name="Begin a count"))
    page.locator("h1").click()
    with page.expect_navigation():
        page.keyboard.type("GG-01")
        page.keyboard.press("Enter")
    expect(page.locator("#hook-name")).to_have_text("Hook 2-2")


def test_keys_are_uploaded(house: House, stock: Stock, tmp_path: Path) -> None:
    wrong, right = tmp_path / "wrong.csv", tmp_path / "right.csv"
    wrong.write_text("Tag,Opens,Cabinet,Hook,Class\nGG-01,北门,2,7,Public\n", "utf-8")
    right.write_text("标签号,打开,柜,钩位,类别\nNB-01,北门,2,7,公共\n", "gb18030")
    page = house.staff("zhou")
    page.goto("/keys/cabinets")
    touch(page.get_by_role("link", name="Upload keys"))
    page.locator("[name=table]").set_input_files(wrong)
    touch(page.get_by_role("button", name="Show what is in it"))
    expect(page.locator("main")).to_contain_text("The tag GG-01 is on another key or set of this site already.")
    fine(page)
    page.locator("[name=table]").set_input_files(right)
    touch(page.get_by_role("button", name="Show what is in it"))
    fine(page)
    touch(page.get_by_role("button", name="Enter 1 key"))
    expect(page.locator("main")).to_contain_text("1 key is entered.")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_counting_and_explaining_can_be_used_by_everybody(house: House, stock: Stock, language: str) -> None:
    page = house.staff("zhou", language=language)
    page.goto("/keys/counts")
    touch(page.locator("main button[data-k=main]"))
    counting = page.url
    fine(page, "tablet", "phone")
    touch(page.locator("main form button[data-k=main]"))  # nothing was scanned
    fine(page)
    page.goto(f"{counting}/ticks")
    fine(page, "phone", "tablet")
    for _hook in range(8):
        page.goto(counting)
        touch(page.locator("button[value=empty]"))
    page.goto(counting)
    fine(page)
    touch(page.locator("main form button[data-k=main]"))
    fine(page, "phone", "tablet")
    touch(page.locator("main form button[data-k=main]"))  # nothing was explained
    fine(page)
