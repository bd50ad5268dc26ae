"""Who calls the reception loses nothing that was begun; and a house that is closed says so before anything is typed."""

from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask

from domain import clock as time
from domain.database import db, writing
from domain.identity import Actor
from domain.sites.models import Site
from domain.visits.calls import call_reception
from tests.cast import Cast, at_desk, at_kiosk
from tests.client import FoyerClient

CALL = "form[action='/kiosk/call']"


def other_day() -> str:
    """Some day of the week whose hours do not reach into today."""
    return str((time.local_date(time.now(), "Asia/Shanghai").isoweekday() + 2) % 7 + 1)


@pytest.fixture
def kiosk(app: Flask, cast: Cast) -> FoyerClient:
    client = at_kiosk(app, cast)
    client.get("/kiosk?language=en")
    return client


def test_who_had_begun_is_asked_before_it_is_wiped(kiosk: FoyerClient) -> None:
    refresh = kiosk.get("/kiosk/called?step=consent").headers["Refresh"]
    assert refresh == "45; url=/kiosk/still-here?step=consent"
    assert kiosk.get("/kiosk/still-here?step=consent").headers["Refresh"] == "20; url=/kiosk"


def test_who_had_begun_nothing_is_not_asked(kiosk: FoyerClient) -> None:
    assert kiosk.get("/kiosk/called?step=welcome").headers["Refresh"] == "30; url=/kiosk"


@pytest.mark.parametrize(
    ("step", "ways"), [("why", ["/kiosk/why", "/kiosk"]), ("welcome", ["/kiosk"]), ("leave", ["/kiosk/leave"])]
)
def test_nothing_is_to_be_cancelled_where_nobody_signs_in(kiosk: FoyerClient, step: str, ways: list[str]) -> None:
    page = kiosk.get(f"/kiosk/called?step={step}").page
    assert [link["href"] for link in page.select("main a, .foot a:not(.tongue)")] == ways


def test_a_closed_building_offers_no_signing_in(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    assert len(kiosk.get("/kiosk").page.select("a.tile")) == 3
    with app.app_context(), writing():
        db.session.get_one(Site, cast.site_id).opening = {other_day(): [["08:00", "12:00"]]}
    page = kiosk.get("/kiosk?language=en")
    assert "The building is closed now." in page.words
    assert [tile["href"] for tile in page.page.select("a.tile")] == ["/kiosk/leave"]
    (call,) = page.page.select(f"{CALL} button")
    assert call.get_text() == "Call reception"
    assert call["data-k"] == "main", "what the text asks for is the large button"
    kiosk.submit("/kiosk?language=en", form="form[action='/kiosk/call']")
    assert "at the first page" in at_desk(app, cast).get("/desk").page.get_text()


@pytest.mark.parametrize(("hour", "greeting"), [(4, "Good evening,"), (6, "Good morning,"), (13, "Good afternoon,")])
def test_no_morning_is_good_at_night(
    app: Flask, cast: Cast, kiosk: FoyerClient, clock: time_machine.Traveller, hour: int, greeting: str
) -> None:
    clock.move_to(time.now().astimezone(ZoneInfo("Asia/Shanghai")).replace(hour=hour, minute=5))
    assert kiosk.get("/kiosk?language=en").page.select_one("h1").get_text(" ") == f"{greeting} welcome to Qingyu Centre"
    with app.app_context(), writing():
        db.session.get_one(Site, cast.site_id).opening = {other_day(): [["08:00", "12:00"]]}
    assert kiosk.get("/kiosk?language=en").page.select_one("h1").get_text() == "Qingyu Centre", (
        "a closed house greets nobody"
    )


def test_who_calls_again_further_on_is_shown_where_he_is_now(app: Flask, cast: Cast) -> None:
    desk, kiosk = at_desk(app, cast), Actor("kiosk", cast.kiosk_id, "一号大堂", cast.site_id)
    site_id, kiosk_id, now = cast.site_id, cast.kiosk_id, time.now()
    tag = desk.get("/desk").headers["HX-PTag"]
    for step, words in (("welcome", "at the first page"), ("consent", "reading notice and consents")):
        with app.app_context(), writing():
            call_reception(site_id=site_id, kiosk_id=kiosk_id, step=step, language="en", actor=kiosk, now=now)
        board = desk.htmx("/desk/live", headers={"HX-PTag": tag})
        assert words in board.text, "an unchanged board would not be drawn again"
        tag = board.headers["HX-PTag"]
