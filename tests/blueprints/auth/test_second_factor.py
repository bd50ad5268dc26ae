"""The second step: set up at the first sign-in of a supervisor, asked from then on, each code serving once."""

import logging
import re

import pyotp
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from domain import clock as house_clock
from domain.database import db, reading, writing
from domain.encryption import Keyring, blind_index, use_keyring
from domain.events import Event, EventDetail
from domain.identity import SYSTEM
from domain.people import resets, second_factor
from domain.people.models import Person, RecoveryCode
from tests import factories as make
from tests.blueprints.auth.browser import cookie_of, fresh
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.conftest import SECRET as KEY

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_now(secret: str = SECRET, steps: int = 0) -> str:
    return pyotp.TOTP(secret).generate_otp(int(house_clock.now().timestamp()) // 30 + steps)


def has_app(app: Flask, login: str) -> None:
    with app.app_context(), writing():
        person = db.session.scalars(select(Person).where(Person.login == login)).one()
        person.totp_secret, person.totp_confirmed_at = SECRET, house_clock.now()


def secret_of(client: FoyerClient) -> str:
    return client.get("/second-factor/set-up").page.select("code")[0].text.replace(" ", "")


def password_typed(app: Flask, login: str, path: str = "/sign-in") -> FoyerClient:
    client = fresh(app)
    assert client.submit(path, {"login": login, "password": make.PASSWORD}).status_code == 303
    return client


@pytest.mark.parametrize("login", ["wu", "he", "xu"])
def test_supervisor_manager_and_admin_set_it_up_first(app: Flask, cast: Cast, login: str, clock) -> None:
    client = password_typed(app, login)
    gate = client.get("/account")
    assert gate.location == "/second-factor/set-up?next=/account"
    page = client.get(gate.location).page
    secret = page.select_one("code").text.replace(" ", "")
    assert page.select_one("svg path")
    assert not page.select("svg [style]")
    answer = client.submit(gate.location, {"code": code_now(secret)})
    codes = [code.text for code in answer.page.select(".codes code")]
    assert answer.status_code == 200
    assert len(set(codes)) == 10
    assert answer.page.select_one("a.btn[data-k=main]")["href"] == "/account"
    assert client.get("/account").status_code == 200
    with app.app_context(), reading():
        kept = [row.code_hash for row in db.session.scalars(select(RecoveryCode))]
        told = [f"{event.facts}" for event in db.session.scalars(select(Event))]
        told += [f"{detail.entered}" for detail in db.session.scalars(select(EventDetail))]
    for code in codes:
        assert code not in kept
        assert code.replace("-", "") not in kept
        assert code not in " ".join(told)
    assert secret not in " ".join(told)


def test_the_set_up_page_shows_the_same_code_after_a_reload_and_another_one_elsewhere(app: Flask, cast: Cast) -> None:
    client, elsewhere = password_typed(app, "wu"), password_typed(app, "wu")

    def shown(browser: FoyerClient) -> str:
        return browser.get("/second-factor/set-up").page.select_one("code").text

    assert shown(client) == shown(client) != shown(elsewhere)


def test_a_wrong_code_sets_nothing_up(app: Flask, cast: Cast, clock) -> None:
    client = password_typed(app, "wu")
    answer = client.submit("/second-factor/set-up", {"code": code_now(SECRET)})
    assert answer.status_code == 422
    assert "wrong or was used" in answer.words
    assert client.get("/account").location.startswith("/second-factor/set-up")


def test_the_code_of_the_app_passes_once(app: Flask, cast: Cast, clock: time_machine.Traveller) -> None:
    has_app(app, "wu")
    client = password_typed(app, "wu", "/sign-in?next=/account")
    gate = client.get("/account").location
    assert gate == "/second-factor?next=/account"
    used = code_now()
    assert client.submit(gate, {"code": used}).location == "/account"
    assert client.get("/account").status_code == 200
    other = password_typed(app, "wu")
    assert other.submit("/second-factor", {"code": used}).status_code == 422
    clock.shift(30)
    assert other.submit("/second-factor", {"code": code_now(steps=-1)}).status_code == 422
    assert other.submit("/second-factor", {"code": code_now()}).status_code == 303


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (1, 303), (2, 422)])
def test_clocks_may_differ_by_half_a_minute(app: Flask, cast: Cast, clock, steps: int, status: int) -> None:
    has_app(app, "wu")
    assert password_typed(app, "wu").submit("/second-factor", {"code": code_now(steps=steps)}).status_code == status


def test_six_wrong_codes_close_it_for_the_quarter_of_an_hour(
    app: Flask, cast: Cast, clock: time_machine.Traveller
) -> None:
    has_app(app, "wu")
    client = password_typed(app, "wu")
    for _ in range(6):
        assert client.submit("/second-factor", {"code": code_now(steps=9)}).status_code == 422
    assert client.submit("/second-factor", {"code": code_now()}).status_code == 429
    other = password_typed(app, "wu")
    assert other.submit("/second-factor", {"code": code_now()}).status_code == 429
    clock.shift(15 * 60)
    assert client.submit("/second-factor", {"code": code_now()}).status_code == 303


def test_bad_input_gets_a_sentence(app: Flask, cast: Cast, clock) -> None:
    has_app(app, "wu")
    client = password_typed(app, "wu")
    for bad in ("", "12345", "abcdef", "1" * 10_000, "🙂🙂🙂🙂🙂🙂", "፩፪፫፬፭፮", "12\x0034", "'; --"):
        for path in ("/second-factor", "/second-factor?recovery=1"):
            assert client.submit(path, {"code": bad}).status_code == 422
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code_now())
    assert client.submit("/second-factor", {"code": f" {wide[:3]} {wide[3:]} "}).status_code == 303


def test_a_recovery_code_lets_in_once_however_it_is_typed(app: Flask, cast: Cast, clock) -> None:
    client = password_typed(app, "wu")
    secret = client.get("/second-factor/set-up").page.select_one("code").text.replace(" ", "")
    codes = [
        code.text
        for code in client.submit("/second-factor/set-up", {"code": code_now(secret)}).page.select(".codes code")
    ]
    other = password_typed(app, "wu")
    typed = codes[0].upper().replace("0", "O").replace("1", "l")
    assert other.submit("/second-factor?recovery=1", {"code": typed}).status_code == 303
    assert "9 recovery codes are left" in other.get("/account").words
    third = password_typed(app, "wu")
    refused = third.submit("/second-factor?recovery=1", {"code": codes[0]})
    assert refused.status_code == 422
    assert "was used" in refused.words


def test_a_recovery_code_of_somebody_else_is_worth_nothing(app: Flask, cast: Cast, clock) -> None:
    client = password_typed(app, "wu")
    secret = client.get("/second-factor/set-up").page.select_one("code").text.replace(" ", "")
    codes = client.submit("/second-factor/set-up", {"code": code_now(secret)}).page.select(".codes code")
    has_app(app, "he")
    assert password_typed(app, "he").submit("/second-factor?recovery=1", {"code": codes[0].text}).status_code == 422


def test_the_gate_stands_before_every_page(app: Flask, cast: Cast) -> None:
    has_app(app, "xu")
    client = password_typed(app, "xu")
    for path in ("/account", "/password", "/site", "/second-factor/set-up", "/lock"):
        assert client.get(path).location.partition("?")[0] == "/second-factor", path


def test_a_receptionist_who_set_it_up_is_asked_too(app: Flask, cast: Cast, clock) -> None:
    client = at_desk(app, cast)
    page = client.get("/second-factor/set-up").page
    secret = page.select_one("code").text.replace(" ", "")
    without = client.submit("/second-factor/set-up", {"code": code_now(secret), "password": "not my password"})
    assert without.status_code == 422
    kept = client.submit("/second-factor/set-up", {"code": code_now(secret), "password": make.PASSWORD})
    assert kept.status_code == 200
    assert password_typed(app, "lisi").get("/account").location.startswith("/second-factor")


def test_renewing_needs_the_password_and_the_old_code_and_ends_what_was_before(
    app: Flask, cast: Cast, clock: time_machine.Traveller
) -> None:
    has_app(app, "wu")
    client = at_desk(app, cast, "wu")
    page = client.get("/second-factor/set-up")
    assert "Renew the second step" in page.words
    secret = page.page.select_one("code").text.replace(" ", "")
    assert secret != SECRET
    right = {"code": code_now(secret), "code_old": code_now(), "password": make.PASSWORD}
    for wrong in ({"password": ""}, {"code_old": ""}, {"code_old": code_now(secret)}, {"code_old": "0" * 24}):
        assert client.submit("/second-factor/set-up", right | wrong).status_code == 422
    assert client.submit("/second-factor/set-up", right | {"code": code_now()}).status_code == 422
    done = client.submit("/second-factor/set-up", right)
    assert done.status_code == 200, "a refusal spent no code"
    clock.shift(60)
    other = password_typed(app, "wu")
    assert other.submit("/second-factor", {"code": code_now(SECRET)}).status_code == 422
    assert other.submit("/second-factor", {"code": code_now(secret)}).status_code == 303


def test_who_lost_the_phone_renews_it_by_a_recovery_code(app: Flask, cast: Cast, clock: time_machine.Traveller) -> None:
    client = password_typed(app, "wu")
    path = "/second-factor/set-up"
    codes = client.submit(path, {"code": code_now(secret_of(client))}).page.select(".codes code")
    assert {len(code.text) for code in codes} == {29}, "120 bits in six groups of four"
    clock.shift(60)
    sent = {"code": code_now(secret_of(client)), "code_old": codes[0].text, "password": make.PASSWORD}
    assert len(client.submit(path, sent).page.select(".codes code")) == 10


def test_a_recovery_code_of_twelve_signs_still_lets_in(app: Flask, cast: Cast, clock: time_machine.Traveller) -> None:
    has_app(app, "wu")
    with app.app_context(), writing():
        person = db.session.get_one(Person, cast.people["wu"])
        kept = blind_index("abcd2345efgh", second_factor._purpose(person))
        db.session.add(RecoveryCode(person_id=person.id, code_hash=kept))
    client = password_typed(app, "wu")
    assert client.submit("/second-factor?recovery=1", {"code": "ABCD-2345-EFGH"}).status_code == 303


def test_the_session_gets_another_token_once_more_was_proved(app: Flask, cast: Cast, clock) -> None:
    has_app(app, "wu")
    client, thief = password_typed(app, "wu"), fresh(app)
    thief.set_cookie("foyer_staff", cookie_of(client))
    assert thief.get("/account").location.startswith("/second-factor")
    assert client.submit("/second-factor", {"code": code_now()}).status_code == 303
    assert client.get("/account").status_code == 200
    answer = thief.get("/account")
    assert answer.location.startswith("/sign-in")
    assert "Set-Cookie" not in answer.headers, "a touch that came late does not take the new token away"


def test_a_reset_link_does_not_pass_the_second_step_by(app: Flask, cast: Cast, clock) -> None:
    has_app(app, "wu")
    with app.app_context(), writing():
        person = db.session.get_one(Person, cast.people["wu"])
        link = "/reset/" + resets.make_reset_link(person, actor=SYSTEM, now=house_clock.now())
    client, new = fresh(app), "tulip lantern harbour 9"
    assert client.submit(link, {"password_new": new, "password_again": new}).status_code == 303
    assert client.get("/account").location.startswith("/sign-in"), "the link signs nobody in"
    assert client.submit("/sign-in", {"login": "wu", "password": new}).status_code == 303
    assert client.get("/account").location.startswith("/second-factor")
    assert client.submit("/second-factor", {"code": code_now()}).status_code == 303
    assert client.get("/account").status_code == 200


def test_codes_are_shown_once(app: Flask, cast: Cast, clock) -> None:
    client = password_typed(app, "wu")
    path = "/second-factor/set-up"
    page = client.get(path).page
    secret = page.select_one("code").text.replace(" ", "")
    sent = {"code": code_now(secret), "form_token": page.select_one("[name=form_token]")["value"]}
    assert client.post(path, data=sent).status_code == 200
    again = client.post(path, data=sent)
    assert not again.page.select(".codes")
    assert not re.search(r"[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}", client.get("/account").words)


def test_the_secret_is_sealed_in_the_database(app: Flask, cast: Cast) -> None:
    has_app(app, "wu")
    with app.app_context(), reading():
        raw = db.session.connection().exec_driver_sql("SELECT totp_secret FROM people WHERE login = 'wu'").scalar()
    assert SECRET.encode() not in bytes(raw or b"")


def test_a_second_factor_that_does_not_open_is_said_in_words_and_in_the_log(
    app: Flask, cast: Cast, clock, caplog: pytest.LogCaptureFixture
) -> None:
    has_app(app, "wu")
    client = fresh(app)
    token = client.get("/sign-in").page.select_one("[name=form_token]")["value"]
    sent = {"login": "wu", "password": make.PASSWORD, "form_token": token}
    use_keyring(Keyring.from_secret(["a secret that an empty installation made for itself"]))
    try:
        with caplog.at_level(logging.ERROR):
            answer = FlaskClient.open(client, "/sign-in", method="POST", data=sent)
    finally:
        use_keyring(Keyring.from_secret([KEY]))
    assert answer.status_code == 503
    assert "another secret key" in answer.text
    assert "people.totp_secret" in caplog.text
    assert "flask --app app verify" in caplog.text


def test_it_is_asked_before_a_password_must_be_changed(app: Flask, cast: Cast) -> None:
    has_app(app, "wu")
    with app.app_context(), writing():
        db.session.execute(update(Person).where(Person.login == "wu").values(must_change_password=True))
    assert password_typed(app, "wu").get("/account").location.startswith("/second-factor")


def test_the_other_language_is_spoken_at_once_at_the_gate(app: Flask, cast: Cast) -> None:
    client = password_typed(app, "wu")
    gate = client.get("/account").location
    before = client.get(gate).page.select_one("html")["lang"]
    other = {"en": "zh_Hans", "zh-Hans": "en"}[str(before)]
    button = "form[action^='/account/language']"
    answer = client.submit(gate, form=button, follow_redirects=True)
    assert answer.page.select_one("html")["lang"] == {"en": "en", "zh_Hans": "zh-Hans"}[other]
    assert answer.request.path == "/second-factor/set-up"
