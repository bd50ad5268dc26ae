"""Sealing: batches of a site's history are closed one after the other, each bound to the one before (R2).

A seal takes the events from the end of the last one to a number, so that every event ends in exactly one seal. It is
closed by a signature, up to the number that was shown; what nobody signs, the worker closes at night. An event's leaf
says nothing of its number: the place in the tree says it, and so what was moved can be told from what was changed.
Where the seals end is noted under the house's key; a note that does not fit is left as it is, for the check.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import LargeBinary, bindparam, insert, select, type_coerce

from domain import events
from domain.canonical import canonical
from domain.database import db, dialect, upsert, writing
from domain.encryption import CannotDecrypt, keyring
from domain.errors import Conflict
from domain.events import Counter, Event
from domain.identity import SYSTEM
from domain.review import merkle
from domain.review.models import Seal, SealEnd
from domain.text import N_

BATCH = 2048
"""The most events of one seal: few enough to be read at once, however long the history is."""

_E = Event.__table__.c
EVENTS = (
    select(_E.number, _E.kind, _E.subject, _E.subject_id, _E.actor_kind, _E.actor_id, _E.at, _E.facts, _E.digest)
    .where(_E.site_id == bindparam("site"), _E.number >= bindparam("first"), _E.number <= bindparam("last"))
    .order_by(_E.number)
    .limit(bindparam("most"))
)


class End(NamedTuple):
    """Where the seals of a site end: the last one's number, its last event, its head."""

    number: int
    last_event: int
    head: str


def leaf_of(row: Any) -> bytes:
    """The leaf of one event."""
    at = row.at.isoformat()
    told = (row.kind, row.subject, row.subject_id, row.actor_kind, row.actor_id, at, row.facts, row.digest)
    return merkle.leaf(canonical(told).encode())


def head_of(seal: Any) -> str:
    """What the head of a seal must be; hashed apart from leaves (0) and nodes (1)."""
    bound = (
        *(seal.site_id, seal.number, seal.first_event, seal.last_event, seal.root),
        *(seal.statement, seal.made_at.isoformat(), seal.previous),
    )
    return hashlib.sha256(b"\x02" + canonical(bound).encode()).hexdigest()


def events_of(site_id: int, first: int, last: int, most: int | None = None) -> Sequence[Any]:
    """The events of these numbers, in order, at most so many."""
    return db.session.execute(EVENTS, {"site": site_id, "first": first, "last": last, "most": most or BATCH}).all()


def end_of(site_id: int) -> End:
    """Where the seals of the site end; of one without seals, before its first event."""
    row = db.session.execute(
        select(Seal.number, Seal.last_event, Seal.head)
        .where(Seal.site_id == site_id)
        .order_by(Seal.number.desc())
        .limit(1)
    ).first()
    return End(*row) if row else End(0, 0, "")


class Note(NamedTuple):
    """What was noted of the end: `end` is None where the note does not open, or tells of another site."""

    end: End | None


def note_of(site_id: int) -> Note | None:
    """The note of where the seals of the site end; None where there is none."""
    purpose = SealEnd.__table__.c.told.type.purpose  # type: ignore[attr-defined]
    sealed = db.session.scalar(select(type_coerce(SealEnd.told, LargeBinary)).where(SealEnd.site_id == site_id))
    if sealed is None:
        return None
    try:
        site, *told = json.loads(keyring().open(bytes(sealed), purpose))
    except (CannotDecrypt, ValueError):
        return Note(None)
    return Note(End(*told) if site == site_id else None)


def note_end(site_id: int, end: End) -> None:
    """Note where the seals of the site end."""
    statement = upsert(SealEnd.__table__, dialect()).values(site_id=site_id, told=canonical((site_id, *end)))
    db.session.execute(
        statement.on_conflict_do_update(index_elements=["site_id"], set_={"told": statement.excluded.told})
    )


def _follows_the_note(end: End, site_id: int) -> bool:
    """Whether the seals end where it was noted: else the note stays, and the check says what was done."""
    note = note_of(site_id)
    return note == Note(end) if note else not end.number


def close(site_id: int, *, up_to: int, statement: dict[str, Any], now: datetime) -> End:
    """Seal everything up to that event, the last seal with the statement. Where it is sealed further already, the seal
    has the statement alone. Raises Conflict where the history has a gap."""
    end = end_of(site_id)
    while True:
        end, is_last = _seal(end, site_id, up_to, statement, now)
        if is_last:
            return end


def _seal(end: End, site_id: int, up_to: int, statement: dict[str, Any] | None, now: datetime) -> tuple[End, bool]:
    """Close the next batch; says whether it was the last one."""
    rows = events_of(site_id, end.last_event + 1, up_to)
    last = end.last_event + len(rows)
    missing = not rows and end.last_event < up_to
    if missing or (rows and (rows[0].number, rows[-1].number) != (end.last_event + 1, last)):
        raise Conflict(N_("The history of this site has a gap. Nothing is sealed until whoever operates Foyer looks."))
    is_last, is_noted = last >= up_to, _follows_the_note(end, site_id)
    leaves = [leaf_of(row) for row in rows]
    seal = Seal(
        site_id=site_id,
        number=end.number + 1,
        first_event=end.last_event + 1,
        last_event=last,
        root=merkle.root(leaves).hex(),
        leaves=b"".join(leaves),
        statement=canonical(statement) if is_last and statement else "",
        made_at=now,
        previous=end.head,
    )
    seal.head = head_of(seal)
    values = {column.name: getattr(seal, column.name) for column in Seal.__table__.columns}
    db.session.execute(insert(Seal).values(values))
    end = End(seal.number, last, seal.head)
    if is_noted:
        note_end(site_id, end)
    return end, is_last


def catch_up(site_id: int, *, now: datetime, leave: int = 0) -> int:
    """Close what nobody signed, but for the last `leave` events, in short transactions of its own; returns how many
    seals that made. Call outside of any transaction."""
    made = 0
    while True:
        with writing():
            end, last = end_of(site_id), events.version(site_id)
            if last - end.last_event <= leave:
                return made
            _seal(end, site_id, last, None, now)
        made += 1


def catch_up_everywhere(*, now: datetime) -> int:
    """Likewise at every site and in the house's own history."""
    with writing():
        sites = db.session.scalars(select(Counter.site_id).order_by(Counter.site_id)).all()
    return sum(catch_up(site_id, now=now) for site_id in sites)


def sites() -> Sequence[int]:
    """The sites that have seals, or had some."""
    return db.session.scalars(select(Seal.site_id).union(select(SealEnd.site_id)).order_by("site_id")).all()


def note_anew(*, now: datetime) -> int:
    """Note the ends that are not noted or do not open, because the house's key was lost or the seals are older than the
    notes; the history says so. Returns how many. Call while writing."""
    count = 0
    for site_id in sites():
        end = end_of(site_id)
        if end.number and note_of(site_id) in (None, Note(None)):
            note_end(site_id, end)
            about: dict[str, Any] = {"site_id": site_id, "subject": "seals", "subject_id": site_id}
            facts = {"seal": end.number, "head": end.head}
            events.record("seals.noted", **about, actor=SYSTEM, now=now, facts=facts)
            count += 1
    return count
