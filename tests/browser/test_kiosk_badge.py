"""The page after signing in: number, what to remember and the whole way stand on the screen, in every language."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from demo import texts
from domain.database import db, writing
from domain.occupants.models import Unit
from domain.sites.models import Kiosk, Site
from tests.browser import visitor
from tests.browser.conftest import SIZES, House

LONG = {
    "ru": "Константин Константинопольский",
    "ar": "محمد بن سلمان بن عبد العزيز",
    "zh_Hans": "王小明",
    "zh_Hant": "王小明",
}
LONG_OTHERWISE = "Alexander Montgomery-Featherstonehaugh"
# The text on the wall, and where the lit door begins.
OVER_THE_DOOR = """() => {
  const door = document.querySelector(".arches .lit use").getBoundingClientRect(), over = [];
  const texts = document.createTreeWalker(document.querySelector(".say"), NodeFilter.SHOW_TEXT);
  for (let text; text = texts.nextNode();) {
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) {
      const beside = box.right <= door.left || box.left >= door.right;
      if (!beside && box.bottom > door.top && box.top < door.bottom) over.push(text.data.trim());
    }
  }
  return over;
}"""


@pytest.fixture
def tall(house: House) -> House:
    """A way of four steps, and a kiosk without a printer: it says what to remember."""
    with house.app.app_context(), writing():
        site, unit = db.session.get_one(Site, house.cast.site_id), db.session.get_one(Unit, house.cast.unit_id)
        site.languages, site.name_en = list(texts.LANGUAGES), "Qingyu Centre"
        unit.directions = texts.way_to("1304", "13")
        for kiosk in db.session.scalars(db.select(Kiosk)):
            kiosk.label_mm = 0
    return house


def in_sight(page: Page, where: str) -> list[str]:
    """What of the page is not whole above the foot, in each size."""
    found = []
    for size in ("landscape", "portrait"):
        page.set_viewport_size({"width": SIZES[size][0], "height": SIZES[size][1]})
        foot = page.locator(".foot").bounding_box()
        bottoms = [box["y"] + box["height"] for each in page.locator(".way li").all() if (box := each.bounding_box())]
        assert foot
        assert len(bottoms) == 4
        found += [f"{where} on {size}: the way ends at {max(bottoms)}"] * (max(bottoms) > foot["y"])
    return found


@pytest.mark.parametrize(("scripts", "languages"), [(True, texts.LANGUAGES), (False, ["ru", "en"])])
def test_the_whole_way_is_on_the_screen_however_long_the_name(tall: House, scripts: bool, languages: list[str]) -> None:
    short = []
    for nth, language in enumerate(languages):
        page = tall.kiosk(scripts=scripts)
        name = LONG.get(language, LONG_OTHERWISE)
        visitor.sign_in(page, tall.cast.purpose_ref, language=language, name=name, phone=f"1380013800{nth}")
        expect(page.locator(".counter > .note:not(.away)")).to_be_visible()
        short += in_sight(page, language)
        tall.windows.take_back()
    assert not short, "\n".join(short)


@pytest.mark.parametrize("language", ["ru", "en", "ar"])
def test_no_word_on_the_wall_runs_over_the_lit_door(tall: House, language: str) -> None:
    page = tall.kiosk("landscape")
    visitor.sign_in(page, tall.cast.purpose_ref, language=language, name=LONG.get(language, LONG_OTHERWISE))
    for width, height in ((1280, 800), (1280, 720), (1080, 1920)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(OVER_THE_DOOR) == [], f"{width}x{height}"
