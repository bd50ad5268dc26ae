"""The migrations make what the models say, with the same guards, up and down, on both databases."""

import os
import subprocess
import sys
from pathlib import Path

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from domain.database import Base, db, reading, writing
from domain.guards import APPEND_ONLY
from tests.cast import gather
from tests.house.routes import furnish

BORN_WITH_A_ROW = {"counters"}
POINT_ANYWHERE = {"search_grams", "search_new_grams", "notices", "daily_numbers"}
ROOT = Path(__file__).resolve().parents[2]


def script(app: Flask) -> ScriptDirectory:
    """The chain of the migrations."""
    return ScriptDirectory.from_config(app.extensions["migrate"].migrate.get_config())


def tables(app: Flask) -> set[str]:
    """The tables that stand in the database now, Alembic's own left out."""
    with app.app_context(), reading():
        return set(inspect(db.session.connection()).get_table_names()) - {"alembic_version"}


def rows(app: Flask) -> int:
    """How many rows the whole database holds."""
    with app.app_context(), reading():
        names = set(Base.metadata.tables) - BORN_WITH_A_ROW
        return sum(db.session.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0 for name in names)  # noqa: S608


def counts(app: Flask) -> dict[str, int]:
    """How many rows each table holds that stands in the database now."""
    with app.app_context(), reading():
        return {
            name: db.session.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0  # noqa: S608
            for name in inspect(db.session.connection()).get_table_names()
            if name != "alembic_version"
        }


def guards(app: Flask) -> set[str]:
    """The triggers by name."""
    postgresql = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    with app.app_context(), reading():
        sqlite = db.engine.dialect.name == "sqlite"
        found = db.session.scalars(
            text("SELECT name FROM sqlite_master WHERE type='trigger'" if sqlite else postgresql)
        )
        return set(found)


def test_the_models_are_what_the_migrations_make(app):
    with app.app_context():
        flask_migrate.check()  # Fails with the operations that a new migration would need.


def test_the_migrations_are_one_chain(app):
    with app.app_context():
        chain = script(app)
        assert len(chain.get_heads()) == 1, f"Two branches: {chain.get_heads()}. Put one after the other."
        assert len(chain.get_bases()) == 1


def test_the_database_goes_down_and_up_again_with_data_in_it(app):
    with app.app_context():
        cast = gather()
    furnish(app, cast)
    before, stood = tables(app), guards(app)
    assert rows(app) > 30
    with app.app_context():
        flask_migrate.downgrade(revision="base")
    assert tables(app) == set()
    assert guards(app) == set()
    with app.app_context():
        flask_migrate.upgrade()
    assert tables(app) == before == set(Base.metadata.tables)
    assert guards(app) == stood
    assert rows(app) == 0
    with app.app_context():
        cast = gather()
    furnish(app, cast)


def test_each_step_down_can_be_taken_back_with_data_in_it(app):
    with app.app_context():
        cast = gather()
        steps = [revision.revision for revision in script(app).walk_revisions() if revision.down_revision]
    furnish(app, cast)
    for _step in steps:
        before = counts(app)
        with app.app_context():
            flask_migrate.downgrade(revision="-1")
        # What a step had added goes with it, and so does what pointed to it.
        stay = tables(app) - POINT_ANYWHERE
        with app.app_context():
            flask_migrate.upgrade(revision="+1")
        after = counts(app)
        kept = {name: (before[name], after[name]) for name in stay if before[name] != after[name]}
        assert kept == {}, "A step down and up again must keep what was entered in the tables that stay."
        with app.app_context():
            flask_migrate.downgrade(revision="-1")


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_history_can_neither_be_changed_nor_removed(app, cast, table):
    furnish(app, cast)
    count = f"SELECT count(*) FROM {table}"  # noqa: S608
    with app.app_context(), reading():
        before = db.session.scalar(text(count))
    assert before > 0
    column = next(iter(Base.metadata.tables[table].primary_key.columns)).name
    for attack in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):  # noqa: S608
        with app.app_context(), pytest.raises(DBAPIError, match=f"{table}_append_only"), writing():
            db.session.execute(text(attack))
        with app.app_context(), reading():
            assert db.session.scalar(text(count)) == before, attack


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # INSERT OR REPLACE is SQLite's own
def test_a_row_cannot_be_replaced_behind_the_history_s_back(app, cast):
    furnish(app, cast)
    with app.app_context(), pytest.raises(DBAPIError, match="events_append_only"), writing():
        db.session.execute(text("INSERT OR REPLACE INTO events SELECT * FROM events"))


def test_a_fresh_database_is_empty_no_account_no_sample_no_site(app):
    with app.app_context(), reading():
        found = {
            name: count
            for name in set(Base.metadata.tables) - BORN_WITH_A_ROW
            if (count := db.session.scalar(text(f'SELECT count(*) FROM "{name}"')))  # noqa: S608
        }
        counters = db.session.execute(text("SELECT site_id, value FROM counters")).all()
    assert found == {}
    assert counters == [(0, 0)], "Only the counter of what belongs to no site is there from the beginning."


def test_migrations_import_nothing_that_may_change_under_them():
    for file in (ROOT / "migrations" / "versions").glob("*.py"):
        imports = [line for line in file.read_text().splitlines() if line.startswith(("import ", "from "))]
        foreign = [line for line in imports if "alembic" not in line and "sqlalchemy" not in line]
        assert foreign in ([], ["from domain import guards"]), f"{file.name}: {foreign}"


def test_the_console_migrates_and_the_web_server_starts_without_alembic(app: Flask):
    database = {"FOYER_DATA_DIR": app.instance_path, "FOYER_DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"]}

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        settings = os.environ | database
        return subprocess.run(
            [sys.executable, *arguments], check=False, cwd=ROOT, env=settings, capture_output=True, text=True
        )

    assert "(head)" in run("-m", "flask", "--app", "app", "db", "current").stdout
    assert run("-c", "import sys, app; app.create_app(); sys.exit('alembic' in sys.modules)").returncode == 0
