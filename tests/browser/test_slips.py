"""A slip from its first word to its end in a real browser, with scripts and without; every page of it looked at."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from domain import clock
from domain.database import db, reading, writing
from domain.slips import operations as slips
from domain.slips.models import Nature, Slip
from tests.browser.conftest import House
from tests.browser.looking import look
from tests.browser.visitor import touch
from tests.cabinet import actor_of

FINGER = 44
both_ways = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])


@pytest.fixture
def works(house: House) -> str:
    """The site has a department and a kind; gives the department's name."""
    with house.app.app_context(), writing():
        lead, now = actor_of(house.cast, "zhou"), clock.now()
        department = slips.add_department(site_id=house.cast.site_id, name="Works", actor=lead, now=now)
        slips.add_kind(
            site_id=house.cast.site_id,
            nature=Nature.REPAIR,
            name="Air conditioning",
            department=department,
            actor=lead,
            now=now,
        )
    return "Works"


def slip(house: House) -> Slip:
    """The one slip there is."""
    with house.app.app_context(), reading():
        found = db.session.scalars(db.select(Slip)).one()
        db.session.expunge(found)
        return found


def write(page: Page) -> None:
    """A leak is told of on the telephone."""
    page.goto("/desk")
    touch(page.get_by_role("link", name="Write a slip"))
    page.get_by_label("What is it about?").fill("Water drips from the ceiling")
    page.locator("label.choice", has_text="Repair").click()
    page.get_by_label("Unit", exact=False).first.fill("1806")
    page.locator("[name=name]").fill("Zhang San")
    page.locator("[name=phone]").fill("138 0013 8000")
    page.locator("[name=source]").select_option("telephone")


@both_ways
def test_a_leak_is_written_down_sent_done_and_closed(house: House, works: str, scripts: bool) -> None:
    page = house.staff("lisi", size="tablet", language="en", scripts=scripts)
    write(page)
    page.locator("[name=phone]").fill("138")
    touch(page.get_by_role("button", name="Write the slip"))
    expect(page.get_by_role("alert")).to_contain_text("11 digits")
    assert page.get_by_label("What is it about?").input_value() == "Water drips from the ceiling"
    page.locator("[name=phone]").fill("138 0013 8000")
    touch(page.get_by_role("button", name="Write the slip"))
    expect(page.locator("h1")).to_have_text("Slip 0001")
    expect(page.get_by_role("status").first).to_contain_text("Tell them: by")
    touch(page.get_by_role("link", name="Send to a department"))
    page.locator("label.choice", has_text=works).click()
    touch(page.get_by_role("button", name="Send the slip"))
    expect(page.locator("main")).to_contain_text("Sent to Works")
    touch(page.get_by_role("button", name="Receipt confirmed"))
    page.get_by_label("What was done").fill("Drain unblocked, one seal replaced")
    touch(page.get_by_role("button", name="Note it as done"))
    expect(page.locator("main")).to_contain_text("Done, to be checked")
    page.get_by_label("What was done").fill("Dry, the owner agrees")
    touch(page.get_by_role("button", name="Close the slip with it"))
    expect(page.get_by_role("status").first).to_contain_text("Slip 0001 is closed.")
    assert (slip(house).state, slip(house).outcome) == ("closed", "Dry, the owner agrees")
    page.goto("/desk")
    expect(page.get_by_text("No slip is open.")).to_be_visible()


def test_every_page_of_a_slip_can_be_read_and_touched(house: House, works: str) -> None:
    page = house.staff("lisi", size="tablet", language="en")
    found: list[str] = []

    def seen(where: str) -> None:
        found.extend(look(page, where, sizes=("phone", "tablet"), finger=FINGER))

    write(page)
    seen("/slips/new")
    touch(page.get_by_role("button", name="Write the slip"))
    expect(page.locator("h1")).to_have_text("Slip 0001")
    seen("an open slip")
    for link in ("Send to a department", "Offer to a colleague", "Promise another time"):
        touch(page.get_by_role("link", name=link))
        expect(page.locator("h1")).to_have_text(link)
        seen(link)
        touch(page.locator("form button[data-k=main]"))
        seen(f"{link}, answered")
        page.goto(f"/slips/{slip(house).ref}")
    page.goto("/slips")
    seen("/slips")
    assert not found, "\n".join(found)
