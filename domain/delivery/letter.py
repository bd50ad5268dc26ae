"""What is sent, and how sending may fail."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol

from domain.calendars import CalendarFile
from domain.notices import Notice


@dataclass(frozen=True)
class Picture:
    """A PNG inside the HTML of a mail, which calls it by `cid:<name>`."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """A notice in its reader's language, and where it goes. `html` says the same as `text`; a chat takes no HTML.
    `calendar` is an entry for the reader's calendar, which goes with a mail alone.
    """

    language: str
    subject: str
    text: str
    html: str
    addresses: tuple[str, ...]
    calendar: CalendarFile | None = None
    pictures: tuple[Picture, ...] = ()


Writer = Callable[[Notice], Letter | None]
"""Writes a notice as a letter; None when telling makes no sense any more."""


class NotTaken(Exception):
    """The letter was not taken.

    `problem` is a marked sentence without secrets, shown to the desk. `final`: another try would not help.
    `everywhere`: the next letter of this channel would meet the same, so the round ends.
    `told` names those of several addresses that have the letter already.
    """

    def __init__(
        self, problem: str, *, final: bool = False, everywhere: bool = False, told: Collection[str] = ()
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.final = final
        self.everywhere = everywhere
        self.told = told


class Carrier(Protocol):
    """Takes letters of one channel."""

    def send(self, letter: Letter, *, message_id: str, told: Collection[str]) -> None:
        """Deliver to each address that is not among `told`; raises NotTaken."""

    def close(self) -> None:
        """Let go of what is open, after the last letter of a round."""


@dataclass(frozen=True)
class NoCarrier:
    """The channel is not set up: each letter fails at once, and the desk sees that nobody was told."""

    problem: str
    told: Collection[str] = field(default=())

    def send(self, letter: Letter, *, message_id: str, told: Collection[str]) -> None:
        raise NotTaken(self.problem, final=True)

    def close(self) -> None:
        pass
