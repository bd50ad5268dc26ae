"""What the house refuses to start with."""

import os
import subprocess
import sys

import pytest
from flask.testing import FlaskClient

from app import create_app
from config import HERE, Settings
from domain import database as house_database
from domain import engines
from domain.engines import engine_options, sqlite_problem
from tests.conftest import make_app


@pytest.mark.parametrize(
    ("version", "sound"),
    [
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 44, 7), True),
        ((3, 45, 0), False),
        ((3, 45, 99), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((3, 53, 4), True),
        ((4, 0, 0), True),
    ],
)
def test_a_sqlite_that_can_corrupt_a_database_is_refused(version, sound):
    problem = sqlite_problem(version)
    if sound:
        assert problem is None
    else:
        assert ".".join(map(str, version)) in problem
        assert "FOYER_DATABASE_URL" in problem, "The sentence says what to do."


def test_the_app_does_not_start_on_such_a_sqlite(monkeypatch, tmp_path):
    monkeypatch.setattr(engines.sqlite, "sqlite_version_info", (3, 40, 1))
    with pytest.raises(RuntimeError, match=r"SQLite 3\.40\.1 can corrupt"):
        make_app(f"sqlite:///{tmp_path / 'foyer.db'}", tmp_path)
    assert not (tmp_path / "foyer.db").exists()


def test_postgresql_asks_for_no_sqlite_at_all(monkeypatch):
    monkeypatch.setattr(engines.sqlite, "sqlite_version_info", (3, 40, 1))
    assert "pool_size" in engine_options("postgresql+psycopg://localhost/foyer")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sqlite_is_set_up_to_lose_nothing_and_to_keep_its_promises(app):
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1, "secure_delete": 1}
    with app.app_context(), house_database.reading():
        connection = house_database.db.session.connection()
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
    assert found == wanted


def test_mail_goes_in_the_clear_to_this_machine_alone() -> None:
    assert Settings(smtp_host="127.0.0.1", smtp_security="none").smtp_security == "none"
    with pytest.raises(ValueError, match="FOYER_SMTP_SECURITY=none is for a relay on this machine"):
        Settings(smtp_host="mail.example.com", smtp_security="none")


def test_a_secret_that_is_too_short_is_refused(tmp_path):
    with pytest.raises(RuntimeError, match="at least 32 characters"):
        Settings(data_dir=tmp_path, secret_key="secret").secret()


def test_without_a_secret_each_installation_makes_its_own_that_nobody_else_reads(tmp_path):
    ours, theirs = Settings(data_dir=tmp_path / "a"), Settings(data_dir=tmp_path / "b")
    assert len(ours.secret()) >= 32
    assert ours.secret() == ours.secret() != theirs.secret()
    assert (tmp_path / "a" / "secret.key").stat().st_mode & 0o077 == 0


def test_nothing_is_open_by_default():
    for name, field in Settings.model_fields.items():
        assert field.default in ("", 0, False, 587, "starttls") or name in {
            "data_dir",
            "previous_secret_keys",
            "chat_hosts",
            "trusted_hosts",
        }, f"Settings.{name} = {field.default!r}: is that safe in production? Then say so here."
    assert set(Settings().trusted_hosts) == {"localhost", "127.0.0.1", "[::1]"}


def test_a_host_name_that_nobody_named_is_not_answered(tmp_path):
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path / 'x.db'}", secret_key="k" * 40, data_dir=tmp_path))
    answer = FlaskClient(app).get("/kiosk", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "evil.example" not in answer.text
    assert "FOYER_TRUSTED_HOSTS" in answer.text, "An operator who forgot to name it is told where."
    assert "Set-Cookie" not in answer.headers


def test_the_example_of_settings_can_be_read_by_a_shell_as_the_guide_does_it():
    read = 'set -a; . deploy/foyer.env.example; exec "$0" -c "import config; print(config.Settings().trusted_hosts)"'
    bare = {name: value for name, value in os.environ.items() if not name.startswith("FOYER_")}
    said = subprocess.run(
        ["/bin/sh", "-c", read, sys.executable], cwd=HERE, env=bare, capture_output=True, text=True, check=False
    )
    assert said.stdout.strip() == "['foyer.example.com']", said.stderr[-500:]
