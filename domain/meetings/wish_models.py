"""The waiting list of a room: who would like it at a time at which it is taken."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.database import Base, BigId, HasId, HasRef
from domain.meetings.models import MOST_SEATS
from domain.text import N_

WAITING = text("state = 'waiting'")
KEPT = text("erased_at IS NULL")


class WishState(StrEnum):
    """Where a wish stands. Offered: the room is held for them as a tentative meeting of their own."""

    WAITING = "waiting"
    OFFERED = "offered"
    GONE = "gone"


WISH_NAMES = {
    WishState.WAITING: N_("Waits"),
    WishState.OFFERED: N_("The room was offered"),
    WishState.GONE: N_("Waits no more"),
}


class RoomWish(HasId, HasRef, Base):
    """A meeting that has no room yet: when the room is free for all of its time, the first who waits is offered it."""

    __tablename__ = "room_wishes"
    __table_args__ = (
        Index("ix_room_wishes_waiting", "room_id", "id", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_room_wishes_site", "site_id", "begins_at", "id"),
        Index("ix_room_wishes_kept", "site_id", "ends_at", "id", sqlite_where=KEPT, postgresql_where=KEPT),
        CheckConstraint("begins_at < ends_at", name="span_forward"),
        CheckConstraint(f"people BETWEEN 1 AND {MOST_SEATS}", name="people_sane"),
        CheckConstraint("state IN ('waiting', 'offered', 'gone')", name="state_known"),
        CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended_has_time"),
        CheckConstraint("erased_at IS NOT NULL OR (host_id IS NULL) <> (person_id IS NULL)", name="one_organiser"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id"))
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    title: Mapped[str]
    host_id: Mapped[int | None] = mapped_column(ForeignKey("hosts.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    people: Mapped[int]
    layout: Mapped[str] = mapped_column(default="")
    notes: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default=WishState.WAITING)
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("reservations.id"))
    """The meeting that was made of it."""
    made_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("people.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
