"""An invitation made ahead, and each entry that was made with it (V5).

It is no visit: a stay begins with the arrival, and an invitation may serve several of them or none. So the register of
visits holds stays alone, each arrival of an invited guest is a visit with an entry here, and the two are never written
twice: an entry has one visit, a visit at most one entry.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.database import Base, BigId, HasId, HasRef
from domain.errors import explains
from domain.text import N_

MOST_ENTRIES = 500
MOST_AHEAD = timedelta(days=366)
LONGEST = timedelta(days=92)
EARLY = timedelta(hours=2)
"""Who comes so much before the time comes in time."""
ASKED_AROUND = timedelta(days=1)
"""Who comes so much before or after that is matched and asked; the digits are kept so long (V5)."""
USED_UP = N_("This invitation was used already. It is good for no further entry.")
TAKEN_BACK = N_("This invitation was taken back. Please see the reception.")
LIVE = text("state = 'open' AND phone <> ''")
KEPT = text("erased_at IS NULL")
CODED = text("digits IS NOT NULL")


class InvitationState(StrEnum):
    """What was decided about it; used up, late and over are computed from the entries and the time."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"


class Invitation(HasId, HasRef, Base):
    """Somebody is expected, from `begins_at` to `ends_at`, for so many `entries`. Without a name it is for a group:
    whoever of it comes says the own name.

    `digits` are typed at a kiosk; of the invitations of a site that may still be met each has its own. What the QR
    holds is made from `ref` (domain/visits/invitation_codes.py). `sequence` rises with each change of which the guest
    is told, so that calendars know the newest. `meeting_id` is the meeting whose guest it is (M6).
    """

    __tablename__ = "invitations"
    __table_args__ = (
        Index("ix_invitations_site", "site_id", "begins_at", "id"),
        Index("uq_invitations_number", "site_id", "number", unique=True),
        Index("uq_invitations_digits", "site_id", "digits", unique=True),
        Index("ix_invitations_meeting", "meeting_id"),
        Index("ix_invitations_host", "host_id", "ends_at"),
        Index("ix_invitations_phone", "site_id", "phone", sqlite_where=LIVE, postgresql_where=LIVE),
        Index("ix_invitations_coded", "ends_at", sqlite_where=CODED, postgresql_where=CODED),
        Index("ix_invitations_kept", "site_id", "ends_at", "id", sqlite_where=KEPT, postgresql_where=KEPT),
        CheckConstraint("state IN ('open', 'withdrawn')", name="state_known"),
        CheckConstraint("begins_at < ends_at", name="window_forward"),
        CheckConstraint(f"entries BETWEEN 1 AND {MOST_ENTRIES}", name="entries_sane"),
        CheckConstraint("companions BETWEEN 0 AND 99", name="companions_sane"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_has_time"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    number: Mapped[int]
    digits: Mapped[str | None]
    state: Mapped[str] = mapped_column(default=InvitationState.OPEN)
    name: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    organisation: Mapped[str] = mapped_column(default="")
    companions: Mapped[int] = mapped_column(default=0)
    language: Mapped[str]
    """In which the guest is written to."""
    purpose_id: Mapped[int] = mapped_column(ForeignKey("purposes.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    host_id: Mapped[int | None] = mapped_column(ForeignKey("hosts.id"))
    meeting_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("reservations.id"))
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    entries: Mapped[int] = mapped_column(default=1)
    sequence: Mapped[int] = mapped_column(default=0)
    source: Mapped[str]
    """`host`, `desk`, `upload` or `meeting`."""
    made_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("people.id"))
    made_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    @property
    def is_open(self) -> bool:
        """Whether it was not taken back; its time and entries are another question."""
        return self.state == InvitationState.OPEN


class InvitationEntry(Base):
    """The `place`th entry of an invitation, made by one visit. A visit that was not let in gives it back."""

    __tablename__ = "invitation_entries"
    __table_args__ = (Index("uq_invitation_entries_visit", "visit_id", unique=True),)
    invitation_id: Mapped[int] = mapped_column(BigId, ForeignKey("invitations.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    visit_id: Mapped[int] = mapped_column(BigId, ForeignKey("visits.id"))
    entered_at: Mapped[datetime]


explains("uq_invitations_digits", N_("Two invitations were given the same digits in the same moment. Send it again."))
explains("invitation_entries_allowed", USED_UP)
explains("uq_invitation_entries_invitation_id_place", USED_UP)
explains("pk_invitation_entries", USED_UP)
explains("uq_invitation_entries_visit", N_("This visit was joined to an invitation in the same moment."))
explains("invitations_entries_left", N_("More guests than that have come with it already."), field="entries")
