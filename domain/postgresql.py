"""PostgreSQL as the house speaks it: in our two modes, with plans that are kept and few ways there and back."""

import select
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.pool import PoolProxiedConnection

from domain.modes import BUSY_SECONDS, STATEMENTS_KEPT, Mode, glance, mode


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


CONNECT = {
    "connect_timeout": BUSY_SECONDS,
    # A network that went silent is noticed within a minute, asked or not; a server that closes is noticed at once.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
    "prepare_threshold": 1,
    "cursor_factory": Cursor,
}


def prepare(connection: Any) -> None:
    """Make a new connection ready for pages."""
    connection.prepared_max = STATEMENTS_KEPT
    # The driver then makes of each instant what the house works with. Compiling a plan takes longer than any page.
    _tell(connection, b"SET TIME ZONE 'UTC'; SET jit = off")
    connection.one_plan, connection.glances = False, 0


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
