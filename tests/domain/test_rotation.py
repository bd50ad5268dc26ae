"""Keys are changed: everything is sealed anew, or, when a key was lost, nothing is and it is said where."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import LargeBinary, select, type_coerce

from domain import encryption, photos, rotation
from domain.database import db, reading, writing
from domain.encryption import Keyring, use_keyring
from domain.occupants.models import Host
from domain.visits.models import Visit
from tests.cast import Cast
from tests.conftest import SECRET
from tests.stays import arrive

NEW, LOST = "the new secret of the tests, long enough", "a secret of the tests that nobody knows any more"


@pytest.fixture(autouse=True)
def keys(app: Flask) -> Iterator[None]:  # the app has put its keys into the process by then
    held = encryption.keyring()
    yield
    use_keyring(held)


def sealed(app: Flask) -> list[bytes]:
    """Every sealed value, as the database holds it."""
    with app.app_context(), reading():
        found = []
        for column in (Visit.document, Host.channels):
            raw = select(type_coerce(column, LargeBinary)).where(column.is_not(None))
            found += [bytes(value) for value in db.session.scalars(raw)]
        return found


def test_everything_is_sealed_anew_and_the_old_key_may_go(app: Flask, cast: Cast, tmp_path: Path) -> None:
    arrive(app, cast, document="4321")
    picture = photos.keep(tmp_path, b"a face")
    before = sealed(app)
    use_keyring(Keyring.from_secret([NEW, SECRET]))
    with app.app_context():
        assert rotation.rotate(photos=tmp_path) >= 3
        assert rotation.rotate(photos=tmp_path) == 0
    assert not set(before) & set(sealed(app))
    use_keyring(Keyring.from_secret([NEW]))
    with app.app_context(), reading():
        assert db.session.scalars(select(Visit.document)).one() == "4321"
    assert photos.read(tmp_path, picture) == b"a face"
    assert [path.suffix for path in tmp_path.iterdir()] == [".sealed"]


def test_a_lost_key_is_said_and_changes_nothing(app: Flask, cast: Cast, tmp_path: Path) -> None:
    arrive(app, cast, document="4321")
    use_keyring(Keyring.from_secret([LOST, SECRET]))
    arrive(app, cast, document="8765", phone="+8613800138005", name="赵六")
    photos.keep(tmp_path, b"a face")
    before = sealed(app)
    use_keyring(Keyring.from_secret([NEW, SECRET]))
    with app.app_context(), pytest.raises(rotation.RotationProblem, match=r"1 in photos, 1 in visits\.document"):
        rotation.rotate(photos=tmp_path)
    assert sealed(app) == before
    with app.app_context():
        done: Any = app.test_cli_runner().invoke(args=["rotate-keys"])
    assert done.exit_code == 1
    assert "Nothing was changed" in done.output


def test_what_changes_meanwhile_is_not_written_over(app: Flask, cast: Cast, tmp_path: Path) -> None:
    visit = arrive(app, cast, document="4321")
    use_keyring(Keyring.from_secret([NEW, SECRET]))
    with app.app_context():
        with writing():
            db.session.get_one(Visit, visit.id).document = None
        rotation.rotate(photos=tmp_path)
        with reading():
            assert db.session.scalars(select(Visit.document)).one() is None
