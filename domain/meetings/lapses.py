"""Who has not begun in time loses the room (M7). It is free from then on; writing that down waits for no timer: it is
done when somebody reserves the room, so that the database lets them in.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from domain.database import db
from domain.identity import SYSTEM
from domain.meetings import history
from domain.meetings.models import Reservation, ReservationState, lapsed


def release_lapsed(room_ids: Iterable[int], *, now: datetime) -> int:
    """Release what nobody began in these rooms, which are held; returns how many."""
    found = db.session.scalars(
        select(Reservation)
        .where(Reservation.room_id.in_(set(room_ids)), lapsed(now))
        .order_by(Reservation.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    for one in found:
        one.state, one.ended_at = ReservationState.RELEASED, one.release_at
        history.record("released", one, actor=SYSTEM, now=now, facts={"by_itself": True})
    db.session.flush()
    return len(found)
