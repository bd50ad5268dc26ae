"""Guards that no constraint can say: triggers that keep the history append-only, in the words of both databases.

Migrations create them; `GUARDS` is what stands now. The message of a trigger is its name, so that a refusal in words
can be found for it (domain/errors.py).
"""

APPEND_ONLY = ("events",)


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
