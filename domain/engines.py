"""How the database is opened and a transaction begun: in one of two modes, on SQLite and PostgreSQL alike.

Reading transactions cannot write (`query_only`, READ ONLY). A writing one on SQLite begins IMMEDIATE behind a lock of
the process, because SQLite's own waiting is sleeping and retrying; the lock is held from BEGIN to COMMIT and no longer.
"""

import select
import threading
from collections.abc import Sequence
from contextvars import ContextVar
from enum import StrEnum
from typing import Any, Literal

import psycopg
import pysqlite3.dbapi2 as sqlite
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import PoolProxiedConnection

Mode = Literal["read", "write"]
mode: ContextVar[Mode] = ContextVar("transaction_mode", default="read")
glance: ContextVar[bool] = ContextVar("glance", default=False)
"""Whether one question will do as a rule. On PostgreSQL it is asked without a transaction around it, which is two more
ways there and back; the next question begins one. So what comes later may be newer than the first answer, never older.
"""

BUSY_SECONDS = 10
# The WAL-reset bug can corrupt a database: https://sqlite.org/wal.html, section 11
SQLITE_FIXED = {(3, 44): (3, 44, 6), (3, 50): (3, 50, 7)}
SQLITE_SOUND = (3, 51, 3)
STATEMENTS_KEPT = 256
"""How many statements a connection keeps ready to be asked again."""
POSTGRESQL = {
    "connect_timeout": BUSY_SECONDS,
    # A network that went silent is noticed within a minute, asked or not; a server that closes is noticed at once.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


def sqlite_problem(version: tuple[int, ...]) -> str | None:
    """Why this SQLite must not open a WAL database, or None."""
    if version >= SQLITE_SOUND or version >= SQLITE_FIXED.get((version[0], version[1]), (99, 0, 0)):
        return None
    found = ".".join(map(str, version))
    return (
        f"SQLite {found} can corrupt a database (WAL-reset bug, fixed in 3.51.3, 3.50.7 and 3.44.6). "
        "Install the locked requirements again (pysqlite3 brings a sound one) or set FOYER_DATABASE_URL to PostgreSQL."
    )


class OneWriter(sqlite.Connection):
    """A connection whose writing transactions queue on a lock of the process instead of sleeping and retrying."""

    lock: threading.Lock
    holds = False
    writes: bool | None = None
    """Whether it may write now; None before anybody said."""

    def begin_writing(self) -> None:
        if not self.lock.acquire(timeout=BUSY_SECONDS):
            raise sqlite.OperationalError("database is locked: another writer holds it")
        self.holds = True
        try:
            self.may_write(True)
            self.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._let_go()
            raise

    def begin_reading(self) -> None:
        self.may_write(False)
        self.execute("BEGIN")

    def may_write(self, may: bool) -> None:
        """Set by need alone: SQLite compiles every statement of the connection anew after a pragma of this kind."""
        if may is not self.writes:
            self.execute(f"PRAGMA query_only={'OFF' if may else 'ON'}")
            self.writes = may

    def _let_go(self) -> None:
        if self.holds:
            self.holds = False
            self.lock.release()

    def commit(self) -> None:
        super().commit()  # a busy commit keeps the transaction, and so the lock, for the roll-back
        self._let_go()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self._let_go()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._let_go()


class _Columns(Sequence[psycopg.Column]):
    """What a result's columns are, found out when somebody looks."""

    def __init__(self, cursor: psycopg.Cursor[Any], count: int) -> None:
        self._cursor, self._count = cursor, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: Any) -> Any:
        places = range(self._count)[place]
        if isinstance(places, range):
            return [psycopg.Column(self._cursor, n) for n in places]
        return psycopg.Column(self._cursor, places)


class Cursor(psycopg.Cursor[Any]):
    """A cursor that is asked by SQLAlchemy after each statement whether it has columns: describing them took longer
    than reading a row. It begins the transaction of a connection that waited for a second question.
    """

    def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        """Send a statement."""
        if self.connection.glances:  # type: ignore[attr-defined]
            _look(self.connection, query)
        return super().execute(query, *args, **kwargs)

    @property
    def description(self) -> Any:
        """The columns, or None."""
        found = self.pgresult
        return _Columns(self, found.nfields) if found and found.nfields else super().description


def engine_options(url: str) -> dict[str, Any]:
    """Options of `create_engine` for that URL; refuses to start on an unsound SQLite with a sentence that helps."""
    if not url.startswith("sqlite"):
        return {
            "pool_size": 8,
            "max_overflow": 8,
            "pool_pre_ping": True,
            "pool_use_lifo": True,
            "connect_args": POSTGRESQL | {"prepare_threshold": 1, "cursor_factory": Cursor},
        }
    if problem := sqlite_problem(sqlite.sqlite_version_info):
        raise RuntimeError(problem)
    for words in StrEnum.__subclasses__():  # for a type that nobody told it of, the driver looks in three other places
        sqlite.register_adapter(words, words.__str__)
    lock = threading.Lock()

    class Connection(OneWriter):
        pass

    Connection.lock = lock
    return {
        "module": sqlite,
        "connect_args": {"factory": Connection, "timeout": BUSY_SECONDS, "cached_statements": STATEMENTS_KEPT},
    }


@event.listens_for(Engine, "connect")
def _prepare(connection: Any, _record: object) -> None:
    if isinstance(connection, OneWriter):
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
        connection.prepared_max = STATEMENTS_KEPT
        # The driver then makes of each instant what the house works with. Compiling a plan takes longer than any page.
        _tell(connection, b"SET TIME ZONE 'UTC'; SET jit = off")
        connection.one_plan, connection.glances = False, 0


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
        """Begin to read, or take the lock and begin to write."""
        raw = dbapi_connection.dbapi_connection
        if isinstance(raw, OneWriter):
            raw.begin_writing() if mode.get() == "write" else raw.begin_reading()


class PostgreSQL(PGDialect_psycopg):
    """PostgreSQL as SQLAlchemy speaks it, in our two modes."""

    supports_statement_cache = True

    def do_ping(self, dbapi_connection: Any) -> bool:
        """Whether it lives. Nobody speaks on a connection that rests: what can be read there is mostly a farewell."""
        silent = select.poll()
        silent.register(dbapi_connection.pgconn.socket, select.POLLIN)
        return not silent.poll(0) or super().do_ping(dbapi_connection)

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        """Begin to read one state of the database, or to write."""
        raw: Any = dbapi_connection.dbapi_connection
        if raw.autocommit:
            return
        raw.one_plan = False
        if glance.get() and mode.get() == "read":
            raw.autocommit, raw.glances = True, FIRST
        else:
            _tell(raw, BEGIN[mode.get()])

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """Send a statement; one that says `one_plan` is planned once for all values.

        PostgreSQL takes planning for nearly free. What the desk asks it plans anew each time, in three times as long as
        it then takes to answer. To be said of statements alone whose indexes do not depend on the values.
        """
        raw, one_plan = cursor.connection, bool(context and context.execution_options.get("one_plan"))
        if raw.glances == NEXT:
            _look(raw, statement)
        if raw.one_plan is not one_plan and not raw.autocommit:
            _tell(raw, b"SET LOCAL plan_cache_mode = " + (b"force_generic_plan" if one_plan else b"auto"))
            raw.one_plan = one_plan
        super().do_execute(cursor, statement, parameters, context)

    def do_commit(self, dbapi_connection: PoolProxiedConnection) -> None:
        """Commit what was begun."""
        _end(dbapi_connection.dbapi_connection, b"COMMIT")

    def do_rollback(self, dbapi_connection: PoolProxiedConnection) -> None:
        """Roll back what was begun. The driver's own way forgets with it all statements that the server has prepared,
        and every page that only reads ends here.
        """
        _end(dbapi_connection.dbapi_connection, b"ROLLBACK")


FIRST, NEXT = 1, 2
"""What a connection that glances waits for: 0 where it does not."""
BEGIN: dict[Mode, bytes] = {"read": b"BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", "write": b"BEGIN"}


def _tell(raw: Any, command: bytes) -> None:
    """One command that gives no rows, past the driver's machinery, which costs four times as much."""
    with raw.lock:
        told = raw.pgconn.exec_(command)
    if told.status != ExecStatus.COMMAND_OK:
        raise error_from_result(told)


def _look(raw: Any, statement: Any) -> None:
    """Before a statement on a connection that glances: the first that reads goes as it is, any other begins."""
    if raw.glances == FIRST and isinstance(statement, str) and statement.startswith("SELECT"):
        raw.glances = NEXT
    else:
        raw.autocommit, raw.glances = False, 0
        _tell(raw, BEGIN["read"])


def _end(raw: Any, command: bytes) -> None:
    if raw.glances:
        raw.autocommit, raw.glances = False, 0
    if raw.pgconn.transaction_status != TransactionStatus.IDLE:
        _tell(raw, command)


registry.register("sqlite", __name__, "SQLite")
registry.register("postgresql.psycopg", __name__, "PostgreSQL")
