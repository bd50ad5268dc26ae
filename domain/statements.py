"""Statements that are sent again and again, each made ready once.

A statement on its usual way through SQLAlchemy costs ten times what the driver takes for it: its text is looked up, a
context and a result are made. What a write of the desk sends is known beforehand, so text and conversions are kept.
"""

from collections import namedtuple
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar, cast

from sqlalchemy import ColumnElement, Connection, Dialect, Select, literal_column
from sqlalchemy.exc import DBAPIError

from domain.database import db
from domain.postgresql import PostgreSQL

Convert = Callable[[Any], Any]


def in_full(constant: int | str) -> ColumnElement[Any]:
    """A number or a state that the code knows, written into the statement in place of a value that is sent with it.

    PostgreSQL keeps one plan for all values where that is hardly dearer than a plan for these. Of a LIMIT that is sent
    it fears a tenth of the table, and of a state as many rows as of any other: then it plans anew each time. SQLite
    looks whether a state that is sent is the one of a partial index, and plans anew each time likewise. Raises
    ValueError for what could be anybody's text.
    """
    if isinstance(constant, int):
        return literal_column(str(constant))
    if constant and not constant.replace("_", "").replace(".", "").isalnum():
        raise ValueError("not a word of the code's own")
    return literal_column(f"'{constant}'")


def narrowed(rows: Select[Any], columns: Sequence[str]) -> Select[Any]:
    """The same rows with some of their columns; databases leave out what was joined for the others alone."""
    chosen = (rows.selected_columns[name] for name in columns)
    return rows.with_only_columns(*chosen, maintain_column_froms=True)


Value = TypeVar("Value")
Other = TypeVar("Other")


class Answer(Generic[Value]):
    """What was asked and may still be on its way."""

    def __init__(self, wait: Callable[[], Value]) -> None:
        self._wait = wait
        self._known: list[Value] = []

    def get(self) -> Value:
        """Wait for it. Raises what the database has against the question."""
        if not self._known:
            self._known.append(self._wait())
        return self._known[0]

    def then(self, make: Callable[[Value], Other]) -> "Answer[Other]":
        """What is made of it."""
        return Answer(lambda: make(self.get()))


class _Made(NamedTuple):
    """A statement in the words of one database, and how values go in and come out."""

    text: str
    given: dict[str, Any]
    """Values that stand in the statement itself, as they are sent."""
    convert: list[tuple[str, Convert]]
    in_order: Callable[[dict[str, Any]], Any]
    """The values as they are sent: one after the other."""
    speak: Callable[..., Callable[[], tuple[list[Any], int]]]
    """How it is sent."""
    one_plan: bool | None
    """Whether PostgreSQL plans it once for all values (domain/postgresql.py); None where that is the same: a row that
    is written has no other way in.
    """
    row: Any
    """What a row is made by, where its columns are known."""
    read: list[tuple[int, Convert]]
    """The columns whose values come out as something else."""

    def sent(self, values: dict[str, Any]) -> Any:
        """The values as the driver takes them; they are changed in place."""
        for name, convert in self.convert:
            values[name] = convert(values[name])
        if self.given:
            values.update(self.given)
        return self.in_order(values)

    def rows(self, found: list[Any]) -> list[Any]:
        """The rows as the driver gave them, read and named."""
        if len(found) == 1:
            only = list(found[0])
            for place, read in self.read:
                only[place] = read(only[place])
            return [self.row(only)] if self.row else [tuple(only)]
        if self.read:  # a column at a time: of hundreds of rows a few columns hold instants
            columns: list[Any] = list(zip(*found, strict=True))
            for place, read in self.read:
                columns[place] = map(read, columns[place])
            found = list(zip(*columns, strict=True))
        return list(map(self.row, found)) if self.row else found


class Ready:
    """A statement of fixed form: its values are bound by name, lists of few lengths among them. `columns` are those
    that an INSERT fills. The same on both databases, or made from the name of one; errors and listeners are
    SQLAlchemy's.

    PostgreSQL takes planning for nearly free. What the desk asks it plans anew each time, in three times as long as it
    then takes to answer: `one_plan` is said of statements whose indexes do not depend on the values.
    """

    def __init__(
        self, statement: Any | Callable[[str], Any], columns: Sequence[str] | None = None, *, one_plan: bool = False
    ) -> None:
        self.statement, self.columns, self.one_plan = statement, columns, one_plan
        self.made: dict[Any, _Made] = {}
        self.lists: tuple[str, ...] | None = None

    def run(self, **values: Any) -> int:
        """Send it; returns how many rows it wrote."""
        return self._send(values)()[1]

    def later(self, **values: Any) -> None:
        """Send it before anything else is answered, at the latest with the commit: PostgreSQL then needs no way there
        and back for it. For what no constraint can be against, because it is raised where the next one asks.
        """
        self._send(values)

    def all_later(self, rows: Sequence[dict[str, Any]]) -> None:
        """Likewise for each row; the rows take on the values as they were sent."""
        if rows:
            self._send(rows[0], rows[1:])

    def ask(self, **values: Any) -> "Answer[list[Any]]":
        """The rows that it finds or returns, their columns by name. On PostgreSQL what is asked before one of the
        answers is looked at goes in one way there and back.
        """
        found = self._send(values)
        return Answer(lambda: found()[0])

    def rows(self, **values: Any) -> list[Any]:
        """The rows that it finds or returns, their columns by name."""
        return self._send(values)()[0]

    def first(self, **values: Any) -> Any:
        """The first row, or None."""
        found = self._send(values)()[0]
        return found[0] if found else None

    def value(self, **values: Any) -> Any:
        """The first column of the first row, or None."""
        found = self._send(values)()[0]
        return found[0][0] if found else None

    def _send(self, values: dict[str, Any], more: Sequence[dict[str, Any]] = ()) -> Callable[[], tuple[list[Any], int]]:
        """Have it sent with these values, then with `more`; what is returned waits for the last answer, and gives what
        it found and how many rows it wrote.
        """
        connection = db.session().connection()
        dialect: Any = connection.dialect
        if self.lists is None or self.lists:
            made = self._of_lengths(dialect, values)
        else:
            made = self.made.get(dialect.name) or self._make(dialect, dialect.name, {})
        raw: Any = connection.connection.dbapi_connection
        waits: Callable[[], tuple[list[Any], int]]
        for row in (values, *more):
            sent = made.sent(row)
            if heard := connection.engine.dispatch.before_cursor_execute:
                heard(connection, None, made.text, sent, None, False)
            try:
                waits = made.speak(raw, made, sent)
            except dialect.loaded_dbapi.Error as error:
                raise _told(error, made.text, sent, connection) from error

        def found() -> tuple[list[Any], int]:
            try:
                rows, count = waits()
            except dialect.loaded_dbapi.Error as error:
                raise _told(error, made.text, sent, connection) from error
            return made.rows(rows) if rows else rows, count

        return found

    def _of_lengths(self, dialect: Dialect, values: dict[str, Any]) -> _Made:
        """Made for lists as long as these, whose values take their places."""
        if self.lists is None:
            compiled: Any = self._said(dialect).compile(dialect=dialect, column_keys=self.columns)
            bound = compiled.bind_names.items()
            self.lists = tuple(name for bind, name in bound if bind.required and bind.expanding)
        lists = {name: values.pop(name) for name in self.lists}
        for name, listed in lists.items():
            values.update((f"{name}_{place}", one) for place, one in enumerate(listed, 1))
        key = (dialect.name, *map(len, lists.values())) if lists else dialect.name
        return self.made.get(key) or self._make(dialect, key, lists)

    def _said(self, dialect: Dialect) -> Any:
        return self.statement(dialect.name) if callable(self.statement) else self.statement

    def _make(self, dialect: Dialect, key: Any, lists: dict[str, list[Any]]) -> _Made:
        statement = self._said(dialect)
        written, speak = SPOKEN[dialect.name]
        compiled: Any = statement.compile(dialect=written or dialect, column_keys=self.columns)
        bound = {name: bind for bind, name in compiled.bind_names.items()}
        asked = {
            name: _converter(bind.type, dialect, "bind_processor") for name, bind in bound.items() if bind.required
        }
        stated = compiled.construct_expanded_state(dict.fromkeys(asked) | lists)
        for name, listed in lists.items():
            asked |= {f"{name}_{place}": asked[name] for place in range(1, len(listed) + 1)}
        given = {name: value for name, value in stated.additional_parameters.items() if name not in asked}
        for name, convert in stated.processors.items():
            if name in given:
                given[name] = convert(given[name])
        columns = list(getattr(statement, "exported_columns", ()))
        read = [_converter(column.type, dialect, "result_processor", None) for column in columns]
        row: Any = cast("Any", namedtuple)("Row", [column.key for column in columns], rename=True)
        self.made[key] = made = _Made(
            text=stated.statement,
            given=given,
            convert=[(name, convert) for name, convert in asked.items() if convert and name not in lists],
            in_order=_in_order(stated.positiontup),
            speak=speak,
            one_plan=self.one_plan or (False if stated.statement.startswith("SELECT") else None),
            row=row._make if columns else None,
            read=[(place, convert) for place, convert in enumerate(read) if convert],
        )
        return made


def _to_sqlite(raw: Any, made: _Made, sent: Any) -> Callable[[], tuple[list[Any], int]]:
    """Ask SQLite, where nothing is to be saved by asking later."""
    cursor = raw.execute(made.text, sent)
    found = cursor.fetchall() if made.row or cursor.description else []
    count = cursor.rowcount
    return lambda: (found, count)


def _to_postgresql(raw: Any, made: _Made, sent: Any) -> Callable[[], tuple[list[Any], int]]:
    """Ask PostgreSQL; it goes on its way when somebody waits for it or for what comes after it."""
    if made.one_plan is not None:
        raw.wire.plan(once=made.one_plan)
    found: Callable[[], tuple[list[Any], int]] = raw.wire.ask(made.text, sent)
    return found


SPOKEN: dict[str, tuple[Dialect | None, Callable[..., Any]]] = {
    "sqlite": (None, _to_sqlite),
    "postgresql": (PostgreSQL(paramstyle="numeric_dollar"), _to_postgresql),
}
"""How a statement is written for each database, where not as by SQLAlchemy, and how it is sent."""


def _told(error: Any, text: str, sent: Any, connection: Connection) -> BaseException:
    """The driver's error as SQLAlchemy's; a connection that is lost is not used again."""
    dialect: Any = connection.dialect
    raised = dialect.loaded_dbapi.Error
    lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
    if lost:
        connection.invalidate(error)
    return DBAPIError.instance(text, sent, error, raised, connection_invalidated=lost, dialect=dialect)


def _converter(type_: Any, dialect: Dialect, which: str, *of: Any) -> Convert | None:
    return getattr(type_.dialect_impl(dialect), which)(dialect, *of)


def _in_order(names: Sequence[str] | None) -> Callable[[dict[str, Any]], Any]:
    if names and len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple(values[name] for name in names or ())
