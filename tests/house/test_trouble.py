"""The database is away or busy: everybody gets words, nothing is half-written, and it recovers by itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import create_app
from blueprints.desk import sign_in
from blueprints.kiosk import whom
from config import Settings
from domain import engines
from domain.database import db, reading, writing
from domain.visits.models import ReceptionCall
from tests.cast import Cast, at_desk, at_kiosk, gather
from tests.conftest import SECRET, close

RECEPTION = "Please see the reception"


@pytest.fixture
def house(database: str, tmp_path: Path) -> Iterator[Flask]:
    """The app as in production, with the words for every fault."""
    app = create_app(Settings(database_url=database, secret_key=SECRET, data_dir=tmp_path))
    yield app
    close(app)


@pytest.fixture
def cast(house: Flask) -> Cast:
    with house.app_context():
        return gather()


@contextmanager
def database_gone(app: Flask) -> Iterator[None]:
    """No connection of the app works, and no new one is given."""
    with app.app_context():
        db.session.remove()
        engine = db.engine
        url = engine.url
    if url.get_backend_name() == "sqlite":
        engine.dispose()
        file, aside = Path(str(url.database)), Path(f"{url.database}.aside")
        file.rename(aside)
        file.mkdir()
        yield
        file.rmdir()
        aside.rename(file)
        return
    server = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as other:
        other.execute(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS false')
        # Until each is gone, or the next request would be the first to hear of it.
        gone = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s"
        other.execute(gone, (url.database,))
        yield
        other.execute(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS true')


def calls(app: Flask) -> int:
    with app.app_context(), reading():
        return db.session.scalar(db.select(db.func.count()).select_from(ReceptionCall)) or 0


def test_while_the_database_is_gone_everybody_gets_words_and_then_it_goes_on(house, cast):
    kiosk, staff = FlaskClient(house), FlaskClient(house)
    kiosk.set_cookie("foyer_kiosk", cast.kiosk_token)
    desk = at_desk(house, cast)
    with desk.session_transaction() as signed_in, staff.session_transaction() as session:
        session.update(signed_in)
    english = {"Accept-Language": "en"}
    assert kiosk.get("/kiosk", headers=english).status_code == 200
    assert staff.get("/visits").status_code == 200
    with database_gone(house):
        for path in ("/kiosk", "/kiosk/whom?q=zhang", "/kiosk/waiting"):
            answer = kiosk.get(path, headers=english)
            assert answer.status_code == 503, path
            assert RECEPTION in answer.text
        answer = kiosk.post("/kiosk/call", data={"step": "whom"}, headers=english)
        assert answer.status_code == 503
        for path in ("/visits", "/desk", "/desk/live"):
            answer = staff.get(path, headers=english)
            assert answer.status_code == 503, path
            assert "Try again" in answer.text
        assert staff.post("/sign-in", data={"login": "x", "password": "y"}, headers=english).status_code == 503
    assert kiosk.get("/kiosk", headers=english).status_code == 200
    assert staff.get("/visits").status_code == 200
    assert calls(house) == 0


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_database_that_goes_away_in_the_middle_of_a_request_gets_words_too(house, cast, monkeypatch):
    """The site was read already; the page that says sorry must not read it again."""
    desk, kiosk = at_desk(house, cast), at_kiosk(house, cast)
    FlaskClient.open(kiosk, "/kiosk?language=en")
    going = ExitStack()

    def goes(*_given: object, **_values: object) -> None:
        going.enter_context(database_gone(house))
        db.session.execute(select(ReceptionCall))

    monkeypatch.setattr(sign_in, "purposes_offered", goes)
    monkeypatch.setattr(whom, "_page", goes)
    for client, path in ((desk, "/desk/sign-in"), (kiosk, "/kiosk/whom")):
        with going:
            answer = FlaskClient.open(client, path)
        assert answer.status_code == 503, path
        assert b"<h1" in answer.data
    monkeypatch.undo()
    assert FlaskClient.open(desk, "/desk/sign-in").status_code == 200


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_writer_that_waits_too_long_is_told_so_and_may_try_again(house, cast, monkeypatch):
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.1)
    kiosk = at_kiosk(house, cast)
    bell = kiosk.get("/kiosk?language=en").text.split('action="/kiosk/call"')[1]
    token = bell.split('name="form_token" value="')[1].split('"')[0]
    holds, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        with house.app_context(), writing():
            db.session.connection()
            holds.set()
            may_go.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    assert holds.wait(5)
    busy = FlaskClient.open(kiosk, "/kiosk/call", method="POST", data={"form_token": token, "step": "welcome"})
    may_go.set()
    holder.join()
    assert busy.status_code == 503
    assert RECEPTION in busy.text
    assert calls(house) == 0
    again = kiosk.post("/kiosk/call", data={"form_token": token, "step": "welcome"})
    assert again.status_code == 303
    assert calls(house) == 1
