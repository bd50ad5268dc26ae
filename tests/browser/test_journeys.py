"""Whole stories in a real browser: a visitor, the desk, the host; with scripts and without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Page, expect

import jobs
from blueprints.kiosk import journey, waiting
from domain.database import db, reading
from domain.visits.models import Visit
from tests.browser import visitor
from tests.browser.conftest import House
from tests.browser.visitor import touch
from tests.inbox import Inbox
from tests.worker.conftest import free_port

WITHIN_5_SECONDS = 5_000
both_ways = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])


@pytest.fixture
def inbox(house: House) -> Iterator[Inbox]:
    """A mail server that the house hands its mail to."""
    box = Inbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    settings = house.app.config["SETTINGS"]
    house.app.config["SETTINGS"] = settings.model_copy(
        update={
            "smtp_host": "127.0.0.1",
            "smtp_port": server.port,
            "smtp_security": "none",
            "mail_from": "Foyer <desk@example.com>",
            "public_url": house.url,
        }
    )
    yield box
    server.stop()


def mail_to_host(house: House, inbox: Inbox) -> EmailMessage:
    """Let the worker make its round; gives the one mail that came of it."""
    with house.app.app_context():
        jobs.deliver_mail()
    (mail,) = inbox.mails
    return mail


def words(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def visits(house: House) -> int:
    with house.app.app_context(), reading():
        return db.session.scalar(db.select(db.func.count()).select_from(Visit)) or 0


def badge(house: House) -> str:
    """What stands on the badge of the one visit."""
    with house.app.app_context(), reading():
        visit = db.session.execute(db.select(Visit.badge_number, Visit.badge_check)).one()
    return f"{visit.badge_number:03} {visit.badge_check}"


def nobody_is_seen(page: Page) -> None:
    expect(page.locator("body")).not_to_contain_text("王五")
    expect(page.locator("body")).not_to_contain_text("13800138000")


@both_ways
def test_a_visitor_comes_the_desk_sees_it_the_host_is_told_and_the_visitor_leaves(house, inbox, scripts):
    desk, kiosk = house.staff("lisi"), house.kiosk(scripts=scripts)
    desk.goto("/desk")
    expect(desk.locator("#board")).not_to_contain_text("王五")
    visitor.sign_in(kiosk, house.cast.purpose_ref)
    number = badge(house)
    expect(kiosk.locator("h1")).to_contain_text("floor 18")
    expect(kiosk.locator("main")).to_contain_text("A-001")
    expect(kiosk.locator("main")).to_contain_text(number.split()[1])
    expect(desk.locator("#board")).to_contain_text("王五", timeout=WITHIN_5_SECONDS)

    mail = mail_to_host(house, inbox)
    assert mail["To"] == "zhangsan@example.com"
    assert "王五" in words(mail)
    assert "13800138000" not in words(mail)

    touch(kiosk.get_by_role("link", name="Done"))
    nobody_is_seen(kiosk)
    touch(kiosk.locator("a.tile[href$='/leave']"))
    kiosk.locator("[name=badge]").fill(number)
    touch(kiosk.locator("main form button[data-k=main]"))
    expect(kiosk.locator("h1")).to_contain_text("Goodbye")
    expect(desk.locator("#board [aria-labelledby=c2]")).to_contain_text("Nobody is in", timeout=WITHIN_5_SECONDS)


@both_ways
def test_a_visitor_waits_the_host_answers_on_the_phone_and_the_kiosk_says_what_to_do(
    house, inbox, scripts, monkeypatch
):
    monkeypatch.setattr(waiting, "ASK_SECONDS", 2)
    desk, kiosk = house.staff("lisi"), house.kiosk(scripts=scripts)
    desk.goto("/desk")
    visitor.sign_in(kiosk, house.cast.waiting_purpose_ref)
    expect(kiosk).to_have_url(re.compile("/kiosk/waiting$"))
    expect(desk.locator("#board")).to_contain_text("王五", timeout=WITHIN_5_SECONDS)

    link = re.search(rf"{re.escape(house.url)}/a/\S+", words(mail_to_host(house, inbox)))
    assert link
    host = house.open("phone", language="zh-CN", scripts=scripts)
    host.goto(link[0])
    expect(host.locator("h1")).to_contain_text("王五")
    touch(host.locator("button[value=meet]"))
    expect(host.locator("[role=status] h2")).to_be_visible()

    expect(kiosk.locator("h1")).to_contain_text("has answered", timeout=8_000)
    touch(kiosk.locator("main form button[data-k=main]"))
    expect(kiosk.locator("h1")).to_contain_text("please wait here")
    expect(kiosk.locator("main")).to_contain_text("A-001")
    expect(desk.locator("#board [aria-labelledby=c2]")).to_contain_text("王五", timeout=WITHIN_5_SECONDS)


def test_a_refused_visitor_is_told_kindly_and_the_desk_knows(house):
    desk, kiosk = house.staff("lisi"), house.kiosk()
    visitor.sign_in(kiosk, house.cast.waiting_purpose_ref)
    desk.goto("/desk")
    touch(desk.locator("#board").get_by_role("link", name=re.compile("Answer")))
    desk.locator("[value=refuse]").check()
    touch(desk.locator("main form button[data-k=main]"))
    expect(kiosk.locator("h1")).to_contain_text("see the reception", timeout=8_000)
    expect(kiosk.locator("body")).not_to_contain_text("A-001")


@both_ways
def test_who_rings_for_the_reception_is_heard_at_the_desk(house, scripts):
    desk, kiosk = house.staff("lisi"), house.kiosk(scripts=scripts)
    desk.goto("/desk")
    visitor.begin(kiosk)
    visitor.find(kiosk)
    touch(kiosk.locator(".foot").get_by_role("button", name="Call reception"))
    expect(kiosk.locator("h1")).to_contain_text("Somebody is coming")
    ring = desk.locator("#calls")
    expect(ring).to_contain_text("calls the reception", timeout=WITHIN_5_SECONDS)
    expect(ring).to_contain_text("looking for the host")
    desk.wait_for_timeout(900)  # a board that was just drawn anew takes no touch on what moved
    ring.get_by_role("button").click()
    expect(ring).not_to_contain_text("calls the reception", timeout=WITHIN_5_SECONDS)
    touch(kiosk.locator("main .btn"))
    expect(kiosk).to_have_url(re.compile("/kiosk/whom$"))


# --- nothing of one visitor stays for the next (V13) ---


def test_after_45_seconds_the_screen_asks_and_what_was_typed_is_still_there(house):
    kiosk = house.kiosk(fresh=True)
    kiosk.clock.install()
    visitor.begin(kiosk)
    visitor.find(kiosk)
    visitor.choose(kiosk, house.cast.purpose_ref)
    kiosk.locator("[name=name]").fill("王五")
    kiosk.clock.fast_forward(44_000)
    expect(kiosk.locator("[name=name]")).to_have_value("王五")
    with kiosk.expect_navigation():
        kiosk.clock.fast_forward(2_000)
    expect(kiosk.locator("h1")).to_contain_text("Still here?")
    expect(kiosk.locator("h1")).to_contain_text("还在吗")
    nobody_is_seen(kiosk)
    touch(kiosk.locator("main .btn"))
    expect(kiosk.locator("[name=name]")).to_have_value("王五")


def test_a_touch_begins_the_45_seconds_anew(house):
    kiosk = house.kiosk(fresh=True)
    kiosk.clock.install()
    kiosk.goto("/kiosk/leave?language=en")
    for _ in range(3):
        kiosk.clock.fast_forward(40_000)
        kiosk.locator("[name=badge]").press("1")
    expect(kiosk).to_have_url(re.compile("/kiosk/leave"))


@both_ways
def test_without_an_answer_everything_is_wiped_and_back_shows_nothing(house, scripts, monkeypatch):
    monkeypatch.setattr(journey, "ASK_SECONDS", 2)
    kiosk = house.kiosk(scripts=scripts, fresh=True)
    visitor.begin(kiosk)
    visitor.find(kiosk)
    visitor.choose(kiosk, house.cast.purpose_ref)
    visitor.enter(kiosk)
    expect(kiosk).to_have_url(re.compile("/kiosk/consent$"))
    before = {cookie["name"]: cookie["value"] for cookie in kiosk.context.cookies()}
    kiosk.goto("/kiosk/still-here?step=details")
    kiosk.wait_for_url(re.compile("/kiosk$"))
    after = {cookie["name"]: cookie["value"] for cookie in kiosk.context.cookies()}
    assert before["foyer_visitor"] != after.get("foyer_visitor"), "Each wipe changes the cookie."
    for _ in range(6):
        kiosk.go_back()
        nobody_is_seen(kiosk)
        for field in kiosk.locator("input[name=name], input[name=phone]").all():
            expect(field).to_have_value("")


@both_ways
def test_after_the_badge_back_shows_nothing_of_the_visitor(house, scripts):
    kiosk = house.kiosk(scripts=scripts, fresh=True)
    visitor.sign_in(kiosk, house.cast.purpose_ref)
    expect(kiosk.locator("main")).to_contain_text("王五")
    touch(kiosk.get_by_role("link", name="Done"))
    for _ in range(7):
        kiosk.go_back()
        nobody_is_seen(kiosk)


def test_without_scripts_a_form_that_is_left_alone_is_asked_for_by_the_server(house, monkeypatch):
    monkeypatch.setattr(journey, "FORM_SECONDS", 2)
    kiosk = house.kiosk(scripts=False)
    visitor.begin(kiosk)
    visitor.find(kiosk)
    kiosk.wait_for_url(re.compile("/kiosk/still-here"))
    expect(kiosk.locator("main")).to_contain_text("not sent is lost")


@both_ways
def test_the_badge_page_closes_by_itself(house, scripts, monkeypatch):
    monkeypatch.setattr(journey, "DONE_SECONDS", 2)
    kiosk = house.kiosk(scripts=scripts)
    visitor.sign_in(kiosk, house.cast.purpose_ref)
    kiosk.wait_for_url(re.compile("/kiosk$"))
    nobody_is_seen(kiosk)


# --- fingers and keys ---


@both_ways
def test_two_touches_of_the_last_button_make_one_visit(house, scripts):
    kiosk = house.kiosk(scripts=scripts)
    visitor.begin(kiosk)
    visitor.find(kiosk)
    visitor.choose(kiosk, house.cast.purpose_ref)
    visitor.enter(kiosk)
    kiosk.locator("input[name=visit]").check()
    kiosk.locator("main form button[data-k=main]").dblclick()
    kiosk.wait_for_url("**/kiosk/badge")
    expect(kiosk.locator("main")).to_contain_text("A-001")
    assert visits(house) == 1


@both_ways
def test_enter_in_a_field_goes_on_and_never_presses_the_stepper(house, scripts):
    kiosk = house.kiosk(scripts=scripts)
    visitor.begin(kiosk)
    visitor.find(kiosk)
    visitor.choose(kiosk, house.cast.purpose_ref)
    kiosk.locator("[name=name]").fill("王五")
    kiosk.locator("[name=phone]").fill("13800138000")
    for _ in range(2):
        kiosk.locator("#companions-more").press("Enter")
        kiosk.wait_for_load_state()
        expect(kiosk.locator("#companions")).not_to_have_value("0")
    expect(kiosk.locator("#companions")).to_have_value("2")
    kiosk.locator("#companions-less").press("Space")
    expect(kiosk.locator("#companions")).to_have_value("1")
    expect(kiosk.locator("[name=name]")).to_have_value("王五")
    with kiosk.expect_navigation():
        kiosk.locator("#companions").press("Enter")
    expect(kiosk).to_have_url(re.compile("/kiosk/consent$"))
    visitor.agree(kiosk)
    with house.app.app_context(), reading():
        assert db.session.scalar(db.select(Visit.companions)) == 1


def test_the_whole_way_in_needs_no_more_than_a_keyboard(house):
    kiosk = house.kiosk("landscape")
    visitor.begin(kiosk)

    def reach(selector: str) -> None:
        for _ in range(60):
            if kiosk.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return
            kiosk.keyboard.press("Tab")
        pytest.fail(f"{selector} is not reached by Tab on {kiosk.url}")

    def go(key: str = "Enter") -> None:
        with kiosk.expect_navigation():
            kiosk.keyboard.press(key)

    reach("a.tile")
    go()
    reach("#q")
    kiosk.keyboard.type("zhang")
    go()
    reach("#found .pick")
    go()
    reach(f"button[value='{house.cast.purpose_ref}']")
    go()
    reach("[name=phone]")
    kiosk.keyboard.type("13800138000")
    reach("[name=name]")
    kiosk.keyboard.type("Ann Sample")
    go()
    reach("input[name=visit]")
    kiosk.keyboard.press("Space")
    reach("main form button[data-k=main]")
    go()
    expect(kiosk.locator("main")).to_contain_text("A-001")


def test_a_scanner_that_types_signs_out_wherever_the_focus_is(house):
    kiosk = house.kiosk()
    visitor.sign_in(kiosk, house.cast.purpose_ref)
    number = badge(house)
    kiosk.goto("/kiosk")
    touch(kiosk.locator("a.tile[href$='/leave']"))
    kiosk.evaluate("document.activeElement.blur()")
    kiosk.keyboard.type(number)
    with kiosk.expect_navigation():
        kiosk.keyboard.press("Enter")
    expect(kiosk.locator("h1")).to_contain_text("Goodbye")


def test_the_search_answers_while_one_types(house):
    kiosk = house.kiosk()
    kiosk.goto("/kiosk/whom")
    kiosk.locator("#q").press_sequentially("zhang")
    expect(kiosk.locator("#found .pick")).to_have_count(1)
    kiosk.locator("#q").fill("z")
    expect(kiosk.locator("#found .pick")).to_have_count(0)


def test_who_cannot_type_finds_the_host_by_touching_letters(house):
    kiosk = house.kiosk(scripts=False)
    visitor.begin(kiosk)
    kiosk.goto("/kiosk/whom")
    for letter in "zsx":
        touch(kiosk.locator(f"button[name=key][value={letter}]"))
    touch(kiosk.locator("button[name=key][value=del]"))
    expect(kiosk.locator("#found .pick")).to_have_count(1)


def test_a_touch_on_a_letter_writes_and_searches_without_leaving_the_page(house):
    kiosk = house.kiosk()
    visitor.begin(kiosk)
    kiosk.goto("/kiosk/whom")
    kiosk.evaluate("window.here = true")
    for letter in ("z", "s", "x", "del"):
        kiosk.locator(f"button[name=key][value={letter}]").click()
    expect(kiosk.locator("#found .pick")).to_have_count(1)
    assert kiosk.locator("#q").input_value() == "zs"
    assert kiosk.evaluate("window.here"), "fast fingers lose no letter on the way to another page"
    kiosk.goto("/kiosk/invitation")
    for _touch in range(7):
        kiosk.locator("button[name=key][value='7']").click()
    assert kiosk.locator("[name=code]").input_value() == "777777"


def test_a_badge_held_under_the_scanner_at_the_first_page_signs_out(house):
    page = house.kiosk()
    visitor.sign_in(page, house.cast.purpose_ref)
    with house.app.app_context(), reading():
        ref = db.session.scalars(db.select(Visit.ref)).one()
    page.goto("/kiosk?language=en")
    with page.expect_navigation():
        page.keyboard.type(f"FOYER:B:{ref.upper()}")
        page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Goodbye, and thank you for coming")
