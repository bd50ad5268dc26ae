"""Taking keys back (K6). A return is never refused: late, by somebody else, in part, of a key that was thought lost or
that was never out, it is taken and recorded as what it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update

from domain.database import db
from domain.errors import Conflict
from domain.identity import Actor
from domain.keys import history
from domain.keys.loan_models import Loan, LoanLine
from domain.keys.models import Key
from domain.keys.queries import Thing, hold_keys, keys_of, open_lines
from domain.slips import operations as slips
from domain.slips.queries import open_about
from domain.text import N_

LONGEST_NOTE = 300
CONFIRMED_WITHIN = timedelta(hours=1)


class Kind(StrEnum):
    """What a return was."""

    RETURNED = "returned"
    FOUND = "found"
    ON_HOOK = "on_hook"
    RETIRED = "retired"


WORDS = {
    Kind.RETURNED: N_("%(tag)s is back on hook %(hook)s."),
    Kind.FOUND: N_("%(tag)s was lost and is here again. Hang it on hook %(hook)s; the slip about it stays open."),
    Kind.ON_HOOK: N_("%(tag)s was not out. It is noted that it was handed in; hang it on hook %(hook)s."),
    Kind.RETIRED: N_("%(tag)s is retired and was not out. It is noted that it was handed in."),
}


@dataclass(frozen=True)
class Return:
    """One key that was taken: what it was, of which loan, whether late, and how many of that loan are still out."""

    key: Key
    kind: Kind
    loan: Loan | None = None
    late: bool = False
    left: int = 0


def out_of(thing: Thing) -> list[Key]:
    """The keys of a set that are out, to be ticked one by one; of a key itself, the key whether it is out or not."""
    keys = keys_of(thing)
    if isinstance(thing, Key):
        return keys
    out = open_lines(keys)
    return [key for key in keys if key.id in out]


def return_keys(
    keys: Sequence[Key],
    *,
    actor: Actor,
    now: datetime,
    condition: str = "",
    brought_by: str = "",
    confirmed: bool = False,
) -> list[Return]:
    """Take back what is there; the rest of a set stays out.

    `brought_by` names who brought them where that was not the borrower; `confirmed` says whether that person confirmed
    the return. Refuses nothing.
    """
    held = hold_keys([key.id for key in keys])
    out = hold_open(held)
    condition, brought_by = condition.strip()[:LONGEST_NOTE], brought_by.strip()[:LONGEST_NOTE]
    for line, loan in out.values():
        line.ended_at, line.ended_how = max(now, loan.out_at), "returned"
        line.condition, line.brought_by, line.confirmed = condition, brought_by, confirmed
        line.taken_by_id = actor.id if actor.kind == "staff" else None
    db.session.flush()
    left = end_loans([loan for _, loan in out.values()], now=now)
    for loan_id, loan in {loan.id: loan for _, loan in out.values()}.items():
        history.of_loan(
            "loan.returned",
            loan,
            actor=actor,
            now=now,
            facts={
                "key_ids": sorted(key_id for key_id, (_, of) in out.items() if of.id == loan_id),
                "left": left[loan_id],
                "late": loan.due_at < now,
                "by_other": bool(brought_by),
                "confirmed": confirmed,
            },
            entered={"condition": condition, "brought_by": brought_by},
        )
    return [_taken(key, out, left, condition=condition, brought_by=brought_by, actor=actor, now=now) for key in held]


def may_be_confirmed(line: Any, *, now: datetime) -> bool:
    """Whether who brought the key of that line may still be standing there, and has not confirmed it (K6)."""
    return line.ended_how == "returned" and not line.confirmed and line.ended_at > now - CONFIRMED_WITHIN


def confirm_return(loan: Loan, *, actor: Actor, now: datetime) -> None:
    """Whoever brought keys of it back confirms that, within the hour after they were taken: nobody waits for it (K6).

    Raises Conflict where there is nothing to be confirmed any more.
    """
    back = update(LoanLine).where(
        *(LoanLine.loan_id == loan.id, LoanLine.ended_how == "returned", LoanLine.confirmed.is_(False)),
        LoanLine.ended_at > now - CONFIRMED_WITHIN,
    )
    key_ids = db.session.scalars(back.values(confirmed=True).returning(LoanLine.key_id)).all()
    if not key_ids:
        raise Conflict(N_("This return is confirmed already, or it was too long ago."))
    history.of_loan("loan.return_confirmed", loan, actor=actor, now=now, facts={"key_ids": sorted(key_ids)})


def hold_open(keys: Sequence[Key]) -> dict[int, tuple[LoanLine, Loan]]:
    """The open lines of keys that are held, their loans kept from others too: two who bring the last two keys of a set
    at once must not each believe that the other's is still out.
    """
    loans = {loan.id for _, loan in open_lines(keys).values()}
    db.session.execute(
        select(Loan.id).where(Loan.id.in_(loans)).order_by(Loan.id).with_for_update(key_share=True)
    ).all()
    return open_lines(keys)


def end_loans(loans: Sequence[Loan], *, now: datetime) -> dict[int, int]:
    """End those loans that have nothing out any more; gives how many keys of each still are."""
    left: dict[int, int] = {}
    for loan in loans:
        if loan.id not in left:
            still = select(LoanLine.id).where(LoanLine.loan_id == loan.id, LoanLine.ended_at.is_(None))
            left[loan.id] = len(db.session.scalars(still).all())
            if not left[loan.id]:
                loan.ended_at = max(now, loan.out_at)
                loan.code_nonce = loan.code_expires_at = None
    db.session.flush()
    return left


def _taken(
    key: Key,
    out: dict[int, tuple[LoanLine, Loan]],
    left: dict[int, int],
    *,
    condition: str,
    brought_by: str,
    actor: Actor,
    now: datetime,
) -> Return:
    if key.id in out:
        _, loan = out[key.id]
        return Return(key, Kind.RETURNED, loan, loan.due_at < now, left[loan.id])
    entered = {"condition": condition, "brought_by": brought_by}
    if key.lost_at:
        found_again(key, actor=actor, now=now, note=condition, brought_by=brought_by)
        return Return(key, Kind.FOUND)
    kind = Kind.RETIRED if key.retired_at else Kind.ON_HOOK
    history.of_key("key.handed_in", key, actor=actor, now=now, facts={"was": kind}, entered=entered)
    return Return(key, kind)


def found_again(key: Key, *, actor: Actor, now: datetime, note: str = "", brought_by: str = "") -> None:
    """A lost key is here again: it may be lent; the slip learns of it and is closed by somebody, not by this."""
    (key,) = hold_keys([key.id])
    if key.lost_at is None:
        return
    facts = {"lost_at": key.lost_at.isoformat()}
    key.lost_at = None
    db.session.flush()
    entered = {"note": note, "brought_by": brought_by}
    history.of_key("key.found", key, actor=actor, now=now, facts=facts, entered=entered)
    if slip := open_about("key", key.id):
        slips.learned(slip, "key_found", actor=actor, now=now)
