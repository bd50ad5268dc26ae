"""Keep spent tokens in one place of the file: whoever waits at the desk writes none of an index that a nightly job reads.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
COLUMNS = "nonce, content_hash, location, spent_at"


def _made_anew(*, with_rowid: bool) -> None:
    op.rename_table("spent_tokens", "spent_tokens_before")
    op.create_table(
        "spent_tokens",
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_spent_tokens")),
        sqlite_with_rowid=with_rowid,
    )
    op.execute(f"INSERT INTO spent_tokens ({COLUMNS}) SELECT {COLUMNS} FROM spent_tokens_before")
    op.drop_table("spent_tokens_before")


def upgrade() -> None:
    op.drop_index("ix_spent_tokens_spent_at", "spent_tokens")
    if op.get_bind().dialect.name == "sqlite":
        _made_anew(with_rowid=False)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _made_anew(with_rowid=True)
    op.create_index("ix_spent_tokens_spent_at", "spent_tokens", ["spent_at"])
