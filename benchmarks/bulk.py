"""Loading many made-up rows past the ORM: executemany on SQLite, COPY on PostgreSQL."""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

import psycopg
import pysqlite3.dbapi2 as sqlite
from psycopg import sql
from sqlalchemy import Table, make_url
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect

Row = Sequence[Any]


class Loader:
    """One connection that is in a hurry: what it loads is durable at the end, not in between."""

    def __init__(self, url: str) -> None:
        """Open the database of an SQLAlchemy URL."""
        self._sqlite: Any = None
        self._postgresql: psycopg.Connection[Any] | None = None
        self._processors: dict[str, list[Any]] = {}
        if url.startswith("sqlite"):
            self._dialect: Any = sqlite_dialect.dialect()
            self._sqlite = sqlite.connect(make_url(url).database, isolation_level=None)
            for pragma in ("synchronous=OFF", "cache_size=-2000000", "temp_store=MEMORY", "foreign_keys=OFF"):
                self._sqlite.execute(f"PRAGMA {pragma}")
            self._sqlite.execute("BEGIN")
        else:
            self._dialect = postgresql.dialect()
            self._postgresql = psycopg.connect(url.replace("+psycopg", "", 1))

    def load(self, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Append rows whose values stand in the order of `columns`."""
        converted = (self._converted(table, columns, row) for row in rows)
        if self._sqlite is not None:
            marks = ",".join("?" * len(columns))
            statement = f"INSERT INTO {table.name} ({','.join(columns)}) VALUES ({marks})"  # noqa: S608 -- own names
            self._sqlite.executemany(statement, converted)
            return
        assert self._postgresql
        statement_ = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table.name), sql.SQL(",").join(map(sql.Identifier, columns))
        )
        with self._postgresql.cursor() as cursor, cursor.copy(statement_) as copy:
            for row in converted:
                copy.write_row(row)

    def finish(self, *tables: str) -> None:
        """Commit, set the tables' sequences behind the loaded ids, let PostgreSQL count rows as autovacuum would."""
        if self._sqlite is not None:
            self._sqlite.execute("COMMIT")
            self._sqlite.execute("PRAGMA synchronous=FULL")
            self._sqlite.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._sqlite.close()
            return
        assert self._postgresql
        for table in tables:
            self._postgresql.execute(
                sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), (SELECT max(id) FROM {}))").format(
                    sql.Literal(table), sql.Identifier(table)
                )
            )
        self._postgresql.commit()
        self._postgresql.autocommit = True
        self._postgresql.execute("VACUUM ANALYZE")
        self._postgresql.close()

    def _converted(self, table: Table, columns: Sequence[str], row: Row) -> list[Any]:
        processors = self._processors.get(table.name)
        if processors is None:
            types = [table.c[name].type for name in columns]
            processors = [type_.dialect_impl(self._dialect).bind_processor(self._dialect) for type_ in types]
            self._processors[table.name] = processors
        values = [
            value if processor is None or value is None else processor(value)
            for processor, value in zip(processors, row, strict=True)
        ]
        return [str(value) if isinstance(value, Enum) else value for value in values]
