"""Calendar feeds (M10): who holds the address of one reads it, until it is taken back."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.database import Base, BigId, HasId, HasRef
from domain.errors import explains
from domain.text import N_


class Feed(HasId, HasRef, Base):
    """One address of the meetings of a room, of an organiser (an occupant or one of the staff), or of the service that
    an attendant gives (`duty`). The address itself is shown once; kept is its hash. `label` says where it is used.
    """

    __tablename__ = "calendar_feeds"
    __table_args__ = (
        Index("ix_calendar_feeds_site", "site_id", "id"),
        CheckConstraint(
            "(CASE WHEN room_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN host_id IS NULL THEN 0 ELSE 1 END) "
            "+ (CASE WHEN person_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="of_one",
        ),
        CheckConstraint("NOT duty OR person_id IS NOT NULL", name="duty_of_person"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str] = mapped_column(default="")
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id"))
    host_id: Mapped[int | None] = mapped_column(ForeignKey("hosts.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    duty: Mapped[bool] = mapped_column(default=False)
    made_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("people.id"))
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


explains("feeds_revoked_stay", N_("This address was taken back already."))
