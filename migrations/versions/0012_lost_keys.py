"""Find lost keys without looking at all of a site's.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

LOST = sa.text("lost_at IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_keys_lost", "keys", ["site_id", "lost_at"], sqlite_where=LOST, postgresql_where=LOST)


def downgrade() -> None:
    op.drop_index("ix_keys_lost", "keys")
