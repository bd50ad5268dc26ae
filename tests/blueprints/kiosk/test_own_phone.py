"""A visitor's own phone may be anywhere: what it asks and enters is slowed down, far above what visitors need (P4)."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from domain import clock as house_clock
from domain.database import db, writing
from domain.limits import OWN_SEARCHES, OWN_SIGN_INS, Limit
from domain.sites.models import Site
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


@pytest.mark.parametrize(
    ("spoken", "tag"),
    [
        ("en-GB,en;q=0.9", "en"),
        ("ja", "ja"),
        ("zh-HK", "zh-Hans"),
        ("de-DE,de;q=0.9", "en"),
        ("ko", "en"),
        ("de,zh-CN;q=0.5", "zh-Hans"),
        ("", "zh-Hans"),
    ],
)
def test_a_phone_is_spoken_to_in_its_own_language_at_once(
    app: Flask, cast: Cast, client: FoyerClient, clock: Any, spoken: str, tag: str
) -> None:
    with app.app_context(), writing():
        db.session.get_one(Site, cast.site_id).languages = ["zh_Hans", "en", "ja"]
    headers = {"Accept-Language": spoken} if spoken else {}
    client.get(f"/own/{cast.own_code}", headers=headers)
    for path in ("/kiosk", "/kiosk/whom"):
        assert client.get(path, headers=headers).page.select("html")[0]["lang"] == tag
    chosen = client.get("/kiosk?language=ja", headers=headers)
    assert chosen.page.select("html")[0]["lang"] == "ja"
    kiosk = at_kiosk(app, cast).get("/kiosk", headers=headers)
    assert kiosk.page.select("html")[0]["lang"] == "zh-Hans", "the screen in the lobby speaks the site's language"
