"""What was counted of a day, when each report is due, and the reports that were prepared."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.database import Base, BigId, HasId, HasRef
from domain.encryption import EncryptedText


class Tally(Base):
    """How often something came about on a day at a site, and the sum of its seconds. It names nobody and is never
    erased: the statistics that stay (P2). `key` tells the parts of it apart: an hour, a kind, a room.
    """

    __tablename__ = "tallies"
    __table_args__ = (CheckConstraint("count >= 0 AND total >= 0", name="not_negative"),)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    total: Mapped[int] = mapped_column(BigId)


class CountedDay(Base):
    """That a day of a site was counted, at which number of its history, and when."""

    __tablename__ = "counted_days"
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigId)
    counted_at: Mapped[datetime]


class ReportPlan(Base):
    """When a site wants a kind of report, and to which addresses; a kind without one is due on its usual day.

    `day` is the ISO weekday of a weekly report, the day of the month of the others, 0 where it is every day.
    """

    __tablename__ = "report_plans"
    __table_args__ = (
        CheckConstraint("day BETWEEN 0 AND 31", name="day_sane"),
        CheckConstraint("minute BETWEEN 0 AND 1439", name="minute_sane"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[int]
    minute: Mapped[int]
    addresses: Mapped[str] = mapped_column(EncryptedText("report_plans.addresses"))
    active: Mapped[bool]
    changed_at: Mapped[datetime]


class Report(HasId, HasRef, Base):
    """One report that fell due: from which day to which, both included. Its figures are drawn when it is read."""

    __tablename__ = "reports"
    __table_args__ = (
        Index("uq_reports_once", "site_id", "kind", "due_at", unique=True),
        CheckConstraint("since <= until", name="span_forward"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    kind: Mapped[str]
    since: Mapped[date]
    until: Mapped[date]
    due_at: Mapped[datetime]
    made_at: Mapped[datetime]
