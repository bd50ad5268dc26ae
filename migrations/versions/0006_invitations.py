"""Invitations: windows, entries, and the occupants' own links.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from domain import guards

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

GUARDS = (
    # V5: an entry needs an invitation of the same site that is open and has that many. The lock keeps whoever takes
    # it back, or makes the entries fewer, from doing so in between.
    guards.Guard(
        "invitation_entries_allowed",
        "invitation_entries",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM invitations i JOIN visits v ON v.site_id = i.site_id WHERE i.id = NEW.invitation_id "
        "AND v.id = NEW.visit_id AND i.state = 'open' AND NEW.place BETWEEN 1 AND i.entries)",
        first="PERFORM 1 FROM invitations WHERE id = NEW.invitation_id FOR UPDATE;",
    ),
    guards.stays("invitation_entries_stay", "invitation_entries", "invitation_id", "place", "visit_id", "entered_at"),
    guards.Guard(
        "invitation_entries_kept",
        "invitation_entries",
        "DELETE",
        "EXISTS (SELECT 1 FROM visits v WHERE v.id = OLD.visit_id AND v.state NOT IN ('refused', 'cancelled'))",
    ),
    guards.Guard(
        "invitations_entries_left",
        "invitations",
        "UPDATE",
        "NEW.entries < OLD.entries AND "
        "EXISTS (SELECT 1 FROM invitation_entries e WHERE e.invitation_id = NEW.id AND e.place > NEW.entries)",
    ),
    guards.stays("invitations_stay", "invitations", "site_id", "number", "meeting_id", "source", "made_at"),
    guards.kept("invitations_kept", "invitations"),
    guards.stays("host_links_stay", "host_links", "site_id", "host_id", "made_at"),
)


def _id(name, **values):
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), **values)


def _moment(name, *, nullable=False):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "invitations",
        _id("site_id", nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digits", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("companions", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        _id("purpose_id", nullable=False),
        _id("unit_id", nullable=False),
        _id("host_id", nullable=True),
        _id("meeting_id", nullable=True),
        _moment("begins_at"),
        _moment("ends_at"),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        _id("made_by_id", nullable=True),
        _moment("made_at"),
        _moment("withdrawn_at", nullable=True),
        _moment("erased_at", nullable=True),
        _id("id", nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'withdrawn')", name=op.f("ck_invitations_state_known")),
        sa.CheckConstraint("begins_at < ends_at", name=op.f("ck_invitations_window_forward")),
        sa.CheckConstraint("entries BETWEEN 1 AND 500", name=op.f("ck_invitations_entries_sane")),
        sa.CheckConstraint("companions BETWEEN 0 AND 99", name=op.f("ck_invitations_companions_sane")),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_invitations_withdrawn_has_time")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_invitations_site_id")),
        sa.ForeignKeyConstraint(["purpose_id"], ["purposes.id"], name=op.f("fk_invitations_purpose_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_invitations_unit_id")),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_invitations_host_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["reservations.id"], name=op.f("fk_invitations_meeting_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["people.id"], name=op.f("fk_invitations_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("ref", name=op.f("uq_invitations_ref")),
    )
    for name, columns, where in (
        ("ix_invitations_site", ["site_id", "begins_at", "id"], None),
        ("ix_invitations_meeting", ["meeting_id"], None),
        ("ix_invitations_host", ["host_id", "ends_at"], None),
        ("ix_invitations_phone", ["site_id", "phone"], "state = 'open' AND phone <> ''"),
        ("ix_invitations_coded", ["ends_at"], "digits IS NOT NULL"),
        ("ix_invitations_kept", ["site_id", "ends_at", "id"], "erased_at IS NULL"),
    ):
        condition = {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)} if where else {}
        op.create_index(name, "invitations", columns, **condition)
    op.create_index("uq_invitations_number", "invitations", ["site_id", "number"], unique=True)
    op.create_index("uq_invitations_digits", "invitations", ["site_id", "digits"], unique=True)

    op.create_table(
        "invitation_entries",
        _id("invitation_id", nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        _id("visit_id", nullable=False),
        _moment("entered_at"),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name=op.f("fk_invitation_entries_invitation_id")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_invitation_entries_visit_id")),
        sa.PrimaryKeyConstraint("invitation_id", "place", name=op.f("pk_invitation_entries")),
    )
    op.create_index("uq_invitation_entries_visit", "invitation_entries", ["visit_id"], unique=True)

    op.create_table(
        "host_links",
        _id("site_id", nullable=False),
        _id("host_id", nullable=False),
        _id("made_by_id", nullable=True),
        _moment("made_at"),
        _moment("revoked_at", nullable=True),
        _id("id", nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_host_links_site_id")),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_host_links_host_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["people.id"], name=op.f("fk_host_links_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_links")),
        sa.UniqueConstraint("ref", name=op.f("uq_host_links_ref")),
    )
    op.create_index(
        "uq_host_links_good",
        "host_links",
        ["host_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    dialect = op.get_bind().dialect.name
    for guard in GUARDS:
        for statement in guard.create(dialect):
            op.execute(statement)


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for guard in reversed(GUARDS):
        for statement in guard.drop(dialect):
            op.execute(statement)
    op.drop_table("host_links")
    op.drop_table("invitation_entries")
    op.drop_table("invitations")
    op.execute("DELETE FROM search_grams WHERE kind = 9")
    op.execute("DELETE FROM daily_numbers WHERE series = 'invitations'")
