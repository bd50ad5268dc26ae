"""Keys that are overdue (K5): the borrower at the due time, the desk 15 minutes later, the supervisor after the class's
limit; each step once.

What a board shows is computed from the due time. A round only tells people, and one that comes late tells them all.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from domain.database import db
from domain.identity import Actor
from domain.keys import history
from domain.keys.loan_models import Loan
from domain.keys.notices import tell_borrower, tell_desk_overdue, tell_supervisors_overdue

TO_DESK = timedelta(minutes=15)
BORROWER, DESK, SUPERVISOR = 1, 2, 3
MOST_A_ROUND = 200


def step_of(row: Any, now: datetime) -> int:
    """How far an open loan has come: 0 not due, 1 the borrower, 2 the desk, 3 the supervisor. Takes a loan or a row."""
    if row.ended_at is not None or row.due_at > now:
        return 0
    reached = [row.due_at, row.due_at + TO_DESK, max(row.escalate_at, row.due_at + TO_DESK)]
    return sum(at <= now for at in reached)


def chase(*, actor: Actor, now: datetime) -> int:
    """Take the steps that are due and were not taken; returns how many. Call it as often as you like."""
    behind = (
        (Loan.chased < BORROWER)
        | ((Loan.chased < DESK) & (Loan.due_at <= now - TO_DESK))
        | ((Loan.chased < SUPERVISOR) & (Loan.escalate_at <= now) & (Loan.due_at <= now - TO_DESK))
    )
    loans = db.session.scalars(
        select(Loan)
        .where(Loan.ended_at.is_(None), Loan.due_at <= now, behind)
        .order_by(Loan.due_at, Loan.id)
        .limit(MOST_A_ROUND)
        .with_for_update(skip_locked=True, key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    taken = 0
    for loan in loans:
        for step in range(loan.chased + 1, step_of(loan, now) + 1):
            told = True
            if step == BORROWER:
                told = tell_borrower("key.due", loan, now=now)
            elif step == DESK:
                tell_desk_overdue(loan, now=now)
            else:
                tell_supervisors_overdue(loan, now=now)
            loan.chased = step
            history.of_loan("loan.chased", loan, actor=actor, now=now, facts={"step": step, "told": told})
            taken += 1
    db.session.flush()
    return taken


def called(loan: Loan, *, note: str, actor: Actor, now: datetime) -> None:
    """The desk reached the borrower, or tried to: what was said is a line of the loan."""
    history.of_loan("loan.called", loan, actor=actor, now=now, entered={"note": note.strip()})
