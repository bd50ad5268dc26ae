"""Asking for an approval, granting it, refusing it (K4): by roles that the class names, never by the borrower, two by
two people, for that one loan alone, and not for ever.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from domain import events
from domain.codes import new_ref
from domain.database import db
from domain.errors import Conflict, DomainError, NotAllowed
from domain.identity import Actor
from domain.keys.approval_queries import decisions_on, is_for, may_answer, pending_for, state_of
from domain.keys.borrowers import Who
from domain.keys.classes import KeyClass
from domain.keys.loan_models import KeyApproval, KeyDecision
from domain.keys.models import Key, KeySet
from domain.keys.notices import tell_answer, tell_approvers
from domain.keys.queries import Thing, keys_of
from domain.keys.rules import Terms, rules_at, terms
from domain.text import N_

WHAT_FOR = N_("Say what the key is needed for: the approver decides by it.")
LASTS = timedelta(hours=2)
"""So long an approval may be answered, and used."""


def hold(approval: KeyApproval) -> KeyApproval:
    """The approval as it stands now, kept from others until the commit."""
    db.session.refresh(approval, with_for_update={"key_share": True})
    return approval


def ask_approval(thing: Thing, *, who: Who, purpose: str, due_at: datetime, actor: Actor, now: datetime) -> KeyApproval:
    """Ask whoever approves keys of this class for one loan, and tell them.

    Raises DomainError for a borrower who may not have it at all, a due time past the limit, no purpose, or a key that
    needs no approval; Conflict when the same was asked and waits.
    """
    keys = keys_of(thing)
    asked = terms(keys, who, site_id=thing.site_id)
    asked.check_due(due_at, now)
    if not asked.needed:
        raise DomainError(N_("This key needs no approval: lend it."))
    return _ask(thing, keys, asked, what="loan", who=who, purpose=purpose, due_at=due_at, actor=actor, now=now)


def ask_copies(key: Key, *, copies: int, who: Who, purpose: str, actor: Actor, now: datetime) -> KeyApproval:
    """Ask whether copies of a key may be made, and by whom: that needs an approval for every class (K4)."""
    if not 1 <= copies <= 20:
        raise DomainError(N_("Ask for 1 to 20 copies."), field="copies")
    asked = Terms(rules_at(key.site_id)[KeyClass(key.class_code)], 1)
    return _ask(
        key, [key], asked, what="copy", who=who, purpose=purpose, due_at=None, copies=copies, actor=actor, now=now
    )


def _ask(
    thing: Thing,
    keys: Sequence[Key],
    asked: Terms,
    *,
    what: str,
    who: Who,
    purpose: str,
    due_at: datetime | None,
    actor: Actor,
    now: datetime,
    copies: int | None = None,
) -> KeyApproval:
    if not purpose.strip():
        raise DomainError(WHAT_FOR, field="purpose")
    if waiting := pending_for(thing, who, what=what, now=now):
        if state_of(waiting, now=now) == "granted":
            raise Conflict(N_("This was granted already. It holds until %(until)s."), until=waiting.expires_at)
        raise Conflict(
            N_("This was asked at %(at)s and waits for an answer. Remind whoever is asked, or withdraw it."),
            at=waiting.asked_at,
        )
    approval = KeyApproval(
        ref=new_ref(),
        site_id=thing.site_id,
        what=what,
        key_id=thing.id if isinstance(thing, Key) else None,
        set_id=thing.id if isinstance(thing, KeySet) else None,
        class_code=asked.rules.code,
        purpose=purpose.strip(),
        due_at=due_at,
        copies=copies,
        needed=asked.needed,
        asked_by_id=actor.id if actor.kind == "staff" else None,
        asked_at=now,
        expires_at=now + LASTS,
        **who.columns(),
    )
    db.session.add(approval)
    db.session.flush()
    _record("key_approval.asked", approval, actor, now, entered={"name": who.name, "purpose": approval.purpose})
    tell_approvers(approval, codes={key.class_code for key in keys}, now=now)
    return approval


def approve(approval: KeyApproval, *, actor: Actor, now: datetime) -> None:
    """Grant it. With two needed the second comes from another person."""
    _decide(approval, granted=True, actor=actor, now=now)


def deny(approval: KeyApproval, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """Refuse it: one refusal is enough, whoever granted it before."""
    _decide(approval, granted=False, actor=actor, now=now, reason=reason)


def _decide(approval: KeyApproval, *, granted: bool, actor: Actor, now: datetime, reason: str = "") -> None:
    if actor.id is None or not may_answer(approval, actor):
        raise NotAllowed(N_("Your role does not approve keys of this class."))
    if approval.person_id == actor.id:
        raise NotAllowed(N_("You are the borrower here. Somebody else has to approve this."))
    state = state_of(hold(approval), now=now)
    if any(one.person_id == actor.id for one in decisions_on(approval.id)):
        raise Conflict(N_("You have answered this already. The second answer is another person's."))
    if state == "granted" and not granted:
        state = "waiting"  # until the key is handed out, who has second thoughts for somebody else may still refuse
    if state != "waiting":
        raise Conflict(
            {
                "used": N_("This key was handed out already."),
                "withdrawn": N_("This is no longer asked: it was withdrawn."),
                "denied": N_("Somebody else has refused this."),
                "granted": N_("This was granted already."),
                "expired": N_("This question is too old. Let the desk ask again."),
            }[state]
        )
    db.session.add(KeyDecision(approval_id=approval.id, person_id=actor.id, granted=granted, decided_at=now))
    db.session.flush()
    _record(
        "key_approval.granted" if granted else "key_approval.denied", approval, actor, now, entered={"reason": reason}
    )
    tell_answer(approval, state=state_of(approval, now=now), now=now)


def withdraw(approval: KeyApproval, *, actor: Actor, now: datetime) -> None:
    """It is no longer asked. Raises Conflict when it was used."""
    if hold(approval).used_at:
        raise Conflict(N_("This key was handed out already."))
    if approval.withdrawn_at is None:
        approval.withdrawn_at = now
        db.session.flush()
        _record("key_approval.withdrawn", approval, actor, now)


def use(
    approval: KeyApproval | None,
    thing: Thing,
    *,
    what: str,
    who: Who,
    until: datetime | None,
    needed: int,
    now: datetime,
) -> KeyApproval | None:
    """Spend the approval for this very thing and borrower; None where none is needed.

    Raises DomainError without one, with another thing's, another person's or an ungranted one; Conflict when it was
    used before.
    """
    if not needed:
        return None
    if approval is None:
        raise DomainError(N_("This needs an approval first. Ask for it."), field="approval")
    hold(approval)
    if approval.what != what or not is_for(approval, thing) or not who.is_of(approval):
        raise DomainError(N_("This approval was given for something else. Ask again."), field="approval")
    if approval.used_at:
        raise Conflict(N_("This approval was used for another loan. Ask again."), field="approval")
    state = state_of(approval, now=now)
    if state != "granted" or approval.needed < needed:
        raise DomainError(
            {
                "waiting": N_("The approval is not complete yet. The key stays here until it is."),
                "denied": N_("The approval was refused. The key stays here."),
                "expired": N_("The approval is too old. Ask again."),
                "withdrawn": N_("This is no longer asked: it was withdrawn."),
            }.get(state, N_("This approval does not hold for this loan. Ask again.")),
            field="approval",
        )
    if until and approval.due_at and until > approval.due_at:
        raise DomainError(
            N_("The approval was given until %(until)s. Choose an earlier time, or ask again."),
            field="due_at",
            until=approval.due_at,
        )
    approval.used_at = now
    return approval


def _record(
    kind: str, approval: KeyApproval, actor: Actor, now: datetime, entered: dict[str, Any] | None = None
) -> None:
    events.record(
        kind,
        site_id=approval.site_id,
        subject="key_approval",
        subject_id=approval.id,
        actor=actor,
        now=now,
        facts={
            "what": approval.what,
            "key_id": approval.key_id,
            "set_id": approval.set_id,
            "needed": approval.needed,
            "borrower": approval.borrower,
            "person_id": approval.person_id,
        },
        entered=entered,
    )
