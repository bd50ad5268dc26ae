"""What goes on in meeting rooms, for nouns that must not know meetings: who is invited to one, above all (M6).

Meetings say what a gathering is (`describes`) and tell what becomes of it (`tell`); whoever depends on it listens
(`follows`), in the transaction of the change itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.identity import Actor


class News(StrEnum):
    """What became of a gathering."""

    MOVED = "moved"
    """It takes place at another time or in another room."""
    EXTENDED = "extended"
    """It ends later than was said."""
    OFF = "off"
    """It does not take place: called off, or the room was released because nobody came."""
    ENDED = "ended"
    """It ended before its time."""
    ON = "on"
    """It takes place after all."""


@dataclass(frozen=True)
class Gathering:
    """A meeting as others need to know it. `stands` is whether it still takes place; `organiser` is a name in full,
    `organiser_shown` what everybody at the desk may read; `host_id` and `unit_id` say whom its guests come to see.
    """

    id: int
    ref: str
    site_id: int
    title: str
    room: str
    floor: str
    begins_at: datetime
    ends_at: datetime
    stands: bool
    host_id: int | None
    unit_id: int | None
    organiser: str
    organiser_shown: str


Describe = Callable[[Sequence[int]], dict[int, Gathering]]
Upcoming = Callable[[int, datetime], list[Gathering]]
Follow = Callable[[Gathering, News, Actor, datetime], None]

_DESCRIBE: list[Describe] = []
_UPCOMING: list[Upcoming] = []
_FOLLOWERS: list[Follow] = []


def describes(ask: Describe) -> Describe:
    """Register who knows gatherings by their ids; one statement for all of them."""
    _DESCRIBE.append(ask)
    return ask


def lists_upcoming(ask: Upcoming) -> Upcoming:
    """Register who knows what a host organises that is not over at an instant."""
    _UPCOMING.append(ask)
    return ask


def follows(listener: Follow) -> Follow:
    """Register who is told what becomes of a gathering."""
    _FOLLOWERS.append(listener)
    return listener


def among(ids: Sequence[int]) -> dict[int, Gathering]:
    """The gatherings of these ids; who asks for none asks nobody."""
    found: dict[int, Gathering] = {}
    for ask in _DESCRIBE if ids else ():
        found |= ask(ids)
    return found


def of_host(host_id: int, now: datetime) -> list[Gathering]:
    """What the host organises and is not over yet, the next first."""
    return [one for ask in _UPCOMING for one in ask(host_id, now)]


def tell(gathering_id: int, news: News, *, actor: Actor, now: datetime) -> None:
    """Tell who follows what became of it; call after the change is flushed."""
    if _FOLLOWERS and (gathering := among([gathering_id]).get(gathering_id)):
        for listener in _FOLLOWERS:
            listener(gathering, news, actor, now)
