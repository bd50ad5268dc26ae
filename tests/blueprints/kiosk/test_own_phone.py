"""A visitor's own phone may be anywhere: what it asks and enters is slowed down, far above what visitors need (P4)."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from domain import clock as house_clock
from domain.database import writing
from domain.limits import OWN_SEARCHES, OWN_SIGN_INS, Limit
from tests.blueprints.kiosk.test_sign_in import walk
from tests.cast import Cast, at_kiosk
from tests.client import FoyerClient
from tests.house.routes import own_phone
from web.attempts import from_here


@pytest.fixture
def phone(app: Flask, cast: Cast, client: FoyerClient, clock: Any) -> FoyerClient:
    own_phone(app, client, cast)
    client.get("/kiosk?language=en")
    return client


def used_up(app: Flask, cast: Cast, limit: Limit) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        key = from_here(cast.kiosk_id)
    with app.app_context(), writing():
        for _ in range(limit.tries):
            limit.count(key, now=house_clock.now())


def test_searching_is_counted_by_kiosk_and_address(app: Flask, cast: Cast, phone: FoyerClient) -> None:
    assert phone.get("/kiosk/whom?q=zhang").page.select("#found .pick")
    used_up(app, cast, OWN_SEARCHES)
    answer = phone.get("/kiosk/whom?q=zhang")
    assert answer.status_code == 429
    assert "Too many tries" in answer.words
    elsewhere = {"REMOTE_ADDR": "2001:db8::1"}
    assert FlaskClient.get(phone, "/kiosk/whom?q=zhang", environ_overrides=elsewhere).status_code == 200
    assert phone.get("/kiosk/whom").status_code == 200
    assert at_kiosk(app, cast).get("/kiosk/whom?q=zhang").status_code == 200, "the kiosk stands in the lobby"


def test_signing_in_is_counted_too(app: Flask, cast: Cast, phone: FoyerClient) -> None:
    assert walk(phone, cast).location == "/kiosk/badge"
    used_up(app, cast, OWN_SIGN_INS)
    answer = walk(phone, cast, phone="13800138001")
    assert answer.status_code == 429
    assert "Too many tries" in answer.words
    assert walk(at_kiosk(app, cast), cast, phone="13800138001").location == "/kiosk/badge"
