"""Keys in a real browser: lent with an approval by two people at two screens, signed on the tablet, or by code without
scripts; a set that comes back in parts; every page as everybody sees it.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from domain import clock
from domain.database import db, reading, writing
from domain.keys.acknowledgements import code_of
from domain.keys.loan_models import Loan
from domain.keys.loans import Note
from domain.keys.models import Key, KeySet
from domain.keys.returns import return_keys
from domain.people.models import Person
from domain.sites.models import Site
from tests.browser.conftest import House
from tests.browser.looking import look
from tests.browser.visitor import touch
from tests.cabinet import Stock, actor_of, approved, fill, hand_out, host_of, key, key_set, person_of, worker

WITHIN_5_SECONDS = 6_000
MAIN = "main button[data-k=main]"


@pytest.fixture
def stock(house: House) -> Stock:
    """The cabinet of tests/cabinet.py in the served house."""
    with house.app.app_context(), writing():
        return fill(house.cast)


def ref_of(house: House, thing_id: int, model: Any = Key) -> str:
    with house.app.app_context(), reading():
        return str(db.session.get_one(model, thing_id).ref)


def loan_of(house: House) -> Any:
    with house.app.app_context(), reading():
        return db.session.execute(
            db.select(Loan.ref, Loan.name, Loan.signature, Loan.acknowledged_how, Loan.ended_at)
        ).one()


def scan(page: Page, tag: str) -> None:
    """What a scanner does: it types wherever the focus is, and presses Enter."""
    page.keyboard.type(tag)
    page.keyboard.press("Enter")


def sign(page: Page) -> None:
    """Draw on the pad."""
    box = page.locator("[data-sign]").bounding_box()
    assert box
    x, y = box["x"] + 60, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 16):
        page.mouse.move(x + 10 * step, y + (12 if step % 2 else -12))
    page.mouse.up()


def test_a_key_that_needs_an_approval_is_lent_with_two_touches_once_it_is_there(house: House, stock: Stock) -> None:
    desk, boss = house.staff("lisi"), house.staff("wu", size="phone")
    desk.goto("/keys")
    scan(desk, "sk-01")
    touch(desk.get_by_role("link", name="Lend", exact=True))
    desk.locator("label:has([value=contractor])").tap()
    desk.locator("[name=name]").fill("冯样")
    desk.locator("[name=phone]").fill("139 0000 0017")
    desk.locator("[name=purpose]").fill("换水泵")
    touch(desk.locator("button[name=ask]"))
    expect(desk.locator(MAIN)).to_be_disabled()
    expect(desk.locator("#lending")).to_contain_text("换水泵")

    boss.goto("/keys/approvals")
    expect(boss.locator("main")).to_contain_text("冯样")
    touch(boss.get_by_role("button", name="Approve SK-01"))
    expect(boss.locator("main")).to_contain_text("Nothing waits for your approval.")

    expect(desk.locator("[data-sign]")).to_be_visible(timeout=WITHIN_5_SECONDS)
    sign(desk)
    touch(desk.locator(MAIN))
    expect(desk.locator("main")).to_contain_text("SK-01 goes out to 冯*.")
    loan = loan_of(house)
    assert (loan.name, loan.acknowledged_how) == ("冯样", "signature")
    assert re.fullmatch(r"M[0-9. ]+(L[0-9. ]+)+", loan.signature)


def test_a_signature_can_be_drawn_again_and_takes_back_another_choice(house: House, stock: Stock) -> None:
    desk = house.staff("lisi")
    desk.goto(f"/keys/{ref_of(house, stock.roof)}/loans/new")
    desk.get_by_text("Instead of a signature").first.tap()
    desk.locator("[value=paper]").check()
    sign(desk)
    expect(desk.locator("[value=paper]")).not_to_be_checked()
    assert desk.locator("[name=signature]").input_value().startswith("M")
    desk.get_by_role("button", name="Sign again").tap()
    assert desk.locator("[name=signature]").input_value() == ""


def test_without_scripts_the_borrower_is_found_and_tells_a_code(house: House, stock: Stock) -> None:
    house.app.config["SETTINGS"] = house.app.config["SETTINGS"].model_copy(update={"smtp_host": "127.0.0.1"})
    with house.app.app_context(), writing():
        db.session.get_one(Person, house.cast.people["chen"]).email = "chen@example.com"
        db.session.get_one(Site, house.cast.site_id).mail_enabled = True
    desk = house.staff("lisi", scripts=False)
    desk.goto("/keys")
    desk.locator("[name=q]").fill("GG-01")
    desk.locator("[name=q]").press("Enter")
    touch(desk.get_by_role("link", name="Lend", exact=True))
    expect(desk.locator("[data-sign]")).to_be_hidden()
    desk.locator("[name=who_text]").fill("chen")
    touch(desk.get_by_role("button", name="Find", exact=True).last)
    desk.locator("[name=purpose]").fill("巡检")
    desk.locator("label:has([value=code])").tap()
    touch(desk.locator(MAIN))
    expect(desk).to_have_url(re.compile("/loans/"))
    with house.app.app_context(), reading():
        code = code_of(db.session.scalars(db.select(Loan)).one(), now=clock.now())
    assert code
    desk.locator("[name=code]").fill(code)
    touch(desk.get_by_role("button", name="The code is right"))
    expect(desk.locator("main")).to_contain_text("The borrower has acknowledged the loan.")
    assert loan_of(house).acknowledged_how == "code"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_set_comes_back_in_parts(house: House, stock: Stock, scripts: bool) -> None:
    with house.app.app_context(), writing():
        hand_out(key_set(stock.plant_set), person_of(house.cast, "chen"), house.cast)
    desk = house.staff("lisi", scripts=scripts)
    desk.goto("/keys")
    desk.locator("[name=q]").fill("JF-B1")
    desk.locator("[name=q]").press("Enter")
    desk.locator("label:has-text('JF-B1-07')").tap()
    touch(desk.locator(MAIN))
    expect(desk.locator("main")).to_contain_text("1 of this loan are still out.")
    assert loan_of(house).ended_at is None
    touch(desk.locator(MAIN))
    expect(desk.locator("main")).to_contain_text("JF-B1-07 is back on hook 2-4.")
    assert loan_of(house).ended_at is not None


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_of_the_room_is_right_to_look_at(house: House, stock: Stock, language: str) -> None:
    with house.app.app_context(), writing():
        hand_out(key(stock.roof), worker(), house.cast)
        hand_out(key_set(stock.plant_set), person_of(house.cast, "chen"), house.cast)
        asked = approved(key(stock.pool), worker(), house.cast, by=()).ref
    roof, plant = ref_of(house, stock.roof), ref_of(house, stock.plant_set, KeySet)
    pool, unit = ref_of(house, stock.pool), ref_of(house, stock.unit)
    desk, boss = house.staff("lisi", language=language), house.staff("wu", size="phone", language=language)
    found = []
    for path in (
        "/keys",
        "/keys?show=out",
        "/keys?q=18",
        f"/keys/{roof}",
        f"/keys/{plant}",
        f"/keys/{roof}/returns",
        f"/keys/{unit}/loans/new",
        f"/keys/{pool}/loans/new",
        f"/keys/{pool}/loans/new?approval={asked}",
        f"/loans/{loan_ref(house)}",
    ):
        desk.goto(path)
        found += look(desk, path, sizes=("tablet",), finger=44)
    for path in ("/keys/approvals", f"/keys/approvals/{asked}"):
        boss.goto(path)
        found += look(boss, path, sizes=("phone",), finger=44)
    assert not found, "\n".join(found)


def loan_ref(house: House) -> str:
    with house.app.app_context(), reading():
        return str(db.session.scalars(db.select(Loan.ref).order_by(Loan.id)).first())


WORDS_IN_TWO = """(where) => [...document.querySelectorAll(where)].flatMap((one) => {
  const texts = document.createTreeWalker(one, NodeFilter.SHOW_TEXT), broken = [];
  for (let text; text = texts.nextNode();)
    for (const word of text.data.matchAll(/[\\w-]{3,}/g)) {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) broken.push(word[0]);
    }
  return broken;
})"""


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("size", ["tablet", "phone"])
def test_english_names_of_keys_wrap_between_words(house: House, stock: Stock, size: str, language: str) -> None:
    with house.app.app_context(), writing():
        key(stock.roof).opens = "Telecommunications room"
        key(stock.pool).opens = "Switchgear and transformer room B1"
        key(stock.unit).opens = "Uninterruptible power supply"
        hand_out(key(stock.roof), worker(), house.cast)
    page = house.staff("zhou", size=size, language=language)
    for path, where in (("/keys", ".hooks li"), ("/desk", "[aria-labelledby=c-keys] .row"), ("/loans", "tbody td")):
        page.goto(path)
        assert page.locator(where).count()
        assert page.evaluate(WORDS_IN_TWO, where) == [], path


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize(("login", "size"), [("lisi", "tablet"), ("wu", "tablet"), ("wu", "desktop")])
def test_all_of_the_register_of_keys_fits_the_screen(
    house: House, stock: Stock, login: str, size: str, language: str
) -> None:
    with house.app.app_context(), writing():
        key(stock.room).opens, before = "Telecommunications", clock.now() - timedelta(days=2)
        noted = Note("Maintenance work", authority="–")
        hand_out(key(stock.roof), worker(), house.cast, now=before, noted=noted)
        hand_out(key(stock.room), host_of(house.cast), house.cast, now=before, noted=noted)
        hand_out(key_set(stock.plant_set), person_of(house.cast, "chen"), house.cast, now=before, noted=noted)
        keys = [key(key_id) for key_id in (stock.roof, stock.plant[0])]
        return_keys(keys, actor=actor_of(house.cast, "lisi"), now=before + timedelta(hours=1))
    page = house.staff(login, size=size, language=language)
    page.goto("/loans")
    assert page.locator("tbody tr").count() == 3
    beyond = page.locator(".scroll").evaluate("table => table.scrollWidth - table.clientWidth")
    assert beyond == 0, f"{beyond} px are out of sight"
