"""A badge of any day is found by its number and check code without reading the site's visits.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_visits_badge", "visits", ["site_id", "badge_number", "badge_check"])


def downgrade() -> None:
    op.drop_index("ix_visits_badge", "visits")
