"""The database: types, naming, sessions, and what a broken constraint says. How it is opened stands in
domain/engines.py, statements that are sent often in domain/statements.py.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as BindSession
from sqlalchemy import BigInteger, DateTime, Engine, Integer, MetaData, Text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import IntegrityError, PendingRollbackError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

from domain import errors
from domain.codes import new_ref
from domain.modes import mode


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. Aware UTC in Python, timestamptz on PostgreSQL, ISO text without zone on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        value = _in_utc(value)
        return value.replace(tzinfo=None) if value and dialect.name == "sqlite" else value

    def bind_processor(self, dialect: Dialect) -> Any:
        """In one step: a new record has ten of them, and SQLAlchemy goes through three functions for each."""
        return _as_text if dialect.name == "sqlite" else _in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """SQLite's text is read in one step, PostgreSQL's by its driver: a page of a register holds some hundred."""
        return _of_text if dialect.name == "sqlite" else None


def _in_utc(value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return value.astimezone(UTC)


def _as_text(value: datetime | None) -> str | None:
    """As SQLAlchemy writes it into SQLite: always to the microsecond, so that texts are in the order of instants."""
    value = _in_utc(value)
    return value.isoformat(" ", "microseconds")[:26] if value else None


@lru_cache(maxsize=4096)
def _of_text(text: str | None) -> datetime | None:
    """Meetings begin and end at the same few instants: a day of sixty rooms reads a thousand."""
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


class JsonList(TypeDecorator[tuple[Any, ...]]):
    """What a column of JSON holds that is cast to it: a tuple, which is read once for all rows that hold the same."""

    impl = Text
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Rooms differ, when they are open and what they can be set up for does not."""
        return _of_json


@lru_cache(maxsize=1024)
def _of_json(text: str | None) -> tuple[Any, ...] | None:
    return None if text is None else tuple(json.loads(text))


BigId = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """Mother of all records; constraint names are fixed so that migrations and refusals can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UTCDateTime(), str: Text()}


class HasId:
    """An internal number, never shown."""

    id: Mapped[int] = mapped_column(BigId, primary_key=True)


class HasRef:
    """The random name by which addresses and codes call a record: it cannot be counted up."""

    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)


Hook = Callable[[Session], None]
before_commits: list[Hook] = []
"""What is written last, when all else is: called with the session before each commit that was asked for."""
after_commits: list[Hook] = []
"""Called with the session when what it wrote is kept."""


class OneDatabase(BindSession):
    """A session of one connection and one transaction, from the first statement to commit or rollback.

    SQLAlchemy's session keeps a transaction of its own beside the connection's, looks for the connection again with
    each statement, and guards each of its steps against all others. Here that begins when records come in; statements
    that are made ready (domain/statements.py) go past it, and a commit of theirs is the connection's alone.
    """

    engine: Engine | None = None
    _open: Connection | None = None
    """The connection, in its transaction; the session joins it when it reads or writes records."""

    def get_bind(self, *args: Any, bind: Engine | Connection | None = None, **kwargs: Any) -> Engine | Connection:
        """The connection of this transaction, unless another database is given."""
        return bind if bind is not None else self.connection()

    def connection(self, bind_arguments: Any = None, execution_options: Any = None) -> Connection:
        """The connection of this transaction, begun in the mode of now when there is none. Raises PendingRollbackError
        after a failed flush.
        """
        if bind_arguments or execution_options:
            return super().connection(bind_arguments, execution_options)
        if (opened := self._open) is None:
            if self.engine is None:
                self.engine = db.engine
            opened = self.engine.connect()
            try:
                opened.begin()  # before somebody speaks past SQLAlchemy, and the driver begins in its own way
            except BaseException:
                opened.close()
                raise
            self._open = opened
        elif not opened.in_transaction():
            raise PendingRollbackError("what was written before could not be kept: roll back first")
        return opened

    def commit(self) -> None:
        """Keep what was written; raises what the database has against it."""
        for write in before_commits:
            write(self)
        if self._transaction is not None:
            super().commit()
        try:
            if self._open is not None:
                self._open.commit()
        except BaseException:
            self.expunge_all()  # the session takes its records for kept by now
            raise
        self._end()
        for tell in after_commits:
            tell(self)

    def rollback(self) -> None:
        """Give up what was written, and the state of the database that was read."""
        if self._transaction is not None:
            super().rollback()
        self._end()
        self.info.clear()

    def close(self) -> None:
        """End the transaction, and know no record any more."""
        if self._transaction is not None or self.identity_map or self.new:
            super().close()
        self._end()
        self.info.clear()

    def _end(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


db = SQLAlchemy(session_options={"class_": OneDatabase, "autoflush": False, "expire_on_commit": False})


def upsert(table: Any, dialect: str) -> Any:
    """An INSERT into the table that may say `on_conflict_…`, in the words of that database."""
    return (sqlite_insert if dialect == "sqlite" else postgresql_insert)(table)


def transaction_under_way() -> object:
    """What tells this transaction from those before and after it; None where none has begun."""
    opened: Connection | None = db.session()._open  # type: ignore[attr-defined]
    return opened.get_transaction() if opened is not None else None


def dialect() -> str:
    """`sqlite` or `postgresql`."""
    return db.engine.dialect.name


@contextmanager
def writing() -> Iterator[Session]:
    """A writing transaction outside a request (worker, console); commits at the end, rolls back on any exception."""
    db.session.rollback()
    token = mode.set("write")
    try:
        yield db.session()
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        mode.reset(token)


@contextmanager
def reading() -> Iterator[Session]:
    """A reading transaction outside a request; sees one state of the database and writes nothing."""
    db.session.rollback()
    token = mode.set("read")
    try:
        yield db.session()
    finally:
        db.session.rollback()
        mode.reset(token)


def refusal(error: IntegrityError) -> errors.DomainError | None:
    """The refusal in words that a broken constraint stands for, or None when nobody gave it words."""
    return next(filter(None, map(errors.from_constraint, _broken(error))), None)


def breaks(error: IntegrityError, constraint: str) -> bool:
    """Whether it is that constraint which was broken."""
    return constraint in _broken(error)


def _broken(error: IntegrityError) -> list[str]:
    """What the broken constraint may be called.

    PostgreSQL names the constraint. SQLite names columns, a check, or the text that a trigger raised.
    """
    diagnostics = getattr(error.orig, "diag", None)
    if diagnostics is not None:
        return [diagnostics.constraint_name or diagnostics.message_primary or ""]
    text = str(error.orig)
    what = text.partition("failed: ")[2] or text
    if what.startswith("index "):
        return [what[6:].strip("'")]
    return [what, _name_of_unique(what)]


def _name_of_unique(columns: str) -> str:
    wanted = [column.strip() for column in columns.split(",")]
    table_name = wanted[0].partition(".")[0]
    table = Base.metadata.tables.get(table_name)
    for index in table.indexes if table is not None else ():
        if index.unique and [f"{table_name}.{column.name}" for column in index.columns] == wanted:
            return str(index.name)
    return "uq_" + table_name + "_" + "_".join(column.partition(".")[2] for column in wanted)
