"""A shared tablet locks instead of ending, and the same page stands there again after the password."""

import time_machine
from flask import Flask
from sqlalchemy import select

from domain.database import db, reading
from domain.events import HOUSE, Event
from domain.people.models import StaffSession
from tests import factories as make
from tests.blueprints.auth.browser import cookie_of, fresh
from tests.cast import Cast, at_desk


def test_an_idle_shared_tablet_is_locked_and_opened_on_the_same_page(
    app: Flask, cast: Cast, clock: time_machine.Traveller
) -> None:
    client = at_desk(app, cast, shared=True)
    clock.shift(31 * 60)
    locked = client.get("/account?from=desk")
    assert locked.location == "/unlock?next=/account?from%3Ddesk"
    assert "Lisi" in client.get(locked.location).words
    before = cookie_of(client)
    answer = client.submit(locked.location, {"password": make.PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/account?from=desk")
    assert client.get("/account").status_code == 200
    client.set_cookie("foyer_staff", before)
    assert client.get("/account").location.startswith("/sign-in"), "the token from before opens nothing any more"
    with app.app_context(), reading():
        assert list(db.session.scalars(select(Event.kind).where(Event.site_id == HOUSE))) == ["person.unlocked"]


def test_a_locked_tablet_still_ends_after_twelve_hours(app: Flask, cast: Cast, clock: time_machine.Traveller) -> None:
    client = at_desk(app, cast, shared=True)
    clock.shift(12 * 3600)
    assert client.get("/account").location.startswith("/sign-in")


def test_the_button_locks_at_once_and_leads_back(app: Flask, cast: Cast) -> None:
    client = at_desk(app, cast)
    button = client.get("/account").page.select_one("form[action='/lock']")
    token = button.select_one("[name=form_token]")["value"]
    answer = client.post("/lock", data={"form_token": token}, headers={"Referer": "http://localhost/account"})
    assert answer.location == "/unlock?next=/account"
    for path in ("/account", "/password", "/site", "/second-factor/set-up", "/account/sessions"):
        assert client.get(path).location.startswith("/unlock"), path
    assert client.submit(answer.location, {"password": make.PASSWORD}).location == "/account"


def test_the_desk_has_the_button_whatever_was_ticked_and_the_office_where_it_was(app: Flask, cast: Cast) -> None:
    button = "header.top form[action='/lock']"
    for login, shared, path, there in (
        ("lisi", False, "/desk", True),
        ("lisi", False, "/visits", True),
        ("lisi", True, "/visits", True),
        ("chen", False, "/meetings/runs", False),
        ("wu", False, "/visits", False),
        ("wu", True, "/visits", True),
    ):
        page = at_desk(app, cast, login, shared=shared).get(path).page
        assert bool(page.select_one(button)) == there, (login, shared, path)
    assert "every page has “Lock”" in fresh(app).get("/sign-in").words


def test_a_wrong_password_keeps_it_locked_and_a_stranger_cannot_use_up_the_tries(
    app: Flask, cast: Cast, clock: time_machine.Traveller
) -> None:
    client = at_desk(app, cast)
    client.submit("/lock")
    stranger = fresh(app)
    for _ in range(10):
        stranger.submit("/sign-in", {"login": "lisi", "password": "a wrong password"})
    for _ in range(10):
        answer = client.submit("/unlock", {"password": "not my password"})
        assert answer.status_code == 422
        assert "not the password of your account" in answer.words
    assert client.submit("/unlock", {"password": make.PASSWORD}).status_code == 429
    assert client.submit("/unlock", {"password": "x" * 10_000}).status_code == 422


def test_another_person_logs_the_first_one_out(app: Flask, cast: Cast) -> None:
    client = at_desk(app, cast, shared=True)
    client.submit("/lock")
    assert client.submit("/unlock", form="form[action='/sign-out']").location == "/sign-in"
    with app.app_context(), reading():
        assert db.session.scalar(select(StaffSession.ended_at)) is not None


def test_what_is_not_locked_needs_no_unlocking(app: Flask, cast: Cast) -> None:
    assert at_desk(app, cast).get("/unlock?next=/account").location == "/account"


def test_a_shared_tablet_has_the_button_on_every_page_and_another_device_on_the_account_page(
    app: Flask, cast: Cast
) -> None:
    def buttons(shared: bool) -> int:
        return len(at_desk(app, cast, "chen", shared=shared).get("/account").page.select("form[action='/lock']"))

    assert (buttons(True), buttons(False)) == (2, 1)
