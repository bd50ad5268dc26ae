"""The two databases of the tests: each is migrated once per worker, then copied for every test."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg import sql
from sqlalchemy import Engine, text

from scripts import postgresql

DROPPED_LATE = 2
Migrate = Callable[[str], None]
"""Takes a database's URL and brings it to the newest migration."""


class Databases(Protocol):
    """A kind of database that gives out fresh, migrated copies."""

    def fresh(self) -> Iterator[str]:
        """Gives the URL of a migrated database that nobody else uses, and removes it after."""

    def copy_of(self, url: str) -> Iterator[str]:
        """Gives the URL of a copy of that database, to which nobody is connected, and removes it after."""

    def snapshot(self, url: str) -> Any:
        """What stands in that database, which nobody is writing to."""

    def put_back(self, url: str, snapshot: Any) -> None:
        """Let that database hold the snapshot instead. Nobody is using it, and nobody changed more than its rows."""


class SQLiteDatabases:
    """A migrated file, copied."""

    def __init__(self, folder: Path, migrate: Migrate) -> None:
        self._folder = folder
        self._template = folder / "template.db"
        self._number = itertools.count(1)
        self._free: list[Path] = []
        migrate(f"sqlite:///{self._template}")
        leftover = [path.name for path in folder.glob("template.db-*") if path.stat().st_size]
        assert not leftover, f"The template's connection was not closed: {leftover} would be missing from each copy."

    def fresh(self) -> Iterator[str]:
        """A copy of the template; removed after, with its WAL. The next one gets the same name."""
        path = self._free.pop() if self._free else self._folder / f"foyer-{next(self._number)}.db"
        shutil.copyfile(self._template, path)
        yield f"sqlite:///{path}"
        for part in self._folder.glob(f"{path.name}*"):
            part.unlink()
        self._free.append(path)

    def copy_of(self, url: str) -> Iterator[str]:
        """A copy of that file."""
        path = self._folder / f"copy-{next(self._number)}.db"
        shutil.copyfile(url.removeprefix("sqlite:///"), path)
        yield f"sqlite:///{path}"
        for part in self._folder.glob(f"{path.name}*"):
            part.unlink()

    def snapshot(self, url: str) -> bytes:
        """The file."""
        path = Path(url.removeprefix("sqlite:///"))
        leftover = [each.name for each in path.parent.glob(f"{path.name}-*") if each.stat().st_size]
        assert not leftover, f"Somebody is still connected: {leftover} would be missing from the snapshot."
        return path.read_bytes()

    def put_back(self, url: str, snapshot: bytes) -> None:
        """The file, written over."""
        path = Path(url.removeprefix("sqlite:///"))
        for each in path.parent.glob(f"{path.name}-*"):
            each.unlink()
        path.write_bytes(snapshot)


# What a test may have changed besides rows: tables, columns, constraints, triggers and their functions.
SHAPE = """
SELECT md5(concat_ws('|',
  (SELECT string_agg(concat(relname, relkind, relacl::text), ',' ORDER BY oid) FROM pg_class
   WHERE relnamespace = 'public'::regnamespace),
  (SELECT string_agg(concat(attrelid, attname, atttypid, attnotnull), ',' ORDER BY attrelid, attnum) FROM pg_attribute
   WHERE attnum > 0 AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)),
  (SELECT string_agg(concat(tgname, tgenabled), ',' ORDER BY oid) FROM pg_trigger WHERE NOT tgisinternal),
  (SELECT string_agg(conname::text, ',' ORDER BY oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace),
  (SELECT string_agg(concat(proname, md5(prosrc)), ',' ORDER BY oid) FROM pg_proc
   WHERE pronamespace = 'public'::regnamespace),
  (SELECT string_agg(version_num, ',') FROM alembic_version)))
"""
WIPE = """
DO $$ DECLARE one record;
BEGIN
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('DELETE FROM %I', one.tablename);
  END LOOP;
  PERFORM setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences WHERE last_value IS NOT NULL;
  INSERT INTO counters (site_id, value) VALUES (0, 0);
END $$
"""


TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
NUMBERS = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
# The guards of the tables and foreign keys stand aside.
PAST_GUARDS = "-c lock_timeout=200ms -c session_replication_role=replica -c client_min_messages=warning"
Rows = tuple[dict[str, bytes], list[tuple[str, int]]]
"""The rows of each table as COPY writes them, and the last number that each sequence gave."""


class PostgreSQLDatabases:
    """A migrated database, copied by CREATE DATABASE … TEMPLATE, and emptied for the next test.

    Copying and dropping takes several times as long; it is dropped when a test changed more than rows or left a lock.
    """

    def __init__(self, server: str, worker: str, migrate: Migrate) -> None:
        self._server = psycopg.connect(server, autocommit=True)
        self._plain = server.rpartition("/")[0]
        self._address = self._plain.replace("postgresql://", "postgresql+psycopg://", 1)
        self._template = f"foyer_{worker}_{os.getpid()}"
        self._number = itertools.count(1)
        self._used: list[str] = []
        self._empty: list[str] = []
        self._aside: dict[str, psycopg.Connection] = {}
        self._create(self._template, "template0")
        migrate(f"{self._address}/{self._template}")
        with psycopg.connect(f"{self._plain}/{self._template}") as connection:
            self._shape = connection.execute(SHAPE).fetchone()
            born = connection.execute("SELECT site_id, value FROM counters").fetchall()
        assert born == [(0, 0)], "WIPE puts back what a migrated database holds."

    def fresh(self) -> Iterator[str]:
        """A migrated database without rows. One that cannot be emptied is dropped when some later test has its own.

        Dropped at once it would cost 100 ms each: PostgreSQL waits that long for a connection that is just closing.
        """
        name = self._empty.pop() if self._empty else self._copy()
        yield f"{self._address}/{name}"
        if self._emptied(name):
            self._empty.append(name)
            return
        self._drop_late(name)

    def copy_of(self, url: str) -> Iterator[str]:
        """A copy by CREATE DATABASE … TEMPLATE; dropped when some later test has its own."""
        name, origin = f"{self._template}_{next(self._number)}", url.rpartition("/")[2]
        self._let_go(origin)
        # Apps that are kept for further tests may still be connected; they look before they speak.
        self._server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [origin])
        self._create(name, origin)
        yield f"{self._address}/{name}"
        self._drop_late(name)

    def snapshot(self, url: str) -> Rows:
        """The rows of each table, and where its numbers go on."""
        connection = self._past_guards(url.rpartition("/")[2])
        copied = {name: _copied(connection, name) for (name,) in connection.execute(TABLES).fetchall()}
        numbers = [(str(name), int(last)) for name, last in connection.execute(NUMBERS)]
        return {name: rows for name, rows in copied.items() if rows}, numbers

    def put_back(self, url: str, snapshot: Rows) -> None:
        """Wiped, and the rows copied in: the guards have seen them when they were written."""
        tables, numbers = snapshot
        connection = self._past_guards(url.rpartition("/")[2])
        with connection.transaction():
            connection.execute(WIPE)
            connection.execute("DELETE FROM counters")
            for name, rows in tables.items():
                with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))) as copy:
                    copy.write(rows)
            setting = [sql.SQL("setval({}, {})").format(name, last) for name, last in numbers]
            connection.execute(sql.SQL("SELECT {}").format(sql.SQL(", ").join(setting)))

    def close(self) -> None:
        """Drop what is left, the template too."""
        for name in (*self._used, *self._empty, self._template):
            self._drop(name)
        self._server.close()

    def _drop_late(self, name: str) -> None:
        self._used.append(name)
        if len(self._used) > DROPPED_LATE:
            self._drop(self._used.pop(0))

    def _copy(self) -> str:
        name = f"{self._template}_{next(self._number)}"
        self._create(name, self._template)
        return name

    def _emptied(self, name: str) -> bool:
        """Whether the database is as the template again."""
        try:
            connection = self._past_guards(name)
            if connection.execute(SHAPE).fetchone() != self._shape:
                return False
            connection.execute(WIPE)
        except psycopg.Error:
            return False
        return True

    def _past_guards(self, name: str) -> psycopg.Connection:
        """A connection that stays: what a new one must learn of 60 tables takes longer than to empty them."""
        if name not in self._aside:
            address = f"{self._plain}/{name}"
            self._aside[name] = psycopg.connect(address, autocommit=True, options=PAST_GUARDS)
        return self._aside[name]

    def _let_go(self, name: str) -> None:
        if connection := self._aside.pop(name, None):
            connection.close()

    def _create(self, name: str, template: str) -> None:
        # Measured with 40 tables: copying the files takes 25 ms, writing them through the log 90 ms.
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self._server.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))

    def _drop(self, name: str) -> None:
        self._let_go(name)
        self._server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _copied(connection: psycopg.Connection, table: str) -> bytes:
    with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as copy:
        return b"".join(copy)


@contextmanager
def postgresql_server() -> Iterator[str]:
    """The server that `make test` started, or one of this worker's own when pytest was called by hand."""
    if given := os.environ.get("FOYER_TEST_POSTGRESQL_URL"):
        yield given
        return
    with postgresql.cluster() as own:
        yield own


def empty_beside(engine: Engine) -> str:
    """The URL of an empty database beside this one; on PostgreSQL a new one of the same server."""
    url = engine.url
    if url.get_backend_name() == "sqlite":
        return f"{url}-restored"
    name = f"{url.database}_restored"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    return url.set(database=name).render_as_string(hide_password=False)
