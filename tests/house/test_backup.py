"""The drill: what was saved while Foyer works comes back whole in an empty installation, and changes are named."""

import threading
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from domain import backup, clock, verification
from domain.database import db, reading, writing
from domain.encryption import Keyring, use_keyring
from domain.events import EventDetail
from domain.people.models import Person
from domain.visits.models import Visit
from tests.cast import Cast
from tests.conftest import SECRET, close, make_app
from tests.databases import empty_beside
from tests.domain.visits.test_arrivals import arrive


def test_what_was_saved_comes_back_whole(app: Flask, cast: Cast, tmp_path: Path) -> None:
    photo = "0" * 32 + ".jpg.sealed"
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / photo).write_bytes(b"sealed")
    archive = tmp_path / "saved.tar.gz"
    with app.app_context():
        with writing():
            ref = arrive(cast).ref
        saved = backup.write(archive, engine=db.engine, photos=tmp_path / "photos", now=clock.now())
        with writing():
            arrive(cast, name="too late", phone="+8613800138001")
        empty = empty_beside(db.engine)
    restored = make_app(empty, tmp_path / "second")
    try:
        with restored.app_context():
            backup.read(archive, engine=db.engine, photos=tmp_path / "second" / "photos")
            with reading():
                assert [visit.ref for visit in db.session.scalars(select(Visit))] == [ref]
                assert list(verification.problems(db.engine)) == []
            if db.engine.dialect.name == "sqlite":
                assert Path(str(db.engine.url.database)).stat().st_mode & 0o077 == 0
            with pytest.raises(backup.BackupProblem, match="empty"):
                backup.read(archive, engine=db.engine, photos=tmp_path / "photos")
    finally:
        close(restored)
    assert saved.revision
    assert (tmp_path / "second" / "photos" / photo).read_bytes() == b"sealed"


def test_what_is_saved_while_everybody_writes_is_whole(app: Flask, cast: Cast, tmp_path: Path) -> None:
    """Somebody signs in all the time: the archive holds one instant, every visit with its history and its count."""
    archive, stop, written = tmp_path / "saved.tar.gz", threading.Event(), [0]

    def sign_in_all_day() -> None:
        with app.app_context():
            while not stop.is_set():
                with writing():
                    arrive(cast, phone=f"+86138{written[0]:08d}")
                written[0] += 1

    desk = threading.Thread(target=sign_in_all_day)
    desk.start()
    try:
        while written[0] < 5 and desk.is_alive():
            time.sleep(0.01)
        before = written[0]
        with app.app_context():
            backup.write(archive, engine=db.engine, photos=tmp_path, now=clock.now())
            empty = empty_beside(db.engine)
        after = written[0]
    finally:
        stop.set()
        desk.join()
    restored = make_app(empty, tmp_path / "second")
    try:
        with restored.app_context():
            backup.read(archive, engine=db.engine, photos=tmp_path / "second" / "photos")
            with reading():
                saved = db.session.scalar(select(func.count()).select_from(Visit)) or 0
                assert list(verification.problems(db.engine)) == []
    finally:
        close(restored)
    assert 5 <= before <= saved <= after + 1


def test_no_archive_and_a_damaged_one_are_refused_in_words(app: Flask, cast: Cast, tmp_path: Path) -> None:
    other = tmp_path / "no-archive"
    other.write_text("something else")
    with app.app_context(), pytest.raises(backup.BackupProblem):
        backup.read(other, engine=db.engine, photos=tmp_path)


def test_a_changed_detail_is_named(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            arrive(cast)
        with writing():
            db.session.execute(update(EventDetail).values(entered={"name": "somebody else"}))
        with reading():
            assert any("was changed" in problem for problem in verification.problems(db.engine))


def test_an_archive_of_a_newer_version_is_refused_and_an_older_one_comes_up(
    app: Flask, cast: Cast, tmp_path: Path
) -> None:
    archive = tmp_path / "saved.tar.gz"
    with app.app_context():
        backup.write(archive, engine=db.engine, photos=tmp_path, now=clock.now())
        empty = empty_beside(db.engine)
    restored = make_app(empty, tmp_path / "second")
    try:
        with restored.app_context():
            with pytest.raises(backup.BackupProblem, match="newer Foyer"):
                backup.read(archive, engine=db.engine, photos=tmp_path / "p", known={"0001", "0002"})
            assert backup.revision_of(db.engine) == ""  # nothing was written
        with restored.app_context():
            said = restored.test_cli_runner().invoke(args=["restore", str(archive)])
            assert said.exit_code == 0, said.output
            with reading():
                assert list(verification.problems(db.engine)) == []
    finally:
        close(restored)


def test_an_archive_without_its_secret_key_is_said_to_be_one_and_opens_with_it(
    app: Flask, cast: Cast, tmp_path: Path
) -> None:
    archive = tmp_path / "saved.tar.gz"
    with app.app_context():
        with writing():
            db.session.get_one(Person, cast.people["wu"]).totp_secret = "JBSWY3DPEHPK3PXP"
        backup.write(archive, engine=db.engine, photos=tmp_path, now=clock.now())
        empty = empty_beside(db.engine)
    restored = make_app(empty, tmp_path / "second")
    try:
        use_keyring(Keyring.from_secret(["a secret that an empty installation made for itself"]))
        with restored.app_context():
            said = restored.test_cli_runner().invoke(args=["restore", str(archive)])
            assert (said.exit_code, "Restored" in said.output) == (1, False)
            assert "1 in people.totp_secret" in said.output
            assert "put the old one into FOYER_SECRET_KEY" in said.output
            checked = restored.test_cli_runner().invoke(args=["verify"])
            assert (checked.exit_code, "whole" in checked.output) == (1, False)
            assert "1 in people.totp_secret cannot be opened" in checked.output
        use_keyring(Keyring.from_secret([SECRET]))
        with restored.app_context():
            assert restored.test_cli_runner().invoke(args=["verify"]).exit_code == 0
    finally:
        use_keyring(Keyring.from_secret([SECRET]))
        close(restored)


def test_without_a_name_the_archive_goes_into_the_data_and_it_is_said_where(
    app: Flask, cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with app.app_context():
        said = app.test_cli_runner().invoke(args=["backup"])
    (archive,) = (Path(app.instance_path) / "backups").iterdir()
    assert backup.NAME.fullmatch(archive.name)
    assert str(archive) in said.output
    assert list(tmp_path.iterdir()) == []


def test_old_archives_are_removed_by_their_names(app: Flask, cast: Cast, tmp_path: Path) -> None:
    for name in ("foyer-20200101-000000.tar.gz", "foyer-29990101-000000.tar.gz", "mine.tar.gz"):
        (tmp_path / name).touch()
    with app.app_context():
        said = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "now.tar.gz"), "--keep-days", "90"])
    assert "1 older archives removed." in said.output
    assert {path.name for path in tmp_path.iterdir()} == {
        "foyer-29990101-000000.tar.gz", "mine.tar.gz", "now.tar.gz"
    }  # fmt: skip
