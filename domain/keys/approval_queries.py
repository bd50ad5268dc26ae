"""Approvals, read: how one stands, who is asked, which one serves for a loan (K4)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from domain.database import db
from domain.errors import NotFound
from domain.identity import Actor
from domain.keys.borrowers import Who
from domain.keys.loan_models import KeyApproval, KeyDecision
from domain.keys.models import Key, KeySet
from domain.keys.queries import Thing, keys_of
from domain.keys.rules import may_approve, seen_by
from domain.people.models import Person


def thing_of(approval: KeyApproval) -> Thing:
    """The key or set that was asked for."""
    if approval.key_id is not None:
        return db.session.get_one(Key, approval.key_id)
    return db.session.get_one(KeySet, approval.set_id)


def decisions_on(approval_id: int) -> Sequence[Any]:
    """Who said what, in order: `person_id`, `name`, `granted`, `decided_at`."""
    return db.session.execute(
        select(KeyDecision.person_id, KeyDecision.granted, KeyDecision.decided_at, Person.name)
        .join(Person, Person.id == KeyDecision.person_id)
        .where(KeyDecision.approval_id == approval_id)
        .order_by(KeyDecision.id)
    ).all()


def state_of(approval: KeyApproval, *, now: datetime) -> str:
    """`used`, `withdrawn`, `denied`, `granted`, `expired` or `waiting`."""
    if approval.used_at or approval.withdrawn_at:
        return "used" if approval.used_at else "withdrawn"
    said = decisions_on(approval.id)
    if any(not one.granted for one in said):
        return "denied"
    if approval.expires_at <= now:
        return "expired"
    return "granted" if len(said) >= approval.needed else "waiting"


def pending_for(thing: Thing, who: Who, *, what: str = "loan", now: datetime) -> KeyApproval | None:
    """What was asked for this thing and borrower and is neither denied, used nor over."""
    of_thing = KeyApproval.key_id == thing.id if isinstance(thing, Key) else KeyApproval.set_id == thing.id
    asked = db.session.scalars(_alive(now).where(of_thing, KeyApproval.what == what).order_by(KeyApproval.id.desc()))
    return next((one for one in asked if who.is_of(one)), None)


def ready_for(thing: Thing, who: Who, *, now: datetime) -> KeyApproval | None:
    """The approval with which the thing can be lent to this borrower now, if there is one."""
    approval = pending_for(thing, who, now=now)
    return approval if approval and state_of(approval, now=now) == "granted" else None


def _alive(now: datetime) -> Select[KeyApproval]:
    denied = select(KeyDecision.id).where(KeyDecision.approval_id == KeyApproval.id, KeyDecision.granted.is_(False))
    return select(KeyApproval).where(
        KeyApproval.expires_at > now,
        KeyApproval.used_at.is_(None),
        KeyApproval.withdrawn_at.is_(None),
        ~denied.exists(),
    )


def waiting_for(actor: Actor, *, now: datetime) -> list[KeyApproval]:
    """What the actor is asked at the site where it works now, oldest first: not the own matters, nor answered ones."""
    if actor.site_id is None:
        return []
    given = (
        select(func.count())
        .where(KeyDecision.approval_id == KeyApproval.id, KeyDecision.granted)
        .correlate(KeyApproval)
        .scalar_subquery()
    )
    own = select(KeyDecision.id).where(KeyDecision.approval_id == KeyApproval.id, KeyDecision.person_id == actor.id)
    asked = db.session.scalars(
        _alive(now)
        .where(KeyApproval.site_id == actor.site_id, given < KeyApproval.needed, ~own.exists())
        .order_by(KeyApproval.asked_at, KeyApproval.id)
    )
    return [one for one in asked if one.person_id != actor.id and may_answer(one, actor)]


def may_answer(approval: KeyApproval, actor: Actor) -> bool:
    """Whether the actor's role approves every class that is meant."""
    codes = {key.class_code for key in keys_of(thing_of(approval))} or {approval.class_code}
    return may_approve(actor, codes, site_id=approval.site_id)


def get_approval(ref: str, *, actor: Actor) -> KeyApproval:
    """The approval of that ref at the actor's site, of a class that the actor sees; raises NotFound."""
    approval = db.session.scalar(
        select(KeyApproval).where(KeyApproval.ref == ref, KeyApproval.site_id == actor.site_id)
    )
    if approval is None or approval.class_code not in seen_by(actor):
        raise NotFound
    return approval


def of_thing(thing: Thing, *, most: int = 10) -> Sequence[KeyApproval]:
    """The latest approvals for a key or set, newest first."""
    which = KeyApproval.key_id == thing.id if isinstance(thing, Key) else KeyApproval.set_id == thing.id
    return db.session.scalars(select(KeyApproval).where(which).order_by(KeyApproval.id.desc()).limit(most)).all()
