"""Whether seals and history end where they ended: what is cut off at the end leaves no gap behind (R2).

Three things know better than the seals themselves: the note under the house's key, the events that name a seal, and the
site's counter.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select

from domain import events
from domain.database import db
from domain.events import Event
from domain.review import sealing
from domain.review.models import Seal
from domain.text import N_

Found = tuple[str, dict[str, Any]]


def of_site(site_id: int) -> Iterator[Found]:
    """What was cut off, put back or replaced at the end."""
    end = sealing.end_of(site_id)
    yield from _of_note(site_id, end)
    yield from _of_history(site_id, end)
    yield from _of_named(site_id, end)


def _of_note(site_id: int, end: sealing.End) -> Iterator[Found]:
    """The newest seal against the note of it."""
    note = sealing.note_of(site_id)
    if note is None:
        yield N_("The note of where the seals end was removed."), {}
    elif note.end is None:
        yield (
            N_("The note of where the seals end was changed, or it was made under a secret key that is not set up."),
            {},
        )
    elif note.end.number > end.number:
        yield _gone(end.number + 1, note.end.number)
    elif note.end != end:
        kept = db.session.scalar(select(Seal.head).where(Seal.site_id == site_id, Seal.number == note.end.number))
        if kept == note.end.head:
            yield N_("The note of where the seals end is older than the seals: it was put back."), {}
        else:
            yield N_("Seal %(seal)d was replaced: the note of it has another head."), {"seal": note.end.number}


def _gone(first: int, last: int) -> Found:
    if first == last:
        return N_("Seal %(seal)d was removed."), {"seal": last}
    return N_("Seals %(first)d to %(last)d were removed."), {"first": first, "last": last}


def _of_history(site_id: int, end: sealing.End) -> Iterator[Found]:
    """The newest event against the counter; what is missing below the end of the seals, they name themselves."""
    counted = events.version(site_id)
    last = db.session.scalar(select(func.max(Event.number)).where(Event.site_id == site_id)) or 0
    values = {"last": last, "counted": counted}
    if counted < max(last, end.last_event):
        yield N_("The counter of events was set back: it says %(counted)d, and there were more."), values
    elif end.last_event <= last < counted:
        yield N_("The newest events were removed: %(counted)d were counted, the last one here is %(last)d."), values


def _of_named(site_id: int, end: sealing.End) -> Iterator[Found]:
    """Seals that the history names: each check of the seals writes down the newest one."""
    named = (
        select(Event.number, Event.facts)
        .where(Event.subject == "seals", Event.subject_id == site_id, Event.site_id == site_id)
        .order_by(Event.number)
    )
    heads: dict[int, str] = {}
    for number, facts in db.session.execute(named):
        if seal := facts.get("seal"):
            heads[seal] = facts["head"]
            if seal > end.number:
                yield N_("Seal %(seal)d was removed: event %(number)d names it."), {"seal": seal, "number": number}
    kept = select(Seal.number, Seal.head).where(Seal.site_id == site_id, Seal.number.in_(heads))
    for seal, head in db.session.execute(kept):
        if heads[seal] != head:
            yield N_("Seal %(seal)d was replaced: the history knows another head."), {"seal": seal}
