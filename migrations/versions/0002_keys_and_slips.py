"""Keys and slips.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from domain import guards

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "loan_lines",
    "loans",
    "key_decisions",
    "slip_steps",
    "key_reservations",
    "key_differences",
    "key_approvals",
    "slips",
    "key_tags",
    "slip_kinds",
    "keys",
    "counted_hooks",
    "key_sets",
    "key_listings",
    "key_counts",
    "key_class_rules",
    "departments",
    "cabinets",
)
"""Those that others point to come after them."""


_OPEN_LINE = "SELECT 1 FROM loan_lines WHERE loan_lines.key_id = NEW.id AND loan_lines.ended_at IS NULL"
_DENIED = "SELECT 1 FROM key_decisions d WHERE d.approval_id = NEW.approval_id AND NOT d.granted"
_MEANT = """
    SELECT 1 FROM key_approvals a WHERE a.id = NEW.approval_id AND a.site_id = NEW.site_id AND a.what = 'loan'
    AND a.withdrawn_at IS NULL AND a.key_id IS NOT DISTINCT FROM NEW.key_id
    AND a.set_id IS NOT DISTINCT FROM NEW.set_id AND a.borrower = NEW.borrower
    AND a.person_id IS NOT DISTINCT FROM NEW.person_id AND a.host_id IS NOT DISTINCT FROM NEW.host_id
    AND a.visit_id IS NOT DISTINCT FROM NEW.visit_id AND a.expires_at > NEW.out_at
    AND a.needed <= (SELECT count(*) FROM key_decisions d WHERE d.approval_id = a.id AND d.granted)
"""
_OVERLAP = """
    NEW.ended_at IS NULL AND EXISTS (SELECT 1 FROM key_reservations r WHERE r.key_id = NEW.key_id
    AND r.id IS NOT NEW.id AND r.ended_at IS NULL AND r.starts_at < NEW.ends_at AND r.ends_at > NEW.starts_at)
"""


def _unfinished(verb, row):
    return guards.Guard(
        "key_counts_finished",
        "counted_hooks",
        verb,
        f"EXISTS (SELECT 1 FROM key_counts c WHERE c.id = {row}.count_id AND c.finished_at IS NOT NULL)",
        first=f"PERFORM 1 FROM key_counts WHERE id = {row}.count_id FOR SHARE;",
    )


GUARDS = (
    # A lost or retired key is lent to nobody, and who has one that is out takes it back first (K6).
    guards.Guard(
        "loan_lines_key_available",
        "loan_lines",
        "INSERT",
        "NEW.ended_at IS NULL AND EXISTS (SELECT 1 FROM keys WHERE keys.id = NEW.key_id "
        "AND (keys.lost_at IS NOT NULL OR keys.retired_at IS NOT NULL))",
        first="PERFORM 1 FROM keys WHERE keys.id = NEW.key_id FOR SHARE;",
    ),
    guards.Guard(
        "keys_in_hand",
        "keys",
        "UPDATE",
        f"(NEW.lost_at IS NOT NULL OR NEW.retired_at IS NOT NULL) AND EXISTS ({_OPEN_LINE})",
    ),
    # A returned loan is never reopened, and nothing of a loan is removed.
    guards.Guard(
        "loan_lines_end_stays",
        "loan_lines",
        "UPDATE",
        "NEW.loan_id <> OLD.loan_id OR NEW.key_id <> OLD.key_id OR (OLD.ended_at IS NOT NULL AND "
        "(NEW.ended_at IS DISTINCT FROM OLD.ended_at OR NEW.ended_how IS DISTINCT FROM OLD.ended_how))",
    ),
    guards.Guard(
        "loans_end_stays",
        "loan_lines",
        "INSERT",
        "NEW.ended_at IS NULL AND EXISTS (SELECT 1 FROM loans WHERE loans.id = NEW.loan_id "
        "AND loans.ended_at IS NOT NULL)",
        first="PERFORM 1 FROM loans WHERE loans.id = NEW.loan_id FOR SHARE;",
    ),
    guards.Guard(
        "loans_end_stays",
        "loans",
        "UPDATE",
        "OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at",
    ),
    guards.Guard(
        "loans_all_back",
        "loans",
        "UPDATE",
        "OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL AND EXISTS (SELECT 1 FROM loan_lines "
        "WHERE loan_lines.loan_id = NEW.id AND loan_lines.ended_at IS NULL)",
    ),
    guards.stays("loans_of_one_thing", "loans", "site_id", "number", "key_id", "set_id", "approval_id", "out_at"),
    guards.kept("loans_kept", "loans"),
    guards.kept("loan_lines_kept", "loan_lines"),
    # Two approvers are two people by a unique index; here: none is the borrower, and what was asked stays asked.
    guards.Guard(
        "key_decisions_not_the_borrower",
        "key_decisions",
        "INSERT",
        "EXISTS (SELECT 1 FROM key_approvals a WHERE a.id = NEW.approval_id AND a.person_id = NEW.person_id)",
    ),
    guards.stays(
        "key_approvals_stay",
        "key_approvals",
        *("site_id", "what", "key_id", "set_id", "borrower", "person_id", "host_id", "visit_id", "needed", "due_at"),
    ),
    guards.kept("key_approvals_kept", "key_approvals"),
    guards.Guard(
        "loans_approval_granted",
        "loans",
        "INSERT",
        f"NEW.approval_id IS NOT NULL AND (EXISTS ({_DENIED}) OR NOT EXISTS ({_MEANT}))",
    ),
    # A finished count is a record.
    _unfinished("INSERT", "NEW"),
    _unfinished("UPDATE", "NEW"),
    _unfinished("DELETE", "OLD"),
    guards.Guard(
        "key_counts_finished",
        "key_counts",
        "UPDATE",
        "OLD.finished_at IS NOT NULL AND (NEW.finished_at IS DISTINCT FROM OLD.finished_at "
        "OR NEW.hooks <> OLD.hooks OR NEW.differing <> OLD.differing)",
    ),
    guards.kept("key_counts_kept", "key_counts"),
    guards.kept("key_differences_kept", "key_differences"),
    guards.Guard(
        "key_differences_stay",
        "key_differences",
        "UPDATE",
        "OLD.explained_at IS NOT NULL AND (NEW.explained_at IS DISTINCT FROM OLD.explained_at "
        "OR NEW.explanation <> OLD.explanation)",
    ),
    # Steps of a slip stay as they were written, and only an opening undoes a closing (C3).
    guards.Guard(
        "slip_steps_stay",
        "slip_steps",
        "UPDATE",
        "NEW.slip_id <> OLD.slip_id OR NEW.kind <> OLD.kind OR NEW.at <> OLD.at "
        "OR NEW.by_id IS DISTINCT FROM OLD.by_id OR (NEW.text <> OLD.text AND NEW.text <> '')",
    ),
    guards.kept("slip_steps_stay", "slip_steps"),
    guards.Guard(
        "slips_end_stays",
        "slips",
        "UPDATE",
        "OLD.state = 'closed' AND NEW.state <> 'open' AND (NEW.state <> 'closed' "
        "OR NEW.closed_at IS DISTINCT FROM OLD.closed_at OR NEW.closed_by_id IS DISTINCT FROM OLD.closed_by_id "
        "OR NEW.owner_id IS DISTINCT FROM OLD.owner_id)",
    ),
    guards.kept("slips_kept", "slips"),
)

_RESERVED_ON_SQLITE = (
    guards.Guard("key_reservations_overlap", "key_reservations", "INSERT", _OVERLAP),
    guards.Guard("key_reservations_overlap", "key_reservations", "UPDATE", _OVERLAP),
)
# An int8range of one number serves where `=` would need the extension btree_gist.
_RESERVED_ON_POSTGRESQL = """
    ALTER TABLE key_reservations ADD CONSTRAINT key_reservations_overlap EXCLUDE USING gist
    (int8range(key_id, key_id, '[]') WITH &&, tstzrange(starts_at, ends_at, '[)') WITH &&) WHERE (ended_at IS NULL)
"""


def _all_guards(dialect):
    return (*GUARDS, *_RESERVED_ON_SQLITE) if dialect == "sqlite" else GUARDS


def upgrade() -> None:
    op.create_table(
        "cabinets",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hooks", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.CheckConstraint("hooks BETWEEN 1 AND 2000", name=op.f("ck_cabinets_hooks_sane")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_cabinets_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cabinets")),
        sa.UniqueConstraint("ref", name=op.f("uq_cabinets_ref")),
    )
    with op.batch_alter_table("cabinets", schema=None) as batch_op:
        batch_op.create_index("uq_cabinets_name", ["site_id", "name"], unique=True)

    op.create_table(
        "departments",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_departments_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departments")),
        sa.UniqueConstraint("ref", name=op.f("uq_departments_ref")),
    )
    with op.batch_alter_table("departments", schema=None) as batch_op:
        batch_op.create_index("uq_departments_name", ["site_id", "name"], unique=True)

    op.create_table(
        "key_class_rules",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("borrowers", sa.JSON(), nullable=False),
        sa.Column("approvals", sa.Integer(), nullable=False),
        sa.Column("approvers", sa.JSON(), nullable=False),
        sa.Column("listed_only", sa.Boolean(), nullable=False),
        sa.Column("unlisted_approvals", sa.Integer(), nullable=True),
        sa.Column("default_minutes", sa.Integer(), nullable=False),
        sa.Column("limit_minutes", sa.Integer(), nullable=False),
        sa.Column("escalate_minutes", sa.Integer(), nullable=False),
        sa.Column("needs_authority", sa.Boolean(), nullable=False),
        sa.Column("needs_custodian", sa.Boolean(), nullable=False),
        sa.Column("custodian_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("seen_by", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "code IN ('public', 'unit', 'move_in', 'meeting_room', 'cabinet', 'plant_room', 'restricted')",
            name=op.f("ck_key_class_rules_code_known"),
        ),
        sa.CheckConstraint("approvals BETWEEN 0 AND 2", name=op.f("ck_key_class_rules_approvals_sane")),
        sa.CheckConstraint(
            "default_minutes BETWEEN 5 AND limit_minutes", name=op.f("ck_key_class_rules_default_within_limit")
        ),
        sa.CheckConstraint("escalate_minutes BETWEEN 0 AND 44640", name=op.f("ck_key_class_rules_escalation_sane")),
        sa.CheckConstraint("limit_minutes <= 44640", name=op.f("ck_key_class_rules_limit_sane")),
        sa.CheckConstraint(
            "unlisted_approvals BETWEEN 0 AND 2", name=op.f("ck_key_class_rules_unlisted_approvals_sane")
        ),
        sa.ForeignKeyConstraint(["custodian_id"], ["people.id"], name=op.f("fk_key_class_rules_custodian_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_key_class_rules_site_id")),
        sa.PrimaryKeyConstraint("site_id", "code", name=op.f("pk_key_class_rules")),
    )
    op.create_table(
        "key_counts",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("hooks", sa.Integer(), nullable=False),
        sa.Column("differing", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.CheckConstraint("finished_at >= begun_at", name=op.f("ck_key_counts_finished_after_begun")),
        sa.ForeignKeyConstraint(["begun_by_id"], ["people.id"], name=op.f("fk_key_counts_begun_by_id")),
        sa.ForeignKeyConstraint(["finished_by_id"], ["people.id"], name=op.f("fk_key_counts_finished_by_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_key_counts_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_counts")),
        sa.UniqueConstraint("ref", name=op.f("uq_key_counts_ref")),
    )
    with op.batch_alter_table("key_counts", schema=None) as batch_op:
        batch_op.create_index("ix_key_counts_site", ["site_id", "begun_at", "id"], unique=False)
        batch_op.create_index("uq_key_counts_number", ["site_id", "number"], unique=True)
        batch_op.create_index(
            "uq_key_counts_under_way",
            ["site_id"],
            unique=True,
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        )

    op.create_table(
        "key_listings",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("listed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "code IN ('public', 'unit', 'move_in', 'meeting_room', 'cabinet', 'plant_room', 'restricted')",
            name=op.f("ck_key_listings_code_known"),
        ),
        sa.ForeignKeyConstraint(["listed_by_id"], ["people.id"], name=op.f("fk_key_listings_listed_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_key_listings_person_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_key_listings_site_id")),
        sa.PrimaryKeyConstraint("site_id", "code", "person_id", name=op.f("pk_key_listings")),
    )
    op.create_table(
        "key_sets",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("opens", sa.Text(), nullable=False),
        sa.Column("photo", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_key_sets_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_sets")),
        sa.UniqueConstraint("ref", name=op.f("uq_key_sets_ref")),
    )
    with op.batch_alter_table("key_sets", schema=None) as batch_op:
        batch_op.create_index("ix_key_sets_site_id", ["site_id", "tag"], unique=False)

    op.create_table(
        "counted_hooks",
        sa.Column("count_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cabinet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hook", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("seen IN ('tags', 'something', 'empty')", name=op.f("ck_counted_hooks_seen_known")),
        sa.ForeignKeyConstraint(["cabinet_id"], ["cabinets.id"], name=op.f("fk_counted_hooks_cabinet_id")),
        sa.ForeignKeyConstraint(["count_id"], ["key_counts.id"], name=op.f("fk_counted_hooks_count_id")),
        sa.ForeignKeyConstraint(["counted_by_id"], ["people.id"], name=op.f("fk_counted_hooks_counted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counted_hooks")),
    )
    with op.batch_alter_table("counted_hooks", schema=None) as batch_op:
        batch_op.create_index("uq_counted_hooks_once", ["count_id", "cabinet_id", "hook"], unique=True)

    op.create_table(
        "keys",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("cabinet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hook", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("class_code", sa.Text(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("photo", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "class_code IN ('public', 'unit', 'move_in', 'meeting_room', 'cabinet', 'plant_room', 'restricted')",
            name=op.f("ck_keys_class_known"),
        ),
        sa.CheckConstraint("copies BETWEEN 1 AND 99", name=op.f("ck_keys_copies_sane")),
        sa.CheckConstraint("hook >= 1", name=op.f("ck_keys_hook_sane")),
        sa.ForeignKeyConstraint(["cabinet_id"], ["cabinets.id"], name=op.f("fk_keys_cabinet_id")),
        sa.ForeignKeyConstraint(["set_id"], ["key_sets.id"], name=op.f("fk_keys_set_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_keys_site_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_keys_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
        sa.UniqueConstraint("ref", name=op.f("uq_keys_ref")),
    )
    with op.batch_alter_table("keys", schema=None) as batch_op:
        batch_op.create_index(
            "ix_keys_place",
            ["site_id", "cabinet_id", "hook"],
            unique=False,
            sqlite_where=sa.text("retired_at IS NULL"),
            postgresql_where=sa.text("retired_at IS NULL"),
        )
        batch_op.create_index("ix_keys_set_id", ["set_id"], unique=False)
        batch_op.create_index("ix_keys_tag", ["site_id", "tag"], unique=False)
        batch_op.create_index("ix_keys_unit_id", ["unit_id"], unique=False)

    op.create_table(
        "slip_kinds",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("nature", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("promise_minutes", sa.Integer(), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "nature IN ('enquiry', 'complaint', 'suggestion', 'repair', 'lost_found', 'follow_up')",
            name=op.f("ck_slip_kinds_nature_known"),
        ),
        sa.CheckConstraint("promise_minutes BETWEEN 1 AND 527040", name=op.f("ck_slip_kinds_promise_sane")),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_slip_kinds_department_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_slip_kinds_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slip_kinds")),
        sa.UniqueConstraint("ref", name=op.f("uq_slip_kinds_ref")),
    )
    with op.batch_alter_table("slip_kinds", schema=None) as batch_op:
        batch_op.create_index("uq_slip_kinds_name", ["site_id", "name"], unique=True)

    op.create_table(
        "key_tags",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("key_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("(key_id IS NULL) <> (set_id IS NULL)", name=op.f("ck_key_tags_of_one_thing")),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name=op.f("fk_key_tags_key_id")),
        sa.ForeignKeyConstraint(["set_id"], ["key_sets.id"], name=op.f("fk_key_tags_set_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_key_tags_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_tags")),
        sa.UniqueConstraint("key_id", name=op.f("uq_key_tags_key_id")),
        sa.UniqueConstraint("set_id", name=op.f("uq_key_tags_set_id")),
    )
    with op.batch_alter_table("key_tags", schema=None) as batch_op:
        batch_op.create_index("ix_key_tags_tag", ["tag"], unique=False)
        batch_op.create_index("uq_key_tags_tag", ["site_id", "tag"], unique=True)

    op.create_table(
        "slips",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("nature", sa.Text(), nullable=False),
        sa.Column("kind_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("about_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("host_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("offered_to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("written_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("against_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promise_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_slips_closed_has_time")),
        sa.CheckConstraint("matter <> '' OR cause <> '' OR erased_at IS NOT NULL", name=op.f("ck_slips_has_matter")),
        sa.CheckConstraint(
            "nature IN ('enquiry', 'complaint', 'suggestion', 'repair', 'lost_found', 'follow_up')",
            name=op.f("ck_slips_nature_known"),
        ),
        sa.CheckConstraint(
            "source IN ('desk', 'telephone', 'kiosk', 'inspection', 'meeting', 'handover', 'keys')",
            name=op.f("ck_slips_source_known"),
        ),
        sa.CheckConstraint(
            "state <> 'dispatched' OR department_id IS NOT NULL", name=op.f("ck_slips_dispatched_somewhere")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'dispatched', 'in_work', 'done', 'closed')", name=op.f("ck_slips_state_known")
        ),
        sa.CheckConstraint("closed_at >= opened_at", name=op.f("ck_slips_closed_after_opened")),
        sa.ForeignKeyConstraint(["against_id"], ["people.id"], name=op.f("fk_slips_against_id")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["people.id"], name=op.f("fk_slips_closed_by_id")),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_slips_department_id")),
        sa.ForeignKeyConstraint(["done_by_id"], ["people.id"], name=op.f("fk_slips_done_by_id")),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_slips_host_id")),
        sa.ForeignKeyConstraint(["kind_id"], ["slip_kinds.id"], name=op.f("fk_slips_kind_id")),
        sa.ForeignKeyConstraint(["offered_to_id"], ["people.id"], name=op.f("fk_slips_offered_to_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_slips_owner_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_slips_site_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_slips_unit_id")),
        sa.ForeignKeyConstraint(["written_by_id"], ["people.id"], name=op.f("fk_slips_written_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slips")),
        sa.UniqueConstraint("ref", name=op.f("uq_slips_ref")),
    )
    with op.batch_alter_table("slips", schema=None) as batch_op:
        batch_op.create_index("ix_slips_about", ["about", "about_id"], unique=False)
        batch_op.create_index(
            "ix_slips_kept",
            ["site_id", "closed_at", "id"],
            unique=False,
            sqlite_where=sa.text("erased_at IS NULL AND closed_at IS NOT NULL"),
            postgresql_where=sa.text("erased_at IS NULL AND closed_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_slips_open",
            ["site_id", "promise_at", "id"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index("ix_slips_site_opened", ["site_id", "opened_at", "id"], unique=False)
        batch_op.create_index("uq_slips_number", ["site_id", "number"], unique=True)

    op.create_table(
        "key_approvals",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("key_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("class_code", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("copies", sa.Integer(), nullable=True),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("borrower", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("host_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "(borrower = 'occupant') = (host_id IS NOT NULL)", name=op.f("ck_key_approvals_occupant_is_a_host")
        ),
        sa.CheckConstraint(
            "(borrower = 'visitor') = (visit_id IS NOT NULL)", name=op.f("ck_key_approvals_visitor_has_a_visit")
        ),
        sa.CheckConstraint("borrower = 'staff' OR person_id IS NULL", name=op.f("ck_key_approvals_person_is_staff")),
        sa.CheckConstraint(
            "borrower IN ('occupant', 'staff', 'contractor', 'visitor')", name=op.f("ck_key_approvals_borrower_known")
        ),
        sa.CheckConstraint("what IN ('loan', 'copy')", name=op.f("ck_key_approvals_what_known")),
        sa.CheckConstraint("(key_id IS NULL) <> (set_id IS NULL)", name=op.f("ck_key_approvals_of_one_thing")),
        sa.CheckConstraint("needed BETWEEN 1 AND 2", name=op.f("ck_key_approvals_needed_sane")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["people.id"], name=op.f("fk_key_approvals_asked_by_id")),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_key_approvals_host_id")),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name=op.f("fk_key_approvals_key_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_key_approvals_person_id")),
        sa.ForeignKeyConstraint(["set_id"], ["key_sets.id"], name=op.f("fk_key_approvals_set_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_key_approvals_site_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_key_approvals_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_approvals")),
        sa.UniqueConstraint("ref", name=op.f("uq_key_approvals_ref")),
    )
    with op.batch_alter_table("key_approvals", schema=None) as batch_op:
        batch_op.create_index(
            "ix_key_approvals_kept",
            ["site_id", "asked_at"],
            unique=False,
            sqlite_where=sa.text("erased_at IS NULL AND person_id IS NULL"),
            postgresql_where=sa.text("erased_at IS NULL AND person_id IS NULL"),
        )
        batch_op.create_index("ix_key_approvals_key_id", ["key_id"], unique=False)
        batch_op.create_index("ix_key_approvals_open", ["site_id", "expires_at"], unique=False)
        batch_op.create_index("ix_key_approvals_set_id", ["set_id"], unique=False)

    op.create_table(
        "key_differences",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("count_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cabinet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hook", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("explained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("explained_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("slip_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "explained_at IS NULL OR explanation <> ''", name=op.f("ck_key_differences_explained_in_words")
        ),
        sa.CheckConstraint(
            "kind IN ('missing', 'other_hook', 'on_loan', 'lost', 'retired', 'unknown', 'surplus')",
            name=op.f("ck_key_differences_kind_known"),
        ),
        sa.ForeignKeyConstraint(["cabinet_id"], ["cabinets.id"], name=op.f("fk_key_differences_cabinet_id")),
        sa.ForeignKeyConstraint(["count_id"], ["key_counts.id"], name=op.f("fk_key_differences_count_id")),
        sa.ForeignKeyConstraint(["explained_by_id"], ["people.id"], name=op.f("fk_key_differences_explained_by_id")),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name=op.f("fk_key_differences_key_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_key_differences_site_id")),
        sa.ForeignKeyConstraint(["slip_id"], ["slips.id"], name=op.f("fk_key_differences_slip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_differences")),
        sa.UniqueConstraint("ref", name=op.f("uq_key_differences_ref")),
    )
    with op.batch_alter_table("key_differences", schema=None) as batch_op:
        batch_op.create_index("ix_key_differences_count_id", ["count_id", "id"], unique=False)
        batch_op.create_index(
            "ix_key_differences_open",
            ["site_id", "count_id"],
            unique=False,
            sqlite_where=sa.text("explained_at IS NULL"),
            postgresql_where=sa.text("explained_at IS NULL"),
        )

    op.create_table(
        "key_reservations",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("key_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_how", sa.Text(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("borrower", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("host_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "(borrower = 'occupant') = (host_id IS NOT NULL)", name=op.f("ck_key_reservations_occupant_is_a_host")
        ),
        sa.CheckConstraint(
            "(borrower = 'visitor') = (visit_id IS NOT NULL)", name=op.f("ck_key_reservations_visitor_has_a_visit")
        ),
        sa.CheckConstraint("borrower = 'staff' OR person_id IS NULL", name=op.f("ck_key_reservations_person_is_staff")),
        sa.CheckConstraint(
            "borrower IN ('occupant', 'staff', 'contractor', 'visitor')",
            name=op.f("ck_key_reservations_borrower_known"),
        ),
        sa.CheckConstraint("ended_how IN ('cancelled', 'used', 'lost')", name=op.f("ck_key_reservations_end_known")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_how IS NULL)", name=op.f("ck_key_reservations_ended_somehow")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_key_reservations_span_forward")),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_key_reservations_host_id")),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name=op.f("fk_key_reservations_key_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["people.id"], name=op.f("fk_key_reservations_made_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_key_reservations_person_id")),
        sa.ForeignKeyConstraint(["set_id"], ["key_sets.id"], name=op.f("fk_key_reservations_set_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_key_reservations_site_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_key_reservations_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_reservations")),
        sa.UniqueConstraint("ref", name=op.f("uq_key_reservations_ref")),
    )
    with op.batch_alter_table("key_reservations", schema=None) as batch_op:
        batch_op.create_index("ix_key_reservations_batch", ["batch"], unique=False)
        batch_op.create_index(
            "ix_key_reservations_kept",
            ["site_id", "ends_at"],
            unique=False,
            sqlite_where=sa.text("erased_at IS NULL AND person_id IS NULL"),
            postgresql_where=sa.text("erased_at IS NULL AND person_id IS NULL"),
        )
        batch_op.create_index("ix_key_reservations_key", ["key_id", "ends_at"], unique=False)
        batch_op.create_index("ix_key_reservations_site", ["site_id", "ends_at"], unique=False)

    op.create_table(
        "slip_steps",
        sa.Column("slip_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('written', 'noted', 'offered', 'accepted', 'dispatched', 'received', 'promise_moved', 'done', 'checked', 'closed', 'reopened')",
            name=op.f("ck_slip_steps_kind_known"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_slip_steps_by_id")),
        sa.ForeignKeyConstraint(["slip_id"], ["slips.id"], name=op.f("fk_slip_steps_slip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slip_steps")),
    )
    with op.batch_alter_table("slip_steps", schema=None) as batch_op:
        batch_op.create_index("ix_slip_steps_slip", ["slip_id", "id"], unique=False)

    op.create_table(
        "key_decisions",
        sa.Column("approval_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["approval_id"], ["key_approvals.id"], name=op.f("fk_key_decisions_approval_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_key_decisions_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_decisions")),
    )
    with op.batch_alter_table("key_decisions", schema=None) as batch_op:
        batch_op.create_index("uq_key_decisions_once", ["approval_id", "person_id"], unique=True)

    op.create_table(
        "loans",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("class_code", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("escort", sa.Text(), nullable=False),
        sa.Column("approval_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("handed_out_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("out_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("escalate_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chased", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lost", sa.Boolean(), nullable=False),
        sa.Column("acknowledged_how", sa.Text(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("code_nonce", sa.Text(), nullable=True),
        sa.Column("code_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("borrower", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("host_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("(borrower = 'occupant') = (host_id IS NOT NULL)", name=op.f("ck_loans_occupant_is_a_host")),
        sa.CheckConstraint(
            "(borrower = 'visitor') = (visit_id IS NOT NULL)", name=op.f("ck_loans_visitor_has_a_visit")
        ),
        sa.CheckConstraint(
            "acknowledged_how IN ('signature', 'code', 'paper')", name=op.f("ck_loans_acknowledgement_known")
        ),
        sa.CheckConstraint("borrower = 'staff' OR person_id IS NULL", name=op.f("ck_loans_person_is_staff")),
        sa.CheckConstraint(
            "borrower IN ('occupant', 'staff', 'contractor', 'visitor')", name=op.f("ck_loans_borrower_known")
        ),
        sa.CheckConstraint(
            "class_code IN ('public', 'unit', 'move_in', 'meeting_room', 'cabinet', 'plant_room', 'restricted')",
            name=op.f("ck_loans_class_known"),
        ),
        sa.CheckConstraint(
            "(acknowledged_how IS NULL) = (acknowledged_at IS NULL)", name=op.f("ck_loans_acknowledged_has_time")
        ),
        sa.CheckConstraint("(key_id IS NULL) <> (set_id IS NULL)", name=op.f("ck_loans_of_one_thing")),
        sa.CheckConstraint("chased BETWEEN 0 AND 3", name=op.f("ck_loans_chased_sane")),
        sa.CheckConstraint("due_at > out_at", name=op.f("ck_loans_due_after_out")),
        sa.CheckConstraint("ended_at >= out_at", name=op.f("ck_loans_ended_after_out")),
        sa.ForeignKeyConstraint(["approval_id"], ["key_approvals.id"], name=op.f("fk_loans_approval_id")),
        sa.ForeignKeyConstraint(["handed_out_by_id"], ["people.id"], name=op.f("fk_loans_handed_out_by_id")),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_loans_host_id")),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name=op.f("fk_loans_key_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_loans_person_id")),
        sa.ForeignKeyConstraint(["set_id"], ["key_sets.id"], name=op.f("fk_loans_set_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_loans_site_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_loans_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loans")),
        sa.UniqueConstraint("ref", name=op.f("uq_loans_ref")),
    )
    with op.batch_alter_table("loans", schema=None) as batch_op:
        batch_op.create_index(
            "ix_loans_kept",
            ["site_id", "out_at", "id"],
            unique=False,
            sqlite_where=sa.text("erased_at IS NULL AND person_id IS NULL"),
            postgresql_where=sa.text("erased_at IS NULL AND person_id IS NULL"),
        )
        batch_op.create_index("ix_loans_key_id", ["key_id"], unique=False)
        batch_op.create_index(
            "ix_loans_open",
            ["site_id", "due_at", "id"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index("ix_loans_set_id", ["set_id"], unique=False)
        batch_op.create_index(
            "ix_loans_signed",
            ["out_at", "id"],
            unique=False,
            sqlite_where=sa.text("signature IS NOT NULL"),
            postgresql_where=sa.text("signature IS NOT NULL"),
        )
        batch_op.create_index("ix_loans_site_out", ["site_id", "out_at", "id"], unique=False)
        batch_op.create_index(
            "ix_loans_lost",
            ["site_id", "out_at", "id"],
            unique=False,
            sqlite_where=sa.text("lost IS 1"),
            postgresql_where=sa.text("lost IS true"),
        )
        batch_op.create_index(
            "ix_loans_visit",
            ["visit_id"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index("uq_loans_approval_id", ["approval_id"], unique=True)
        batch_op.create_index("uq_loans_number", ["site_id", "number"], unique=True)

    op.create_table(
        "loan_lines",
        sa.Column("loan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_how", sa.Text(), nullable=True),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("brought_by", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("taken_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("ended_how IN ('returned', 'lost')", name=op.f("ck_loan_lines_end_known")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_how IS NULL)", name=op.f("ck_loan_lines_ended_somehow")),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name=op.f("fk_loan_lines_key_id")),
        sa.ForeignKeyConstraint(["loan_id"], ["loans.id"], name=op.f("fk_loan_lines_loan_id")),
        sa.ForeignKeyConstraint(["taken_by_id"], ["people.id"], name=op.f("fk_loan_lines_taken_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_lines")),
    )
    with op.batch_alter_table("loan_lines", schema=None) as batch_op:
        batch_op.create_index("ix_loan_lines_key", ["key_id", "id"], unique=False)
        batch_op.create_index(
            "ix_loan_lines_noted",
            ["ended_at", "id"],
            unique=False,
            sqlite_where=sa.text("brought_by <> '' OR condition <> ''"),
            postgresql_where=sa.text("brought_by <> '' OR condition <> ''"),
        )
        batch_op.create_index("uq_loan_lines_once", ["loan_id", "key_id"], unique=True)
        batch_op.create_index(
            "uq_loan_lines_open",
            ["key_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
    dialect = op.get_bind().dialect.name
    for guard in _all_guards(dialect):
        for statement in guard.create(dialect):
            op.execute(statement)
    for statement in guards.append_only("key_decisions", dialect):
        op.execute(statement)
    if dialect != "sqlite":
        op.execute(_RESERVED_ON_POSTGRESQL)


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for statement in guards.drop_append_only("key_decisions", dialect):
        op.execute(statement)
    for guard in reversed(_all_guards(dialect)):
        for statement in guard.drop(dialect):
            op.execute(statement)
    for table in TABLES:
        op.drop_table(table)
    op.execute("DELETE FROM search_grams WHERE kind IN (4, 5, 6, 7)")
    op.execute("DELETE FROM daily_numbers WHERE series IN ('keys', 'key_counts', 'slips')")
    op.execute("DELETE FROM notices WHERE subject IN ('loan', 'key', 'key_approval', 'slip')")
