"""How PostgreSQL is spoken to past the driver's cursors, by those who know beforehand what they send.

A cursor of the driver takes longer for a statement than libpq and the server together, and each message is a way there
and back. So a statement of fixed form is prepared once and then called by its name; and BEGIN, for whose answer nobody
waits, goes with the first statement.
"""

import select
from collections.abc import Sequence
from itertools import count
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus

PLANS = {True: "SET LOCAL plan_cache_mode = force_generic_plan", False: "SET LOCAL plan_cache_mode = auto"}
GOOD = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)

Row = tuple[Any, ...]
_numbers = count()


class Wire(psycopg.Connection[Any]):
    """A connection that takes statements of fixed form directly, and begins with the first one. The driver's own
    cursors find the transaction begun.
    """

    waiting = ""
    """The BEGIN that goes with the next statement."""
    one_plan = False
    """Whether this transaction plans once for all values."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._values = Transformer(self)
        self._silent = select.poll()
        self._silent.register(self.pgconn.socket, select.POLLIN)

    def begin(self, command: str) -> None:
        """Begin by that command, with the first statement."""
        self.waiting, self.one_plan = command, False

    def end(self, command: str) -> None:
        """End by that command what was begun; nothing was where nobody asked."""
        self.waiting = ""
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            self.tell(command)

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        """A cursor of the driver, which would begin in its own way if nothing were begun."""
        if self.waiting:
            self.tell(self.waiting)
            self.waiting = ""
        return super().cursor(*args, **kwargs)

    def plan(self, *, once: bool) -> None:
        """From now on in this transaction plan once for all values, or as PostgreSQL likes."""
        if self.one_plan is not once and not self.autocommit:
            self.tell(PLANS[once])
            self.one_plan = once

    def is_silent(self) -> bool:
        """Whether the server says nothing now. To one who rests it mostly says farewell."""
        return not self._silent.poll(0)

    def tell(self, command: str) -> None:
        """One command that gives no rows. Raises what the driver raises."""
        with self.lock:
            _sound(self.pgconn.exec_(command.encode()))

    def ask(
        self, text: str, *rows: Sequence[Any], one_plan: bool = False, alone: bool = False
    ) -> tuple[list[Row], int]:
        """Send the statement with these values for its `$1`, `$2` …, once for each row of them; returns the rows that
        it gave to the last, and how many it found or wrote. A question that stands `alone` sees one state of the
        database without a transaction, and does not begin one. Raises what the driver raises.
        """
        with self.lock:
            name, sent = self._name(text), [self._sent(values) for values in rows]
            if len(sent) == 1 and (alone or not self.waiting) and one_plan is self.one_plan:
                answer = self.pgconn.exec_prepared(name, sent[0])
            else:
                before = [(self._name(command), None) for command in self._before(one_plan)]
                answer = self._together([*before, *((name, values) for values in sent)])
            _sound(answer)
            self._values.set_pgresult(answer)
            found = self._values.load_rows(0, answer.ntuples, tuple)
        return found, answer.ntuples if answer.nfields else answer.command_tuples or 0

    def _sent(self, values: Sequence[Any]) -> Any:
        # As text, in which a number of any size is of the type that the statement expects.
        return self._values.dump_sequence(values, [PyFormat.TEXT] * len(values))

    def _before(self, one_plan: bool) -> list[str]:
        """What must be said before a statement that is planned so."""
        commands = [self.waiting] if self.waiting else []
        if self.one_plan is not one_plan:
            commands.append(PLANS[one_plan])
            self.one_plan = one_plan
        return commands

    def _together(self, calls: Sequence[tuple[bytes, Any]]) -> Any:
        """Call these at once; returns the answer to the last, or to the first that went wrong."""
        wire = self.pgconn
        wire.enter_pipeline_mode()
        for name, values in calls:
            wire.send_query_prepared(name, values)
        wire.pipeline_sync()
        if wire.flush():
            self._push()
        answers = []
        for _ in calls:
            answers.append(self._answer())
            wire.get_result()  # None, the end of that answer
        self._answer()  # to the end of the message
        wire.exit_pipeline_mode()
        if wire.transaction_status != TransactionStatus.IDLE:
            self.waiting = ""
        return next((answer for answer in answers if answer.status not in GOOD), answers[-1])

    def _push(self) -> None:
        """Send what was more than the network takes at once; what is answered meanwhile is taken in."""
        free = select.poll()
        free.register(self.pgconn.socket, select.POLLIN | select.POLLOUT)
        while self.pgconn.flush():
            free.poll()
            self.pgconn.consume_input()

    def _answer(self) -> Any:
        while self.pgconn.is_busy():  # libpq would wait too, and let no other thread run
            self._silent.poll()
            self.pgconn.consume_input()
        return self.pgconn.get_result()

    def _name(self, text: str) -> bytes:
        """What the server calls the statement, which is told to it first. The names stand among the driver's own, which
        forgets them all whenever it lets the server forget.
        """
        known: Any = self._prepared._names
        if (name := known.get(text)) is not None:
            known.move_to_end(text)  # whichever was not asked for longest goes first
        else:
            name = f"ready_{next(_numbers)}".encode()
            _sound(self.pgconn.prepare(name, text.encode()))
            known[text] = name
            if len(known) > self._prepared.prepared_max:
                _, oldest = known.popitem(last=False)
                _sound(self.pgconn.exec_(b"DEALLOCATE " + oldest))
        return name


def _sound(answer: Any) -> None:
    if answer.status not in GOOD:
        raise error_from_result(answer)
