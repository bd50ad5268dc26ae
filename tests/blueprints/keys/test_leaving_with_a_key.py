"""V14: who still has a key is stopped with words at the kiosk, on the own phone and at the desk, which may go on."""

from typing import Any

import pytest
from flask import Flask

from domain import clock as time
from domain.database import db, reading, writing
from domain.keys.borrowers import visitor
from domain.occupants.models import Host, Unit
from domain.sites.models import Purpose, Site
from domain.visits.models import Visit
from tests import factories as make
from tests.cabinet import Stock, hand_out, key
from tests.cast import Cast, at_desk, at_kiosk
from tests.client import FoyerClient
from tests.house.routes import own_phone

WORDS = "The key GG-01 (天台门) is not back yet. It is handed in at the reception before leaving."


@pytest.fixture
def visit(app: Flask, cast: Cast, stock: Stock) -> Any:
    """A visitor in the building who has borrowed the roof's key; the row of the visit."""
    with app.app_context(), writing():
        come = make.make_visit(
            db.session.get_one(Site, cast.site_id),
            db.session.get_one(Purpose, cast.purpose_id),
            db.session.get_one(Unit, cast.unit_id),
            db.session.get_one(Host, cast.host_id),
        )
        hand_out(key(stock.roof), visitor(come.ref, site_id=cast.site_id, now=time.now()), cast)
    return row(app)


def row(app: Flask) -> Any:
    with app.app_context(), reading():
        return db.session.execute(db.select(Visit.ref, Visit.state, Visit.badge_number, Visit.badge_check)).one()


@pytest.mark.parametrize("where", ["kiosk", "own phone"])
def test_the_kiosk_and_the_own_phone_say_which_key_is_missing(app, cast, visit, where) -> None:
    browser = at_kiosk(app, cast) if where == "kiosk" else app.test_client()
    if where == "own phone":
        own_phone(app, browser, cast)
    browser.get("/kiosk?language=en")
    badge = {"badge": f"{visit.badge_number:03d} {visit.badge_check}"}
    stopped = browser.submit("/kiosk/leave", badge, form="form[action='/kiosk/leave']")
    assert stopped.status_code == 422
    assert WORDS in stopped.words
    assert row(app).state == "inside"


def test_the_desk_is_told_before_it_signs_out_and_may_go_on(app: Flask, cast: Cast, visit: Any) -> None:
    desk = at_desk(app, cast)
    page = desk.get(f"/visits/{visit.ref}")
    assert WORDS in page.words
    stopped = desk.post(
        f"/visits/{visit.ref}/departures",
        data={"form_token": page.page.select_one("form[action$='/departures'] [name=form_token]")["value"]},
    )
    assert stopped.status_code == 422
    assert WORDS in stopped.page.select_one("[role=alert]").get_text()
    assert row(app).state == "inside"
    gone = desk.submit(f"/visits/{visit.ref}", form="form[action$='/departures']")
    assert gone.status_code == 303
    assert row(app).state == "left"
    assert "Signed out although a key is not back" in desk.get(f"/visits/{visit.ref}").words


def test_who_is_signed_in_again_is_stopped_with_the_same_words_and_stays_in(app: Flask, cast: Cast, visit: Any) -> None:
    desk = at_desk(app, cast)
    token = desk.get("/desk/sign-in").page.select_one("form[action='/desk/sign-in'] [name=form_token]")["value"]
    typed = {"name": "王五", "phone": "138 0013 8000", "purpose": cast.purpose_ref, "whom": f"host:{cast.host_ref}"}
    said = {"form_token": token, **typed, "by_sight": "1", "sign_out": visit.ref}
    stopped = desk.post("/desk/sign-in", data=said)
    assert stopped.status_code == 422
    assert WORDS in stopped.page.select_one("[role=alert]").get_text()
    assert row(app).state == "inside", "and nobody was signed in beside"


def test_one_touch_on_the_board_is_stopped_with_the_same_words(app: Flask, cast: Cast, visit: Any) -> None:
    desk: FoyerClient = at_desk(app, cast)
    form = desk.get("/desk").page.select_one(f"form[action='/visits/{visit.ref}/departures']")
    values = {field["name"]: field["value"] for field in form.select("[name]")}
    stopped = desk.htmx(f"/visits/{visit.ref}/departures", method="POST", data=values)
    assert stopped.status_code == 422
    assert WORDS in stopped.words


def test_the_closing_list_says_who_still_has_a_key(app: Flask, cast: Cast, visit: Any) -> None:
    desk = at_desk(app, cast)
    page = desk.get("/desk/closing").words
    assert "1 of them still has a key: ask for it before leaving." in page
    assert "Key is out GG-01" in page
    stopped = desk.submit("/desk/closing", form=f"form[action='/visits/{visit.ref}/departures']")
    assert WORDS in stopped.words, "one touch asks for the key, as everywhere"
    assert row(app).state == "inside"
    token = desk.get("/desk/closing").page.select_one("form[action='/desk/closing'] [name=form_token]")["value"]
    desk.post("/desk/closing", data={"form_token": token, "visits": visit.ref, "seen": "0"})
    assert row(app).state == "probably_left"


def test_who_brought_the_key_back_leaves_as_everybody(app: Flask, cast: Cast, visit: Any, stock: Stock) -> None:
    desk = at_desk(app, cast)
    (loan,) = desk.get(f"/visits/{visit.ref}").page.select("a[href^='/loans/']")
    desk.submit(str(loan["href"]), form="form[action$='/returns']")
    assert "not back yet" not in desk.get(f"/visits/{visit.ref}").words
    assert desk.submit(f"/visits/{visit.ref}", form="form[action$='/departures']").status_code == 303
    assert row(app).state == "left"
