"""Where the demo is not made, and that nothing stays of one that failed."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from demo import building, links, past, scene, staff
from demo.make import NotYours, make
from domain.database import db, reading, writing
from domain.events import Event
from domain.permissions import Role
from domain.sites.models import Site
from tests import factories as build
from tests.conftest import close
from tests.house.test_demo import NOW, demo_app


def test_a_database_with_anything_in_it_is_left_alone(app: Flask, tmp_path: Path):
    with app.app_context():
        with writing():
            build.make_site("真实大厦")
        with pytest.raises(NotYours, match="not empty"):
            make(tmp_path, now=NOW)
        with reading():
            assert db.session.scalars(select(Site.name)).all() == ["真实大厦"]
    assert not (tmp_path / staff.FILE).exists()


def test_an_account_alone_makes_a_database_somebodys(app: Flask, tmp_path: Path):
    with app.app_context():
        with writing():
            build.make_person("xu", Role.ADMIN, None)
        with pytest.raises(NotYours):
            make(tmp_path, now=NOW)


def test_nothing_stays_of_a_demo_that_failed_half_way(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fails(*_args: object, **_values: object) -> None:
        raise RuntimeError("no disk")

    monkeypatch.setattr(past, "DAYS", 2)
    monkeypatch.setattr(building, "HOSTS", 100)
    monkeypatch.setattr(scene, "play", fails)
    with app.app_context():
        with pytest.raises(RuntimeError):
            make(tmp_path, now=NOW)
        with reading():
            assert not db.session.scalar(select(func.count()).select_from(Site))
            assert not db.session.scalar(select(func.count()).select_from(Event))


def test_the_door_stays_shut_in_a_database_that_the_demo_did_not_make(database: str, tmp_path: Path):
    app = demo_app(database, tmp_path)
    try:
        with app.app_context():
            with writing():
                kiosk, _ = build.make_kiosk(build.make_site())
                ref = kiosk.ref
            path = f"/demo/kiosk/{ref}/{links.door_key(ref)}"
        assert app.test_client().get(path).status_code == 404
    finally:
        close(app)
