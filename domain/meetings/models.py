"""A meeting room, and one reservation of it (M1, M2)."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ColumnElement, ForeignKey, Index, and_, literal_column, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.database import Base, BigId, HasId, HasRef
from domain.errors import explains
from domain.statements import in_full
from domain.text import N_

LAYOUT_NAMES = {
    "boardroom": N_("Boardroom"),
    "theatre": N_("Theatre"),
    "classroom": N_("Classroom"),
    "u_shape": N_("U-shape"),
    "banquet": N_("Round tables"),
}
EQUIPMENT_NAMES = {
    "screen": N_("Screen"),
    "projector": N_("Projector"),
    "microphone": N_("Microphones"),
    "video": N_("Video conference"),
    "whiteboard": N_("Whiteboard"),
    "lectern": N_("Lectern"),
}
MOST_SEATS = 5000
MOST_AROUND = 240
"""Set-up and clearing take at most so many minutes each."""
ANSWER_WITHIN = timedelta(hours=24)
"""Who has not decided about a tentative meeting by then, or by its beginning, lets the room go."""
BLOCKING = text("state IN ('held', 'ended')")
KEPT = text("erased_at IS NULL")
UNBEGUN = text("state = 'held' AND started_at IS NULL AND release_at IS NOT NULL")
UNDECIDED = text("state = 'held' AND answer = '' AND answer_by IS NOT NULL")


class ReservationState(StrEnum):
    """Where a reservation stands; running, over and "nobody came" are computed from the time."""

    HELD = "held"
    CANCELLED = "cancelled"
    RELEASED = "released"
    ENDED = "ended"


STATE_NAMES = {
    ReservationState.HELD: N_("Reserved"),
    ReservationState.CANCELLED: N_("Called off"),
    ReservationState.RELEASED: N_("Nobody came"),
    ReservationState.ENDED: N_("Ended early"),
}


class Approver(StrEnum):
    """Whose word a reservation waits for; each role includes those above it. `ORGANISER`: the room is held for who was
    waiting for it, until they say that they take it.
    """

    NOBODY = ""
    LEAD = "lead"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    ORGANISER = "organiser"


class Answer(StrEnum):
    """What became of a tentative meeting."""

    NONE = ""
    GRANTED = "granted"
    REFUSED = "refused"
    EXPIRED = "expired"


class OpenTo(StrEnum):
    """Who may reserve a room. `ALL`: hosts too, through their link; `UNITS`: those of certain units alone."""

    ALL = "all"
    STAFF = "staff"
    LEAD = "lead"
    UNITS = "units"


class Room(HasId, HasRef, Base):
    """A meeting room (M1). It is open on `open_days` (ISO weekdays) from `opens` to `closes`, minutes after midnight.

    `release_minutes`: who has not begun so long after the beginning loses the room (M7); None: nobody does.
    `approver`: who must agree to a reservation; `open_to`: who may make one; `door_booking`: whether the display at the
    door takes one for now; `prices`: lines of what services cost, for who reserves.
    """

    __tablename__ = "rooms"
    __table_args__ = (
        Index("uq_rooms_name", "site_id", "name", unique=True),
        CheckConstraint(f"capacity BETWEEN 1 AND {MOST_SEATS}", name="capacity_sane"),
        CheckConstraint(f"before_minutes BETWEEN 0 AND {MOST_AROUND}", name="before_sane"),
        CheckConstraint(f"after_minutes BETWEEN 0 AND {MOST_AROUND}", name="after_sane"),
        CheckConstraint("0 <= opens AND opens < closes AND closes <= 1440", name="hours_sane"),
        CheckConstraint("release_minutes BETWEEN 5 AND 240", name="release_sane"),
        CheckConstraint("approver IN ('', 'lead', 'supervisor', 'manager')", name="approver_known"),
        CheckConstraint("open_to IN ('all', 'staff', 'lead', 'units')", name="open_to_known"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    name: Mapped[str]
    floor: Mapped[str] = mapped_column(default="")
    capacity: Mapped[int]
    layouts: Mapped[list[str]] = mapped_column(JSON, default=list)
    equipment: Mapped[list[str]] = mapped_column(JSON, default=list)
    open_days: Mapped[list[int]] = mapped_column(JSON, default=lambda: [1, 2, 3, 4, 5])
    opens: Mapped[int] = mapped_column(default=480)
    closes: Mapped[int] = mapped_column(default=1200)
    before_minutes: Mapped[int] = mapped_column(default=0)
    after_minutes: Mapped[int] = mapped_column(default=0)
    release_minutes: Mapped[int | None]
    approver: Mapped[str] = mapped_column(default=Approver.NOBODY)
    open_to: Mapped[str] = mapped_column(default=OpenTo.ALL)
    door_booking: Mapped[bool] = mapped_column(default=True)
    prices: Mapped[str] = mapped_column(default="")
    key_id: Mapped[int | None] = mapped_column(ForeignKey("keys.id"))
    """The key that goes out with a meeting's preparation and comes back with its end (K8)."""
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


explains("uq_rooms_name", N_("This site has a room of this name already."), field="name")


class Reservation(HasId, HasRef, Base):
    """One meeting in one room. `reserved_from` to `reserved_until` is the event with set-up and clearing; they and
    `release_at` are copied from the room when it is accepted, so that later rules alter nothing of it (M9).

    The organiser is an occupant (`host_id`) or one of the staff (`person_id`). What was made by one repeat has the
    same `series`. Ended early, it keeps the time until the room is cleared.

    It is tentative while `approver` names somebody and `answer` is empty: it keeps the room until `answer_by`.
    `sequence` is the version that calendars go by: higher after each change of time, place, title or standing.
    """

    __tablename__ = "reservations"
    __table_args__ = (
        Index("uq_reservations_number", "site_id", "number", unique=True),
        Index("ix_reservations_site", "site_id", "begins_at", "id"),
        Index("ix_reservations_room", "room_id", "reserved_until", sqlite_where=BLOCKING, postgresql_where=BLOCKING),
        Index("ix_reservations_series", "series"),
        Index("ix_reservations_unbegun", "release_at", sqlite_where=UNBEGUN, postgresql_where=UNBEGUN),
        Index("ix_reservations_undecided", "answer_by", sqlite_where=UNDECIDED, postgresql_where=UNDECIDED),
        Index("ix_reservations_kept", "site_id", "ends_at", "id", sqlite_where=KEPT, postgresql_where=KEPT),
        CheckConstraint("begins_at < ends_at", name="span_forward"),
        CheckConstraint("reserved_from <= begins_at AND reserved_from <= reserved_until", name="reserved_forward"),
        CheckConstraint(f"people BETWEEN 1 AND {MOST_SEATS}", name="people_sane"),
        CheckConstraint("state IN ('held', 'cancelled', 'released', 'ended')", name="state_known"),
        CheckConstraint("(state = 'held') = (ended_at IS NULL)", name="ended_has_time"),
        CheckConstraint("erased_at IS NOT NULL OR (host_id IS NULL) <> (person_id IS NULL)", name="one_organiser"),
        CheckConstraint("approver IN ('', 'lead', 'supervisor', 'manager', 'organiser')", name="approver_known"),
        CheckConstraint(
            "answer IN ('', 'granted') OR (answer IN ('refused', 'expired') AND state <> 'held')", name="answer_known"
        ),
        CheckConstraint("(approver = '') = (answer_by IS NULL)", name="answer_has_time"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    number: Mapped[int]
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id"))
    series: Mapped[str | None]
    title: Mapped[str]
    host_id: Mapped[int | None] = mapped_column(ForeignKey("hosts.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    people: Mapped[int]
    layout: Mapped[str] = mapped_column(default="")
    notes: Mapped[str] = mapped_column(default="")
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reserved_from: Mapped[datetime]
    reserved_until: Mapped[datetime]
    release_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default=ReservationState.HELD)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    made_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("people.id"))
    made_at: Mapped[datetime]
    sequence: Mapped[int] = mapped_column(default=0)
    approver: Mapped[str] = mapped_column(default=Approver.NOBODY)
    answer: Mapped[str] = mapped_column(default=Answer.NONE)
    answer_by: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    @property
    def is_tentative(self) -> bool:
        """Whether it waits for somebody's word."""
        return is_tentative(self)

    def has_lapsed(self, now: datetime) -> bool:
        """Whether nobody has begun in time (M7), or nobody has agreed in time."""
        return has_lapsed(self, now)


def is_tentative(row: Any) -> bool:
    """Likewise of a reservation or a row of it."""
    return bool(row.state == ReservationState.HELD and row.approver != "" and row.answer == "")


def has_lapsed(row: Any, now: datetime) -> bool:
    """Likewise of a reservation or a row of a list: the room is free, whether that was written down or not."""
    if row.state != ReservationState.HELD or row.started_at is not None:
        return False
    if row.answer == "" and row.answer_by is not None and row.answer_by <= now:
        return True
    return row.release_at is not None and row.release_at <= now


def lapsed(now: Any) -> ColumnElement[bool]:
    """The condition of `has_lapsed`, at an instant or at what is bound; in the words of two partial indexes, so that
    it is not asked of every meeting there was.
    """
    unbegun = and_(Reservation.state == literal_column("'held'"), Reservation.started_at.is_(None))
    unanswered = Reservation.answer == literal_column("''")
    undecided = and_(unbegun, unanswered, Reservation.answer_by.is_not(None), Reservation.answer_by <= now)
    nobody_came = and_(unbegun, Reservation.release_at.is_not(None), Reservation.release_at <= now)
    return or_(undecided, nobody_came)


def blocks(now: Any) -> ColumnElement[bool]:
    """The condition that a reservation keeps its time from others at that instant, or at what is bound."""
    answered = Reservation.answer != in_full(Answer.NONE)
    decided = or_(answered, Reservation.answer_by.is_(None), Reservation.answer_by > now)
    in_time = or_(Reservation.release_at.is_(None), Reservation.release_at > now)
    waits = or_(Reservation.started_at.is_not(None), and_(decided, in_time))
    held, ended = (Reservation.state == in_full(one) for one in (ReservationState.HELD, ReservationState.ENDED))
    return or_(and_(held, waits), ended)


explains(
    "reservations_overlap",
    N_("Somebody else has just reserved this room for a part of that time. Choose another time or room."),
    field="since",
)
explains("reservations_end_stays", N_("This meeting is over. What was written of it stays."))
