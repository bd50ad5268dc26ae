"""What comes out of a label printer: all that is needed to leave by badge, and a label for each who gets one."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import expect

from domain.database import db, writing
from domain.sites.models import Kiosk, Site
from tests.blueprints.visits.test_badges import reads
from tests.blueprints.visits.test_entry import come
from tests.browser import visitor
from tests.browser.conftest import House

PAGES = re.compile(rb"/Type\s*/Page\b")
PX = 96 / 25.4
# What the font draws below the base line, and what the box leaves there before it clips.
BELOW = """(name) => {
  const style = getComputedStyle(name), pen = document.createElement("canvas").getContext("2d");
  pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const mark = name.appendChild(document.createElement("i"));
  mark.style.cssText = "display: inline-block; inline-size: 0; block-size: 0";
  const base = mark.getBoundingClientRect().bottom;
  mark.remove();
  let box = name;
  while (getComputedStyle(box).overflowY === "visible") box = box.parentElement;
  const needed = pen.measureText(name.textContent).actualBoundingBoxDescent;
  return { needed, given: box.getBoundingClientRect().bottom - base };
}"""


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


LONG = {
    "en": "Alexander Christopher Montgomery-Featherstonehaugh",
    "ja": "Bartholomew Maximilian Featherstonehaugh von Hohenzollern-Sigmaringen Jr",
    "ru": "Wolfeschlegelsteinhausenbergerdorff Wolfeschlegelsteinhausenbergerdorff Hohenzollern",
    "zh_Hans": "买买提艾力·阿卜杜热合曼·吐尔逊江·穆罕默德艾则孜·阿卜杜拉·买买提艾力·阿卜杜热合曼·吐尔逊江",
    "ar": "عبد الرحمن محمد بن سلمان بن عبد العزيز آل سعود الكبير المتوكل على الله القحطاني الشمري العتيبي",
}
LINE = """() => {
  const who = document.querySelector(".badge .who"), name = who.querySelector(".name");
  const range = document.createRange(), beside = [...who.childNodes].find((node) => node.nodeType === 3);
  range.selectNodeContents(beside);
  const [box, all, edge] = [range.getBoundingClientRect(), who.getBoundingClientRect(), name.getBoundingClientRect()];
  const badge = document.querySelector(".badge").getBoundingClientRect();
  return {
    beside: box.height > 0 && box.bottom <= all.bottom + 3 && box.top >= edge.bottom - 3,
    cut: name.scrollHeight > name.clientHeight + 2, clamped: getComputedStyle(name).webkitLineClamp,
    height: badge.height, wide: who.scrollWidth > who.clientWidth + 1,
  };
}"""


@pytest.mark.parametrize(("label_mm", "width_mm", "height_mm"), [(62, 56, 69), (80, 72, 72)])
def test_who_came_along_is_printed_however_long_the_name(
    house: House, label_mm: int, width_mm: int, height_mm: int
) -> None:
    printing_on(house.app, house.cast.site_id, label_mm=label_mm, each=False)
    page = house.staff()
    for nth, (language, name) in enumerate(LONG.items()):
        ref = come(house.app, house.cast, name=name, companions=12, phone=f"1380013800{nth}")
        reads(house.app, ref, language)
        page.goto(f"/visits/{ref}/badge")
        assert len(PAGES.findall(page.pdf(prefer_css_page_size=True))) == 1
        page.emulate_media(media="print")
        page.set_viewport_size({"width": round(width_mm * PX), "height": round(height_mm * PX)})
        found = page.evaluate(LINE)
        assert found["beside"], f"who came along with {name}"
        assert not found["wide"]
        assert found["height"] <= height_mm * PX
        if found["cut"]:
            assert found["clamped"] == "3", "which ends it with an ellipsis"


@pytest.mark.parametrize("name", ["Montgomery", "محمد بن سلمان"])
def test_what_hangs_below_the_line_is_not_cut(house: House, name: str) -> None:
    printing_on(house.app, house.cast.site_id, label_mm=62, each=False)
    ref = come(house.app, house.cast, name=name)
    page = house.staff()
    page.goto(f"/visits/{ref}/badge")
    page.emulate_media(media="print")
    ink = page.locator(".badge .name").evaluate(BELOW)
    assert ink["needed"] <= ink["given"], ink
