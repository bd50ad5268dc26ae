"""A row of a table that came as a file, whatever noun it is of: what stands in it, and what is wrong, in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from domain.errors import DomainError
from domain.text import N_
from domain.widths import plain_digits

Said = tuple[str, dict[str, Any]]
"""A sentence with its values."""


@dataclass
class UploadedRow:
    """One row: `line` of the file, `cells` by column, and the `problems` that a noun finds.

    NARROW   the columns that hold a number, a code, a phone or a day: １２０１ and Ｋ０１ mean 1201 and K01 there
    """

    NARROW: ClassVar[tuple[str, ...]] = ()

    line: int
    cells: dict[str, str]
    problems: list[Said] = field(default_factory=list)

    def begins_anew(self) -> bool:
        """Forget the problems of an earlier look, and write narrow what is NARROW. False, with the one problem, where a
        cell holds a formula: nobody knows what the file's reader saw in its place.
        """
        self.problems = []
        self.cells |= {name: plain_digits(self.cells[name]) for name in self.NARROW if name in self.cells}
        if any(text.startswith("=") for text in self.cells.values()):
            self.problems = [(N_("A cell of this line holds a formula. Paste what it comes to in its place."), {})]
        return not self.problems

    @contextmanager
    def blames(self) -> Iterator[None]:
        """What is refused in here is a problem of this row."""
        try:
            yield
        except DomainError as error:
            self.problems.append((error.sentence, error.values))
