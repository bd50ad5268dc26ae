"""A new password, by who knows the old one or by a link that serves once."""

from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from domain import clock as house_clock
from domain.database import db, reading, writing
from domain.events import Event
from domain.identity import SYSTEM
from domain.people import resets
from domain.people.models import PasswordReset, Person
from tests import factories as make
from tests.blueprints.auth.browser import fresh
from tests.cast import Cast, at_desk
from web import tokens

NEW = "tulip lantern harbour 9"


def link(app: Flask, cast: Cast, login: str = "lisi") -> str:
    with app.app_context(), writing():
        person = db.session.get_one(Person, cast.people[login])
        return "/reset/" + resets.make_reset_link(person, actor=SYSTEM, now=house_clock.now())


def may_sign_in(app: Flask, password: str, login: str = "lisi") -> bool:
    return fresh(app).submit("/sign-in", {"login": login, "password": password}).status_code == 303


def test_the_password_is_changed_and_other_browsers_are_signed_out(app: Flask, cast: Cast) -> None:
    client, other = at_desk(app, cast), at_desk(app, cast)
    answer = client.submit("/password", {"password": make.PASSWORD, "password_new": NEW, "password_again": NEW})
    assert answer.location == "/account"
    assert "The password is changed" in client.get("/account").words
    assert other.get("/account").location.startswith("/sign-in")
    assert may_sign_in(app, NEW)
    assert not may_sign_in(app, make.PASSWORD)


@pytest.mark.parametrize(
    ("old", "new", "again", "says"),
    [
        ("not my password", NEW, NEW, "not the password of your account"),
        ("", NEW, NEW, "Enter the password"),
        (make.PASSWORD, "short", "short", "At least 12 characters, now 5"),
        (make.PASSWORD, NEW, NEW + "!", "not the same"),
        (make.PASSWORD, "Passw0rd 2026!", "Passw0rd 2026!", "Many people use this password"),
        (make.PASSWORD, "qwertyuiop[]asdf", "qwertyuiop[]asdf", "follows the keyboard"),
        (make.PASSWORD, "lisi at the front gate", "lisi at the front gate", "Leave out the own name"),
        (make.PASSWORD, "the Qingyu Centre door", "the Qingyu Centre door", "Leave out the own name"),
        (make.PASSWORD, "y" * 10_000, "y" * 10_000, "At most 256 characters"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(
    app: Flask, cast: Cast, old: str, new: str, again: str, says: str
) -> None:
    answer = at_desk(app, cast).submit("/password", {"password": old, "password_new": new, "password_again": again})
    assert answer.status_code == 422
    assert says in answer.words
    assert may_sign_in(app, make.PASSWORD)


def test_any_signs_and_blanks_are_taken(app: Flask, cast: Cast) -> None:
    client, odd = at_desk(app, cast), " 🙂 ' OR 1=1 -- <b>é汉字 "
    answer = client.submit("/password", {"password": make.PASSWORD, "password_new": odd, "password_again": odd})
    assert answer.status_code == 303
    assert may_sign_in(app, odd)


def test_who_got_a_password_from_somebody_must_choose_an_own_one(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        db.session.execute(update(Person).where(Person.login == "lisi").values(must_change_password=True))
    client = at_desk(app, cast)
    gate = client.get("/account")
    assert gate.location == "/password?next=/account"
    answer = client.submit(gate.location, {"password": make.PASSWORD, "password_new": NEW, "password_again": NEW})
    assert answer.location == "/account"
    assert client.get("/account").status_code == 200


def test_what_is_kept_of_a_sent_form_knows_no_password(app: Flask) -> None:
    kept = set()
    for password in (NEW, "seven tulips, 9 lamps"):
        sent = {"login": "lisi", "password": password, "password_new": password}
        with app.test_request_context("/sign-in", method="POST", data=sent):
            kept.add(tokens._content_hash())
    assert len(kept) == 1


def test_a_link_sets_the_password_once_and_ends_all_sessions(app: Flask, cast: Cast) -> None:
    before, path, client = at_desk(app, cast), link(app, cast), fresh(app)
    assert "lisi" in client.get(path).words
    assert client.submit(path, {"password_new": NEW, "password_again": NEW}).location == "/sign-in"
    assert "The password is set" in client.get("/sign-in").words
    assert before.get("/account").location.startswith("/sign-in")
    assert client.get(path).status_code == 410
    assert may_sign_in(app, NEW)
    with app.app_context(), reading():
        kinds = list(db.session.scalars(select(Event.kind).order_by(Event.number)))
        kept = db.session.scalar(select(PasswordReset.token_hash))
    assert {"person.reset_made", "person.reset_used", "person.password_changed"} <= set(kinds)
    assert path.removeprefix("/reset/") not in str(kept)


def test_a_link_ends_after_a_day_and_when_a_newer_one_is_made(
    app: Flask, cast: Cast, clock: time_machine.Traveller
) -> None:
    first = link(app, cast)
    second = link(app, cast)
    client = fresh(app)
    assert client.get(first).status_code == 410
    clock.shift(24 * 3600 - 1)
    page = client.get(second).page
    token = page.select_one("[name=form_token]")["value"]
    clock.shift(2)
    sent = {"password_new": NEW, "password_again": NEW, "form_token": token}
    assert client.post(second, data=sent).status_code == 410
    assert may_sign_in(app, make.PASSWORD)


@pytest.mark.parametrize("token", ["x", "x" * 3000, "%00", "'%20OR%201=1", "🙂"])
def test_a_link_that_never_was_says_so(app: Flask, cast: Cast, token: str) -> None:
    answer = fresh(app).get(f"/reset/{token}")
    assert answer.status_code == 410
    assert "Ask your lead" in answer.words


def test_a_weak_password_keeps_the_link(app: Flask, cast: Cast) -> None:
    path, client = link(app, cast), fresh(app)
    assert client.submit(path, {"password_new": "123456789012", "password_again": "123456789012"}).status_code == 422
    assert client.submit(path, {"password_new": NEW, "password_again": NEW}).status_code == 303


def test_who_left_has_no_use_for_a_link(app: Flask, cast: Cast) -> None:
    path = link(app, cast)
    with app.app_context(), writing():
        db.session.execute(update(Person).where(Person.login == "lisi").values(left_at=house_clock.now()))
    assert fresh(app).get(path).status_code == 410


def test_the_console_refuses_what_the_pages_refuse(app: Flask, cast: Cast) -> None:
    def add(password: str) -> Any:
        asked = ["person", "add", "--login", "newone", "--name", "新人"]
        return app.test_cli_runner().invoke(args=asked, input=f"{password}\n{password}\n")

    assert "Leave out" in add("青屿中心的大门钥匙在这里吧").output
    assert "Many people" in add("LeaveMeAlone").output
    assert add("tulip lantern harbour").exit_code == 0
