"""The entries of any register as review sees them: the records by their numbers, and the digests that a signature
binds."""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, select

from domain import history
from domain.canonical import canonical
from domain.database import db
from domain.events import Event
from domain.identity import Actor
from domain.registers import Register
from domain.review.models import SignedEntry

LOOKS = ("%.unmasked", "%.badge_printed", "review.%")
"""Kinds of events that change nothing of an entry."""


class Digests(NamedTuple):
    """What of an entry is bound: what lasts, and salted what will be erased."""

    digest: str
    personal: str
    salt: str


def limits(register: Register, actor: Actor) -> tuple[Any, ...]:
    """What keeps entries of the register from that reader."""
    return (register.limit(actor),) if register.limit else ()


def limit_key(register: Register, actor: Actor) -> Any:
    """By what a statement for this reader is remembered: the same for all who have the same roles there."""
    return register.limit and (actor.kind, actor.site_id, actor.roles_at(actor.site_id))


def bound_columns(register: Register) -> list[Any]:
    """What is read of the records to sign them or to hold them against a signature."""
    model = register.model
    names = ["id", "ref", "number", "site_id", *register.lasting]
    if register.erasable:
        names += [*register.erasable, "erased_at"]
    return [getattr(model, name) for name in dict.fromkeys(names)]


def between(register: Register, site_id: int, first: int, last: int, *, actor: Actor) -> Sequence[Any]:
    """The records of these numbers, those left out that are kept from the actor; ordered by number."""
    return db.session.execute(
        select(*bound_columns(register))
        .where(register.site == site_id, register.number.between(first, last), *limits(register, actor))
        .order_by(register.number)
    ).all()


def of_ids(register: Register, site_id: int, ids: Collection[int], *, actor: Actor) -> Sequence[Any]:
    """The records of these ids at that site, likewise."""
    if not ids:
        return []
    return db.session.execute(
        select(*bound_columns(register))
        .where(register.site == site_id, register.id.in_(ids), *limits(register, actor))
        .order_by(register.number)
    ).all()


def lasting_digest(register: Register, row: Any) -> str:
    """The digest of what stays in an entry."""
    told = (register.name, row.site_id, {name: getattr(row, name) for name in register.lasting})
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def personal_digest(register: Register, row: Any, salt: str) -> str:
    """The salted digest of what was entered about people."""
    told = canonical({name: getattr(row, name) for name in register.erasable})
    return hmac.new(salt.encode(), told.encode(), hashlib.sha256).hexdigest()


def digests_of(register: Register, row: Any) -> Digests:
    """What a signature binds of the entry as it stands; of one that holds nobody's data, what lasts alone."""
    digest = lasting_digest(register, row)
    if not register.erasable or row.erased_at is not None:
        return Digests(digest, "", "")
    salt = secrets.token_hex(16)
    return Digests(digest, personal_digest(register, row, salt), salt)


def look(register: Register, row: Any, *, reason: str, actor: Actor, now: datetime) -> None:
    """The actor sees the entry in full; the look and its reason go into the history (P2). Raises NotAllowed."""
    actor.must(register.unmask, row.site_id)
    history.looked_at(register, row, reason=reason, actor=actor, now=now)


def happened_to(register: Register, site_id: int, ids: Collection[int], *, after: int) -> set[int]:
    """Those of the entries that something happened to after that event of the site, looks and comments aside."""
    if not ids:
        return set()
    found = select(Event.subject_id).where(
        Event.subject == register.subject,
        Event.subject_id.in_(ids),
        Event.site_id == site_id,
        Event.number > after,
        *(Event.kind.not_like(kind) for kind in LOOKS),
    )
    return {subject_id for subject_id in db.session.scalars(found.distinct()) if subject_id is not None}


def changed_between(register: Register, site_id: int, after: Any, up_to: Any = None) -> Any:
    """A statement: id and number of the signed entries that something happened to among these events of the site."""
    number = select(SignedEntry.entry_id, SignedEntry.number).join(
        Event,
        and_(
            Event.site_id == SignedEntry.site_id,
            Event.subject == register.subject,
            Event.subject_id == SignedEntry.entry_id,
        ),
    )
    conditions = [
        *(SignedEntry.site_id == site_id, SignedEntry.register == register.name),
        *(Event.site_id == site_id, Event.number > after, *(Event.kind.not_like(kind) for kind in LOOKS)),
    ]
    if up_to is not None:
        conditions.append(Event.number <= up_to)
    return number.where(*conditions).distinct()
