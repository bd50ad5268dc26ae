"""How the database is opened and a transaction begun: in one of two modes, on SQLite and PostgreSQL alike.

Reading transactions cannot write (`query_only`, READ ONLY). A writing one on SQLite begins IMMEDIATE, on the one
connection of the process that writes, because SQLite's own waiting is sleeping and retrying.
"""

import threading
from enum import StrEnum
from typing import Any, cast

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import Engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, QueuePool

from domain import postgresql
from domain.modes import BUSY_SECONDS, STATEMENTS_KEPT, mode

# The WAL-reset bug can corrupt a database: https://sqlite.org/wal.html, section 11
SQLITE_FIXED = {(3, 44): (3, 44, 6), (3, 50): (3, 50, 7)}
SQLITE_SOUND = (3, 51, 3)


def sqlite_problem(version: tuple[int, ...]) -> str | None:
    """Why this SQLite must not open a WAL database, or None."""
    if version >= SQLITE_SOUND or version >= SQLITE_FIXED.get((version[0], version[1]), (99, 0, 0)):
        return None
    found = ".".join(map(str, version))
    return (
        f"SQLite {found} can corrupt a database (WAL-reset bug, fixed in 3.51.3, 3.50.7 and 3.44.6). "
        "Install the locked requirements again (pysqlite3 brings a sound one) or set FOYER_DATABASE_URL to PostgreSQL."
    )


class Connection(sqlite.Connection):
    """A connection that says in which of the two modes it begins."""

    writes: bool | None = None
    """Whether it may write now; None before anybody said."""

    def begin_writing(self) -> None:
        self.may_write(True)
        self.execute("BEGIN IMMEDIATE")

    def begin_reading(self) -> None:
        self.may_write(False)
        self.execute("BEGIN")

    def may_write(self, may: bool) -> None:
        """Set by need alone: SQLite compiles every statement of the connection anew after a pragma of this kind."""
        if may is not self.writes:
            self.execute(f"PRAGMA query_only={'OFF' if may else 'ON'}")
            self.writes = may


class OneWriter(QueuePool):
    """Connections that read, and a single one that writes, for which writers queue instead of sleeping and retrying.

    What a connection keeps of the database's pages is worth nothing once another one has written: of writers in turn
    each reads anew what it writes to. And a connection in both modes compiles its statements anew with each change.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turn = threading.Lock()
        self._writer: ConnectionPoolEntry | None = None
        self._writing: ConnectionPoolEntry | None = None

    def _do_get(self) -> ConnectionPoolEntry:
        if mode.get() != "write":
            return super()._do_get()
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise sqlite.OperationalError("database is locked: another writer holds it")
        try:
            self._writing = self._writer = self._writer or self._create_connection()
        except BaseException:
            self._turn.release()
            raise
        return self._writing

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        if record is not self._writing:
            super()._do_return_conn(record)
            return
        self._writing = None
        try:
            if record is not self._writer:  # disposed of meanwhile
                record.close()
        finally:
            self._turn.release()

    def dispose(self) -> None:
        super().dispose()
        writer, self._writer = self._writer, None
        if writer and writer is not self._writing:
            writer.close()

    def recreate(self) -> "OneWriter":
        made: Any = super().recreate()
        made._turn = self._turn  # who still writes on a connection of before is waited for
        return cast("OneWriter", made)


def engine_options(url: str) -> dict[str, Any]:
    """Options of `create_engine` for that URL; refuses to start on an unsound SQLite with a sentence that helps."""
    if not url.startswith("sqlite"):
        return {
            "pool_size": 8,
            "max_overflow": 8,
            "pool_pre_ping": True,
            "pool_use_lifo": True,
            "connect_args": postgresql.CONNECT,
        }
    if problem := sqlite_problem(sqlite.sqlite_version_info):
        raise RuntimeError(problem)
    for words in StrEnum.__subclasses__():  # for a type that nobody told it of, the driver looks in three other places
        sqlite.register_adapter(words, words.__str__)
    sqlite.register_adapter(type(None), lambda nothing: nothing)  # a new visit has a dozen of them
    return {
        "module": sqlite,
        "poolclass": OneWriter,
        "connect_args": {"factory": Connection, "timeout": BUSY_SECONDS, "cached_statements": STATEMENTS_KEPT},
    }


@event.listens_for(Engine, "connect")
def _prepare(connection: Any, _record: object) -> None:
    if isinstance(connection, Connection):
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "recursive_triggers=ON",
            "secure_delete=ON",
            "mmap_size=0",
            "cache_size=-16000",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
    else:
        postgresql.prepare(connection)


# Dialects that begin as the mode says. A listener to "begin" does it too, but with one listener on the engine every
# statement goes through all that might listen to it, which is a third of what SQLAlchemy asks for a statement.


class SQLiteStatements(SQLiteCompiler):
    """Statements in SQLite's words."""

    def limit_clause(self, select: Any, **kw: Any) -> str:
        """As SQLAlchemy writes it, but with a plus. For a limit that is a bare parameter, SQLite (3.47 and later) plans
        with its value, and so plans the statement anew each time: that takes longer than asking it.
        """
        limit, offset = select._limit_clause, select._offset_clause
        if limit is None and offset is None:
            return ""
        text = f"\n LIMIT +{self.process(limit, **kw)}" if limit is not None else "\n LIMIT -1"
        return text + (f" OFFSET +{self.process(offset, **kw)}" if offset is not None else "")


class SQLite(SQLiteDialect_pysqlite):
    """SQLite as SQLAlchemy speaks it, in our two modes."""

    supports_statement_cache = True
    statement_compiler = SQLiteStatements

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        """Begin to read, or to write."""
        raw = dbapi_connection.dbapi_connection
        if isinstance(raw, Connection):
            raw.begin_writing() if mode.get() == "write" else raw.begin_reading()


registry.register("sqlite", __name__, "SQLite")
registry.register("postgresql.psycopg", postgresql.__name__, "PostgreSQL")
