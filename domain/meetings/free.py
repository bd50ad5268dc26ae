"""Finding a room for so many people at a time, and where there is none, the nearest times at which there is one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from domain import clock
from domain.errors import DomainError
from domain.meetings.models import Room
from domain.meetings.queries import rooms_of, taken_of
from domain.meetings.spans import FARTHEST, GRACE, Taken, is_free, length_of, must_be_possible, nearest_free, span_on
from domain.sites.models import Site
from domain.text import N_


@dataclass(frozen=True)
class Offer:
    """A room that suits: whether it is free then, else the nearest times of that day at which it is."""

    room: Room
    free: bool
    others: tuple[time, ...] = ()


def suits(room: Room, *, people: int, layout: str, equipment: Iterable[str]) -> bool:
    """Whether the room has the seats, can be set up like that and has what is needed."""
    return room.capacity >= people and (not layout or layout in room.layouts) and set(equipment) <= set(room.equipment)


def find_rooms(
    site: Site,
    *,
    day: date,
    since: time,
    until: time,
    people: int,
    layout: str,
    equipment: Sequence[str],
    now: datetime,
) -> list[Offer]:
    """Rooms that suit, free ones first, the smallest that is large enough on top; in two statements.

    Raises DomainError for a time that no room could have: turned round, over already.
    """
    minutes = length_of(since, until)
    try:
        first, last = clock.day_span(day, site.zone)
    except (ValueError, OverflowError):
        raise DomainError(N_("This day is too far away."), field="day") from None
    if first > now + FARTHEST:
        raise DomainError(N_("Reserve at most two years ahead."), field="day")
    if clock.at_local(day, since, site.zone) < now - GRACE:
        raise DomainError(N_("This time is over. Choose a later one."), field="since")
    taken = taken_of(site.id, since=first, until=last, now=now)
    offers = []
    for room in rooms_of(site.id):
        if not suits(room, people=people, layout=layout, equipment=equipment):
            continue
        if _is_free(room, day, since, minutes, taken.get(room.id, ()), zone=site.zone, now=now):
            offers.append(Offer(room, True))
            continue
        others = nearest_free(day, since, minutes, room=room, taken=taken.get(room.id, ()), zone=site.zone, now=now)
        offers.append(Offer(room, False, tuple(others)))
    return sorted(offers, key=lambda it: (not it.free, not it.others, it.room.capacity, it.room.name))


def _is_free(room: Room, day: date, since: time, minutes: int, taken: Taken, *, zone: str, now: datetime) -> bool:
    try:
        span = span_on(day, since, minutes, room=room, zone=zone)
        must_be_possible(span, room=room, zone=zone, now=now)
    except DomainError:
        return False
    return is_free(span, taken)
