"""Calendars: feeds, versions of meetings, door displays; what else a room knows; who waits for a room.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from domain import guards

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

GUARDS = (
    # A calendar takes no lower version: what went back would be overlooked.
    guards.Guard("reservations_sequence_rises", "reservations", "UPDATE", "NEW.sequence < OLD.sequence"),
    guards.stays(
        "feeds_stay", "calendar_feeds", "site_id", "token_hash", "room_id", "host_id", "person_id", "duty", "made_at"
    ),
    guards.Guard(
        "feeds_revoked_stay", "calendar_feeds", "UPDATE", "OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS NULL"
    ),
    guards.stays("room_wishes_stay", "room_wishes", "site_id", "room_id", "begins_at", "ends_at", "made_at"),
    guards.Guard("room_wishes_end_stays", "room_wishes", "UPDATE", "OLD.state <> 'waiting' AND NEW.state = 'waiting'"),
    guards.kept("room_wishes_kept", "room_wishes"),
)
# Added one by one and in words that both databases take: a table with triggers is not made anew.
_ADDED = {
    "reservations": (
        "sequence INTEGER NOT NULL DEFAULT 0",
        "approver TEXT NOT NULL DEFAULT '' CONSTRAINT ck_reservations_approver_known "
        "CHECK (approver IN ('', 'lead', 'supervisor', 'manager', 'organiser'))",
        "answer TEXT NOT NULL DEFAULT '' CONSTRAINT ck_reservations_answer_known "
        "CHECK (answer IN ('', 'granted') OR (answer IN ('refused', 'expired') AND state <> 'held'))",
        "answer_by {instant} CONSTRAINT ck_reservations_answer_has_time CHECK ((approver = '') = (answer_by IS NULL))",
    ),
    "rooms": (
        "approver TEXT NOT NULL DEFAULT '' CONSTRAINT ck_rooms_approver_known "
        "CHECK (approver IN ('', 'lead', 'supervisor', 'manager'))",
        "open_to TEXT NOT NULL DEFAULT 'all' CONSTRAINT ck_rooms_open_to_known "
        "CHECK (open_to IN ('all', 'staff', 'lead', 'units'))",
        "door_booking BOOLEAN NOT NULL DEFAULT {true}",
        "prices TEXT NOT NULL DEFAULT ''",
    ),
    "sites": (
        "door_titles BOOLEAN NOT NULL DEFAULT {true}",
        "door_frames TEXT NOT NULL DEFAULT ''",
    ),
    "kiosks": ("room_id {id} CONSTRAINT fk_kiosks_room_id REFERENCES rooms (id)",),
}

_WAITING = {
    "ix_reservations_unbegun": ("release_at", "state = 'held' AND started_at IS NULL AND release_at IS NOT NULL"),
    "ix_reservations_undecided": ("answer_by", "state = 'held' AND answer = '' AND answer_by IS NOT NULL"),
}


def _id():
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    words = (
        {"instant": "DATETIME", "true": "1", "id": "INTEGER"}
        if dialect == "sqlite"
        else {"instant": "TIMESTAMP WITH TIME ZONE", "true": "true", "id": "BIGINT"}
    )
    for table, columns in _ADDED.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column.format(**words)}")
    for name, (column, where) in _WAITING.items():
        op.create_index(name, "reservations", [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_table(
        "calendar_feeds",
        sa.Column("site_id", _id(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("room_id", _id(), nullable=True),
        sa.Column("host_id", _id(), nullable=True),
        sa.Column("person_id", _id(), nullable=True),
        sa.Column("duty", sa.Boolean(), nullable=False),
        sa.Column("made_by_id", _id(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", _id(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(CASE WHEN room_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN host_id IS NULL THEN 0 ELSE 1 END) "
            "+ (CASE WHEN person_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_calendar_feeds_of_one"),
        ),
        sa.CheckConstraint("NOT duty OR person_id IS NOT NULL", name=op.f("ck_calendar_feeds_duty_of_person")),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_calendar_feeds_host_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["people.id"], name=op.f("fk_calendar_feeds_made_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_calendar_feeds_person_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_calendar_feeds_room_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_calendar_feeds_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("ref", name=op.f("uq_calendar_feeds_ref")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feeds_token_hash")),
    )
    op.create_index("ix_calendar_feeds_site", "calendar_feeds", ["site_id", "id"])
    op.create_table(
        "room_wishes",
        sa.Column("site_id", _id(), nullable=False),
        sa.Column("room_id", _id(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("host_id", _id(), nullable=True),
        sa.Column("person_id", _id(), nullable=True),
        sa.Column("unit_id", _id(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reservation_id", _id(), nullable=True),
        sa.Column("made_by_id", _id(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", _id(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name=op.f("ck_room_wishes_ended_has_time")),
        sa.CheckConstraint("begins_at < ends_at", name=op.f("ck_room_wishes_span_forward")),
        sa.CheckConstraint(
            "erased_at IS NOT NULL OR (host_id IS NULL) <> (person_id IS NULL)",
            name=op.f("ck_room_wishes_one_organiser"),
        ),
        sa.CheckConstraint("people BETWEEN 1 AND 5000", name=op.f("ck_room_wishes_people_sane")),
        sa.CheckConstraint("state IN ('waiting', 'offered', 'gone')", name=op.f("ck_room_wishes_state_known")),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_room_wishes_host_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["people.id"], name=op.f("fk_room_wishes_made_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_room_wishes_person_id")),
        sa.ForeignKeyConstraint(["reservation_id"], ["reservations.id"], name=op.f("fk_room_wishes_reservation_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_wishes_room_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_room_wishes_site_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_room_wishes_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_wishes")),
        sa.UniqueConstraint("ref", name=op.f("uq_room_wishes_ref")),
    )
    op.create_index("ix_room_wishes_site", "room_wishes", ["site_id", "begins_at", "id"])
    for name, columns, where in (
        ("ix_room_wishes_waiting", ["room_id", "id"], "state = 'waiting'"),
        ("ix_room_wishes_kept", ["site_id", "ends_at", "id"], "erased_at IS NULL"),
    ):
        op.create_index(name, "room_wishes", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_table(
        "room_units",
        sa.Column("room_id", _id(), nullable=False),
        sa.Column("unit_id", _id(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_units_room_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_room_units_unit_id")),
        sa.PrimaryKeyConstraint("room_id", "unit_id", name=op.f("pk_room_units")),
    )
    op.create_table(
        "room_pictures",
        sa.Column("room_id", _id(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", _id(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_pictures_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_pictures")),
        sa.UniqueConstraint("file", name=op.f("uq_room_pictures_file")),
        sa.UniqueConstraint("ref", name=op.f("uq_room_pictures_ref")),
    )
    op.create_index("ix_room_pictures_room", "room_pictures", ["room_id", "id"])
    for guard in GUARDS:
        for statement in guard.create(dialect):
            op.execute(statement)


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for guard in reversed(GUARDS):
        for statement in guard.drop(dialect):
            op.execute(statement)
    for table in ("room_pictures", "room_units", "room_wishes", "calendar_feeds"):
        op.drop_table(table)
    for name in _WAITING:
        op.drop_index(name, "reservations")
    # A display at a door must not become a kiosk: it is cut off.
    op.execute("UPDATE kiosks SET token_hash = NULL, revoked_at = CURRENT_TIMESTAMP WHERE room_id IS NOT NULL")
    with op.batch_alter_table("kiosks") as batch_op:
        batch_op.drop_column("room_id")
    for table in ("sites", "rooms", "reservations"):
        for column in reversed(_ADDED[table]):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column.split()[0]}")
