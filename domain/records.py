"""Records by statements that are made ready: written at once, held, asked for where there is seldom one.

The unit of work is for what changes; a desk mostly writes what is new.
"""

from collections import namedtuple
from collections.abc import Sequence
from functools import cache
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Select, bindparam, insert, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import make_transient_to_detached, object_session
from sqlalchemy.orm.attributes import set_committed_value

from domain.database import Base, db, dialect
from domain.sites.numbers import Series, given_beside, next_numbers, values_beside
from domain.statements import Ready

Record = TypeVar("Record", bound=Base)


@cache
def row_of(kind: type[Base]) -> Any:
    """A row with all columns of a record, to be read alone: making one costs a twentieth of loading the record."""
    return cast("Any", namedtuple)(f"{kind.__name__}Row", [column.key for column in kind.__table__.c])


@cache
def _insert(
    kind: type[Record], numbered: tuple[tuple[str, str], ...]
) -> tuple[Ready, list[tuple[str, Any]], tuple[str, ...]]:
    """The statement, what a value is when none is given, and the names of those that the database gives: the id where
    it numbers them, and on PostgreSQL what is numbered by a series.
    """
    table, defaults, given = kind.__table__, [], [name for name, _ in numbered]
    for column in table.columns:
        default = column.default
        counts = column.primary_key and column.autoincrement in (True, "auto") and not column.foreign_keys
        if default is None and counts:
            given.append(column.key)
        elif column.key not in given:
            defaults.append((column.key, default.arg if default is not None else None))
    statement = insert(table)  # type: ignore[arg-type]
    if numbered:
        statement = statement.values(given_beside(numbered))
    if given:
        statement = statement.returning(*(table.c[name] for name in given))
    return Ready(statement, [name for name, _ in defaults]), defaults, tuple(given)


def written(kind: type[Record], *, numbers: dict[str, Series] | None = None, **values: Any) -> Record:
    """A new record, written at once; given back as a row, to be read alone. `numbers` are columns that get the next
    number of a series at the record's site. Raises IntegrityError.
    """
    return cast("Record", row_of(kind)(**_written(kind, numbers, values)))


def write(kind: type[Record], *, numbers: dict[str, Series] | None = None, **values: Any) -> Record:
    """A new record, written at once; the session knows it as if it had read it, so it may be changed.

    The unit of work takes four times as long, and is for what changes; `written` takes half, for what does not. Raises
    IntegrityError.
    """
    record = kind()
    record.__dict__.update(_written(kind, numbers, values))
    make_transient_to_detached(record)
    db.session.add(record)
    return record


def _written(kind: type[Record], numbers: dict[str, Series] | None, values: dict[str, Any]) -> dict[str, Any]:
    numbered: tuple[tuple[str, str], ...] = ()
    db.session.flush()  # what was changed before may be what the new record rests upon
    sent = values
    if numbers and dialect() == "postgresql":
        numbered = tuple((column, series) for column, (series, _day) in numbers.items())
        sent = values | values_beside(values["site_id"], numbers.values())
    elif numbers:
        values |= zip(numbers, next_numbers(values["site_id"], *numbers.values()), strict=True)
    statement, defaults, given = _insert(kind, numbered)
    for name, default in defaults:
        if name not in values:
            values[name] = sent[name] = default({}) if callable(default) else default
    if given:
        values |= zip(given, statement.first(**sent), strict=True)
    else:
        statement.run(**sent)
    return values


class Held(Generic[Record]):
    """Keeps a record from others until the commit, and brings it up to date. Called with the record, gives it back."""

    def __init__(self, kind: type[Record], *, key_share: bool = False) -> None:
        columns = kind.__table__.c
        self.names = [column.key for column in columns]
        asked = select(*columns).where(columns.id == bindparam("id")).with_for_update(key_share=key_share)
        self.row = Ready(asked)

    def __call__(self, record: Record) -> Record:
        """The record as it stands now: of two who are as fast, one comes second."""
        if object_session(record) is None:
            record = db.session.get_one(type(record), record.id)  # type: ignore[attr-defined]
        if (row := self.row.first(id=record.id)) is None:  # type: ignore[attr-defined]
            raise NoResultFound(f"{record!r} is gone")
        known = record.__dict__
        for name, value in zip(self.names, row, strict=True):
            if name not in known or known[name] != value:
                set_committed_value(record, name, value)
        return record


class Seldom:
    """A question for records that finds none as a rule. It is asked in one column first: SQLAlchemy makes ready for
    records before it knows of any, which costs twice as much as asking.
    """

    def __init__(self, records: Select[*tuple[Any, ...]], key: Any) -> None:
        self.records, self.any = records, Ready(records.with_only_columns(key))

    def ask(self, **values: Any) -> Sequence[Any]:
        """The rows; none mostly."""
        if self.any.value(**values) is None:
            return ()
        return db.session.execute(self.records, values).all()
