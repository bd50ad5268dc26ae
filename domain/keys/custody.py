"""How keys go out with the service of a meeting (K8): an ordinary loan to the attendant, without the desk's form."""

from datetime import datetime, timedelta

from sqlalchemy import select

from domain import custody
from domain.custody import Custody, KeptKey
from domain.database import db
from domain.errors import Conflict
from domain.identity import Actor
from domain.keys.borrowers import staff
from domain.keys.classes import KeyClass
from domain.keys.loan_models import Loan, LoanLine
from domain.keys.loans import Note, lend, terms_for
from domain.keys.models import Key
from domain.keys.queries import hold_keys, open_lines
from domain.keys.returns import return_keys
from domain.people.models import Person
from domain.text import N_

AT_LEAST = timedelta(minutes=30)


def hand_out(key_id: int, *, person_id: int, until: datetime, purpose: str, actor: Actor, now: datetime) -> int:
    """Lend it; whoever has it already keeps it. Raises what lending raises, in words (K3, K4)."""
    (key,) = hold_keys([key_id])
    if key.set_id is not None:
        raise Conflict(N_("%(tag)s hangs on a set. Fetch the set at the desk."), tag=key.tag)
    if line := open_lines([key]).get(key.id):
        loan = line[1]
        if loan.person_id == person_id:
            return loan.id
    who = staff(db.session.get_one(Person, person_id))
    longest = timedelta(minutes=terms_for(key, who=who).rules.limit_minutes)
    due = min(max(until, now + AT_LEAST), now + longest)
    return lend(key, who=who, noted=Note(purpose), due_at=due, actor=actor, now=now).id


def take_back(loan_id: int, *, actor: Actor, now: datetime) -> None:
    """Take what is out of it."""
    keys = db.session.scalars(
        select(Key)
        .join(LoanLine, LoanLine.key_id == Key.id)
        .where(LoanLine.loan_id == loan_id, LoanLine.ended_at.is_(None))
    ).all()
    if keys:
        return_keys(keys, actor=actor, now=now)


def key_out(loan_id: int) -> int | None:
    """The key that the loan lent; None when it is back."""
    return db.session.scalar(select(Loan.key_id).where(Loan.id == loan_id, Loan.ended_at.is_(None)))


def choices(site_id: int) -> list[KeptKey]:
    """The keys of meeting rooms, and public ones, by tag."""
    codes = (KeyClass.MEETING_ROOM, KeyClass.PUBLIC)
    rows = db.session.execute(
        select(Key.id, Key.ref, Key.tag, Key.opens)
        .where(Key.site_id == site_id, Key.class_code.in_(codes), Key.retired_at.is_(None), Key.set_id.is_(None))
        .order_by(Key.class_code, Key.tag)
    )
    return [KeptKey(row.id, row.ref, f"{row.tag} {row.opens}") for row in rows]


custody.keep(Custody(hand_out, take_back, key_out, choices))
