"""Lending a key or a set (K2–K4). The checks explain; one open line a key is what the database makes sure (K3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from domain.errors import Conflict, DomainError
from domain.identity import Actor
from domain.keys import approvals, history
from domain.keys.acknowledgements import Acknowledged, clean_strokes
from domain.keys.borrowers import Who, shown
from domain.keys.loan_models import KeyApproval, Loan, LoanLine
from domain.keys.models import KeyReservation, KeySet
from domain.keys.queries import Thing, keys_of, open_lines
from domain.keys.reservations import EARLY, spans_of, use_own
from domain.keys.rules import Terms, seen_by, terms, terms_under
from domain.keys.standing import InHand, take
from domain.records import written
from domain.sites.numbers import ALWAYS
from domain.statements import Ready
from domain.text import N_

WHAT_FOR = N_("Say what the key is needed for.")
WHOSE_WORD = N_("Note whose word lets the borrower in: the owner's or the agent's.")
LINE = {"condition": "", "brought_by": "", "confirmed": False}
LINES = Ready(insert(LoanLine.__table__), ["loan_id", "key_id", *LINE])  # type: ignore[arg-type]


@dataclass(frozen=True)
class Note:
    """What is noted with a loan: what for, whose word lets into the unit (K4), which of the staff goes along."""

    purpose: str
    authority: str = ""
    escort: str = ""


def check_here(thing: Thing, keys: Sequence[Any], *, actor: Actor) -> None:
    """Raise a refusal unless every key of the thing hangs here: not retired, not lost, not out. Takes keys, or rows of
    them as they stand now.

    Says with whom a key is as far as the reader may know, and since when.
    """
    _check_kept(thing, keys)
    _check_not_out(keys, actor)


def _check_kept(thing: Thing, keys: Sequence[Any]) -> None:
    is_set = isinstance(thing, KeySet)
    if not keys or (thing if is_set else keys[0]).retired_at:
        raise DomainError(N_("%(tag)s is retired. It is no longer lent."), tag=thing.tag)
    for key in keys:
        if key.lost_at and not is_set:
            raise Conflict(
                N_("%(tag)s was reported lost at %(since)s. Take it back first if it is here."),
                tag=key.tag,
                since=key.lost_at,
            )
        if key.lost_at:
            raise Conflict(
                N_("%(tag)s of this set is lost. Take it out of the set, or lend the others one by one."), tag=key.tag
            )


def _check_not_out(keys: Sequence[Any], actor: Actor) -> None:
    out = open_lines(keys)
    for key in keys:
        if key.id in out:
            _, loan = out[key.id]
            if loan.class_code not in seen_by(actor, site_id=loan.site_id):
                raise Conflict(N_("%(tag)s is out since %(since)s."), tag=key.tag, since=loan.out_at)
            raise Conflict(
                N_("%(tag)s is out since %(since)s: %(name)s has it until %(due)s."),
                tag=key.tag,
                since=loan.out_at,
                name=shown(loan) or "–",
                due=loan.due_at,
            )


def check_reserved(spans: Sequence[KeyReservation], *, who: Who, due_at: datetime, now: datetime) -> None:
    """Raise a refusal where somebody else has reserved one of the keys for a part of the time."""
    for span in spans:
        if span.starts_at >= due_at or who.is_of(span):
            continue
        if span.starts_at <= now:
            raise Conflict(
                N_("This key is reserved until %(until)s for %(name)s."), until=span.ends_at, name=shown(span) or "–"
            )
        raise DomainError(
            N_("This key is reserved from %(since)s for %(name)s. Choose an earlier time."),
            field="due_at",
            since=span.starts_at,
            name=shown(span) or "–",
        )


def terms_for(thing: Thing, *, who: Who) -> Terms:
    """On what terms this borrower may have it; raises DomainError for one who may not have it at all."""
    return terms(keys_of(thing), who, site_id=thing.site_id)


def lend(
    wanted: Thing | InHand,
    *,
    who: Who,
    noted: Note,
    due_at: datetime,
    actor: Actor,
    now: datetime,
    approval: KeyApproval | None = None,
    acknowledged: Acknowledged | None = None,
    signature: str = "",
) -> Loan:
    """Hand out a key (a row of it serves) or a whole set, in hand and held already or not; give `acknowledged` now, or
    send a code with `acknowledgements.send_code`. Returns the loan as a row, to be read alone.

    Raises Conflict when a key of it is out, lost or reserved by somebody else, or the approval was used; DomainError
    for a borrower who may not, a due time that is over or past the limit, a missing approval, authority or signature.
    """
    held = wanted if isinstance(wanted, InHand) else take(wanted, now=now)
    thing, keys = held.thing, held.keys
    approval = approvals.hold(approval) if approval else None
    _check_kept(thing, keys)
    if held.is_out:
        _check_not_out(keys, actor)
    agreed = terms_under(held.classes, who, site_id=thing.site_id)
    agreed.check_due(due_at, now)
    if agreed.rules.needs_authority and not noted.authority.strip():
        raise DomainError(WHOSE_WORD, field="authority")
    soon = max(due_at, now + EARLY)
    is_reserved = held.reserved_from is not None and held.reserved_from < soon
    spans = spans_of(keys, since=now, until=soon) if is_reserved else []
    check_reserved(spans, who=who, due_at=due_at, now=now)
    used = approvals.use(approval, thing, what="loan", who=who, until=due_at, needed=agreed.needed, now=now)
    purpose = used.purpose if used else noted.purpose.strip()
    if not purpose:
        raise DomainError(WHAT_FOR, field="purpose")
    strokes = clean_strokes(signature) if acknowledged is Acknowledged.SIGNATURE else None
    is_set = isinstance(thing, KeySet)
    loan = written(
        Loan,
        numbers={"number": ("keys", ALWAYS)},
        site_id=thing.site_id,
        key_id=None if is_set else thing.id,
        set_id=thing.id if is_set else None,
        class_code=agreed.rules.code,
        purpose=purpose,
        authority=noted.authority.strip(),
        escort=noted.escort.strip(),
        approval_id=used.id if used else None,
        handed_out_by_id=actor.id if actor.kind == "staff" else None,
        out_at=now,
        due_at=due_at,
        escalate_at=due_at + timedelta(minutes=agreed.rules.escalate_minutes),
        acknowledged_how=acknowledged,
        acknowledged_at=now if acknowledged else None,
        signature=strokes,
        **who.columns(),
    )
    # In the order of the keys' numbers, so that two who lend the same bunch wait for each other and not in a ring. Keys
    # that are held and not out can be lent; if they could not, the commit would say it.
    LINES.all_later([{"loan_id": loan.id, "key_id": key.id, **LINE} for key in keys])
    use_own(spans, who=who, now=now)
    history.index_loan(loan)
    history.of_loan(
        "loan.lent",
        loan,
        actor=actor,
        now=now,
        facts={
            "key_ids": [key.id for key in keys],
            "set_id": loan.set_id,
            "class": loan.class_code,
            "due_at": due_at.isoformat(),
            "approval_id": loan.approval_id,
            "acknowledged": acknowledged,
            **who.facts(),
        },
        entered={"name": who.name, "phone": who.phone, "purpose": purpose, "authority": loan.authority},
    )
    return loan
