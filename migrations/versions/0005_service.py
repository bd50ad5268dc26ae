"""The service of meetings: catalogue, orders, stock, the run sheet and its steps, ticks made on devices.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from domain import guards

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ORDER_CHANGES = " OR ".join(
    f"NEW.{name} IS DISTINCT FROM OLD.{name}"
    for name in (
        "reservation_id", "template_id", "attendant_id", "offered_to_id", "key_loan_id", "goods_at", "ordered_at",
        "closed_at", "closed_by_id",
    )
)  # fmt: skip
_MEETING_CHANGES = " OR ".join(
    f"NEW.{name} IS DISTINCT FROM OLD.{name}"
    for name in (
        "room_id", "begins_at", "ends_at", "reserved_from", "reserved_until", "release_at", "people", "layout", "state",
        "started_at", "ended_at",
    )
)  # fmt: skip
_TICK_CHANGES = " OR ".join(
    f"NEW.{name} IS DISTINCT FROM OLD.{name}"
    for name in ("how", "ticked_at", "ticked_by_id", "noted_at", "due_at", "void_at", "duty", "phase")
)
_IS_CLOSED = "EXISTS (SELECT 1 FROM service_orders o WHERE o.id = {row}.order_id AND o.closed_at IS NOT NULL)"
_HOLD = "PERFORM 1 FROM service_orders o WHERE o.id = {row}.order_id FOR SHARE;"
_DONE = "EXISTS (SELECT 1 FROM service_steps s WHERE s.order_id = NEW.id AND s.duty = '{duty}' AND s.how = 'done')"
_OUT = "EXISTS (SELECT 1 FROM loans l WHERE l.id = NEW.key_loan_id AND l.ended_at IS NULL)"


def _frozen(name, table, verb, more=""):
    row = "OLD" if verb == "DELETE" else "NEW"
    return guards.Guard(name, table, verb, more + _IS_CLOSED.format(row=row), first=_HOLD.format(row=row))


GUARDS = (
    # A meeting is closed when the equipment was checked, the power is off and the key is back, and not before (M8, K8).
    guards.Guard("service_orders_complete", "service_orders", "INSERT", "NEW.closed_at IS NOT NULL"),
    guards.Guard(
        "service_orders_complete",
        "service_orders",
        "UPDATE",
        "NEW.closed_at IS NOT NULL AND OLD.closed_at IS NULL AND "
        f"(NOT {_DONE.format(duty='equipment')} OR NOT {_DONE.format(duty='power')} OR {_OUT})",
    ),
    # What is closed is a record; retention alone takes words away.
    guards.Guard(
        "service_orders_closed",
        "service_orders",
        "UPDATE",
        f"OLD.closed_at IS NOT NULL AND ({_ORDER_CHANGES} OR (NEW.notes <> OLD.notes AND NEW.notes <> ''))",
    ),
    guards.stays("service_orders_stay", "service_orders", "site_id", "reservation_id", "ordered_at"),
    guards.kept("service_orders_kept", "service_orders"),
    _frozen("service_order_lines_closed", "service_order_lines", "INSERT"),
    _frozen("service_order_lines_closed", "service_order_lines", "UPDATE"),
    _frozen("service_order_lines_closed", "service_order_lines", "DELETE"),
    _frozen("service_steps_closed", "service_steps", "INSERT"),
    _frozen("service_steps_closed", "service_steps", "UPDATE", f"({_TICK_CHANGES}) AND "),
    guards.Guard(
        "service_steps_tick_stays",
        "service_steps",
        "UPDATE",
        f"OLD.how IS NOT NULL AND NEW.how IS NOT NULL AND ({_TICK_CHANGES} "
        "OR (NEW.reason <> OLD.reason AND NEW.reason NOT IN ('', '–')))",
    ),
    guards.stays("service_steps_stay", "service_steps", "site_id", "order_id", "source_id", "nth"),
    guards.kept("service_steps_kept", "service_steps"),
    guards.Guard(
        "reservations_closed",
        "reservations",
        "UPDATE",
        f"({_MEETING_CHANGES} OR (NEW.erased_at IS NULL AND (NEW.title <> OLD.title OR NEW.notes <> OLD.notes))) AND "
        "EXISTS (SELECT 1 FROM service_orders o WHERE o.reservation_id = OLD.id AND o.closed_at IS NOT NULL)",
        first="PERFORM 1 FROM service_orders o WHERE o.reservation_id = OLD.id FOR SHARE;",
    ),
    guards.Guard(
        "meeting_confirmations_stay",
        "meeting_confirmations",
        "UPDATE",
        "NEW.order_id <> OLD.order_id OR NEW.how <> OLD.how OR NEW.answer <> OLD.answer OR NEW.said_at <> OLD.said_at "
        "OR (NEW.comment <> OLD.comment AND NEW.comment <> '') "
        "OR (NEW.signature IS DISTINCT FROM OLD.signature AND NEW.signature IS NOT NULL)",
    ),
    guards.kept("meeting_confirmations_stay", "meeting_confirmations"),
    # What a device sent is answered once, and the answer stays.
    guards.Guard(
        "ticks_stay",
        "ticks",
        "UPDATE",
        "OLD.outcome <> '' OR NEW.device_id <> OLD.device_id OR NEW.at <> OLD.at OR NEW.by_id <> OLD.by_id",
    ),
    guards.kept("ticks_stay", "ticks"),
)


TABLES = (
    "ticks", "meeting_confirmations", "service_steps", "service_order_lines", "service_orders", "step_templates",
    "service_template_lines", "service_templates", "service_items",
)  # fmt: skip


def _id():
    return "BIGINT" if op.get_bind().dialect.name != "sqlite" else "INTEGER"


def upgrade() -> None:
    op.create_table(
        "service_items",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("per_person", sa.Boolean(), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=True),
        sa.Column("stock", sa.Integer(), nullable=True),
        sa.Column("low_at", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "category IN ('drink', 'towel', 'table', 'equipment', 'guide', 'parking', 'other')",
            name=op.f("ck_service_items_category_known"),
        ),
        sa.CheckConstraint("every_minutes BETWEEN 5 AND 240", name=op.f("ck_service_items_interval_sane")),
        sa.CheckConstraint("low_at BETWEEN 0 AND 100000", name=op.f("ck_service_items_low_sane")),
        sa.CheckConstraint("stock BETWEEN 0 AND 100000", name=op.f("ck_service_items_stock_sane")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_service_items_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_items")),
        sa.UniqueConstraint("ref", name=op.f("uq_service_items_ref")),
    )
    op.create_index("uq_service_items_name", "service_items", ["site_id", "name"], unique=True)
    op.create_table(
        "service_templates",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_service_templates_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_templates")),
        sa.UniqueConstraint("ref", name=op.f("uq_service_templates_ref")),
    )
    op.create_index("uq_service_templates_name", "service_templates", ["site_id", "name"], unique=True)
    op.create_table(
        "step_templates",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("anchor", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("longer_than", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.CheckConstraint("anchor IN ('begin', 'middle', 'end')", name=op.f("ck_step_templates_anchor_known")),
        sa.CheckConstraint(
            "category IN ('drink', 'towel', 'table', 'equipment', 'guide', 'parking', 'other', '')",
            name=op.f("ck_step_templates_category_known"),
        ),
        sa.CheckConstraint("code <> '' OR name <> ''", name=op.f("ck_step_templates_has_words")),
        sa.CheckConstraint(
            "duty IN ('key_out', 'equipment', 'power', 'key_back', '')", name=op.f("ck_step_templates_duty_known")
        ),
        sa.CheckConstraint(
            "phase IN ('prepare', 'greet', 'serve', 'break', 'clear', 'close')",
            name=op.f("ck_step_templates_phase_known"),
        ),
        sa.CheckConstraint("every_minutes BETWEEN 5 AND 240", name=op.f("ck_step_templates_interval_sane")),
        sa.CheckConstraint("longer_than BETWEEN 0 AND 1440", name=op.f("ck_step_templates_length_sane")),
        sa.CheckConstraint("minutes BETWEEN -240 AND 240", name=op.f("ck_step_templates_minutes_sane")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_step_templates_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_templates")),
        sa.UniqueConstraint("ref", name=op.f("uq_step_templates_ref")),
    )
    op.create_index("ix_step_templates_site", "step_templates", ["site_id", "position"], unique=False)
    op.create_table(
        "ticks",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_ticks_by_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_ticks_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticks")),
    )
    op.create_index("ix_ticks_subject", "ticks", ["subject", "subject_id"], unique=False)
    op.create_index("uq_ticks_device_id", "ticks", ["device_id"], unique=True)
    op.create_table(
        "service_template_lines",
        sa.Column("template_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("every_minutes", sa.Integer(), nullable=True),
        sa.CheckConstraint("every_minutes BETWEEN 5 AND 240", name=op.f("ck_service_template_lines_interval_sane")),
        sa.CheckConstraint("number BETWEEN 1 AND 5000", name=op.f("ck_service_template_lines_number_sane")),
        sa.ForeignKeyConstraint(["item_id"], ["service_items.id"], name=op.f("fk_service_template_lines_item_id")),
        sa.ForeignKeyConstraint(
            ["template_id"], ["service_templates.id"], name=op.f("fk_service_template_lines_template_id")
        ),
        sa.PrimaryKeyConstraint("template_id", "item_id", name=op.f("pk_service_template_lines")),
    )
    op.create_table(
        "service_orders",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reservation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("template_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("attendant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("offered_to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("key_loan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("goods_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ordered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by_id IS NULL)", name=op.f("ck_service_orders_closed_by_somebody")
        ),
        sa.CheckConstraint(
            "offered_to_id IS NULL OR attendant_id IS NOT NULL", name=op.f("ck_service_orders_offered_by_somebody")
        ),
        sa.ForeignKeyConstraint(["attendant_id"], ["people.id"], name=op.f("fk_service_orders_attendant_id")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["people.id"], name=op.f("fk_service_orders_closed_by_id")),
        sa.ForeignKeyConstraint(["key_loan_id"], ["loans.id"], name=op.f("fk_service_orders_key_loan_id")),
        sa.ForeignKeyConstraint(["offered_to_id"], ["people.id"], name=op.f("fk_service_orders_offered_to_id")),
        sa.ForeignKeyConstraint(["ordered_by_id"], ["people.id"], name=op.f("fk_service_orders_ordered_by_id")),
        sa.ForeignKeyConstraint(["reservation_id"], ["reservations.id"], name=op.f("fk_service_orders_reservation_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_service_orders_site_id")),
        sa.ForeignKeyConstraint(["template_id"], ["service_templates.id"], name=op.f("fk_service_orders_template_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_orders")),
    )
    op.create_index("ix_service_orders_attendant_id", "service_orders", ["attendant_id"], unique=False)
    op.create_index("uq_service_orders_reservation_id", "service_orders", ["reservation_id"], unique=True)
    op.create_table(
        "meeting_confirmations",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("answer IN ('good', 'fair', 'poor')", name=op.f("ck_meeting_confirmations_answer_known")),
        sa.CheckConstraint("how IN ('signature', 'link')", name=op.f("ck_meeting_confirmations_how_known")),
        sa.ForeignKeyConstraint(["order_id"], ["service_orders.id"], name=op.f("fk_meeting_confirmations_order_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_meeting_confirmations_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_confirmations")),
    )
    op.create_index("uq_meeting_confirmations_order_id", "meeting_confirmations", ["order_id"], unique=True)
    op.create_table(
        "service_order_lines",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("every_minutes BETWEEN 5 AND 240", name=op.f("ck_service_order_lines_interval_sane")),
        sa.CheckConstraint("number BETWEEN 1 AND 5000", name=op.f("ck_service_order_lines_number_sane")),
        sa.CheckConstraint("taken BETWEEN 0 AND number", name=op.f("ck_service_order_lines_taken_sane")),
        sa.ForeignKeyConstraint(["item_id"], ["service_items.id"], name=op.f("fk_service_order_lines_item_id")),
        sa.ForeignKeyConstraint(["order_id"], ["service_orders.id"], name=op.f("fk_service_order_lines_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_order_lines")),
    )
    op.create_index("ix_service_order_lines_item_id", "service_order_lines", ["item_id"], unique=False)
    op.create_index("uq_service_order_lines_item", "service_order_lines", ["order_id", "item_id"], unique=True)
    op.create_table(
        "service_steps",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("how", sa.Text(), nullable=True),
        sa.Column("ticked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ticked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("void_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "duty IN ('key_out', 'equipment', 'power', 'key_back', '')", name=op.f("ck_service_steps_duty_known")
        ),
        sa.CheckConstraint("how IN ('done', 'skipped')", name=op.f("ck_service_steps_how_known")),
        sa.CheckConstraint(
            "how IS NULL OR how <> 'skipped' OR duty NOT IN ('equipment', 'power')",
            name=op.f("ck_service_steps_duty_never_skipped"),
        ),
        sa.CheckConstraint(
            "how IS NULL OR how <> 'skipped' OR reason <> ''", name=op.f("ck_service_steps_skipped_has_reason")
        ),
        sa.CheckConstraint(
            "phase IN ('prepare', 'greet', 'serve', 'break', 'clear', 'close')",
            name=op.f("ck_service_steps_phase_known"),
        ),
        sa.CheckConstraint("(how IS NULL) = (noted_at IS NULL)", name=op.f("ck_service_steps_noted_has_time")),
        sa.CheckConstraint("(how IS NULL) = (ticked_at IS NULL)", name=op.f("ck_service_steps_ticked_has_time")),
        sa.ForeignKeyConstraint(["order_id"], ["service_orders.id"], name=op.f("fk_service_steps_order_id")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_service_steps_site_id")),
        sa.ForeignKeyConstraint(["source_id"], ["step_templates.id"], name=op.f("fk_service_steps_source_id")),
        sa.ForeignKeyConstraint(["ticked_by_id"], ["people.id"], name=op.f("fk_service_steps_ticked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_steps")),
        sa.UniqueConstraint("ref", name=op.f("uq_service_steps_ref")),
    )
    op.create_index(
        "ix_service_steps_waiting",
        "service_steps",
        ["site_id", "due_at"],
        unique=False,
        sqlite_where=sa.text("how IS NULL AND void_at IS NULL"),
        postgresql_where=sa.text("how IS NULL AND void_at IS NULL"),
    )
    op.create_index("uq_service_steps_source", "service_steps", ["order_id", "source_id", "nth"], unique=True)
    # Added in words that both databases take: a table with triggers is not made anew.
    op.execute(f"ALTER TABLE rooms ADD COLUMN key_id {_id()} CONSTRAINT fk_rooms_key_id REFERENCES keys (id)")
    op.execute("ALTER TABLE slips ADD COLUMN photo TEXT")

    dialect = op.get_bind().dialect.name
    for guard in GUARDS:
        for statement in guard.create(dialect):
            op.execute(statement)


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for guard in reversed(GUARDS):
        for statement in guard.drop(dialect):
            op.execute(statement)
    op.execute("ALTER TABLE slips DROP COLUMN photo")
    op.execute("ALTER TABLE rooms DROP COLUMN key_id")
    for table in TABLES:
        op.drop_table(table)
