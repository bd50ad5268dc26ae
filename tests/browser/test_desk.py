"""What the fingers do at the desk: rows that move, and what is done with the keyboard."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from domain import clock
from domain.database import db, reading, writing
from domain.occupants.models import Host, Unit
from domain.people.models import StaffSession
from domain.sites.models import Purpose, Site
from domain.visits.models import Visit, VisitState
from tests import factories as make
from tests.browser.conftest import House


@pytest.fixture
def refs(house: House) -> list[str]:
    """Four visitors, in the order in which the desk shows them."""
    with house.app.app_context(), writing():
        site, unit = db.session.get_one(Site, house.cast.site_id), db.session.get_one(Unit, house.cast.unit_id)
        purpose, host = db.session.get_one(Purpose, house.cast.purpose_id), db.session.get_one(Host, house.cast.host_id)
        return [
            make.make_visit(
                site,
                purpose,
                unit,
                host,
                name=f"客{n}",
                phone=f"+861380013800{n}",
                now=clock.now() - timedelta(minutes=n),
            ).ref
            for n in range(4)
        ]


def left(house: House) -> list[str]:
    with house.app.app_context(), reading():
        return list(db.session.scalars(db.select(Visit.name).where(Visit.state == VisitState.LEFT)))


def middle(page: Page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
@pytest.mark.parametrize("pause", [150, 450])
def test_a_double_touch_on_sign_out_reaches_no_other_visitor(
    house: House, refs: list[str], scripts: bool, pause: int
) -> None:
    page = house.staff("lisi", scripts=scripts)
    page.goto("/desk")
    spot = middle(page, f"#in-{refs[1]} button")
    page.touchscreen.tap(*spot)
    page.wait_for_timeout(pause)
    page.touchscreen.tap(*spot)
    page.wait_for_timeout(600)
    assert left(house) == (["客1"] if scripts else left(house))
    assert set(left(house)) <= {"客1"}


def test_a_list_that_moved_takes_no_touch_meant_for_the_row_before(house: House, refs: list[str]) -> None:
    page = house.staff("lisi")
    page.goto("/desk")
    spot = middle(page, f"#in-{refs[2]} button")
    with house.app.app_context(), writing():
        db.session.execute(db.update(Visit).where(Visit.ref == refs[0]).values(state=VisitState.CANCELLED))
    page.evaluate("document.querySelector('#board').removeAttribute('hx-ptag')")
    page.evaluate("htmx.ajax('GET', '/desk/live', {target: '#board', swap: 'outerMorph'})")
    page.locator(f"#in-{refs[0]}").wait_for(state="detached")
    page.touchscreen.tap(*spot)
    page.wait_for_timeout(300)
    assert left(house) == []
    page.wait_for_timeout(600)
    page.touchscreen.tap(*spot)
    expect(page.locator(f"#left-{refs[3]}")).to_be_visible()


def test_one_touch_signs_out_from_the_closing_list_and_another_takes_it_back(house: House, refs: list[str]) -> None:
    page = house.staff("lisi")
    page.goto("/desk/closing")
    page.locator(f"#in-{refs[2]} label").click()
    spot = middle(page, f"#in-{refs[1]} button")
    page.touchscreen.tap(*spot)
    page.wait_for_timeout(450)
    page.touchscreen.tap(*spot)  # a double touch takes nothing back
    page.wait_for_timeout(600)
    expect(page.locator(f"#left-{refs[1]}")).to_contain_text("Left at")
    expect(page.get_by_text("3 visits still listed")).to_be_visible()
    expect(page.locator(f"#in-{refs[2]} input[type=checkbox]")).to_be_checked()
    assert left(house) == ["客1"]
    page.locator(f"#left-{refs[1]}").get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#in-{refs[1]} button")).to_be_focused()
    expect(page.get_by_text("4 visits still listed")).to_be_visible()
    assert left(house) == []


@pytest.mark.parametrize("size", ["tablet", "phone"])
def test_the_button_that_signs_in_is_in_sight_from_the_start(house: House, size: str) -> None:
    page = house.staff("lisi", size=size)
    page.goto("/desk/sign-in")
    expect(page.locator("main form button[data-k=main]")).to_be_in_viewport(ratio=1)
    expect(page.locator("[name=phone]")).to_be_focused()


def test_after_a_deed_by_keyboard_the_focus_stays_with_the_visitor(house: House, refs: list[str]) -> None:
    page = house.staff("lisi", size="desktop")
    page.goto("/desk")
    page.locator(f"#in-{refs[1]} button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#left-{refs[1]} a")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(f"#in-{refs[1]} a")).to_be_focused()
    assert left(house) == []


@pytest.mark.parametrize("address", ["/desk/sign-in", "/slips/new"])
def test_what_was_half_typed_stands_there_again_after_the_lock(house: House, address: str) -> None:
    page = house.staff("lisi")
    with house.app.app_context(), writing():
        db.session.execute(db.update(StaffSession).values(shared_device=True))
    page.goto(address)
    page.fill("main [name=name]", "何小样")
    page.get_by_role("button", name="Lock").click()
    page.fill("[name=password]", make.PASSWORD)
    assert "何小样" not in page.content()
    page.get_by_role("button", name="Unlock").click()
    expect(page.locator("main [name=name]")).to_have_value("何小样")
    expect(page.get_by_text("Nothing was saved yet")).to_be_visible()
    with house.app.app_context(), reading():
        assert db.session.scalars(db.select(Visit)).all() == []


def test_in_the_sign_in_tab_leads_from_the_notice_to_whom_and_enter_there_only_searches(house: House) -> None:
    page = house.staff("lisi", size="desktop")
    page.goto("/desk/sign-in")
    page.locator("[name=notice]").focus()
    page.keyboard.press("Tab")
    expect(page.locator(".due summary")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("[name=whom_text]")).to_be_focused()
    page.evaluate("window.here = true")
    page.keyboard.type("zhang")
    page.keyboard.press("Enter")
    expect(page.locator(f"[name=whom][value='host:{house.cast.host_ref}']")).to_be_checked()
    assert page.evaluate("window.here"), "the form was not sent"
    expect(page.locator("[role=alert]")).to_have_count(0)
