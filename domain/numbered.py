"""The order in which people count what is numbered: 2F before 10F, 201 before 1001, A-9 before A-10.

Databases order text letter by letter, and each in its own way. What is numbered (units, floors) is as much as a
building has and not as a register, so it is put in order here, and both databases show the same.
"""

import re
import unicodedata
from functools import lru_cache

_NUMBER = re.compile(r"\s*([0-9]{1,9})\s*")
_DIGITS = re.compile(r"([0-9]+)")


@lru_cache(maxsize=8192)
def counted(text: str) -> tuple[str | int, ...]:
    """The key by which a number such as "A-10F" is put in order: words and numbers by turns, words first. Width and
    case do not count.
    """
    parts = _DIGITS.split(unicodedata.normalize("NFKC", text).casefold())
    return tuple(int(part) if place % 2 else part for place, part in enumerate(parts))


def number_in(text: str) -> int | None:
    """The number of an entry, when the text is nothing else."""
    typed = _NUMBER.fullmatch(text)
    return int(typed[1]) if typed else None
