"""A visit, and what a kiosk keeps of one before it is one."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from domain import photos
from domain.database import Base, BigId, HasId, HasRef
from domain.encryption import EncryptedText
from domain.errors import explains
from domain.text import N_


class VisitState(StrEnum):
    """Where a visit stands. Lingering (超时未离开) is not a state but computed: inside and past `due_at` (V12)."""

    WAITING = "waiting"
    INSIDE = "inside"
    LEFT = "left"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    PROBABLY_LEFT = "probably_left"


STATE_NAMES = {
    VisitState.WAITING: N_("Waiting"),
    VisitState.INSIDE: N_("In the building"),
    VisitState.LEFT: N_("Left"),
    VisitState.REFUSED: N_("Refused"),
    VisitState.CANCELLED: N_("Cancelled"),
    VisitState.PROBABLY_LEFT: N_("Not seen leaving"),
}

PRESENT = (VisitState.WAITING, VisitState.INSIDE)
_PRESENT_SQL = text("state IN ('waiting','inside') AND presence_key IS NOT NULL")
_LEFT_SQL = text("left_at IS NOT NULL")
_BADGE_SQL = text("state IN ('waiting','inside')")
_KEPT_SQL = text("erased_at IS NULL")
_BRIEF_SQL = text("document IS NOT NULL OR photo IS NOT NULL")


class HostAnswer(StrEnum):
    """What the host may say (V4)."""

    SEND_UP = "send_up"
    MEET = "meet"
    REFUSE = "refuse"


class Visit(HasId, HasRef, Base):
    """One person's stay with the companions who came along (V2).

    `number` counts the register of the site; `badge_day`, `badge_number` and `badge_check` name the badge (V8).
    `presence_key` is the phone while the visitor is there, or at the desk the name of who has none, so that one person
    is in at most once (V11); the desk leaves it empty for those whom it lets in by sight.
    """

    __tablename__ = "visits"
    __table_args__ = (
        Index("ix_visits_site_arrived", "site_id", "arrived_at", "id"),
        Index("ix_visits_site_state", "site_id", "state", "arrived_at", "id"),
        Index("uq_visits_number", "site_id", "number", unique=True),
        Index("uq_visits_badge", "site_id", "badge_day", "badge_number", unique=True),
        Index("ix_visits_badge", "site_id", "badge_number", "badge_check"),
        Index(
            "uq_visits_present_once",
            "site_id",
            "presence_key",
            unique=True,
            sqlite_where=_PRESENT_SQL,
            postgresql_where=_PRESENT_SQL,
        ),
        Index("ix_visits_present", "site_id", "due_at", sqlite_where=_BADGE_SQL, postgresql_where=_BADGE_SQL),
        Index("ix_visits_left", "site_id", "left_at", sqlite_where=_LEFT_SQL, postgresql_where=_LEFT_SQL),
        # `erased_at`, always NULL here, makes SQLite prefer this index to the one of all visits.
        Index(
            "ix_visits_kept",
            "site_id",
            "erased_at",
            "arrived_at",
            "id",
            sqlite_where=_KEPT_SQL,
            postgresql_where=_KEPT_SQL,
        ),
        Index("ix_visits_brief", "arrived_at", "id", sqlite_where=_BRIEF_SQL, postgresql_where=_BRIEF_SQL),
        CheckConstraint(
            "state IN ('waiting','inside','left','refused','cancelled','probably_left')", name="state_known"
        ),
        CheckConstraint("companions BETWEEN 0 AND 99", name="companions_sane"),
        CheckConstraint("left_at IS NULL OR left_at >= arrived_at", name="left_after_arrival"),
        CheckConstraint("state NOT IN ('left','probably_left') OR left_at IS NOT NULL", name="left_has_time"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    number: Mapped[int]
    state: Mapped[str]
    badge_day: Mapped[date]
    badge_number: Mapped[int]
    badge_check: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    organisation: Mapped[str] = mapped_column(default="")
    companions: Mapped[int] = mapped_column(default=0)
    plate: Mapped[str] = mapped_column(default="")
    goods: Mapped[str] = mapped_column(default="")
    document: Mapped[str | None] = mapped_column(EncryptedText("visits.document"))
    photo: Mapped[str | None]
    """File name of the re-encoded photo, outside the web root."""
    purpose_id: Mapped[int] = mapped_column(ForeignKey("purposes.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    host_id: Mapped[int | None] = mapped_column(ForeignKey("hosts.id"))
    language: Mapped[str]
    source: Mapped[str]
    """`kiosk`, `own` (the visitor's phone) or `desk`."""
    kiosk_id: Mapped[int | None] = mapped_column(ForeignKey("kiosks.id"))
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    presence_key: Mapped[str | None]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    """`host`, `deputy` or `desk`."""
    answer_told_at: Mapped[datetime | None]
    """When the visitor was told of the answer: on the kiosk, on the phone, or by the desk."""
    deputy_told_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime]
    due_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    left_how: Mapped[str | None]
    """`badge`, `desk` or `closing`."""
    linger_note: Mapped[str] = mapped_column(default="")
    erased_at: Mapped[datetime | None]

    def lingers(self, now: datetime) -> bool:
        """In the building past the expected end (V12, 超时未离开)."""
        return self.state == VisitState.INSIDE and self.due_at < now

    def ended_at(self) -> datetime | None:
        """When it ended: the departure; of who never came in, the refusal or the arrival. None while it lasts."""
        if self.state in PRESENT:
            return None
        return self.left_at or self.answered_at or self.arrived_at


photos.hold(Visit.photo)
IS_PRESENT = Visit.state.in_([literal_column(f"'{state}'") for state in PRESENT])
"""Whether a visit lasts. Written out, so that the index of those can be used; a bound list is also put together anew
each time it is asked."""


SEE_RECEPTION = N_("Please see the reception: they will help you with this visit.")
explains("uq_visits_present_once", SEE_RECEPTION, field="phone")


class Draft(HasId, Base):
    """What was typed at a kiosk before the visit is signed in: encrypted, three minutes, gone with the wipe (V13)."""

    __tablename__ = "drafts"
    __table_args__ = (Index("ix_drafts_expires_at", "expires_at"),)
    token_hash: Mapped[str] = mapped_column(unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    kiosk_id: Mapped[int | None] = mapped_column(ForeignKey("kiosks.id"))
    content: Mapped[str] = mapped_column(EncryptedText("drafts.content"))
    expires_at: Mapped[datetime]


class ReceptionCall(HasId, HasRef, Base):
    """Somebody pressed "Call reception" at a kiosk (V12b); it rings on the desk until answered."""

    __tablename__ = "reception_calls"
    __table_args__ = (
        Index(
            "uq_reception_calls_ringing",
            "kiosk_id",
            unique=True,
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
        Index("ix_reception_calls_site", "site_id", "answered_at"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    kiosk_id: Mapped[int] = mapped_column(ForeignKey("kiosks.id"))
    step: Mapped[str]
    language: Mapped[str]
    called_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("people.id"))
