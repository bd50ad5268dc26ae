"""Guards that no constraint can say: triggers that keep the history append-only and refuse what must not come about,
in the words of both databases.

Migrations say which and create them. The message of a trigger is its name, so that a refusal in words can be found for
it (domain/errors.py).
"""

from dataclasses import dataclass
from typing import Literal

APPEND_ONLY = ("events", "seals")


def append_only(table: str, dialect: str) -> list[str]:
    """Statements that make a table refuse changes and removals."""
    name = f"{table}_append_only"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {name}_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{name}'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{name}' USING ERRCODE = '23514', CONSTRAINT = '{name}'; END $$
        """,
        f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        f"CREATE TRIGGER {name}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
    ]


def drop_append_only(table: str, dialect: str) -> list[str]:
    """Statements that take the guard away again, for a migration backwards."""
    name = f"{table}_append_only"
    if dialect == "sqlite":
        return [f"DROP TRIGGER {name}_{verb}" for verb in ("update", "delete")]
    return [f"DROP TRIGGER {name} ON {table}", f"DROP TRIGGER {name}_truncate ON {table}", f"DROP FUNCTION {name}()"]


Verb = Literal["INSERT", "UPDATE", "DELETE"]


@dataclass(frozen=True)
class Guard:
    """A trigger that refuses a row when `condition`, an expression over NEW and OLD, holds; its message is `name`.

    `first` is a statement for PostgreSQL alone that takes a lock before the condition is looked at: under READ
    COMMITTED two transactions would otherwise each overlook what the other is about to commit. SQLite has one writer.
    """

    name: str
    table: str
    verb: Verb
    condition: str
    first: str = ""

    def _trigger(self) -> str:
        return f"{self.name}_{self.table}_{self.verb.lower()}"

    def create(self, dialect: str) -> list[str]:
        """Statements that put the guard up."""
        name = self._trigger()
        if dialect == "sqlite":
            return [
                f"CREATE TRIGGER {name} BEFORE {self.verb} ON {self.table} WHEN {self.condition} "
                f"BEGIN SELECT RAISE(ABORT, '{self.name}'); END"
            ]
        row = "OLD" if self.verb == "DELETE" else "NEW"
        return [
            f"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            {self.first}
            IF {self.condition} THEN
                RAISE EXCEPTION '{self.name}' USING ERRCODE = '23514', CONSTRAINT = '{self.name}';
            END IF;
            RETURN {row};
            END $$
            """,
            f"CREATE TRIGGER {name} BEFORE {self.verb} ON {self.table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ]

    def drop(self, dialect: str) -> list[str]:
        """Statements that take it away again."""
        name = self._trigger()
        if dialect == "sqlite":
            return [f"DROP TRIGGER {name}"]
        return [f"DROP TRIGGER {name} ON {self.table}", f"DROP FUNCTION {name}()"]


def stays(name: str, table: str, *columns: str) -> Guard:
    """A guard that refuses to change these columns, once written."""
    return Guard(name, table, "UPDATE", " OR ".join(f"NEW.{it} IS DISTINCT FROM OLD.{it}" for it in columns))


def kept(name: str, table: str) -> Guard:
    """A guard that refuses to remove rows."""
    return Guard(name, table, "DELETE", "OLD.id IS NOT NULL")
