"""What Foyer keeps is for its account alone, and a command of root makes nothing that the web server cannot read."""

from __future__ import annotations

import getpass
import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.cli import FlaskGroup

import app as house
from app import create_app
from config import HERE, Settings, Unusable
from domain.database import db, writing
from tests.conftest import close
from worker import make_queue

SOMEBODY = 65534


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir()) if path.is_file()}


def test_all_that_is_kept_is_for_its_account_alone(tmp_path):
    settings = Settings(data_dir=tmp_path / "data")
    app = create_app(settings)
    with app.app_context(), writing():
        db.session.execute(db.text("CREATE TABLE things (id INTEGER)"))
        assert modes(settings.data_dir) == dict.fromkeys(
            ("foyer.db", "foyer.db-shm", "foyer.db-wal", "secret.key"), 0o600
        )
    make_queue(settings).storage.close()
    assert modes(settings.data_dir)["queue.db"] == 0o600
    close(app)
    assert settings.data_dir.stat().st_mode & 0o777 == 0o700


def test_what_an_earlier_version_left_for_all_to_read_is_closed(tmp_path):
    (tmp_path / "foyer.db").touch()
    (tmp_path / "foyer.db").chmod(0o644)
    assert Settings(data_dir=tmp_path).database.endswith("/foyer.db")
    assert modes(tmp_path) == {"foyer.db": 0o600}


@pytest.fixture
def root_at_somebody_s_folder(tmp_path, monkeypatch):
    """The environment of root, whose data folder belongs to somebody else."""
    if os.geteuid() == 0:
        os.chown(tmp_path, SOMEBODY, SOMEBODY)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("FOYER_DATA_DIR", str(tmp_path))
    return tmp_path


def test_a_command_of_root_makes_nothing_in_somebody_s_data_folder(root_at_somebody_s_folder):
    said = CliRunner().invoke(FlaskGroup(create_app=create_app), ["verify"])
    assert said.exit_code == 1
    assert said.output.count("\n") == 1
    assert "and this runs as root: run it as " in said.output
    assert list(root_at_somebody_s_folder.iterdir()) == []


def test_root_may_run_the_demo_in_a_checkout_that_somebody_else_fetched(root_at_somebody_s_folder):
    assert Settings(demo=True).folder() == root_at_somebody_s_folder


@pytest.mark.parametrize("name", ["secret.key", "foyer.db"])
def test_a_web_server_that_may_not_read_what_it_needs_ends_with_a_sentence(tmp_path, monkeypatch, name):
    for each in ("secret.key", "foyer.db"):
        (tmp_path / each).write_text("")
    monkeypatch.setenv("FOYER_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path).name != name)
    with pytest.raises(SystemExit, match=rf"{name} belongs to .*give the whole data folder to that account"):
        house.served()


def test_a_data_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Unusable, match=r"cannot make the data folder .*: Not a directory"):
        Settings(data_dir=tmp_path / "file" / "data").folder()


def test_the_console_runs_as_the_account_with_its_settings(tmp_path):
    flask = tmp_path / "flask"
    flask.write_text('#!/bin/sh\necho "$FOYER_DATA_DIR" "$@"\n')
    flask.chmod(0o755)
    (tmp_path / "foyer.env").write_text("FOYER_DATA_DIR=/srv/data\n")
    script = (HERE / "deploy" / "foyer").read_text()
    for there, here in (
        ("= foyer ]", f"= {getpass.getuser()} ]"),
        ("/etc/foyer.env", str(tmp_path / "foyer.env")),
        ("/srv/foyer/app/.venv/bin/flask", str(flask)),
    ):
        assert script.count(there) >= 1
        script = script.replace(there, here)
    said = subprocess.run(
        ["/bin/sh", "-c", script, "foyer", "backup", "a b"], capture_output=True, text=True, check=True
    )
    assert said.stdout == "/srv/data --app /srv/foyer/app/app.py backup a b\n"
