"""A filter kept, what it shows exported and read back; the figures; a person's own data shown and erased.

Every page is looked at on the desktop and on the tablet.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import openpyxl
from playwright.sync_api import Page, expect

import jobs
from domain import clock
from domain.database import db, writing
from domain.identity import SYSTEM
from domain.reports import counting
from domain.visits import departures
from domain.visits.models import Visit
from tests.browser.conftest import House
from tests.browser.looking import look
from tests.browser.visitor import touch
from tests.stays import arrive

FINGER = 24
OFFICE = ("desktop", "tablet")


def seen(page: Page, where: str) -> None:
    assert look(page, where, sizes=OFFICE, finger=FINGER) == []


def fetch(page: Page) -> bytes:
    """The file that the page offers."""
    with page.expect_download() as started:
        page.get_by_role("link", name="Fetch the file").click()
    path = started.value.path()
    return path.read_bytes()


def sheets(page: Page) -> int:
    """How many sheets of paper the page takes."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


def test_what_a_kept_filter_shows_is_exported_and_read_back(house: House) -> None:
    for number, name in enumerate(("王小明", "李样", "赵例")):
        arrive(house.app, house.cast, name=name, phone=f"+8613800138{number:03d}")
    page = house.staff("wu", size="desktop", language="en")
    page.goto("/visits")
    page.get_by_label("State").select_option("inside")
    touch(page.get_by_role("button", name="Filter"))
    touch(page.get_by_role("link", name="Keep this filter"))
    page.get_by_label("Name").fill("Inside now")
    seen(page, "naming a filter")
    touch(page.get_by_role("button", name="Keep the filter"))
    expect(page.locator(".chips [aria-current]")).to_have_text("Inside now")
    seen(page, "a list with a kept filter")
    touch(page.get_by_role("link", name="Export", exact=True))
    expect(page.get_by_text("3 entries")).to_be_visible()
    seen(page, "asking for an export")
    touch(page.get_by_role("button", name="Make the file"))
    expect(page.get_by_role("heading", name="Waiting")).to_be_visible()
    with house.app.app_context():
        jobs.make_exports()
    expect(page.get_by_role("link", name="Fetch the file")).to_be_visible()  # the page has asked by itself
    seen(page, "an export that is ready")
    book = openpyxl.load_workbook(io.BytesIO(fetch(page)))
    assert [row[3].value for row in book.worksheets[0].iter_rows(min_row=2)] == ["赵*", "李*", "王*明"]
    page.goto("/exports/new?register=visits&state=inside")
    page.locator("label.choice", has_text="CSV").click()
    page.locator("label.choice, label.tick", has_text="In full").click()
    page.get_by_label("Why in full?").fill("The police asked")
    touch(page.get_by_role("button", name="Make the file"))
    with house.app.app_context():
        jobs.make_exports()
    expect(page.get_by_role("link", name="Fetch the file")).to_be_visible()
    rows = list(csv.reader(io.StringIO(fetch(page).decode("utf-8-sig"), newline="")))
    assert [row[3] for row in rows[1:]] == ["赵例", "李样", "王小明"]
    page.goto("/admin/privacy/looks")
    expect(page.get_by_text("The police asked")).to_be_visible()
    seen(page, "the looks in full")


def test_the_figures_and_reports_are_read_on_any_screen(house: House) -> None:
    with house.app.app_context():
        since = clock.now()
    arrive(house.app, house.cast, name="王小明", phone="+8613800138000")
    with house.app.app_context():
        counting.count_due(now=since + timedelta(seconds=1))
    page = house.staff("he", size="desktop", language="en")
    page.goto("/reports?span=month")
    expect(page.get_by_role("img", name="Visits by the hour")).to_be_visible()
    page.get_by_text("As a table").first.click()
    expect(page.get_by_role("columnheader", name="Hour").first).to_be_visible()
    seen(page, "the figures")
    page.goto("/reports?span=today")
    expect(page.get_by_role("heading", name="What is done, and what is not")).to_be_visible()
    seen(page, "the figures of a day")
    assert sheets(page) == 1, "One day is one sheet of A4, for the morning meeting (R1)."
    touch(page.get_by_role("link", name="All reports"))
    seen(page, "the reports")
    touch(page.get_by_role("link", name="Change: Weekly report"))
    seen(page, "the plan of a report")
    page.goto("/admin/privacy")
    seen(page, "what is kept")


def test_a_person_s_own_data_is_shown_and_erased(house: House) -> None:
    visit = arrive(house.app, house.cast, name="王小明", phone="+8613800138000")
    with house.app.app_context(), writing():
        departures.sign_out(db.session.get_one(Visit, visit.id), how="desk", actor=SYSTEM, now=clock.now())
    page = house.staff("lisi", size="tablet", language="en")
    page.goto("/privacy/people")
    page.get_by_label("Phone").fill("13800138000")
    seen(page, "asking who it is")
    touch(page.get_by_role("button", name="Find", exact=True).last)
    expect(page.get_by_role("heading", name="Visit 0001")).to_be_visible()
    expect(page.get_by_text("王*明")).to_be_visible()
    page.locator("label.choice", has_text="Identity document").click()
    seen(page, "what is kept of a person")
    touch(page.get_by_role("button", name="Show in full"))
    expect(page.get_by_text("王小明")).to_be_visible()
    page.goto("/privacy/people")
    page.get_by_label("Phone").fill("13800138000")
    touch(page.get_by_role("button", name="Find", exact=True).last)
    page.locator("label.choice", has_text="Identity document").click()
    touch(page.get_by_role("button", name="Erase"))
    expect(page.get_by_text("Erased: 1 entries")).to_be_visible()
    page.get_by_label("Phone").fill("13800138000")
    touch(page.get_by_role("button", name="Find", exact=True).last)
    expect(page.get_by_text("Nothing is kept under this name")).to_be_visible()
