"""`flask person`: the first admin is made on the console."""

import re

from flask import Flask
from sqlalchemy import select

from domain.database import db, reading
from domain.people.models import Person
from tests.blueprints.auth.browser import fresh
from tests.cast import Cast

GOOD = "tulip lantern harbour"


def run(app: Flask, *arguments: str, typed: str | None = None):
    return app.test_cli_runner().invoke(args=["person", *arguments], input=typed)


def test_the_first_admin_chooses_a_password(app: Flask) -> None:
    done = run(app, "add", "--login", "xu", "--name", "徐小样", typed=f"{GOOD}\n{GOOD}\n")
    assert done.exit_code == 0, done.output
    assert GOOD not in done.output
    client = fresh(app)
    assert client.submit("/sign-in", {"login": "xu", "password": GOOD}).status_code == 303
    assert client.get("/account").location.startswith("/second-factor/set-up")


def test_a_weak_password_makes_no_account(app: Flask) -> None:
    done = run(app, "add", "--login", "xu", "--name", "徐小样", typed="password1234\npassword1234\n")
    assert done.exit_code == 1
    assert "Many people" in done.output
    with app.app_context(), reading():
        assert db.session.scalar(select(Person)) is None


def test_a_link_sets_the_password_instead(app: Flask) -> None:
    done = run(app, "add", "--login", "xu", "--name", "徐小样", "--link")
    path = re.search(r"/reset/\S+", done.output)
    assert path
    client = fresh(app)
    assert client.submit(path[0], {"password_new": GOOD, "password_again": GOOD}).status_code == 303


def test_a_role_at_a_site_by_its_name(app: Flask, cast: Cast) -> None:
    done = run(app, "add", "--login", "sun", "--name", "孙七", "--role", "lead", "--site", "Qingyu Centre", "--link")
    assert done.exit_code == 0, done.output
    wrong = run(app, "add", "--login", "sun2", "--name", "孙七", "--role", "lead", "--site", "Nowhere", "--link")
    assert wrong.exit_code == 1
    assert "no open site" in wrong.output


def test_what_is_refused_is_said(app: Flask, cast: Cast) -> None:
    assert "taken" in run(app, "add", "--login", "lisi", "--name", "李四", "--link").output
    assert "2 to 64" in run(app, "add", "--login", "a b'c", "--name", "李四", "--link").output
    assert "Nobody signs in" in run(app, "reset", "--login", "xyzzy").output


def test_a_forgotten_password_and_a_lost_phone(app: Flask, cast: Cast) -> None:
    assert "/reset/" in run(app, "reset", "--login", "xu", "--second-factor").output
