"""An export that was asked for, and a filter that somebody keeps."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.database import Base, BigId, HasId, HasRef
from domain.encryption import EncryptedText
from domain.errors import explains
from domain.text import N_

UNFINISHED = text("state IN ('waiting', 'running')")
MOST_NAME = 60


class ExportState(StrEnum):
    """Where an export stands. Its file is there while it is done, and never otherwise."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REMOVED = "removed"


class Export(HasId, HasRef, Base):
    """Rows of one register as a file, for the one who asked.

    `chosen` holds the filters; what was typed may name somebody, so `typed` is sealed, and gone together with the
    file. `full`: personal data is not masked; why stands in the history. `claimed_until`: a worker is at it.
    """

    __tablename__ = "exports"
    __table_args__ = (
        Index("ix_exports_person", "person_id", "asked_at"),
        Index("ix_exports_unfinished", "asked_at", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
        CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'cancelled', 'removed')", name="state_known"
        ),
        CheckConstraint("format IN ('csv', 'xlsx')", name="format_known"),
        CheckConstraint("(state IN ('waiting', 'running')) = (finished_at IS NULL)", name="finished_has_time"),
        CheckConstraint("rows_done >= 0", name="rows_sane"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    register: Mapped[str]
    site_ids: Mapped[list[int]] = mapped_column(JSON)
    chosen: Mapped[dict[str, str]] = mapped_column(JSON)
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    typed: Mapped[str | None] = mapped_column(EncryptedText("exports.typed"))
    format: Mapped[str]
    full: Mapped[bool]
    language: Mapped[str]
    state: Mapped[str] = mapped_column(default=ExportState.WAITING)
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_total: Mapped[int | None]
    size: Mapped[int] = mapped_column(BigId, default=0)
    problem: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    @property
    def file_name(self) -> str:
        """How its file is called in the folder of exports."""
        return f"{self.ref}.csv.gz" if self.format == "csv" else f"{self.ref}.xlsx"

    @property
    def is_unfinished(self) -> bool:
        """Whether the worker has still to do with it."""
        return self.state in (ExportState.WAITING, ExportState.RUNNING)


class SavedFilter(HasId, HasRef, Base):
    """Choices over a register that one person keeps under a name. Typed text is never among them: it names people."""

    __tablename__ = "saved_filters"
    __table_args__ = (
        Index("uq_saved_filters_name", "person_id", "register", "name", unique=True),
        CheckConstraint(f"length(name) BETWEEN 1 AND {MOST_NAME}", name="name_sane"),
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    register: Mapped[str]
    name: Mapped[str]
    chosen: Mapped[dict[str, str]] = mapped_column(JSON)
    made_at: Mapped[datetime]


explains("uq_saved_filters_name", N_("You keep a filter of this name already. Choose another name."), field="name")
