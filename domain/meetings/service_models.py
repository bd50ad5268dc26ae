"""What a meeting is served with: the site's catalogue, what is ordered, and the steps of its run sheet (M3–M5, M8)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.database import Base, BigId, HasId, HasRef
from domain.encryption import EncryptedText
from domain.errors import explains
from domain.meetings.phases import Anchor, Category, Duty, Phase
from domain.text import N_

MOST = 5000
MOST_STOCK = 100_000
SHORTEST_INTERVAL, LONGEST_INTERVAL = 5, 240
WAITING = text("how IS NULL AND void_at IS NULL")


def _among(column: str, values: type[Phase] | type[Category] | type[Anchor] | type[Duty], *more: str) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in (*values, *more))})"


class ServiceItem(HasId, HasRef, Base):
    """One thing of the site's catalogue (M3). `stock` is what lies in the store; None: it is not counted.

    `per_person`: the usual number is that of the people; `every_minutes`: the usual time between two refills.
    """

    __tablename__ = "service_items"
    __table_args__ = (
        Index("uq_service_items_name", "site_id", "name", unique=True),
        CheckConstraint(_among("category", Category), name="category_known"),
        CheckConstraint(f"stock BETWEEN 0 AND {MOST_STOCK}", name="stock_sane"),
        CheckConstraint(f"low_at BETWEEN 0 AND {MOST_STOCK}", name="low_sane"),
        CheckConstraint(f"every_minutes BETWEEN {SHORTEST_INTERVAL} AND {LONGEST_INTERVAL}", name="interval_sane"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    name: Mapped[str]
    category: Mapped[str]
    unit: Mapped[str] = mapped_column(default="")
    per_person: Mapped[bool] = mapped_column(default=False)
    every_minutes: Mapped[int | None]
    stock: Mapped[int | None]
    low_at: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


explains("uq_service_items_name", N_("The catalogue has an item of this name already."), field="name")


class ServiceTemplate(HasId, HasRef, Base):
    """A usual order under a name: VIP, training, video conference."""

    __tablename__ = "service_templates"
    __table_args__ = (Index("uq_service_templates_name", "site_id", "name", unique=True),)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    name: Mapped[str]
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


explains("uq_service_templates_name", N_("This site has a template of this name already."), field="name")


class TemplateLine(Base):
    """One item of a template; `number` None: one for each person."""

    __tablename__ = "service_template_lines"
    __table_args__ = (
        CheckConstraint(f"number BETWEEN 1 AND {MOST}", name="number_sane"),
        CheckConstraint(f"every_minutes BETWEEN {SHORTEST_INTERVAL} AND {LONGEST_INTERVAL}", name="interval_sane"),
    )
    template_id: Mapped[int] = mapped_column(ForeignKey("service_templates.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("service_items.id"), primary_key=True)
    number: Mapped[int | None]
    every_minutes: Mapped[int | None]


class StepTemplate(HasId, HasRef, Base):
    """A step of every run sheet of the site (M4); the house's own have a `code`, whose words are translated.

    It falls `minutes` after its anchor, is repeated `every_minutes` during the meeting, and stands on a sheet only
    where something of its `category` is ordered and the meeting takes longer than `longer_than` minutes.
    """

    __tablename__ = "step_templates"
    __table_args__ = (
        Index("ix_step_templates_site", "site_id", "position"),
        CheckConstraint(_among("phase", Phase), name="phase_known"),
        CheckConstraint(_among("anchor", Anchor), name="anchor_known"),
        CheckConstraint(_among("category", Category, ""), name="category_known"),
        CheckConstraint(_among("duty", Duty, ""), name="duty_known"),
        CheckConstraint("minutes BETWEEN -240 AND 240", name="minutes_sane"),
        CheckConstraint("longer_than BETWEEN 0 AND 1440", name="length_sane"),
        CheckConstraint(f"every_minutes BETWEEN {SHORTEST_INTERVAL} AND {LONGEST_INTERVAL}", name="interval_sane"),
        CheckConstraint("code <> '' OR name <> ''", name="has_words"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    code: Mapped[str] = mapped_column(default="")
    name: Mapped[str] = mapped_column(default="")
    phase: Mapped[str]
    anchor: Mapped[str]
    minutes: Mapped[int]
    every_minutes: Mapped[int | None]
    category: Mapped[str] = mapped_column(default="")
    duty: Mapped[str] = mapped_column(default="")
    longer_than: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None]


class ServiceOrder(HasId, Base):
    """The service of one reservation: what is ordered, who serves it, and when it was closed (M3, M8).

    `offered_to_id` is asked to serve instead of the attendant. `goods_at`: when what was ordered left the store.
    `key_loan_id` is the loan with which the room's key went out (K8).
    """

    __tablename__ = "service_orders"
    __table_args__ = (
        Index("uq_service_orders_reservation_id", "reservation_id", unique=True),
        Index("ix_service_orders_attendant_id", "attendant_id"),
        CheckConstraint("(closed_at IS NULL) = (closed_by_id IS NULL)", name="closed_by_somebody"),
        CheckConstraint("offered_to_id IS NULL OR attendant_id IS NOT NULL", name="offered_by_somebody"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservations.id"))
    template_id: Mapped[int | None] = mapped_column(ForeignKey("service_templates.id"))
    notes: Mapped[str] = mapped_column(default="")
    attendant_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("people.id"))
    offered_to_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("people.id"))
    key_loan_id: Mapped[int | None] = mapped_column(ForeignKey("loans.id"))
    goods_at: Mapped[datetime | None]
    ordered_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("people.id"))
    ordered_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("people.id"))


CLOSED = N_("This meeting is closed. What was written of it stays.")
explains("uq_service_orders_reservation_id", N_("Somebody else has just ordered the service of this meeting."))
explains("service_orders_closed", CLOSED)
explains("service_steps_closed", CLOSED)
explains("service_order_lines_closed", CLOSED)
explains("reservations_closed", CLOSED)
explains(
    "service_orders_complete",
    N_("It cannot be closed yet: the equipment is checked, the power is off and the key is back first."),
)


class OrderLine(HasId, Base):
    """One item of an order. `taken` is how much of it left the store."""

    __tablename__ = "service_order_lines"
    __table_args__ = (
        Index("uq_service_order_lines_item", "order_id", "item_id", unique=True),
        Index("ix_service_order_lines_item_id", "item_id"),
        CheckConstraint(f"number BETWEEN 1 AND {MOST}", name="number_sane"),
        CheckConstraint("taken BETWEEN 0 AND number", name="taken_sane"),
        CheckConstraint(f"every_minutes BETWEEN {SHORTEST_INTERVAL} AND {LONGEST_INTERVAL}", name="interval_sane"),
    )
    order_id: Mapped[int] = mapped_column(ForeignKey("service_orders.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("service_items.id"))
    number: Mapped[int]
    every_minutes: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0)


class ServiceStep(HasId, HasRef, Base):
    """One step of a run sheet (M5). Ticked, it stays as it was ticked: `ticked_at` is when it was done, `noted_at` when
    the house heard of it. `void_at`: the order or the meeting no longer asks for it.
    """

    __tablename__ = "service_steps"
    __table_args__ = (
        Index("uq_service_steps_source", "order_id", "source_id", "nth", unique=True),
        Index("ix_service_steps_waiting", "site_id", "due_at", sqlite_where=WAITING, postgresql_where=WAITING),
        CheckConstraint(_among("phase", Phase), name="phase_known"),
        CheckConstraint(_among("duty", Duty, ""), name="duty_known"),
        CheckConstraint("how IN ('done', 'skipped')", name="how_known"),
        CheckConstraint("(how IS NULL) = (ticked_at IS NULL)", name="ticked_has_time"),
        CheckConstraint("(how IS NULL) = (noted_at IS NULL)", name="noted_has_time"),
        CheckConstraint("how IS NULL OR how <> 'skipped' OR reason <> ''", name="skipped_has_reason"),
        CheckConstraint(
            "how IS NULL OR how <> 'skipped' OR duty NOT IN ('equipment', 'power')", name="duty_never_skipped"
        ),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("service_orders.id"))
    source_id: Mapped[int] = mapped_column(ForeignKey("step_templates.id"))
    nth: Mapped[int]
    phase: Mapped[str]
    code: Mapped[str] = mapped_column(default="")
    name: Mapped[str] = mapped_column(default="")
    category: Mapped[str] = mapped_column(default="")
    duty: Mapped[str] = mapped_column(default="")
    due_at: Mapped[datetime]
    how: Mapped[str | None]
    ticked_at: Mapped[datetime | None]
    ticked_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("people.id"))
    noted_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    void_at: Mapped[datetime | None]

    def open(self) -> None:
        """Take the tick off; the history keeps it."""
        self.how = self.ticked_at = self.ticked_by_id = self.noted_at = None
        self.reason = ""


explains("service_steps_tick_stays", N_("Somebody else has just ticked this step. Look at the sheet again."))


class Confirmation(HasId, Base):
    """What the organiser said of the service: signed on the attendant's phone, or by the link (M8). Said once."""

    __tablename__ = "meeting_confirmations"
    __table_args__ = (
        Index("uq_meeting_confirmations_order_id", "order_id", unique=True),
        CheckConstraint("how IN ('signature', 'link')", name="how_known"),
        CheckConstraint("answer IN ('good', 'fair', 'poor')", name="answer_known"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("service_orders.id"))
    how: Mapped[str]
    answer: Mapped[str]
    comment: Mapped[str] = mapped_column(default="")
    signature: Mapped[str | None] = mapped_column(EncryptedText("meeting_confirmations.signature"))
    said_at: Mapped[datetime]


ANSWER_NAMES = {"good": N_("Good"), "fair": N_("Fair"), "poor": N_("Poor")}
explains("uq_meeting_confirmations_order_id", N_("This meeting was confirmed already."))
