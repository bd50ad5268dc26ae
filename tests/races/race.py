"""Many clients at once: each tries as fast as it can, in transactions of its own, and every refusal must have words."""

import itertools
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from flask import Flask
from sqlalchemy.exc import IntegrityError, OperationalError

from domain.database import db, refusal, writing
from domain.errors import DomainError

Deed = Callable[[], None]
"""What is tried inside one writing transaction."""


@dataclass
class Outcome:
    """How the tries ended: won, refused in which words, told to come again in a moment (503: SQLite's one writer was
    waited for longer than is promised), and what broke (500).
    """

    won: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    busy: int = 0
    broken: list[str] = field(default_factory=list)

    @property
    def tries(self) -> int:
        """How many tries there were."""
        return self.won + self.refused.total() + self.busy + len(self.broken)

    def add(self, other: "Outcome") -> None:
        """Count another client's tries too."""
        self.won += other.won
        self.refused += other.refused
        self.busy += other.busy
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
        except OperationalError as error:
            if "database is locked" in str(error.orig):
                self.busy += 1
            else:
                self.broken.append(f"{type(error).__name__}: {error.orig}")
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
