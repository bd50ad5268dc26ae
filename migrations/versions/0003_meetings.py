"""Meeting rooms and their reservations.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from domain import guards

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OVERLAP = """
    NEW.state IN ('held', 'ended') AND EXISTS (SELECT 1 FROM reservations r WHERE r.room_id = NEW.room_id
    AND r.id IS NOT NEW.id AND r.state IN ('held', 'ended')
    AND r.reserved_until > NEW.reserved_from AND r.reserved_from < NEW.reserved_until)
"""
_OTHER_TIME = " OR ".join(
    f"NEW.{name} <> OLD.{name}"
    for name in ("room_id", "begins_at", "ends_at", "reserved_from", "reserved_until", "people")
)

GUARDS = (
    # What is called off or released may take place after all; what has ended is a record (M2, M8).
    guards.Guard(
        "reservations_end_stays",
        "reservations",
        "UPDATE",
        f"OLD.state <> 'held' AND ({_OTHER_TIME} OR (NEW.state <> OLD.state AND "
        "(OLD.state = 'ended' OR NEW.state <> 'held')) OR (NEW.state <> 'held' AND "
        "(NEW.ended_at IS DISTINCT FROM OLD.ended_at OR NEW.started_at IS DISTINCT FROM OLD.started_at)))",
    ),
    guards.stays("reservations_stay", "reservations", "site_id", "number", "series", "made_at"),
    guards.kept("reservations_kept", "reservations"),
)
_RESERVED_ON_SQLITE = (
    guards.Guard("reservations_overlap", "reservations", "INSERT", _OVERLAP),
    guards.Guard("reservations_overlap", "reservations", "UPDATE", _OVERLAP),
)
# An int8range of one number serves where `=` would need the extension btree_gist.
_RESERVED_ON_POSTGRESQL = """
    ALTER TABLE reservations ADD CONSTRAINT reservations_overlap EXCLUDE USING gist
    (int8range(room_id, room_id, '[]') WITH &&, tstzrange(reserved_from, reserved_until, '[)') WITH &&)
    WHERE (state IN ('held', 'ended'))
"""


def _all_guards(dialect):
    return (*GUARDS, *_RESERVED_ON_SQLITE) if dialect == "sqlite" else GUARDS


def upgrade() -> None:
    op.create_table(
        "rooms",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("floor", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("layouts", sa.JSON(), nullable=False),
        sa.Column("equipment", sa.JSON(), nullable=False),
        sa.Column("open_days", sa.JSON(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.Column("before_minutes", sa.Integer(), nullable=False),
        sa.Column("after_minutes", sa.Integer(), nullable=False),
        sa.Column("release_minutes", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.CheckConstraint("0 <= opens AND opens < closes AND closes <= 1440", name=op.f("ck_rooms_hours_sane")),
        sa.CheckConstraint("after_minutes BETWEEN 0 AND 240", name=op.f("ck_rooms_after_sane")),
        sa.CheckConstraint("before_minutes BETWEEN 0 AND 240", name=op.f("ck_rooms_before_sane")),
        sa.CheckConstraint("capacity BETWEEN 1 AND 5000", name=op.f("ck_rooms_capacity_sane")),
        sa.CheckConstraint("release_minutes BETWEEN 5 AND 240", name=op.f("ck_rooms_release_sane")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_rooms_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms")),
        sa.UniqueConstraint("ref", name=op.f("uq_rooms_ref")),
    )
    with op.batch_alter_table("rooms", schema=None) as batch_op:
        batch_op.create_index("uq_rooms_name", ["site_id", "name"], unique=True)

    op.create_table(
        "reservations",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("series", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("host_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reserved_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reserved_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("release_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.CheckConstraint("(state = 'held') = (ended_at IS NULL)", name=op.f("ck_reservations_ended_has_time")),
        sa.CheckConstraint(
            "state IN ('held', 'cancelled', 'released', 'ended')", name=op.f("ck_reservations_state_known")
        ),
        sa.CheckConstraint("begins_at < ends_at", name=op.f("ck_reservations_span_forward")),
        sa.CheckConstraint(
            "erased_at IS NOT NULL OR (host_id IS NULL) <> (person_id IS NULL)",
            name=op.f("ck_reservations_one_organiser"),
        ),
        sa.CheckConstraint("people BETWEEN 1 AND 5000", name=op.f("ck_reservations_people_sane")),
        sa.CheckConstraint(
            "reserved_from <= begins_at AND reserved_from <= reserved_until",
            name=op.f("ck_reservations_reserved_forward"),
        ),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_reservations_host_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["people.id"], name=op.f("fk_reservations_made_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_reservations_person_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_reservations_room_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_reservations_site_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_reservations_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservations")),
        sa.UniqueConstraint("ref", name=op.f("uq_reservations_ref")),
    )
    with op.batch_alter_table("reservations", schema=None) as batch_op:
        batch_op.create_index(
            "ix_reservations_kept",
            ["site_id", "ends_at", "id"],
            unique=False,
            sqlite_where=sa.text("erased_at IS NULL"),
            postgresql_where=sa.text("erased_at IS NULL"),
        )
        batch_op.create_index(
            "ix_reservations_room",
            ["room_id", "reserved_until"],
            unique=False,
            sqlite_where=sa.text("state IN ('held', 'ended')"),
            postgresql_where=sa.text("state IN ('held', 'ended')"),
        )
        batch_op.create_index("ix_reservations_series", ["series"], unique=False)
        batch_op.create_index("ix_reservations_site", ["site_id", "begins_at", "id"], unique=False)
        batch_op.create_index("uq_reservations_number", ["site_id", "number"], unique=True)

    dialect = op.get_bind().dialect.name
    for guard in _all_guards(dialect):
        for statement in guard.create(dialect):
            op.execute(statement)
    if dialect != "sqlite":
        op.execute(_RESERVED_ON_POSTGRESQL)


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for guard in reversed(_all_guards(dialect)):
        for statement in guard.drop(dialect):
            op.execute(statement)
    op.drop_table("reservations")
    op.drop_table("rooms")
    op.execute("DELETE FROM search_grams WHERE kind = 8")
    op.execute("DELETE FROM daily_numbers WHERE series = 'meetings'")
