"""A slip, the steps that were taken, and the departments that it can go to (C1–C3)."""

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ColumnElement, ForeignKey, Index, and_, text
from sqlalchemy.orm import Mapped, mapped_column

from domain import photos
from domain.database import Base, BigId, HasId, HasRef
from domain.errors import explains
from domain.text import N_

OPEN_SQL = text("closed_at IS NULL")
# What is closed; in words that no other question has, because SQLite would take this index for the erasing too.
COUNTED = text("closed_at IS NOT NULL AND nature <> ''")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
KEPT = text("erased_at IS NULL AND closed_at IS NOT NULL")


class SlipState(StrEnum):
    """Where a slip stands. Past its promise is not a state but computed."""

    OPEN = "open"
    DISPATCHED = "dispatched"
    IN_WORK = "in_work"
    DONE = "done"
    CLOSED = "closed"


STATE_NAMES = {
    SlipState.OPEN: N_("Open"),
    SlipState.DISPATCHED: N_("Dispatched"),
    SlipState.IN_WORK: N_("In work"),
    SlipState.DONE: N_("Done, to be checked"),
    SlipState.CLOSED: N_("Closed"),
}


class Nature(StrEnum):
    """What kind of matter it is; what the house does with a slip depends on it (C5)."""

    ENQUIRY = "enquiry"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    REPAIR = "repair"
    LOST_FOUND = "lost_found"
    FOLLOW_UP = "follow_up"


NATURE_NAMES = {
    Nature.ENQUIRY: N_("Enquiry"),
    Nature.COMPLAINT: N_("Complaint"),
    Nature.SUGGESTION: N_("Suggestion"),
    Nature.REPAIR: N_("Repair"),
    Nature.LOST_FOUND: N_("Lost and found"),
    Nature.FOLLOW_UP: N_("Follow-up"),
}


class Source(StrEnum):
    """Where a matter came up (C2)."""

    DESK = "desk"
    TELEPHONE = "telephone"
    KIOSK = "kiosk"
    INSPECTION = "inspection"
    MEETING = "meeting"
    HANDOVER = "handover"
    KEYS = "keys"


SOURCE_NAMES = {
    Source.DESK: N_("Desk"),
    Source.TELEPHONE: N_("Telephone"),
    Source.KIOSK: N_("Kiosk"),
    Source.INSPECTION: N_("Inspection"),
    Source.MEETING: N_("Meeting"),
    Source.HANDOVER: N_("Handover"),
    Source.KEYS: N_("Keys"),
}


class Cause(StrEnum):
    """What Foyer itself writes a slip about; the matter is then a sentence in the reader's language."""

    KEY_LOST = "key_lost"
    KEY_DIFFERENCE = "key_difference"


CAUSES = {
    Cause.KEY_LOST: N_("Key %(label)s is lost: change the lock? Charge for it?"),
    Cause.KEY_DIFFERENCE: N_("The key count differs: %(label)s"),
}


class Department(HasId, HasRef, Base):
    """A department that slips go to; the list is the site's (C2)."""

    __tablename__ = "departments"
    __table_args__ = (Index("uq_departments_name", "site_id", "name", unique=True),)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    name: Mapped[str]
    email: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None]


explains("uq_departments_name", N_("This site has a department of this name already."), field="name")


class SlipKind(HasId, HasRef, Base):
    """A kind of the site's own under one of the natures, with its usual promise: a leak is a repair, say (C2)."""

    __tablename__ = "slip_kinds"
    __table_args__ = (
        Index("uq_slip_kinds_name", "site_id", "name", unique=True),
        CheckConstraint(
            "nature IN ('enquiry', 'complaint', 'suggestion', 'repair', 'lost_found', 'follow_up')",
            name="nature_known",
        ),
        CheckConstraint("promise_minutes BETWEEN 1 AND 527040", name="promise_sane"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    nature: Mapped[str]
    name: Mapped[str]
    promise_minutes: Mapped[int | None]
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None]


explains("uq_slip_kinds_name", N_("This site has a kind of this name already."), field="name")


class Slip(HasId, HasRef, Base):
    """One matter (C2). `owner_id` answers for it until another accepts it (C1); `offered_to_id` is asked to.

    `cause` and `label` stand where Foyer wrote it; `about` and `about_id` name what it is about (a key, say).
    `against_id` is the one of the staff complained about, who never closes it (C5).
    """

    __tablename__ = "slips"
    __table_args__ = (
        Index("uq_slips_number", "site_id", "number", unique=True),
        Index("ix_slips_site_opened", "site_id", "opened_at", "id"),
        Index("ix_slips_open", "site_id", "promise_at", "id", sqlite_where=OPEN_SQL, postgresql_where=OPEN_SQL),
        Index("ix_slips_closed", "site_id", "closed_at", sqlite_where=COUNTED, postgresql_where=COUNTED),
        Index("ix_slips_about", "about", "about_id"),
        Index("ix_slips_kept", "site_id", "closed_at", "id", sqlite_where=KEPT, postgresql_where=KEPT),
        CheckConstraint("state IN ('open', 'dispatched', 'in_work', 'done', 'closed')", name="state_known"),
        CheckConstraint(
            "nature IN ('enquiry', 'complaint', 'suggestion', 'repair', 'lost_found', 'follow_up')",
            name="nature_known",
        ),
        CheckConstraint(
            "source IN ('desk', 'telephone', 'kiosk', 'inspection', 'meeting', 'handover', 'keys')",
            name="source_known",
        ),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
        CheckConstraint("closed_at >= opened_at", name="closed_after_opened"),
        CheckConstraint("state <> 'dispatched' OR department_id IS NOT NULL", name="dispatched_somewhere"),
        CheckConstraint("matter <> '' OR cause <> '' OR erased_at IS NOT NULL", name="has_matter"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    number: Mapped[int]
    state: Mapped[str]
    source: Mapped[str]
    nature: Mapped[str]
    kind_id: Mapped[int | None] = mapped_column(ForeignKey("slip_kinds.id"))
    matter: Mapped[str] = mapped_column(default="")
    cause: Mapped[str] = mapped_column(default="")
    label: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(default="")
    about_id: Mapped[int | None] = mapped_column(BigId)
    urgent: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    host_id: Mapped[int | None] = mapped_column(ForeignKey("hosts.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    offered_to_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    against_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    received_at: Mapped[datetime | None]
    """When the department confirmed that it has it (C3)."""
    promise_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    outcome: Mapped[str] = mapped_column(default="")
    photo: Mapped[str | None]
    """The file of a picture that was taken of it."""
    erased_at: Mapped[datetime | None]

    def late(self, now: datetime) -> bool:
        """Not closed past its promise (C6)."""
        return self.state != SlipState.CLOSED and self.promise_at < now


photos.hold(Slip.photo)


def is_open() -> ColumnElement[bool]:
    """The condition that a slip is not closed.

    SQLite takes a partial index to be as long as the table; bound at its second column it is seen to be the shorter.
    """
    return and_(Slip.closed_at.is_(None), Slip.promise_at > LONG_AGO)


class SlipStep(HasId, Base):
    """One line of what was done. Append-only: retention alone may take the words away."""

    __tablename__ = "slip_steps"
    __table_args__ = (
        Index("ix_slip_steps_slip", "slip_id", "id"),
        CheckConstraint(
            "kind IN ('written', 'noted', 'offered', 'accepted', 'dispatched', 'received', 'promise_moved', 'done', "
            "'checked', 'closed', 'reopened')",
            name="kind_known",
        ),
    )
    slip_id: Mapped[int] = mapped_column(ForeignKey("slips.id"))
    kind: Mapped[str]
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("people.id"))
    text: Mapped[str] = mapped_column(default="")
    facts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)


explains("slip_steps_stay", N_("What was written on a slip stays. Add a further line."))
explains("slips_end_stays", N_("This slip is closed. Open it again first."))
