"""What is written into the history of a reservation, and what it is found by."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from domain import events, gatherings, grams, search
from domain.gatherings import News
from domain.identity import Actor
from domain.meetings.models import Reservation

FOUND_BY = 60
"""How many characters of the title a meeting is found by."""
NEWS = {
    "moved": News.MOVED,
    "extended": News.EXTENDED,
    "ended": News.ENDED,
    "cancelled": News.OFF,
    "released": News.OFF,
    "revived": News.ON,
}


Follow = Callable[[str, Reservation, dict[str, Any], Actor, datetime], None]
_FOLLOWERS: list[Follow] = []


def follows(listener: Follow) -> Follow:
    """Register what goes along with a meeting: it hears each line with its facts, in the same transaction."""
    _FOLLOWERS.append(listener)
    return listener


def record(
    kind: str,
    reservation: Reservation,
    *,
    actor: Actor,
    now: datetime,
    facts: dict[str, Any] | None = None,
    entered: dict[str, Any] | None = None,
) -> None:
    """Add a line, and tell who depends on the meeting. Title, notes and reasons may name somebody: they lie where
    retention can take them away.
    """
    events.record(
        f"meeting.{kind}",
        site_id=reservation.site_id,
        subject="meeting",
        subject_id=reservation.id,
        actor=actor,
        now=now,
        facts={"number": reservation.number, "room_id": reservation.room_id, **(facts or {})},
        entered=entered,
    )
    if news := NEWS.get(kind):
        gatherings.tell(reservation.id, news, actor=actor, now=now)
    for listener in _FOLLOWERS:
        listener(kind, reservation, facts or {}, actor, now)


def grams_of(title: str, organiser: str, unit: str, company: str) -> set[str]:
    """What a meeting is found by: title, organiser, unit."""
    found_by = grams.grams_of_name(organiser) if organiser else set()
    for text in (title[:FOUND_BY], unit, company):
        found_by |= grams.grams_of_text(text) if text else set()
    return found_by


def index(reservation: Reservation, found_by: set[str]) -> None:
    """Make it findable under these and no others."""
    search.index(site_id=reservation.site_id, kind=search.MEETING, subject_id=reservation.id, found_by=found_by)
