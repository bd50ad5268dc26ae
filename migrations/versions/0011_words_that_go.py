"""Words that were kept for good may go: why a key was not on its hook, and with which words a tick was sent.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

from domain import guards

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WHEN = "OLD.explained_at IS NOT NULL AND (NEW.explained_at IS DISTINCT FROM OLD.explained_at OR NEW.explanation <> "
STAYS = ("key_differences_stay", "key_differences", "UPDATE")
BEFORE = guards.Guard(*STAYS, f"{WHEN}OLD.explanation)")
AFTER = guards.Guard(*STAYS, f"{WHEN}OLD.explanation AND NEW.explanation <> '–')")
TICKS = guards.Guard(
    "ticks_stay",
    "ticks",
    "UPDATE",
    "OLD.outcome <> '' OR NEW.device_id <> OLD.device_id OR NEW.at <> OLD.at OR NEW.by_id <> OLD.by_id",
)


def _run(statements: list[str]) -> None:
    for statement in statements:
        op.execute(statement)


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    _run([*BEFORE.drop(dialect), *AFTER.create(dialect)])
    # From now on a tick keeps a keyed digest of its words; what a device sent before is not sent again.
    _run([*TICKS.drop(dialect), "UPDATE ticks SET what = ''", *TICKS.create(dialect)])


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    _run([*AFTER.drop(dialect), *BEFORE.create(dialect)])
