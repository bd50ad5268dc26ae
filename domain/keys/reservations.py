"""Keeping a key for somebody for a span; two spans of a key never overlap (the database makes sure)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from domain.codes import new_ref
from domain.database import db
from domain.errors import Conflict, DomainError, NotFound
from domain.identity import Actor
from domain.keys import history
from domain.keys.borrowers import Who, shown
from domain.keys.models import Key, KeyReservation, KeySet
from domain.keys.queries import Thing, hold
from domain.keys.rules import seen_by, terms, visible
from domain.records import Seldom
from domain.text import N_

EARLY = timedelta(minutes=30)
"""Who comes so much too early uses the reservation all the same."""
FARTHEST = timedelta(days=366)


OVERLAPPING = Seldom(
    select(KeyReservation)
    .where(
        KeyReservation.key_id.in_(bindparam("ids", expanding=True)),
        KeyReservation.ended_at.is_(None),
        KeyReservation.starts_at < bindparam("until"),
        KeyReservation.ends_at > bindparam("since"),
    )
    .order_by(KeyReservation.starts_at, KeyReservation.id),
    KeyReservation.id,
)


def spans_of(keys: Sequence[Any], *, since: datetime, until: datetime) -> list[KeyReservation]:
    """Reservations of these keys that overlap the span, earliest first."""
    return [span for (span,) in OVERLAPPING.ask(ids=[key.id for key in keys], since=since, until=until)]


def reserve(
    thing: Thing, *, who: Who, starts_at: datetime, ends_at: datetime, purpose: str, actor: Actor, now: datetime
) -> list[KeyReservation]:
    """Keep a key, or every key of a set, for somebody from one instant to another.

    Raises DomainError for a span that is over, turned round or longer than the class allows, or a borrower who may not;
    Conflict when somebody else has a part of it.
    """
    if ends_at <= starts_at:
        raise DomainError(N_("The end lies before the beginning."), field="ends_at")
    if ends_at <= now:
        raise DomainError(N_("This time is over. Choose a later one."), field="starts_at")
    if starts_at > now + FARTHEST:
        raise DomainError(N_("Reserve at most a year ahead."), field="starts_at")
    keys = hold(thing)
    if not keys or thing.retired_at or any(key.lost_at for key in keys):
        raise DomainError(N_("This key is lost or retired. It cannot be reserved."))
    agreed = terms(keys, who, site_id=thing.site_id)
    if ends_at > agreed.latest(starts_at):
        raise DomainError(
            N_("Keys of this class go out until %(until)s at the latest when they go out then."),
            field="ends_at",
            until=agreed.latest(starts_at),
        )
    for span in spans_of(keys, since=starts_at, until=ends_at):
        raise Conflict(
            N_("This key is reserved from %(since)s to %(until)s for %(name)s."),
            field="starts_at",
            since=span.starts_at,
            until=span.ends_at,
            name=shown(span) or "–",
        )
    batch = new_ref()
    made = [
        KeyReservation(
            ref=new_ref(),
            site_id=thing.site_id,
            batch=batch,
            key_id=key.id,
            set_id=thing.id if isinstance(thing, KeySet) else None,
            purpose=purpose.strip(),
            starts_at=starts_at,
            ends_at=ends_at,
            made_by_id=actor.id if actor.kind == "staff" else None,
            made_at=now,
            **who.columns(),
        )
        for key in keys
    ]
    db.session.add_all(made)
    db.session.flush()
    history.of_key(
        "key.reserved",
        thing,
        actor=actor,
        now=now,
        facts={"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat(), **who.facts()},
        entered={"name": who.name, "phone": who.phone, "purpose": purpose.strip()},
    )
    return made


def use_own(spans: Sequence[KeyReservation], *, who: Who, now: datetime) -> None:
    """A key goes out to whoever reserved it: of the spans of now and soon, that one has served."""
    for span in spans:
        if span.starts_at < now + EARLY and who.is_of(span):
            _end(span, "used", now)


def cancel(reservation: KeyReservation, *, actor: Actor, now: datetime) -> None:
    """It is no longer needed; of a set, for all its keys. Raises Conflict when it has served or was cancelled."""
    spans = db.session.scalars(
        select(KeyReservation)
        .where(KeyReservation.batch == reservation.batch, KeyReservation.ended_at.is_(None))
        .order_by(KeyReservation.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    if not spans:
        raise Conflict(N_("This reservation was used or cancelled before."))
    for span in spans:
        _end(span, "cancelled", now)
    db.session.flush()
    thing: Thing
    if reservation.set_id is not None:
        thing = db.session.get_one(KeySet, reservation.set_id)
    else:
        thing = db.session.get_one(Key, reservation.key_id)
    history.of_key("key.reservation_cancelled", thing, actor=actor, now=now)


def end_of_lost(key: Key, *, now: datetime) -> int:
    """A lost key is kept for nobody any more; returns how many reservations ended."""
    ahead = db.session.scalars(
        select(KeyReservation).where(
            KeyReservation.key_id == key.id, KeyReservation.ended_at.is_(None), KeyReservation.ends_at > now
        )
    ).all()
    for span in ahead:
        _end(span, "lost", now)
    return len(ahead)


def get_reservation(ref: str, *, actor: Actor) -> KeyReservation:
    """The reservation of that ref at the actor's site, of a class that the actor sees; raises NotFound."""
    row = db.session.execute(
        select(KeyReservation, Key.class_code)
        .join(Key, Key.id == KeyReservation.key_id)
        .where(KeyReservation.ref == ref, KeyReservation.site_id == actor.site_id)
    ).first()
    if row is None or row.class_code not in seen_by(actor):
        raise NotFound
    return row.KeyReservation


def ahead_at(site_id: int, *, actor: Actor, now: datetime, most: int = 100) -> Sequence[Any]:
    """Reservations that begin or last still, earliest first: one row for each key."""
    return db.session.execute(
        select(
            KeyReservation.ref,
            KeyReservation.batch,
            KeyReservation.borrower,
            KeyReservation.name,
            KeyReservation.purpose,
            KeyReservation.starts_at,
            KeyReservation.ends_at,
            Key.ref.label("key_ref"),
            Key.tag,
            Key.opens,
            KeySet.tag.label("set_tag"),
        )
        .join(Key, Key.id == KeyReservation.key_id)
        .outerjoin(KeySet, KeySet.id == KeyReservation.set_id)
        .where(
            KeyReservation.site_id == site_id,
            KeyReservation.ended_at.is_(None),
            KeyReservation.ends_at > now,
            visible(Key.class_code, actor, site_id=site_id),
        )
        .order_by(KeyReservation.starts_at, KeyReservation.id)
        .limit(most)
    ).all()


def _end(span: KeyReservation, how: str, now: datetime) -> None:
    span.ended_at, span.ended_how = now, how
