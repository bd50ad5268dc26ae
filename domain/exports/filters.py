"""Filters that somebody keeps under a name (R4). They hold choices and never typed text."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from domain.database import db
from domain.errors import DomainError, NotFound
from domain.exports.models import SavedFilter
from domain.identity import Actor
from domain.registers import Register
from domain.text import N_

MOST = 12


def keep(register: Register, *, name: str, chosen: Mapping[str, str], actor: Actor, now: datetime) -> SavedFilter:
    """Keep these choices under the name; raises DomainError for none, and for the thirteenth."""
    if not chosen:
        raise DomainError(N_("Choose something first: this filter shows every entry."))
    held = select(func.count()).where(SavedFilter.person_id == actor.id, SavedFilter.register == register.name)
    if (db.session.scalar(held) or 0) >= MOST:
        raise DomainError(N_("You keep twelve filters here already. Remove one first."))
    kept = SavedFilter(person_id=actor.id, register=register.name, name=name, chosen=dict(chosen), made_at=now)
    db.session.add(kept)
    db.session.flush()
    return kept


def of(actor: Actor, register: Register) -> Sequence[SavedFilter]:
    """The filters that the actor keeps over this register, by name."""
    kept = select(SavedFilter).where(SavedFilter.person_id == actor.id, SavedFilter.register == register.name)
    return db.session.scalars(kept.order_by(SavedFilter.name)).all()


def one(ref: str, *, actor: Actor) -> SavedFilter:
    """The actor's filter of that name; raises NotFound, also for somebody else's."""
    found = db.session.scalar(select(SavedFilter).where(SavedFilter.ref == ref, SavedFilter.person_id == actor.id))
    if found is None:
        raise NotFound
    return found


def remove(kept: SavedFilter) -> None:
    """Forget it."""
    db.session.execute(delete(SavedFilter).where(SavedFilter.id == kept.id))
