"""Review: signed spans, seals, comments.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from domain import guards

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SEALED = ("seals",)


def _only_emptied(name, table, column):
    return guards.Guard(name, table, "UPDATE", f"NEW.{column} <> OLD.{column} AND NEW.{column} <> ''")


GUARDS = (
    # A span goes on where the one before it ended (R1): of two who sign the same one, one comes second.
    guards.Guard(
        "reviews_follow",
        "reviews",
        "INSERT",
        "NEW.first <> COALESCE((SELECT m.through FROM review_marks m WHERE m.site_id = NEW.site_id "
        "AND m.register = NEW.register), 0) + 1 OR EXISTS (SELECT 1 FROM reviews r WHERE r.site_id = NEW.site_id "
        "AND r.register = NEW.register AND r.last >= NEW.first)",
        first="PERFORM 1 FROM review_marks m WHERE m.site_id = NEW.site_id AND m.register = NEW.register FOR UPDATE;",
    ),
    guards.stays(
        *("reviews_stay", "reviews", "site_id", "number", "register", "first", "last", "entries", "up_to"),
        *("signed_by_id", "signed_at", "seal_number"),
    ),
    _only_emptied("reviews_remark_stays", "reviews", "remark"),
    guards.kept("reviews_kept", "reviews"),
    guards.stays(
        *("review_entries_stay", "review_entries", "review_id", "number", "site_id", "register", "entry_id"),
        *("digest", "personal"),
    ),
    _only_emptied("review_entries_salt_stays", "review_entries", "salt"),
    guards.Guard("review_entries_kept", "review_entries", "DELETE", "OLD.review_id IS NOT NULL"),
    guards.stays(
        *("review_comments_stay", "review_comments", "site_id", "register", "entry_id", "entry_ref", "number"),
        *("by_id", "made_at"),
    ),
    guards.Guard(
        "review_comments_accepted_stays",
        "review_comments",
        "UPDATE",
        "OLD.state IN ('said', 'accepted') AND NEW.state <> OLD.state",
    ),
    guards.kept("review_comments_kept", "review_comments"),
    guards.stays("review_lines_stay", "review_lines", "comment_id", "kind", "by_id", "said_at"),
    _only_emptied("review_lines_text_stays", "review_lines", "text"),
    guards.kept("review_lines_kept", "review_lines"),
)


def _big():
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name):
    return sa.Column(name, sa.Text(), nullable=False)


def _whole(name):
    return sa.Column(name, sa.Integer(), nullable=False)


def _long(name, null=False):
    return sa.Column(name, _big(), nullable=null)


def _moment(name):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _points(table, column, to):
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _where(condition):
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "seals",
        *(_long("site_id"), _long("number"), _long("first_event"), _long("last_event"), _text("root")),
        sa.Column("leaves", sa.LargeBinary(), nullable=False),
        *(_text("statement"), _moment("made_at"), _text("previous"), _text("head")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_seals_number_sane")),
        sa.CheckConstraint("first_event >= 1 AND last_event >= first_event - 1", name=op.f("ck_seals_events_forward")),
        sa.PrimaryKeyConstraint("site_id", "number", name=op.f("pk_seals")),
    )
    op.create_table(
        "review_marks",
        *(_long("site_id"), _text("register"), _whole("through"), _long("looked_to")),
        _points("review_marks", "site_id", "sites"),
        sa.PrimaryKeyConstraint("site_id", "register", name=op.f("pk_review_marks")),
    )
    op.create_table(
        "reviews",
        *(_long("site_id"), _whole("number"), _text("register"), _whole("first"), _whole("last"), _whole("entries")),
        *(_long("up_to"), _text("remark"), _long("signed_by_id"), _moment("signed_at"), _long("seal_number")),
        *(_long("id"), _text("ref")),
        sa.CheckConstraint("first >= 1 AND last >= first - 1", name=op.f("ck_reviews_span_forward")),
        sa.CheckConstraint("entries >= 1", name=op.f("ck_reviews_not_empty")),
        sa.ForeignKeyConstraint(
            ["site_id", "seal_number"], ["seals.site_id", "seals.number"], name=op.f("fk_reviews_site_id_seal_number")
        ),
        _points("reviews", "site_id", "sites"),
        _points("reviews", "signed_by_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("ref", name=op.f("uq_reviews_ref")),
    )
    op.create_index("uq_reviews_number", "reviews", ["site_id", "number"], unique=True)
    op.create_index("ix_reviews_register", "reviews", ["site_id", "register", "signed_at"])
    op.create_index("ix_reviews_remarked", "reviews", ["signed_at"], **_where("remark <> ''"))
    op.create_table(
        "review_entries",
        *(_long("review_id"), _whole("number"), _long("site_id"), _text("register"), _long("entry_id")),
        *(_text("digest"), _text("personal"), _text("salt")),
        _points("review_entries", "review_id", "reviews"),
        _points("review_entries", "site_id", "sites"),
        sa.PrimaryKeyConstraint("review_id", "number", name=op.f("pk_review_entries")),
    )
    op.create_index("ix_review_entries_entry", "review_entries", ["site_id", "register", "entry_id"])
    op.create_index("ix_review_entries_salted", "review_entries", ["register", "entry_id"], **_where("salt <> ''"))
    op.create_table(
        "review_waiting",
        *(_long("site_id"), _text("register"), _long("entry_id"), _whole("number"), _text("why"), _moment("since")),
        sa.CheckConstraint("why IN ('left', 'changed')", name=op.f("ck_review_waiting_why_known")),
        _points("review_waiting", "site_id", "sites"),
        sa.PrimaryKeyConstraint("site_id", "register", "entry_id", name=op.f("pk_review_waiting")),
    )
    op.create_table(
        "review_readings",
        *(_long("person_id"), _long("site_id"), _text("register"), _whole("number")),
        _points("review_readings", "person_id", "people"),
        _points("review_readings", "site_id", "sites"),
        sa.PrimaryKeyConstraint("person_id", "site_id", "register", name=op.f("pk_review_readings")),
    )
    op.create_table(
        "review_comments",
        *(_long("site_id"), _text("register"), _long("entry_id"), _text("entry_ref"), _whole("number")),
        *(_text("state"), _long("to_id", null=True), _long("by_id"), _long("after"), _moment("made_at")),
        *(_long("id"), _text("ref")),
        sa.CheckConstraint(
            "state IN ('said', 'asked', 'answered', 'accepted')", name=op.f("ck_review_comments_state_known")
        ),
        sa.CheckConstraint("(state = 'said') = (to_id IS NULL)", name=op.f("ck_review_comments_asked_of_somebody")),
        _points("review_comments", "site_id", "sites"),
        _points("review_comments", "to_id", "people"),
        _points("review_comments", "by_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_comments")),
        sa.UniqueConstraint("ref", name=op.f("uq_review_comments_ref")),
    )
    asked = _where("state IN ('asked', 'answered')")
    op.create_index("ix_review_comments_entry", "review_comments", ["site_id", "register", "entry_id"])
    op.create_index("ix_review_comments_open", "review_comments", ["site_id", "state"], **asked)
    op.create_index("ix_review_comments_asked", "review_comments", ["to_id", "state"], **asked)
    op.create_table(
        "review_lines",
        *(_long("comment_id"), _text("kind"), _text("text"), _long("by_id"), _moment("said_at"), _long("id")),
        sa.CheckConstraint(
            "kind IN ('said', 'asked', 'answered', 'accepted')", name=op.f("ck_review_lines_kind_known")
        ),
        _points("review_lines", "comment_id", "review_comments"),
        _points("review_lines", "by_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_lines")),
    )
    op.create_index("ix_review_lines_comment", "review_lines", ["comment_id", "id"])
    op.create_index("ix_review_lines_worded", "review_lines", ["said_at"], **_where("text <> ''"))
    op.create_table(
        "review_duties",
        *(_long("site_id"), _whole("times")),
        sa.CheckConstraint("times BETWEEN 0 AND 7", name=op.f("ck_review_duties_times_sane")),
        _points("review_duties", "site_id", "sites"),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_review_duties")),
    )
    dialect = op.get_bind().dialect.name
    for table in SEALED:
        for statement in guards.append_only(table, dialect):
            op.execute(statement)
    for guard in GUARDS:
        for statement in guard.create(dialect):
            op.execute(statement)


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for guard in reversed(GUARDS):
        for statement in guard.drop(dialect):
            op.execute(statement)
    for table in SEALED:
        for statement in guards.drop_append_only(table, dialect):
            op.execute(statement)
    for table in (
        *("review_duties", "review_lines", "review_comments", "review_readings", "review_waiting"),
        *("review_entries", "reviews", "review_marks", "seals"),
    ):
        op.drop_table(table)
    op.execute("DELETE FROM daily_numbers WHERE series = 'reviews'")
