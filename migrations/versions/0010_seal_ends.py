"""Where the seals of each site end, noted under the house's key; of seals that stand already by `flask note-seals`.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from domain import guards

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEPT = guards.Guard("seal_ends_kept", "seal_ends", "DELETE", "OLD.site_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "seal_ends",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_seal_ends")),
    )
    for statement in KEPT.create(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in KEPT.drop(op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_table("seal_ends")
