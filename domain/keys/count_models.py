"""Counts of the cabinet (清点): what was seen on each hook, and what differed (K7)."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.database import Base, BigId, HasId, HasRef
from domain.errors import explains
from domain.text import N_

UNDER_WAY = text("finished_at IS NULL")
UNEXPLAINED = text("explained_at IS NULL")


class KeyCount(HasId, HasRef, Base):
    """One count of a site's hooks: begun, left and taken up again, finished once, then a record."""

    __tablename__ = "key_counts"
    __table_args__ = (
        Index("uq_key_counts_number", "site_id", "number", unique=True),
        Index("uq_key_counts_under_way", "site_id", unique=True, sqlite_where=UNDER_WAY, postgresql_where=UNDER_WAY),
        Index("ix_key_counts_site", "site_id", "begun_at", "id"),
        CheckConstraint("finished_at >= begun_at", name="finished_after_begun"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    number: Mapped[int]
    begun_at: Mapped[datetime]
    begun_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("people.id"))
    finished_at: Mapped[datetime | None]
    finished_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("people.id"))
    hooks: Mapped[int] = mapped_column(default=0)
    """How many hooks were counted, and how many of them differed: written when it is finished."""
    differing: Mapped[int] = mapped_column(default=0)


explains("uq_key_counts_under_way", N_("A count is under way here. Go on with that one."))
explains("key_counts_finished", N_("This count is finished. It can no longer be changed."))


class CountedHook(HasId, Base):
    """What was seen on one hook: tags, something without a tag read, or nothing; until the count is finished it may be
    looked at again.
    """

    __tablename__ = "counted_hooks"
    __table_args__ = (
        Index("uq_counted_hooks_once", "count_id", "cabinet_id", "hook", unique=True),
        CheckConstraint("seen IN ('tags', 'something', 'empty')", name="seen_known"),
    )
    count_id: Mapped[int] = mapped_column(ForeignKey("key_counts.id"))
    cabinet_id: Mapped[int] = mapped_column(ForeignKey("cabinets.id"))
    hook: Mapped[int]
    seen: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    counted_at: Mapped[datetime]
    counted_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("people.id"))


class KeyDifference(HasId, HasRef, Base):
    """What differed, one by one: explained by somebody before the handover completes (K7)."""

    __tablename__ = "key_differences"
    __table_args__ = (
        Index("ix_key_differences_count_id", "count_id", "id"),
        Index("ix_key_differences_open", "site_id", "count_id", sqlite_where=UNEXPLAINED, postgresql_where=UNEXPLAINED),
        CheckConstraint(
            "kind IN ('missing', 'other_hook', 'on_loan', 'lost', 'retired', 'unknown', 'surplus')", name="kind_known"
        ),
        CheckConstraint("explained_at IS NULL OR explanation <> ''", name="explained_in_words"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    count_id: Mapped[int] = mapped_column(ForeignKey("key_counts.id"))
    cabinet_id: Mapped[int] = mapped_column(ForeignKey("cabinets.id"))
    hook: Mapped[int]
    kind: Mapped[str]
    key_id: Mapped[int | None] = mapped_column(ForeignKey("keys.id"))
    tag: Mapped[str] = mapped_column(default="")
    explanation: Mapped[str] = mapped_column(default="")
    explained_at: Mapped[datetime | None]
    explained_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("people.id"))
    slip_id: Mapped[int | None] = mapped_column(ForeignKey("slips.id"))
