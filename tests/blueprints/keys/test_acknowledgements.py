"""The borrower's word by code, and the call to whoever does not bring a key back (K2, K5)."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from domain import clock as time
from domain.database import db, reading, writing
from domain.keys.acknowledgements import code_of
from domain.keys.loan_models import Loan
from domain.people.models import Person
from domain.sites.models import Site
from tests.blueprints.keys.borrowing import at_field, drawn, loans, ref_of, refusal
from tests.cabinet import Stock, hand_out, key, person_of, worker
from tests.cast import Cast, at_desk
from tests.client import FoyerClient


@pytest.fixture
def roof(app: Flask, stock: Stock) -> str:
    return ref_of(app, stock.roof)


@pytest.fixture
def mails(app: Flask, cast: Cast) -> None:
    """A mail server is set up, and this site writes mails."""
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"smtp_host": "127.0.0.1"})
    with app.app_context(), writing():
        db.session.get_one(Site, cast.site_id).mail_enabled = True


@pytest.mark.usefixtures("mails")
def test_without_a_signature_a_code_is_sent_and_told(app: Flask, cast: Cast, roof: str, desk: FoyerClient) -> None:
    with app.app_context(), writing():
        db.session.get_one(Person, cast.people["chen"]).email = "chen@example.com"
    sent = desk.post(
        f"/keys/{roof}/loans", data=drawn(desk, roof, who_text="chen") | {"purpose": "巡检", "how": "code"}
    )
    assert sent.location.startswith("/loans/")
    with app.app_context(), reading():
        code = code_of(db.session.scalars(db.select(Loan)).one(), now=time.now())
    assert code
    assert code not in desk.get(sent.location).text
    form = "form[action$='/acknowledgements']"
    wrong = desk.submit(sent.location, {"code": "000000" if code != "000000" else "111111"}, form=form)
    assert "This is not the code that was sent." in at_field(wrong, "code")
    assert "Enter the code" in at_field(desk.submit(sent.location, {"code": ""}, form=form), "code")
    assert desk.submit(sent.location, {"code": code}, form=form).status_code == 303
    assert loans(app)[0].acknowledged_how == "code"


@pytest.mark.usefixtures("mails")
def test_after_five_wrong_codes_no_more_are_taken(app: Flask, cast: Cast, roof: str, desk: FoyerClient) -> None:
    with app.app_context(), writing():
        db.session.get_one(Person, cast.people["chen"]).email = "chen@example.com"
    sent = desk.post(
        f"/keys/{roof}/loans", data=drawn(desk, roof, who_text="chen") | {"purpose": "巡检", "how": "code"}
    )
    with app.app_context(), reading():
        code = code_of(db.session.scalars(db.select(Loan)).one(), now=time.now())
    form, wrong = "form[action$='/acknowledgements']", "000000" if code != "000000" else "111111"
    answers = [desk.submit(sent.location, {"code": wrong}, form=form).status_code for _ in range(6)]
    assert answers[:5] == [422] * 5
    assert answers[5] == 429
    assert desk.submit(sent.location, {"code": code}, form=form).status_code == 429
    assert loans(app)[0].acknowledged_how is None


@pytest.mark.usefixtures("mails")
def test_who_has_no_address_is_asked_to_sign_and_keeps_no_key(app: Flask, roof: str, desk: FoyerClient) -> None:
    said = drawn(desk, roof, who_text="chen") | {"purpose": "巡检", "how": "code"}
    assert "no address to send a code to" in refusal(desk.post(f"/keys/{roof}/loans", data=said))
    assert loans(app) == []


def ways(desk: FoyerClient, roof: str, **chosen: str) -> set[str]:
    page = desk.submit(f"/keys/{roof}/loans/new", {**chosen, "find": "1"}, form="form[action$='/loans']").page
    return {box["value"] for box in page.select("[name=how]")}


@pytest.mark.usefixtures("mails")
def test_a_code_is_offered_only_where_one_can_arrive(app: Flask, cast: Cast, stock: Stock, roof: str, desk) -> None:
    served = app.config["SETTINGS"]
    none = served.model_copy(update={"smtp_host": ""})
    assert ways(desk, roof, borrower="staff") == {"code", "paper"}
    assert ways(desk, roof, borrower="contractor") == {"paper"}
    app.config["SETTINGS"] = none
    assert ways(desk, roof, borrower="staff") == {"paper"}
    with app.app_context(), writing():
        loan = hand_out(key(stock.roof), person_of(cast, "chen"), cast, acknowledged=None, signature="").ref
    assert "Send a new code" not in desk.get(f"/loans/{loan}").words
    app.config["SETTINGS"] = served
    assert "Send a new code" in desk.get(f"/loans/{loan}").words


def test_whoever_does_not_bring_a_key_back_is_called_and_that_is_noted(
    app: Flask, cast: Cast, stock: Stock, clock: time_machine.Traveller
) -> None:
    with app.app_context(), writing():
        loan = hand_out(key(stock.roof), worker(), cast, minutes=20).ref
    clock.shift(timedelta(minutes=25))
    desk = at_desk(app, cast)
    said = desk.submit(f"/loans/{loan}", {"note": "马上送来"}, form="form[action$='/calls']")
    assert "马上送来" in desk.get(said.location).words
    empty = desk.submit(f"/loans/{loan}", {"note": ""}, form="form[action$='/calls']")
    assert "Say what was agreed" in at_field(empty, "note")
