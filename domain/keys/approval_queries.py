"""Approvals, read: how one stands, who is asked, which one serves for a loan (K4)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from domain.database import db
from domain.errors import NotFound
from domain.identity import Actor
from domain.keys.borrowers import Who
from domain.keys.classes import APPROVERS, KeyClass
from domain.keys.loan_models import KeyApproval, KeyDecision
from domain.keys.models import Key, KeySet
from domain.keys.queries import Thing, keys_of
from domain.keys.rules import may_approve, rules_at, seen_by
from domain.people.models import Person


def thing_of(approval: KeyApproval) -> Thing:
    """The key or set that was asked for."""
    if approval.key_id is not None:
        return db.session.get_one(Key, approval.key_id)
    return db.session.get_one(KeySet, approval.set_id)


def is_for(approval: KeyApproval, thing: Thing) -> bool:
    """Whether that key or set was asked for."""
    return (approval.set_id if isinstance(thing, KeySet) else approval.key_id) == thing.id


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
    return states_of([approval], now=now)[approval.id]


def states_of(approvals: Sequence[KeyApproval], *, now: datetime) -> dict[int, str]:
    """How each of these approvals stands, by its id, in one statement; none where nobody has to be asked."""
    open_ones = [one.id for one in approvals if not (one.used_at or one.withdrawn_at)]
    said: dict[int, list[bool]] = {}
    if open_ones:
        rows = db.session.execute(
            select(KeyDecision.approval_id, KeyDecision.granted).where(KeyDecision.approval_id.in_(open_ones))
        )
        for row in rows:
            said.setdefault(row.approval_id, []).append(row.granted)
    return {one.id: _state(one, said.get(one.id, []), now) for one in approvals}


def _state(approval: KeyApproval, granted: Sequence[bool], now: datetime) -> str:
    if approval.used_at or approval.withdrawn_at:
        return "used" if approval.used_at else "withdrawn"
    if not all(granted):
        return "denied"
    if approval.expires_at <= now:
        return "expired"
    return "granted" if len(granted) >= approval.needed else "waiting"


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


def waiting_for(actor: Actor, *, now: datetime) -> list[Any]:
    """What the actor is asked at the site where it works now, oldest first: not the own matters, nor answered ones.

    Each row has the columns of `asked_rows`; three statements, however much is asked.
    """
    if actor.site_id is None:
        return []
    own = select(KeyDecision.id).where(KeyDecision.approval_id == KeyApproval.id, KeyDecision.person_id == actor.id)
    alive = _alive(now).with_only_columns(KeyApproval.id)
    rows = db.session.execute(
        asked_rows()
        .where(KeyApproval.id.in_(alive), KeyApproval.site_id == actor.site_id, _given() < KeyApproval.needed)
        .where(~own.exists())
        .order_by(KeyApproval.asked_at, KeyApproval.id)
    ).all()
    classes: dict[int, set[str]] = {}
    for set_id, code in db.session.execute(
        select(Key.set_id, Key.class_code)
        .where(Key.set_id.in_({row.set_id for row in rows if row.set_id}), Key.retired_at.is_(None))
        .distinct()
    ):
        classes.setdefault(set_id or 0, set()).add(code)
    rules, roles = rules_at(actor.site_id), actor.roles_at(actor.site_id)
    return [
        row
        for row in rows
        if row.person_id != actor.id
        and all(
            rules[KeyClass(code)].approvers & roles & APPROVERS
            for code in classes.get(row.set_id, {row.key_class or row.class_code})
        )
    ]


def _given() -> Any:
    """How many have granted it."""
    return (
        select(func.count())
        .where(KeyDecision.approval_id == KeyApproval.id, KeyDecision.granted)
        .correlate(KeyApproval)
        .scalar_subquery()
    )


def asked_rows() -> Select[*tuple[Any, ...]]:
    """The columns that lists of approvals draw: what is asked by whom, for whom, and how many have granted it."""
    return (
        select(
            KeyApproval.id,
            KeyApproval.ref,
            KeyApproval.what,
            KeyApproval.set_id,
            KeyApproval.class_code,
            KeyApproval.borrower,
            KeyApproval.name,
            KeyApproval.person_id,
            KeyApproval.purpose,
            KeyApproval.due_at,
            KeyApproval.copies,
            KeyApproval.needed,
            KeyApproval.asked_at,
            KeyApproval.expires_at,
            Person.name.label("asked_by"),
            Key.class_code.label("key_class"),
            func.coalesce(Key.tag, KeySet.tag).label("tag"),
            func.coalesce(Key.opens, KeySet.opens).label("opens"),
            func.coalesce(Key.ref, KeySet.ref).label("thing_ref"),
            _given().label("given"),
        )
        .outerjoin(Key, Key.id == KeyApproval.key_id)
        .outerjoin(KeySet, KeySet.id == KeyApproval.set_id)
        .outerjoin(Person, Person.id == KeyApproval.asked_by_id)
    )


def asked_row(approval: KeyApproval) -> Any:
    """The row of one approval."""
    return db.session.execute(asked_rows().where(KeyApproval.id == approval.id)).one()


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
