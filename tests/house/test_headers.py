"""What stands in the head of every answer: nothing is kept, framed, guessed or sent elsewhere."""

import logging

import pytest
from flask import request
from flask.testing import FlaskClient

from app import create_app
from config import Settings
from tests.cast import at_desk, at_kiosk
from tests.conftest import close, make_app
from tests.house.routes import furnish, routes
from web import devices
from web.permissions import public

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
SECRET = "this sentence stands in the exception"


def lacking(answer) -> list[str]:
    """What an answer of the house lacks in its head, a sentence each."""
    where, head = f"{answer.request.method} {answer.request.path} → {answer.status_code}", answer.headers
    found = [f"{where}: {name} is {head.get(name)!r}" for name, value in ALWAYS.items() if head.get(name) != value]
    policy = dict(part.strip().split(" ", 1) for part in head.get("Content-Security-Policy", "- -").split(";"))
    if policy.get("default-src") != "'none'":
        found.append(f"{where}: the content policy does not begin with nothing.")
    strict = {
        name: policy.get(name) for name in ("form-action", "frame-ancestors", "base-uri", "script-src", "style-src")
    }
    if not set(strict.values()) <= {"'none'", "'self'"}:
        found.append(f"{where}: the content policy is loose: {strict}")
    if "unsafe" in str(policy) or "*" in str(policy) or "http:" in str(policy):
        found.append(f"{where}: the content policy has a hole: {policy}")
    if "geolocation=()" not in head.get("Permissions-Policy", "") or "microphone=()" not in head["Permissions-Policy"]:
        found.append(f"{where}: Permissions-Policy is {head.get('Permissions-Policy')!r}")
    if not answer.request.path.startswith("/static/") and head.get("Cache-Control") != "no-store":
        found.append(f"{where}: Cache-Control is {head.get('Cache-Control')!r}, no-store is asked.")
    if {"Server", "X-Powered-By"} & set(head.keys()):
        found.append(f"{where}: it tells what runs here.")
    return found


@pytest.mark.parametrize("who", ["a stranger", "the kiosk", "zhou", "xu"])
def test_every_answer_of_the_house_is_kept_by_nobody_and_framed_by_nobody(app, cast, who):
    building = furnish(app, cast)
    client = {"a stranger": app.test_client, "the kiosk": lambda: at_kiosk(app, cast)}.get(
        who, lambda: at_desk(app, cast, who)
    )()
    found = []
    for route in routes(app):
        # As on every page: what comes back for a wrong method, a refusal or a detour counts as well.
        answer = FlaskClient.open(client, building.address(app, route.rule), method=route.method)
        found += lacking(answer)
    assert found == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing/here", 404),
        ("DELETE", "/kiosk", 405),
        ("OPTIONS", "/kiosk/pair", 200),
        ("POST", "/nothing", 404),
    ],
)
def test_what_is_not_there_comes_with_the_same_head(client, method, path, status):
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert lacking(answer) == []


def test_a_form_that_is_too_large_is_refused_in_words(app, cast):
    answer = FlaskClient.open(at_kiosk(app, cast), "/kiosk/details", method="POST", data={"name": "x" * 1_100_000})
    assert answer.status_code == 413
    assert "Please see the reception" in answer.text or "请" in answer.text
    assert lacking(answer) == []


def test_a_form_that_another_house_sends_is_refused(app, cast):
    kiosk = at_kiosk(app, cast)
    for site in ("cross-site", "same-site"):
        answer = kiosk.post("/kiosk/call", data={"step": "whom"}, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403
        assert lacking(answer) == []


def test_a_page_over_tls_asks_for_tls_the_next_time(client):
    answer = client.get("/kiosk/pair", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert lacking(answer) == []


def test_the_cookies_of_the_house_are_for_no_script_and_no_other_house(app, cast):
    kiosk, stranger = app.test_client(), app.test_client()
    kiosk.set_cookie(f"__Host-{devices.KIOSK_COOKIE}", cast.kiosk_token, secure=True)
    given = []
    asked = ((kiosk, "/kiosk?language=en"), (stranger, "/sign-in"), (stranger, f"/own/{cast.own_code}"))
    for client, path in asked:
        answer = client.get(path, base_url="https://localhost")
        assert answer.location != "/kiosk/pair"
        for cookie in answer.headers.getlist("Set-Cookie"):
            parts = {part.strip() for part in cookie.split(";")}
            assert {"HttpOnly", "Secure", "SameSite=Lax"} <= parts, cookie
            assert not any(part.startswith("Domain") for part in parts), cookie
            given.append(cookie.partition("=")[0])
            assert given[-1] == "__Secure-foyer_visitor" or "Path=/" in parts, "what __Host- asks for"
    assert set(given) == {"__Secure-foyer_visitor", "__Host-foyer_staff", "__Host-foyer_own"}
    kiosk.set_cookie(devices.KIOSK_COOKIE, cast.kiosk_token, secure=True)
    kiosk.delete_cookie(f"__Host-{devices.KIOSK_COOKIE}")
    assert kiosk.get("/kiosk", base_url="https://localhost").location == "/kiosk/pair", (
        "without its prefix it is nothing"
    )


def test_beyond_this_machine_nothing_is_said_without_encryption(database, tmp_path):
    app = make_app(database, tmp_path)
    for language, words in (("zh-CN", "这里只用 https"), ("en", "Foyer speaks https here")):
        spoken = {"Accept-Language": language}
        answer = FlaskClient(app).get("/kiosk", base_url="http://foyer.example", headers=spoken)
        assert answer.status_code == 403
        assert words in answer.text
        assert "Set-Cookie" not in answer.headers
    close(app)


def test_a_right_that_lacks_is_noted_in_the_log_without_a_name(app, cast, caplog):
    with caplog.at_level(logging.WARNING):
        assert FlaskClient.open(at_desk(app, cast), "/admin/sites").status_code == 403
    assert f"Refused with 403: GET admin.sites for staff {cast.people['lisi']}" in caplog.text
    assert "李四" not in caplog.text


def test_a_form_without_a_token_of_its_browser_is_noted(app, cast, caplog):
    with caplog.at_level(logging.WARNING):
        assert FlaskClient.post(app.test_client(), "/sign-in", data={"login": "lisi"}).status_code == 422
    assert "A form without a token of its browser: auth.sign_in" in caplog.text
    assert "lisi" not in caplog.text


@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "198.51.100.7"), (2, "203.0.113.9")])
def test_only_the_proxies_in_front_are_believed_who_calls(database, tmp_path, proxies, seen):
    settings = Settings(
        database_url=database, secret_key="k" * 40, data_dir=tmp_path, testing=True, trusted_proxies=proxies
    )
    app = create_app(settings)
    found = []
    app.before_request_funcs[None].insert(0, lambda: found.append((request.remote_addr, request.scheme)))
    said = {"X-Forwarded-For": "192.0.2.1, 203.0.113.9, 198.51.100.7", "X-Forwarded-Proto": "https,https,https"}
    FlaskClient(app).get("/sign-in", headers=said)
    assert found == [(seen, "https" if proxies else "http")]
    close(app)


def test_a_fault_shows_words_and_none_of_its_workings(database, tmp_path, caplog):
    app = create_app(Settings(database_url=database, secret_key="k" * 40, data_dir=tmp_path))

    @public
    def fails() -> str:
        raise RuntimeError(SECRET)

    app.add_url_rule("/fails", "fails", fails)
    app.add_url_rule("/kiosk/fails", "kiosk_fails", fails)
    client = FlaskClient(app)
    with caplog.at_level(logging.ERROR):
        staff, kiosk = client.get("/fails"), client.get("/kiosk/fails")
    for answer in (staff, kiosk):
        assert answer.status_code == 500
        assert SECRET not in answer.text
        assert "Traceback" not in answer.text
        assert lacking(answer) == []
    assert "/sign-in" not in kiosk.text, "From a kiosk no page leads to the staff's, an error page neither."
    assert SECRET in caplog.text, "Whoever looks after Foyer finds the fault in the log."
    close(app)
