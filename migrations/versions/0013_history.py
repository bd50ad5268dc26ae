"""Read the history of a site by time without sorting all of it.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_events_at", "events", ["site_id", "at", "number"])


def downgrade() -> None:
    op.drop_index("ix_events_at", "events")
