"""Whether what was sealed and signed still stands as it stood then (R2); the first thing that was touched is named.

Seals are read one after the other, each with at most `sealing.BATCH` events, so that memory does not grow with history.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from domain.database import db
from domain.review import ends, merkle, sealing, standing
from domain.review.models import Seal
from domain.text import N_

Found = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Problem:
    """Something that is not as it was: a msgid with its values."""

    site_id: int
    sentence: str
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"history of site {self.site_id}: {self.sentence % self.values if self.values else self.sentence}"


def problems() -> Iterator[Problem]:
    """What is wrong at every site, the first thing of each; nothing when all stands. Call while reading."""
    for site_id in sealing.sites():
        yield from of_site(site_id)


def of_site(site_id: int) -> Iterator[Problem]:
    """The first thing that is wrong in the seals and in the history under them, the first where both end, and the first
    in what was signed."""
    for source in (_of_seals(site_id), ends.of_site(site_id), standing.of_site(site_id)):
        found = next(source, None)
        if found is not None:
            yield Problem(site_id, *found)


def _of_seals(site_id: int) -> Iterator[Found]:
    end = sealing.End(0, 0, "")
    while True:
        rows = db.session.execute(
            select(Seal.__table__)
            .where(Seal.site_id == site_id, Seal.number > end.number)
            .order_by(Seal.number)
            .limit(20)
        ).all()
        for seal in rows:
            yield from _of_seal(seal, end)
            end = sealing.End(seal.number, seal.last_event, seal.head)
        if not rows:
            return


def _of_seal(seal: Any, end: sealing.End) -> Iterator[Found]:
    name = {"seal": seal.number}
    if seal.number != end.number + 1:
        yield N_("Seal %(seal)d was removed."), {"seal": end.number + 1}
    if sealing.head_of(seal) != seal.head:
        yield N_("Seal %(seal)d itself was changed: its head does not fit what it says."), name
    if (seal.previous, seal.first_event) != (end.head, end.last_event + 1):
        yield N_("Seal %(seal)d does not follow the one before it: one of the two was replaced."), name
    size = merkle.SIZE
    stored = [seal.leaves[place : place + size] for place in range(0, len(seal.leaves), size)]
    # One more than was sealed: what was put in at the end pushes the last one out.
    rows = sealing.events_of(seal.site_id, seal.first_event, seal.last_event + 1, sealing.BATCH + 1)
    if merkle.root(stored).hex() == seal.root:
        yield from _of_events(stored, rows, seal.first_event)
    elif _root_of([row for row in rows if row.number <= seal.last_event]) == seal.root:
        yield N_("The list of events in seal %(seal)d was changed; the events themselves are whole."), name
    else:
        yield N_("The events of seal %(seal)d were changed, and the list that names them too."), name


def _root_of(rows: Sequence[Any]) -> str:
    return merkle.root(sealing.leaf_of(row) for row in rows).hex()


def _of_events(stored: list[bytes], rows: Sequence[Any], first: int) -> Iterator[Found]:
    """The first event that is not what was sealed in its place, and what became of it."""
    by_number = {row.number: row for row in rows}
    for place, sealed in enumerate(stored):
        number = first + place
        row = by_number.get(number)
        if row is not None and sealing.leaf_of(row) == sealed:
            continue
        was_here = row is not None and sealing.leaf_of(row) in stored
        is_kept = any(sealing.leaf_of(each) == sealed for each in rows)
        yield _what_happened(number, row, was_here=was_here, is_kept=is_kept)


def _what_happened(number: int, row: Any, *, was_here: bool, is_kept: bool) -> Found:
    named = {"number": number}
    if row is None:
        return N_("Event %(number)d was removed."), named
    named |= {"kind": row.kind, "at": row.at}
    if was_here and is_kept:
        return N_("Event %(number)d (%(kind)s, %(at)s) was moved: the order was changed."), named
    if was_here:
        return N_(
            "The event that stood at number %(number)d was removed; %(kind)s of %(at)s stands in its place."
        ), named
    if is_kept:
        return N_("Event %(number)d (%(kind)s, %(at)s) was added."), named
    return N_("Event %(number)d (%(kind)s, %(at)s) was changed."), named
