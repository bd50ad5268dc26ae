"""Keys that go out and come back with something else than a loan at the desk (K8): asked here, kept by the keys.

Meetings and keys do not know each other. The keys register how a key is handed out; who needs one asks this table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from domain.identity import Actor


class KeptKey(NamedTuple):
    """A key among others: its id, the random name that pages call it by, and its words."""

    id: int
    ref: str
    words: str


class HandOut(Protocol):
    """Lend a key to one of the staff; gives the loan's id, an open one where that person has it already."""

    def __call__(
        self, key_id: int, *, person_id: int, until: datetime, purpose: str, actor: Actor, now: datetime
    ) -> int: ...


class TakeBack(Protocol):
    """Take back what that loan lent; nothing happens when it is back already."""

    def __call__(self, loan_id: int, *, actor: Actor, now: datetime) -> None: ...


@dataclass(frozen=True)
class Custody:
    """What can be asked of those who keep the keys. `key_out`: the key that a loan lent and that is not back yet;
    `choices`: the keys that a room of the site may have.
    """

    hand_out: HandOut
    take_back: TakeBack
    key_out: Callable[[int], int | None]
    choices: Callable[[int], list[KeptKey]]


_KEEPERS: list[Custody] = []


def keep(custody: Custody) -> Custody:
    """Register who keeps the keys."""
    _KEEPERS[:] = [custody]
    return custody


def keeper() -> Custody:
    """Who keeps the keys."""
    return _KEEPERS[0]
