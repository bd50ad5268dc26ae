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


Sent = tuple[bytes, Sequence[Any], list[Any]]
"""A statement on its way: by what the server knows it, its values as they are sent, and where its answer comes."""
Found = tuple[list[Any], int]
"""Rows as tuples, and how many were found or written."""


class Wire:
    """A connection past the driver's cursors: statements that the server knows by name, several of them in one way
    there and back where nobody waits yet for what the first ones say.

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
        self.heard, self.heard_or_free = select.poll(), select.poll()
        self.heard.register(self.server.socket, select.POLLIN)
        self.heard_or_free.register(self.server.socket, select.POLLIN | select.POLLOUT)

    def begin(self, command: str, *, glances: bool) -> None:
        """Begin with the next question, or with the one after it."""
        self.waiting, self.glances, self.plans_once = [self._made(command)], glances, False

    def ask(self, text: str, values: Sequence[Any] = ()) -> Callable[[], Found]:
        """Have a statement sent, its parameters written $1, $2, …: when somebody looks at its answer, which the
        returned callable gives, or at the next one's, or with the commit.
        """
        sent = self._made(text, values)
        if self.glances and text.startswith("SELECT"):
            self._alone(sent)
        else:
            self.waiting.append(sent)
        self.glances = False
        answer = sent[-1]

        def found() -> Found:
            if not answer:
                self.settle()
            if not answer:
                raise RuntimeError("The transaction ended before anybody looked at this answer.")
            return self._found(answer[0])

        return found

    def plan(self, *, once: bool) -> None:
        """Whether what is asked from now on is planned once for all values."""
        if self.plans_once is not once:
            self.ask("SET LOCAL plan_cache_mode = " + ("force_generic_plan" if once else "auto"))
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
        return name, self.adapts.dump_sequence(values, [PyFormat.TEXT] * len(values)), []

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

    def _together(self, several: Sequence[Sent]) -> None:
        """Send them in one go and read what comes back."""
        self.waiting = []
        if len(several) == 1:
            self._alone(several[0])
            return
        server = self.server
        server.enter_pipeline_mode()
        try:
            for name, values, _ in several:
                server.send_query_prepared(name, values)
            server.pipeline_sync()
            results = [self._next() for _ in several]
            self._next(ends=False)
        finally:
            if server.status == ConnStatus.OK:
                server.exit_pipeline_mode()
        for (_, _, answer), result in zip(several, results, strict=True):
            answer.append(self._good(result))

    def _alone(self, sent: Sent) -> None:
        name, values, answer = sent
        answer.append(self._good(self.server.exec_prepared(name, values)))

    def _next(self, *, ends: bool = True) -> PGresult:
        """The next result; other threads go on while it is waited for, which libpq's own waiting keeps them from."""
        server = self.server
        while server.is_busy():
            if server.flush():  # the server may say nothing before it has heard all of it
                self.heard_or_free.poll()
            else:
                self.heard.poll()
            server.consume_input()
        result = server.get_result()
        if result is None:
            raise psycopg.OperationalError(server.get_error_message())
        if ends:
            server.get_result()
        return result

    def _found(self, result: PGresult) -> Found:
        rows: list[Any] = []
        if result.nfields:
            self.adapts.set_pgresult(result)
            rows = self.adapts.load_rows(0, result.ntuples, tuple)
        return rows, result.command_tuples or 0

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
    _tell(connection, b"SET TIME ZONE 'UTC'; SET jit = off; SET random_page_cost = 1.1")
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
        """Send a statement."""
        self._past(cursor.connection.wire, super().do_execute, cursor, statement, parameters, context)

    def do_executemany(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """Send a statement for each of many values."""
        self._past(cursor.connection.wire, super().do_executemany, cursor, statement, parameters, context)

    def do_execute_no_params(self, cursor: Any, statement: str, context: Any = None) -> None:
        """Send a statement that has no values."""
        self._past(cursor.connection.wire, super().do_execute_no_params, cursor, statement, context)

    @staticmethod
    def _past(wire: Wire, send: Callable[..., None], cursor: Any, *given: Any) -> None:
        """Send a statement in the driver's way. After some it has the server forget everything that was prepared."""
        wire.plan(once=False)
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
