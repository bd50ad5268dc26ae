"""Many clients at once: each tries as fast as it can, in transactions of its own, and every refusal must have words."""

import itertools
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from flask import Flask
from sqlalchemy.exc import IntegrityError

from domain.database import db, refusal, writing
from domain.errors import DomainError

Deed = Callable[[], None]
"""What is tried inside one writing transaction."""


@dataclass
class Outcome:
    """How the tries ended: won, refused in which words, and what broke (a 500 on a screen)."""

    won: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    @property
    def tries(self) -> int:
        """How many tries there were."""
        return self.won + self.refused.total() + len(self.broken)

    def add(self, other: "Outcome") -> None:
        """Count another client's tries too."""
        self.won += other.won
        self.refused += other.refused
        self.broken += other.broken

    def attempt(self, deed: Deed) -> bool:
        """Try once, as a request does: commit, or roll back with words."""
        try:
            with writing():
                deed()
        except DomainError as error:
            self.refused[error.sentence] += 1
        except IntegrityError as error:
            words = refusal(error)
            if words is None:
                self.broken.append(f"a constraint without words: {error.orig}")
            else:
                self.refused[words.sentence] += 1
        except Exception as error:
            self.broken.append(f"{type(error).__name__}: {error}")
        else:
            self.won += 1
            return True
        return False


Client = Callable[[Outcome, Random], None]
"""One client's turn: tries once (and may tidy up after itself) and counts it in the outcome."""


def race(app: Flask, turn: Client, *, clients: int, tries: int, seed: int = 0) -> Outcome:
    """Let so many threads take turns until so many were taken; all begin at the same moment."""
    turns, start = itertools.count(), threading.Barrier(clients)
    together, adding = Outcome(), threading.Lock()

    def run(number: int) -> None:
        own, chance = Outcome(), Random(seed * 1000 + number)
        with app.app_context():
            start.wait(timeout=60)
            while next(turns) < tries:
                turn(own, chance)
            db.session.remove()
        with adding:
            together.add(own)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return together
