"""What happens in the house between two looks at a board: the next look finds it drawn for nobody yet."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import bindparam, select, update

from benchmarks.browsers import Browsers
from domain import clock
from domain.database import db, reading, writing
from domain.events import Counter
from domain.keys.loan_models import Loan
from domain.meetings.models import Reservation, ReservationState
from domain.visits.models import Visit, VisitState


def changes(browsers: Browsers) -> Callable[[], None]:
    """One change: a visit and a loan are due a minute later or earlier, a meeting has another title, and the site
    another version. So each board has one line that was not drawn before, as after most of what is done at a desk.
    """
    site_id, now = browsers.made.site_id, clock.now()
    inside = select(Visit.id, Visit.due_at).where(Visit.site_id == site_id, Visit.state == VisitState.INSIDE)
    out = select(Loan.id, Loan.due_at).where(Loan.site_id == site_id, Loan.ended_at.is_(None))
    held = select(Reservation.id, Reservation.title).where(
        Reservation.site_id == site_id, Reservation.state == ReservationState.HELD, Reservation.ends_at > now
    )
    with browsers.app.app_context(), reading():
        visit = db.session.execute(inside.order_by(Visit.arrived_at.desc(), Visit.id.desc()).limit(1)).one()
        loan = db.session.execute(out.order_by(Loan.due_at).limit(1)).one()
        meeting = db.session.execute(held.order_by(Reservation.ends_at).limit(1)).one()
    numbers = count()
    raised = update(Counter).where(Counter.site_id == site_id).values(value=Counter.value + 1)
    later: list[tuple[Any, Callable[[int], dict[str, Any]]]] = [
        (
            update(Visit).where(Visit.id == visit.id).values(due_at=bindparam("at")),
            lambda minutes: {"at": visit.due_at + timedelta(minutes=minutes)},
        ),
        (
            update(Loan).where(Loan.id == loan.id).values(due_at=bindparam("at")),
            lambda minutes: {"at": loan.due_at + timedelta(minutes=minutes)},
        ),
        (
            update(Reservation).where(Reservation.id == meeting.id).values(title=bindparam("words")),
            lambda minutes: {"words": f"{meeting.title} {minutes}"},
        ),
    ]

    def change() -> None:
        minutes = next(numbers) % 25
        with browsers.app.app_context(), writing():
            connection = db.session.connection()
            for statement, values in later:
                connection.execute(statement, values(minutes))
            connection.execute(raised)

    return change
