"""Statements that are sent again and again, each made ready once; and new records, written by such a statement.

A statement on its usual way through SQLAlchemy costs ten times what the driver takes for it: its text is looked up, a
context and a result are made. What a write of the desk sends is known beforehand, so text and conversions are kept.
"""

from collections import namedtuple
from collections.abc import Callable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import Connection, Dialect, Select, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import make_transient_to_detached

from domain.database import Base, db

Convert = Callable[[Any], Any]


class _Made(NamedTuple):
    """A statement in the words of one database, and how values go in and come out."""

    text: str
    given: dict[str, Any]
    """Values that stand in the statement itself, as they are sent."""
    convert: list[tuple[str, Convert]]
    in_order: Callable[[dict[str, Any]], Any] | None
    """The values as SQLite takes them: one after the other."""
    row: Any
    """What a row is made by, where its columns are known."""
    read: list[Convert | None] | None


class Ready:
    """A statement of fixed form: its values are bound by name, none of them a list. `columns` are those that an INSERT
    fills. The same on both databases, or made from the name of one; errors and listeners are SQLAlchemy's.
    """

    def __init__(self, statement: Any | Callable[[str], Any], columns: Sequence[str] | None = None) -> None:
        self.statement, self.columns = statement, columns
        self.made: dict[str, _Made] = {}

    def run(self, **values: Any) -> int:
        """Send it; returns how many rows it wrote."""
        return self._send(values)[1]

    def run_all(self, rows: Sequence[dict[str, Any]]) -> None:
        """Send it for each row; the rows take on the values as they were sent."""
        if len(rows) > 1:
            self._send(*rows)
        elif rows:
            self._send(rows[0])

    def rows(self, **values: Any) -> list[Any]:
        """The rows that it finds or returns, their columns by name."""
        return self._send(values)[0]

    def first(self, **values: Any) -> Any:
        """The first row, or None."""
        found = self._send(values)[0]
        return found[0] if found else None

    def value(self, **values: Any) -> Any:
        """The first column of the first row, or None."""
        found = self._send(values)[0]
        return found[0][0] if found else None

    def _send(self, *rows: dict[str, Any]) -> tuple[list[Any], int]:
        connection = db.session().connection()
        dialect: Any = connection.dialect
        made = self.made.get(dialect.name) or self._make(dialect)
        for values in rows:
            for name, convert in made.convert:
                values[name] = convert(values[name])
            if made.given:
                values.update(made.given)
        many, sent = len(rows) > 1, [made.in_order(values) for values in rows] if made.in_order else rows
        asked: Any = sent if many else sent[0]
        cursor: Any = connection.connection.cursor()
        try:
            if heard := connection.engine.dispatch.before_cursor_execute:
                heard(connection, cursor, made.text, asked, None, many)
            (cursor.executemany if many else cursor.execute)(made.text, asked)
            if heard := connection.engine.dispatch.after_cursor_execute:
                heard(connection, cursor, made.text, asked, None, many)
            found: list[Any] = cursor.fetchall() if cursor.description else []
            count = cursor.rowcount
        except dialect.loaded_dbapi.Error as error:
            raise _told(error, made.text, asked, connection, cursor) from error
        cursor.close()
        if made.read:
            found = [[read(one) if read else one for read, one in zip(made.read, row, strict=True)] for row in found]
        return [made.row(row) for row in found] if made.row else found, count

    def _make(self, dialect: Dialect) -> _Made:
        statement = self.statement(dialect.name) if callable(self.statement) else self.statement
        compiled: Any = statement.compile(dialect=dialect, column_keys=self.columns)
        bound = {name: bind for bind, name in compiled.bind_names.items()}
        if any(bind.required and bind.expanding for bind in bound.values()):
            raise TypeError("a list has no fixed form")
        asked = {
            name: _converter(bind.type, dialect, "bind_processor") for name, bind in bound.items() if bind.required
        }
        stated = compiled.construct_expanded_state(dict.fromkeys(asked))
        given = {name: value for name, value in stated.additional_parameters.items() if name not in asked}
        for name, convert in stated.processors.items():
            if name in given:
                given[name] = convert(given[name])
        columns = list(getattr(statement, "exported_columns", ()))
        read = [_converter(column.type, dialect, "result_processor", None) for column in columns]
        row: Any = cast("Any", namedtuple)("Row", [column.key for column in columns], rename=True)
        self.made[dialect.name] = made = _Made(
            text=stated.statement,
            given=given,
            convert=[(name, convert) for name, convert in asked.items() if convert],
            in_order=_in_order(stated.positiontup) if compiled.positional else None,
            row=row._make if columns else None,
            read=read if any(read) else None,
        )
        return made


def _told(error: Any, text: str, sent: Any, connection: Connection, cursor: Any) -> BaseException:
    """The driver's error as SQLAlchemy's; a connection that is lost is not used again."""
    dialect: Any = connection.dialect
    raised = dialect.loaded_dbapi.Error
    lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, cursor)
    if lost:
        connection.invalidate(error)
    else:
        cursor.close()
    return DBAPIError.instance(text, sent, error, raised, connection_invalidated=lost, dialect=dialect)


def _converter(type_: Any, dialect: Dialect, which: str, *of: Any) -> Convert | None:
    return getattr(type_.dialect_impl(dialect), which)(dialect, *of)


def _in_order(names: Sequence[str]) -> Callable[[dict[str, Any]], Any]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple(values[name] for name in names)


Record = TypeVar("Record", bound=Base)


@cache
def _insert(kind: type[Record]) -> tuple[Ready, list[tuple[str, Any]], str | None]:
    """The statement, what a value is when none is given, and the name of the number that the database gives."""
    table, defaults, numbered = kind.__table__, [], None
    for column in table.columns:
        given = column.default
        if given is None and column.primary_key and column.autoincrement in (True, "auto") and not column.foreign_keys:
            numbered = column.key
        else:
            defaults.append((column.key, given.arg if given is not None else None))
    statement = insert(table)  # type: ignore[arg-type]
    if numbered:
        statement = statement.returning(table.c[numbered])
    return Ready(statement, [name for name, _ in defaults]), defaults, numbered


def write(kind: type[Record], **values: Any) -> Record:
    """A new record, written at once; the session knows it as if it had read it.

    The unit of work takes four times as long, and is for what changes. Raises IntegrityError.
    """
    statement, defaults, numbered = _insert(kind)
    for name, default in defaults:
        if name not in values:
            values[name] = default({}) if callable(default) else default
    session = db.session()
    session.flush()  # what was changed before may be what the new record rests upon
    number = statement.value(**values)
    if numbered:
        values[numbered] = number
    record = kind()
    record.__dict__.update(values)
    make_transient_to_detached(record)
    session.add(record)
    return record


class Seldom:
    """A question for records that finds none as a rule. It is asked in one column first: SQLAlchemy makes ready for
    records before it knows of any, which costs twice as much as asking.
    """

    def __init__(self, records: Select[*tuple[Any, ...]], key: Any) -> None:
        self.records, self.any = records, records.with_only_columns(key)

    def ask(self, **values: Any) -> Sequence[Any]:
        """The rows; none mostly."""
        if db.session.connection().scalar(self.any, values) is None:
            return ()
        return db.session.execute(self.records, values).all()
