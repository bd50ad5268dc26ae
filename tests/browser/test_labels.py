"""What comes out of a label printer: all that is needed to leave by badge, and a label for each who gets one."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import expect

from domain.database import db, writing
from domain.sites.models import Kiosk, Site
from tests.browser import visitor
from tests.browser.conftest import House

PAGES = re.compile(rb"/Type\s*/Page\b")


def printing_on(app: Flask, site_id: int, *, label_mm: int, each: bool) -> None:
    with app.app_context(), writing():
        db.session.get_one(Site, site_id).badge_for_each = each
        for kiosk in db.session.scalars(db.select(Kiosk)):
            kiosk.label_mm = label_mm


@pytest.mark.parametrize("label_mm", [62, 80])
def test_each_label_says_number_check_code_and_which_of_how_many(house: House, label_mm: int) -> None:
    printing_on(house.app, house.cast.site_id, label_mm=label_mm, each=True)
    page = house.kiosk("landscape")
    visitor.begin(page)
    visitor.find(page)
    visitor.choose(page, house.cast.purpose_ref)
    page.locator("[name=companions]").fill("2")
    visitor.enter(page, name="Bartholomew Featherstonehaugh von Hohenzollern")
    visitor.agree(page)
    page.reload()  # printed once, when it opened
    labels = page.locator(".badge")
    expect(labels).to_have_count(3)
    expect(labels.nth(1)).to_be_hidden()
    assert len(PAGES.findall(page.pdf(prefer_css_page_size=True))) == 3
    page.emulate_media(media="print")
    for nth, label in enumerate(labels.all(), 1):
        for part in (".no", ".day", ".check", ".qr", ".who"):
            expect(label.locator(part)).to_be_visible()
        expect(label.locator(".nth")).to_have_text(f"{nth}/3")
