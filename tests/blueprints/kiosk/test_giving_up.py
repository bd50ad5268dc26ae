"""Whoever does not wait any longer reads what becomes of it: what the host knows, the badge, what to do now (V4)."""

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from domain.database import db, reading, writing
from domain.notices import Notice
from domain.visits.models import Visit
from tests.cast import Cast, at_desk, at_kiosk
from tests.client import FoyerClient

ASKS = "/kiosk/waiting/cancel"
GIVE_UP = "form[method=post][action='/kiosk/waiting']"


def post_form(path: str) -> str:
    return f"form[method=post][action='{path}']"


@pytest.fixture
def kiosk(app: Flask, cast: Cast, clock: object) -> FoyerClient:
    """A kiosk at which somebody waits for Zhang San."""
    kiosk = at_kiosk(app, cast)
    kiosk.get("/kiosk?language=en")
    kiosk.submit("/kiosk/whom?q=zhang", form=post_form("/kiosk/whom"))
    kiosk.submit("/kiosk/why", {"purpose": cast.waiting_purpose_ref}, form=post_form("/kiosk/why"))
    kiosk.submit("/kiosk/details", {"name": "王五", "phone": "138 0013 8000"}, form=post_form("/kiosk/details"))
    assert kiosk.submit("/kiosk/consent", {"visit": "1"}, form=post_form("/kiosk/consent")).location == "/kiosk/badge"
    return kiosk


def test_who_waits_frees_the_kiosk_and_is_told_in_the_own_language(
    kiosk: FoyerClient, clock: time_machine.Traveller
) -> None:
    seat = kiosk.get("/kiosk/waiting").page.select_one(".foot a[data-k=main]")
    assert seat["href"] == "/kiosk/take-a-seat"
    clock.shift(61)
    assert kiosk.get("/kiosk/waiting").location == seat["href"], "nobody touched it: the kiosk is free all the same"
    page = kiosk.get(seat["href"])
    assert "The reception calls you as soon as there is an answer." in page.words
    assert page.headers["Refresh"] == "10; url=/kiosk"
    assert kiosk.get("/kiosk/waiting").location == "/kiosk", "nothing stays for the next"


def test_cancelling_the_visit_asks_once_and_goes_on_waiting_by_itself(app: Flask, kiosk: FoyerClient) -> None:
    waiting = kiosk.get("/kiosk/waiting").page
    assert not waiting.select(GIVE_UP), "one touch ends nothing"
    assert waiting.select_one(f".foot a[href='{ASKS}']").get_text() == "Cancel the visit"
    asked = kiosk.get(ASKS)
    assert "your number A-001 is no longer valid" in asked.words
    assert asked.page.select_one("main [data-k=main]")["href"] == "/kiosk/waiting"
    assert asked.headers["Refresh"] == "20; url=/kiosk/waiting", "the host may have answered meanwhile"
    with app.app_context(), reading():
        assert db.session.scalars(select(Visit.state)).one() == "waiting"


def test_who_is_asked_in_the_wrong_language_is_asked_again_in_another(kiosk: FoyerClient) -> None:
    button = kiosk.get(ASKS).page.select_one(".foot .tongue")
    assert kiosk.get(f"{button['href']}&language=zh_Hans").location.startswith(ASKS)


def test_who_was_answered_meanwhile_is_asked_nothing(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    kiosk.submit(ASKS, form=GIVE_UP)
    assert kiosk.get(ASKS).location == "/kiosk/badge"
    assert at_kiosk(app, cast).get(ASKS, follow_redirects=True).request.path == "/kiosk"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (True, "张三 was told that you came, and can see that you no longer wait."),
        (False, "张三 was not told that you came."),
    ],
)
def test_who_gives_up_reads_what_becomes_of_it(app: Flask, kiosk: FoyerClient, sent: bool, words: str) -> None:
    if sent:
        with app.app_context(), writing():
            db.session.execute(update(Notice).values(state="sent", tries=1))
    left = kiosk.submit(ASKS, form=GIVE_UP)
    assert left.location == "/kiosk/gave-up"
    page = kiosk.get("/kiosk/gave-up")
    for said in ("Your visit is cancelled", words, "Your number A-001 is no longer valid.", "sign in again or ask"):
        assert said in page.words
    assert page.headers["Refresh"] == "40; url=/kiosk"
    with app.app_context(), reading():
        assert db.session.scalars(select(Visit.state)).one() == "cancelled"
    kiosk.get("/kiosk")
    assert kiosk.get("/kiosk/gave-up", follow_redirects=True).request.path == "/kiosk", "nothing stays for the next"


def test_a_double_touch_and_a_cancel_at_the_desk_lead_to_the_same_words(
    app: Flask, cast: Cast, kiosk: FoyerClient
) -> None:
    form = kiosk.get(ASKS).page.select_one(GIVE_UP)
    data = {one["name"]: one["value"] for one in form.select("input")}
    with app.app_context(), reading():
        ref = db.session.scalars(select(Visit.ref)).one()
    at_desk(app, cast).submit(f"/visits/{ref}", form=post_form(f"/visits/{ref}/cancellations"))
    assert kiosk.htmx("/kiosk/waiting").headers["HX-Redirect"] == "/kiosk/badge"
    for _ in range(2):
        assert kiosk.post("/kiosk/waiting", data=data).location == "/kiosk/badge"
        assert "Your visit is cancelled" in kiosk.get("/kiosk/badge", follow_redirects=True).words
