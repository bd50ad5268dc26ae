"""Exports and reports: files made by the worker, saved filters, daily tallies, reports and when they are due.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

UNFINISHED = sa.text("state IN ('waiting', 'running')")
ENDED = sa.text("ended_at IS NOT NULL")
COUNTED = sa.text("closed_at IS NOT NULL AND nature <> ''")
UNMASKED = sa.text("kind LIKE '%.unmasked'")


def _big() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("site_id", _big(), nullable=False),
        sa.Column("person_id", _big(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("site_ids", sa.JSON(), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("typed", sa.LargeBinary(), nullable=True),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("full", sa.Boolean(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=True),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", _big(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'cancelled', 'removed')",
            name=op.f("ck_exports_state_known"),
        ),
        sa.CheckConstraint("format IN ('csv', 'xlsx')", name=op.f("ck_exports_format_known")),
        sa.CheckConstraint(
            "(state IN ('waiting', 'running')) = (finished_at IS NULL)", name=op.f("ck_exports_finished_has_time")
        ),
        sa.CheckConstraint("rows_done >= 0", name=op.f("ck_exports_rows_sane")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_exports_site_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_exports_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
        sa.UniqueConstraint("ref", name=op.f("uq_exports_ref")),
    )
    op.create_index("ix_exports_person", "exports", ["person_id", "asked_at"])
    op.create_index(
        "ix_exports_unfinished", "exports", ["asked_at"], sqlite_where=UNFINISHED, postgresql_where=UNFINISHED
    )
    op.create_table(
        "saved_filters",
        sa.Column("person_id", _big(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", _big(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 60", name=op.f("ck_saved_filters_name_sane")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_saved_filters_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("ref", name=op.f("uq_saved_filters_ref")),
    )
    op.create_index("uq_saved_filters_name", "saved_filters", ["person_id", "register", "name"], unique=True)
    op.create_table(
        "tallies",
        sa.Column("site_id", _big(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("total", _big(), nullable=False),
        sa.CheckConstraint("count >= 0 AND total >= 0", name=op.f("ck_tallies_not_negative")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_tallies_site_id")),
        sa.PrimaryKeyConstraint("site_id", "day", "name", "key", name=op.f("pk_tallies")),
    )
    op.create_table(
        "counted_days",
        sa.Column("site_id", _big(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("version", _big(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_counted_days_site_id")),
        sa.PrimaryKeyConstraint("site_id", "day", name=op.f("pk_counted_days")),
    )
    op.create_table(
        "report_plans",
        sa.Column("site_id", _big(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("addresses", sa.LargeBinary(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("day BETWEEN 0 AND 31", name=op.f("ck_report_plans_day_sane")),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name=op.f("ck_report_plans_minute_sane")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_report_plans_site_id")),
        sa.PrimaryKeyConstraint("site_id", "kind", name=op.f("pk_report_plans")),
    )
    op.create_table(
        "reports",
        sa.Column("site_id", _big(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", _big(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.CheckConstraint("since <= until", name=op.f("ck_reports_span_forward")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_reports_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("ref", name=op.f("uq_reports_ref")),
    )
    op.create_table(
        "job_runs",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", _big(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_runs")),
    )
    op.create_index("uq_reports_once", "reports", ["site_id", "kind", "due_at"], unique=True)
    op.create_index(
        "ix_events_unmasked", "events", ["site_id", "number"], sqlite_where=UNMASKED, postgresql_where=UNMASKED
    )
    op.create_index("ix_loans_was_due", "loans", ["site_id", "due_at"], sqlite_where=ENDED, postgresql_where=ENDED)
    op.create_index(
        "ix_slips_closed", "slips", ["site_id", "closed_at"], sqlite_where=COUNTED, postgresql_where=COUNTED
    )


def downgrade() -> None:
    op.drop_index("ix_slips_closed", "slips")
    op.drop_index("ix_loans_was_due", "loans")
    op.drop_index("ix_events_unmasked", "events")
    for table in ("job_runs", "reports", "report_plans", "counted_days", "tallies", "saved_filters", "exports"):
        op.drop_table(table)
