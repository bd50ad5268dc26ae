"""Who has not begun in time loses the room (M7), and so does who got nobody's word in time. It is free from then on;
writing that down waits for no timer: it is done when somebody reserves the room, so that the database lets them in. The
timetable does it too, so that the organiser is told.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import bindparam, select, union

from domain.database import db
from domain.identity import SYSTEM
from domain.meetings import history
from domain.meetings.models import BLOCKING, UNBEGUN, UNDECIDED, Answer, Reservation, ReservationState, Room, lapsed
from domain.meetings.notices import tell_organiser
from domain.meetings.queries import AROUND
from domain.meetings.spans import Taken
from domain.records import Seldom
from domain.statements import Ready

LONGEST = timedelta(days=1) + 3 * AROUND
"""No meeting takes a room for longer, with an hour more where the clocks are put back."""

LAPSED = Seldom(
    select(Reservation)
    .where(Reservation.room_id.in_(bindparam("room_ids", expanding=True)), lapsed(bindparam("now")))
    .order_by(Reservation.id)
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True),
    Reservation.id,
)


def release_lapsed(room_ids: Iterable[int], *, now: datetime) -> int:
    """Release what nobody began or decided in these rooms, which are held; returns how many."""
    found = [one for (one,) in LAPSED.ask(room_ids=list(set(room_ids)), now=now)]
    undecided = {one.id for one in found if one.is_tentative and one.answer_by and one.answer_by <= now}
    for one in found:
        one.sequence += 1
        if one.id in undecided:
            one.state, one.answer, one.ended_at = ReservationState.CANCELLED, Answer.EXPIRED, one.answer_by
        else:
            one.state, one.ended_at = ReservationState.RELEASED, one.release_at
    db.session.flush()
    for one in found:
        expired = one.id in undecided
        history.record("expired" if expired else "released", one, actor=SYSTEM, now=now, facts={"by_itself": True})
        tell_organiser("meeting.expired" if expired else "meeting.released", [one], now=now)
    return len(found)


@cache
def _taken() -> Ready:
    """In the words of the index of a room's reserved times, from and to: a room has many meetings ahead of it."""
    reserved_from, reserved_until = Reservation.reserved_from, Reservation.reserved_until
    return Ready(
        select(Reservation.id, reserved_from, reserved_until, lapsed(bindparam("now")).label("lapsed"))
        .where(Reservation.room_id == bindparam("room_id"), BLOCKING)
        .where(reserved_until > bindparam("since"), reserved_until < bindparam("latest"))
        .where(reserved_from < bindparam("until"))
        .order_by(reserved_until),
        one_plan=True,
    )


def taken_in(room: Room, *, since: datetime, until: datetime, now: datetime, but: Iterable[int] = ()) -> Taken:
    """Reserved times that touch the span, or set-up and clearing around it, of a room that is held. Who lapsed in it is
    released, so that the database lets others in. `but`: these reservations do not count.
    """
    until += AROUND
    rows = _taken().rows(room_id=room.id, since=since - AROUND, until=until, latest=until + LONGEST, now=now)
    if any(row.lapsed for row in rows):
        release_lapsed([room.id], now=now)
    excepted = set(but)
    return [(row.reserved_from, row.reserved_until) for row in rows if not row.lapsed and row.id not in excepted]


def rooms_with_lapsed(now: datetime) -> Sequence[int]:
    """Ids of rooms in which somebody has not begun, or decided, in time."""
    room = select(Reservation.room_id)
    unbegun = room.where(UNBEGUN, Reservation.release_at <= now)
    undecided = room.where(UNDECIDED, Reservation.answer_by <= now)
    return db.session.scalars(union(unbegun, undecided)).all()
