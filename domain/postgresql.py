"""PostgreSQL as the house speaks it: in our two modes, with plans that are kept and few ways there and back."""

import re
import select
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
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
    than reading a row.
    """

    @property
    def description(self) -> Any:
        """The columns, or None."""
        found = self.pgresult
        return _Columns(self, found.nfields) if found and found.nfields else super().description


Sent = tuple[bytes, Sequence[Any]]
"""A statement on its way: by what the server knows it, and its values as they are sent."""


class Wire:
    """A connection past the driver's cursors: statements that the server knows by name, several of them in one way
    there and back where nobody waits for what the first ones say.

    A cursor takes three times as long to send a statement as libpq does, and a way there and back longer than most
    statements take. Raises what the driver raises.
    """

    def __init__(self, raw: Any) -> None:
        self.raw, self.server = raw, raw.pgconn
        self.names: dict[str, bytes] = {}
        self.named = 0
        self.waiting: list[Sent] = []
        """What goes with the next question, in this order: BEGIN, and what was written without a question."""
        self.glances = False
        """Whether one question may go before them, alone."""
        self.plans_once = False
        self.adapts = Transformer(raw)
        self.heard = select.poll()
        self.heard.register(self.server.socket, select.POLLIN)

    def begin(self, command: str, *, glances: bool) -> None:
        """Begin with the next question, or with the one after it."""
        self.waiting, self.glances, self.plans_once = [self._made(command)], glances, False

    def ask(self, text: str, values: Sequence[Any] = ()) -> tuple[list[Any], int]:
        """Send a statement, its parameters written $1, $2, …, after all that waits. Gives its rows as tuples, and how
        many it found or wrote.
        """
        glances, self.glances = self.glances, False
        sent = self._made(text, values)
        alone = glances and text.startswith("SELECT")
        result = self._alone(sent) if alone else self._together([*self.waiting, sent])
        rows: list[Any] = []
        if result.nfields:
            self.adapts.set_pgresult(result)
            rows = self.adapts.load_rows(0, result.ntuples, tuple)
        return rows, result.command_tuples or 0

    def later(self, text: str, values: Sequence[Any] = ()) -> None:
        """Send it with the next question, or with the commit: what it says against it is raised then."""
        self.waiting.append(self._made(text, values))

    def plan(self, *, once: bool) -> None:
        """Whether what is asked from now on is planned once for all values."""
        if self.plans_once is not once:
            self.later("SET LOCAL plan_cache_mode = " + ("force_generic_plan" if once else "auto"))
            self.plans_once = once

    def settle(self) -> None:
        """Send what waits: somebody speaks past this."""
        self.glances = False
        if self.waiting:
            self._together(self.waiting)

    def end(self, command: str) -> None:
        """Send what waits and end the transaction; nothing where nothing was asked in it."""
        began = self.server.transaction_status != TransactionStatus.IDLE
        written = self.waiting if began else self.waiting[1:]
        if command == COMMIT and written:
            self._together([*self.waiting, self._made(command)])
        elif began:
            _tell(self.raw, command.encode())
        self.waiting, self.glances = [], False

    def _made(self, text: str, values: Sequence[Any] = ()) -> Sent:
        name = self.names.pop(text, None) or self._name(text)
        self.names[text] = name  # the last of them again, so that none is given up which waits
        return name, self.adapts.dump_sequence(values, [PyFormat.TEXT] * len(values))

    def _name(self, text: str) -> bytes:
        """Have the server take the statement apart, once for this connection; what was not asked for longest is given
        up.
        """
        while len(self.names) >= STATEMENTS_KEPT:
            oldest = next(iter(self.names))
            _tell(self.raw, b"DEALLOCATE " + self.names.pop(oldest))
        self.named += 1
        name = b"foyer_%d" % self.named
        self._good(self.server.prepare(name, text.encode()))
        return name

    def look_what_is_kept(self) -> None:
        """The driver may have had the server forget all that was prepared, ours too."""
        kept = self._good(self.server.exec_(b"SELECT name FROM pg_prepared_statements"))
        names = {kept.get_value(row, 0) for row in range(kept.ntuples)}
        self.names = {text: name for text, name in self.names.items() if name in names}

    def _together(self, several: Sequence[Sent]) -> PGresult:
        """Send them in one go and read what comes back; gives that of the last."""
        self.waiting = []
        server = self.server
        if len(several) == 1:
            return self._alone(several[0])
        server.enter_pipeline_mode()
        try:
            for sent in several:
                server.send_query_prepared(*sent)
            server.pipeline_sync()
            results = [self._next() for _ in several]
            self._next(ends=False)
        finally:
            if server.status == ConnStatus.OK:
                server.exit_pipeline_mode()
        return [self._good(result) for result in results][-1]

    def _alone(self, sent: Sent) -> PGresult:
        return self._good(self.server.exec_prepared(*sent))

    def _next(self, *, ends: bool = True) -> PGresult:
        """The next result; other threads go on while it is waited for, which libpq's own waiting keeps them from."""
        server = self.server
        while server.is_busy():
            self.heard.poll()
            server.consume_input()
        result = server.get_result()
        if result is None:
            raise psycopg.OperationalError(server.get_error_message())
        if ends:
            server.get_result()
        return result

    def _good(self, result: PGresult) -> PGresult:
        if result.status in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
            return result
        if self.server.status != ConnStatus.OK:
            raise psycopg.OperationalError(self.server.get_error_message())
        raise error_from_result(result)


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
    connection.wire = Wire(connection)


class PostgreSQL(PGDialect_psycopg):
    """PostgreSQL as SQLAlchemy speaks it, in our two modes."""

    supports_statement_cache = True

    def do_ping(self, dbapi_connection: Any) -> bool:
        """Whether it lives. Nobody speaks on a connection that rests: what can be read there is mostly a farewell."""
        silent = select.poll()
        silent.register(dbapi_connection.pgconn.socket, select.POLLIN)
        return not silent.poll(0) or super().do_ping(dbapi_connection)

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        """Begin to read one state of the database, or to write: with the first question."""
        raw: Any = dbapi_connection.dbapi_connection
        if not raw.autocommit:
            now = mode.get()
            raw.wire.begin(BEGIN[now], glances=now == "read" and glance.get())

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """Send a statement; one that says `one_plan` is planned once for all values.

        PostgreSQL takes planning for nearly free. What the desk asks it plans anew each time, in three times as long as
        it then takes to answer. To be said of statements alone whose indexes do not depend on the values.
        """
        raw = cursor.connection
        if not raw.autocommit:
            raw.wire.plan(once=bool(context and context.execution_options.get("one_plan")))
        self._past(raw.wire, super().do_execute, cursor, statement, parameters, context)

    def do_executemany(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """Send a statement for each of many values."""
        self._past(cursor.connection.wire, super().do_executemany, cursor, statement, parameters, context)

    def do_execute_no_params(self, cursor: Any, statement: str, context: Any = None) -> None:
        """Send a statement that has no values."""
        self._past(cursor.connection.wire, super().do_execute_no_params, cursor, statement, context)

    @staticmethod
    def _past(wire: Wire, send: Callable[..., None], cursor: Any, *given: Any) -> None:
        """Send a statement in the driver's way. After some it has the server forget everything that was prepared."""
        wire.settle()
        send(cursor, *given)
        if FORGETS.match(cursor.statusmessage or ""):
            wire.look_what_is_kept()

    def do_commit(self, dbapi_connection: PoolProxiedConnection) -> None:
        """Commit what was begun."""
        _wire(dbapi_connection).end(COMMIT)

    def do_rollback(self, dbapi_connection: PoolProxiedConnection) -> None:
        """Roll back what was begun. The driver's own way forgets with it all statements that the server has prepared,
        and every page that only reads ends here.
        """
        _wire(dbapi_connection).end(ROLLBACK)


FORGETS = re.compile("DROP|ALTER|ROLLBACK|DISCARD|DEALLOCATE")
COMMIT, ROLLBACK = "COMMIT", "ROLLBACK"
BEGIN: dict[Mode, str] = {"read": "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", "write": "BEGIN"}


def _wire(connection: PoolProxiedConnection) -> Wire:
    raw: Any = connection.dbapi_connection
    wire: Wire = raw.wire
    return wire


def _tell(raw: Any, command: bytes) -> None:
    """One command that gives no rows, past the driver's machinery, which costs four times as much."""
    with raw.lock:
        told = raw.pgconn.exec_(command)
    if told.status != ExecStatus.COMMAND_OK:
        raise error_from_result(told)
