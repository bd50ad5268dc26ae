"""A kiosk that calls rings at the desk until somebody says what is true: I go there, or nobody needs it any more."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from domain import clock as time
from domain.database import db, reading, writing
from domain.events import Event
from domain.identity import Actor
from domain.visits.calls import call_reception
from domain.visits.models import Visit
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.stays import arrive

KIOSK = Actor("kiosk", 1, "kiosk", 1)
SETTLE = "#calls form[action$='/settlements']"


@pytest.fixture
def desk(app: Flask, cast: Cast, clock: Any) -> FoyerClient:
    """The desk, while a kiosk calls."""
    with app.app_context(), writing():
        call_reception(
            site_id=cast.site_id, kiosk_id=cast.kiosk_id, step="details", language="en", actor=KIOSK, now=time.now()
        )
    return at_desk(app, cast)


def somebody_signs_in(app: Flask, cast: Cast, *, source: str = "kiosk") -> None:
    arrive(app, cast)
    with app.app_context(), writing():
        db.session.execute(update(Visit).values(source=source))


def touch(desk: FoyerClient, page: Any, form: str = "#calls form") -> Any:
    """Send that form of the page, as it stood there."""
    found = page.select_one(form)
    assert found is not None
    return desk.post(found["action"], data={"form_token": found.select_one("[name=form_token]")["value"]})


def what_happened(app: Flask) -> list[str]:
    with app.app_context(), reading():
        return list(
            db.session.scalars(select(Event.kind).where(Event.subject == "reception_call").order_by(Event.number))
        )


def test_a_kiosk_that_calls_rings_until_somebody_goes(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    other = at_desk(app, cast, "zhou")
    first, second = desk.get("/desk").page, other.get("/desk").page
    assert "一号大堂 calls the reception" in first.get_text()
    assert "filling in their details" in first.get_text()
    assert touch(desk, first).status_code == touch(other, second).status_code == 303
    assert "calls the reception" not in desk.get("/desk").words
    assert what_happened(app) == ["call.rang", "call.answered"]


def test_a_call_says_when_somebody_has_signed_in_at_the_kiosk_since(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    said = "somebody has signed in there since"
    somebody_signs_in(app, cast, source="desk")
    assert said not in desk.get("/desk").words
    assert not desk.get("/desk").page.select(SETTLE), "who called still stands there"
    with app.app_context(), writing():
        db.session.execute(update(Visit).values(source="kiosk"))
    assert said in desk.get("/desk").words


def test_a_call_that_nobody_needs_any_more_is_closed_with_true_words(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    other = at_desk(app, cast, "zhou")
    before = other.get("/desk").page
    somebody_signs_in(app, cast)
    page = desk.get("/desk").page
    deeds = [button.get_text() for button in page.select("#calls button")]
    assert deeds == ["I’ll go", "Not needed any more"], "another one may have signed in than who called"
    assert touch(desk, page, SETTLE).status_code == 303
    words = desk.get("/desk").words
    assert "nobody is needed there any more" in words
    assert "calls the reception" not in words
    assert touch(other, before).status_code == 303, "who touched the other button at the same time changes nothing"
    assert what_happened(app) == ["call.rang", "call.settled"]
