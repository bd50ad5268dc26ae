"""Every page and state of the kiosk: axe finds nothing, it fits its screens, and a finger hits what it aims at."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from domain import clock
from domain.database import db, writing
from domain.identity import SYSTEM
from domain.sites.models import Kiosk, Purpose, Site
from domain.visits.answers import answer
from domain.visits.models import HostAnswer, Visit
from tests.browser import visitor
from tests.browser.conftest import SIZES, House
from tests.browser.looking import look
from tests.factories import make_host, make_unit
from tests.invited import make_invitation

KIOSK = ("portrait", "landscape")
FINGER = 64
LINES = {"zh_Hans": ["登记后请佩戴访客证。"], "en": ["Please wear your badge."]}
DIRECTIONS = {"zh_Hans": "乘 A 区电梯\n到 18 层右转", "en": "Take lift A\nTurn right on floor 18"}


class Tour:
    """Goes through the kiosk's pages and looks at each."""

    def __init__(self, house: House, language: str, sizes: tuple[str, ...] = KIOSK, finger: int = FINGER) -> None:
        self.house, self.language, self.sizes, self.finger = house, language, sizes, finger
        self.found: list[str] = []
        with house.app.app_context(), writing():
            site = db.session.get_one(Site, house.cast.site_id)
            site.notice, site.directions = LINES, DIRECTIONS
            site.languages = ["zh_Hans", "en", "zh_Hant", "ja", "ko", "fr", "es", "ru", "ar"]
            site.fields = {"plate": "ask", "document": "ask", "organisation": "must"}

    def look(self, page: Page, where: str, *, finger: int | None = None) -> None:
        """Note what is wrong here; in the end the page has its first size again."""
        sizes, dark = self.sizes[::-1], self.language != "en"
        self.found += look(page, where, sizes=sizes, finger=finger or self.finger, dark=dark)

    def told(self) -> str:
        """What was found, a line each."""
        return "\n".join([f"{len(self.found)} to mend:", *self.found])

    def to_details(self, page: Page, purpose: str) -> None:
        """Looking at each page as far as the details."""
        visitor.begin(page, self.language)
        self.look(page, "welcome")
        page.goto("/kiosk/whom")
        self.look(page, "whom, nothing typed")
        page.goto("/kiosk/whom?q=zzzz")
        self.look(page, "whom, nobody found")
        page.goto("/kiosk")
        visitor.begin(page, self.language)
        visitor.find(page)
        self.look(page, "whom, found")
        visitor.touch(page.locator("#found .pick").first)
        self.look(page, "why")
        visitor.touch(page.locator(f"button[name=purpose][value='{purpose}']"))
        self.look(page, "details")
        for name in ("phone", "organisation") if page.locator("[value=keys]").count() else ():
            page.goto(f"/kiosk/details/keys?field={name}")
            self.look(page, f"keys for the {name}")
        page.goto("/kiosk/details")

    def to_badge(self, page: Page) -> None:
        """From the details, refused once, to the badge."""
        visitor.enter(page, name="", phone="123")
        self.look(page, "details, refused")
        page.locator("[name=organisation]").fill("示例贸易公司")
        page.locator("[name=document]").fill("1234")
        visitor.enter(page)
        self.look(page, "consent")
        visitor.touch(page.locator("main form button[data-k=main]"))
        self.look(page, "consent, refused")
        visitor.agree(page)
        page.wait_for_url("**/kiosk/badge")
        self.look(page, "badge")


@pytest.mark.parametrize("language", ["zh_Hans", "en", "ar"])
def test_signing_in(house: House, language: str) -> None:
    tour, page = Tour(house, language), house.kiosk()
    tour.to_details(page, house.cast.purpose_ref)
    tour.to_badge(page)
    page.goto("/kiosk/badge?longer=1")
    tour.look(page, "badge, longer")
    assert not tour.found, tour.told()


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
def test_the_pages_beside_the_way(house: House, language: str) -> None:
    tour, page = Tour(house, language), house.kiosk()
    visitor.begin(page, language)
    for path in (
        "/kiosk/still-here?step=whom",
        "/kiosk/called?step=whom",
        "/kiosk/language?step=whom",
        "/kiosk/privacy",
        "/kiosk/take-a-seat",
        "/kiosk/leave",
        "/kiosk/goodbye",
        "/kiosk/nothing-here",
    ):
        page.goto(path)
        tour.look(page, path)
    visitor.begin(page, language)
    visitor.find(page)
    visitor.choose(page, house.cast.purpose_ref)
    page.locator("[name=name]").fill("王五")
    visitor.touch(page.locator("[name=aside][value=cancel]"))
    tour.look(page, "cancel")
    visitor.touch(page.locator("main a[data-k=main]"))
    assert page.locator("[name=name]").input_value() == "王五"
    page.goto("/kiosk/leave")
    page.locator("[name=badge]").fill("999 999")
    visitor.touch(page.locator("main form button[data-k=main]"))
    tour.look(page, "leave, refused")
    assert not tour.found, tour.told()


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
def test_waiting_and_the_answers(house: House, language: str) -> None:
    tour, page = Tour(house, language), house.kiosk()
    for number, what in enumerate(HostAnswer):
        visitor.begin(page, language)
        visitor.find(page)
        visitor.choose(page, house.cast.waiting_purpose_ref)
        page.locator("[name=organisation]").fill("示例贸易公司")
        page.locator("[name=document]").fill("1234")
        visitor.enter(page, phone=f"1380013800{number}")
        visitor.agree(page)
        page.wait_for_url("**/kiosk/waiting")
        if not number:
            tour.look(page, "waiting")
            visitor.touch(page.locator(".foot a[href$='/cancel']"))
            tour.look(page, "waiting, cancel?")
            visitor.touch(page.locator("main a[data-k=main]"))
        with house.app.app_context(), writing():
            visit = db.session.scalars(db.select(Visit).order_by(Visit.id.desc())).first()
            assert visit is not None
            answer(visit, what, by="host", actor=SYSTEM, now=clock.now())
        page.goto("/kiosk/badge")
        if not number:
            tour.look(page, "answered")
        visitor.touch(page.locator("main form button[data-k=main]"))
        tour.look(page, f"answered with {what}")
    assert not tour.found, tour.told()


def test_a_device_that_is_no_kiosk_yet(house: House) -> None:
    tour, page = Tour(house, "en"), house.open("portrait")
    page.goto("/kiosk/pair")
    tour.look(page, "pairing")
    visitor.touch(page.locator("main form button"))
    tour.look(page, "pairing, with its code")
    lost = house.open("portrait")
    lost.context.add_cookies([{"name": "foyer_kiosk", "value": "taken back", "url": house.url}])
    lost.goto("/kiosk")
    tour.look(lost, "cut off")
    assert not tour.found, tour.told()


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
def test_the_visitor_s_own_phone(house: House, language: str) -> None:
    tour, page = Tour(house, language, sizes=("phone",), finger=44), house.open("phone")
    page.goto(f"/own/{house.cast.own_code}")
    tour.to_details(page, house.cast.purpose_ref)
    tour.to_badge(page)
    visitor.touch(page.locator(".foot .btn").first)
    page.wait_for_url("**/b/*")
    tour.look(page, "badge on the phone")
    with house.app.app_context(), writing():
        visit = db.session.scalars(db.select(Visit)).one()
        visit.state, visit.left_at, visit.left_how = "left", clock.now(), "desk"
    page.reload()
    tour.look(page, "badge of a visit that has ended")
    page.goto("/b/nothing-here")
    tour.look(page, "no such badge")
    assert not tour.found, tour.told()


def test_where_the_width_of_the_screen_is_known_a_target_is_20_millimetres(house: House) -> None:
    # Ten keys in a row need 270 mm: 13 inches upright.
    wide_mm, (wide_px, _) = 270, SIZES["portrait"]
    with house.app.app_context(), writing():
        db.session.get_one(Kiosk, house.cast.kiosk_id).width_mm = wide_mm
    tour = Tour(house, "en", sizes=("portrait",), finger=wide_px * 20 // wide_mm)
    assert tour.finger > FINGER
    tour.to_details(house.kiosk(), house.cast.purpose_ref)
    assert not tour.found, tour.told()


def test_the_bell_of_the_welcome_page_is_on_the_screen_in_every_language(house: House) -> None:
    tour = Tour(house, "en")
    page = house.kiosk()
    for size in tour.sizes:
        page.set_viewport_size({"width": SIZES[size][0], "height": SIZES[size][1]})
        for language in ("zh_Hans", "zh_Hant", "en", "ja", "ko", "fr", "es", "ru", "ar"):
            visitor.begin(page, language)
            expect(page.locator(".foot .btn").last).to_be_in_viewport(ratio=1)
            code = page.locator(".mobile .qr").bounding_box()
            assert code, "the way to the own phone"
            assert code["width"] == code["height"] >= 160, f"{language} on {size}: a camera reads no squeezed code"


def test_the_ways_out_are_on_the_screen_in_every_language(house: House) -> None:
    tour, page, short = Tour(house, "en"), house.kiosk(), []
    with house.app.app_context(), writing():
        unit = make_unit(db.session.get_one(Site, house.cast.site_id), "2001", "听雨建筑设计事务所")
        for name in ("张伟", "张敏", "章建国", "张晓明"):
            make_host(unit, name)
        digits = make_invitation(house.cast, phone="", email="wangwu@example.com").digits or ""
    for language in ("zh_Hans", "zh_Hant", "en", "ja", "ko", "fr", "es", "ru", "ar"):
        visitor.begin(page, language)
        visitor.find(page, "zhang")
        short += _out_of_reach(page, f"whom in {language}", hits=5)
        visitor.choose(page, house.cast.purpose_ref)
        page.locator("[name=organisation]").fill("示例贸易公司")
        page.locator("[name=document]").fill("1234")
        short += _out_of_reach(page, f"details in {language}")
        visitor.enter(page)
        short += _out_of_reach(page, f"consent in {language}")
        visitor.begin(page, language)
        page.goto("/kiosk/invitation")
        page.locator("[name=code]").fill(digits)
        visitor.touch(page.locator("main form button[data-k=main]"))
        short += _out_of_reach(page, f"invited in {language}")
    assert tour.sizes == KIOSK
    assert not short, "\n".join(short)


def _out_of_reach(page: Page, where: str, hits: int = 0) -> list[str]:
    """What of the foot, of the main button and of the matches is not whole on the screen."""
    found = []
    for size in KIOSK:
        page.set_viewport_size({"width": SIZES[size][0], "height": SIZES[size][1]})
        for part, least in ((".foot .btn", 3), ("main [data-k=main]", 1), ("#found .row, #few", hits and hits + 1)):
            bottoms = page.locator(part).evaluate_all("them => them.map(each => each.getBoundingClientRect().bottom)")
            # What lies in the fade above the foot looks as if it could not be touched.
            end = page.locator(".foot").evaluate("foot => foot.getBoundingClientRect().top")
            fade = page.locator("main").evaluate("it => parseFloat(getComputedStyle(it).getPropertyValue('--more'))")
            end -= fade
            edge = SIZES[size][1] if part.startswith(".foot") else end + 1
            found += [f"{where} on {size}: {part}"] * (len(bottoms) < least or max(bottoms, default=0) > edge)
    return found


def test_no_purpose_is_broken_in_the_middle(house: House) -> None:
    words = {"en": "Interview", "ru": "Собеседование", "fr": "Renseignements", "zh_Hans": "参观"}
    tour, own = Tour(house, "en"), house.open("phone")
    own.goto(f"/own/{house.cast.own_code}")
    with house.app.app_context(), writing():
        for purpose in db.session.scalars(db.select(Purpose)):
            purpose.names = words
    for page, sizes in ((house.kiosk(), KIOSK), (own, ("phone",))):
        for language in words:
            visitor.begin(page, language)
            visitor.find(page)
            visitor.touch(page.locator("#found .pick").first)
            tour.found += look(page, f"why in {language}", sizes=sizes, finger=44, axe=False)
    assert not tour.found, tour.told()


def test_what_was_typed_is_there_after_the_bell_without_scripts(house: House) -> None:
    page = house.kiosk(scripts=False)
    visitor.begin(page)
    visitor.find(page)
    visitor.choose(page, house.cast.purpose_ref)
    page.locator("[name=name]").fill("王五")
    for button in (".foot .btn >> nth=-1", "#task .whom .btn", ".foot .btn >> nth=0"):
        visitor.touch(page.locator(button))
        page.goto("/kiosk/details")
        expect(page.locator("[name=name]")).to_have_value("王五")
    page.locator("[name=phone]").press("Enter")
    expect(page.locator("form.details [role=alert], .wall [role=alert]")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_another_language_is_chosen_in_the_midst_and_nothing_is_lost(house: House, scripts: bool) -> None:
    Tour(house, "en")  # so that the site speaks nine languages
    page = house.kiosk(scripts=scripts)
    visitor.begin(page)
    visitor.touch(page.locator("a.tile").first)
    page.locator("#q").fill("zhang")
    visitor.touch(page.locator(".tongue"))
    visitor.touch(page.locator(".langs [lang=ar]"))
    expect(page.locator("#q")).to_have_value("zhang")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    visitor.touch(page.locator("#found .pick").first)
    visitor.touch(page.locator(f"button[name=purpose][value='{house.cast.purpose_ref}']"))
    page.locator("[name=name]").fill("王五")
    visitor.touch(page.locator(".tongue"))
    visitor.touch(page.locator(".langs [lang=ja]"))
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    expect(page.locator("[name=name]")).to_have_value("王五")


def test_a_page_that_breaks_the_content_policy_would_be_noticed(house: House) -> None:
    page = house.kiosk()
    page.goto("/kiosk")
    assert house.windows.broken == []
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')")
    page.wait_for_timeout(200)
    assert house.windows.broken
    house.windows.broken.clear()
