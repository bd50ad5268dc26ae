"""Alembic's environment: the app's own engine, one transaction for a whole upgrade, on both databases."""

from alembic import context
from flask import current_app
from sqlalchemy.types import TypeDecorator

from domain.database import Base
from domain.modes import mode


def plain_type(kind: str, item: object, _autogen: object) -> str | bool:
    """Write our own column types as what they are in the database: a migration imports nothing of the house."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def run() -> None:
    """Run the migrations on the app's database."""
    engine = current_app.extensions["migrate"].db.engine
    token = mode.set("write")
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                # Tables that are made anew would otherwise take their children with them.
                connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")
            context.configure(
                connection=connection,
                target_metadata=Base.metadata,
                render_as_batch=connection.dialect.name == "sqlite",
                compare_type=True,
                transactional_ddl=True,
                render_item=plain_type,
            )
            with context.begin_transaction():
                context.run_migrations()
                if connection.dialect.name == "sqlite":
                    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                    if broken:
                        raise RuntimeError(f"The migration would leave rows without their parents: {broken[:5]}")
            if connection.dialect.name == "sqlite":
                connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=ON")
    finally:
        mode.reset(token)


run()
