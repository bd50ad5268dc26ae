"""Write what somebody is found by in one row; the worker puts it into the index.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "search_new_grams",
        sa.Column("site_id", big, autoincrement=False, nullable=False),
        sa.Column("kind", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("subject_id", big, autoincrement=False, nullable=False),
        sa.Column("grams", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "kind", "subject_id", name=op.f("pk_search_new_grams")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        each = "json_each(grams) AS each"
    else:
        each = "json_array_elements_text(CAST(grams AS json)) AS each(value)"
    op.execute(
        "INSERT INTO search_grams (site_id, kind, gram, subject_id)"
        f" SELECT site_id, kind, each.value, subject_id FROM search_new_grams, {each}"
    )
    op.drop_table("search_new_grams")
