"""Numbers on doors: how they are written down, and by what two of them are one."""

import re
import unicodedata

from domain.errors import DomainError
from domain.occupants.models import LONGEST_NUMBER
from domain.text import N_
from domain.widths import plain_digits

_UNSEEN = re.compile("[\ufe00-\ufe0f]")
_NONE = frozenset("<>=")
_ROOM = re.compile("(?<=.)(?:号室|室|号)$")


def read_number(text: str) -> str:
    """The number as it is kept: wide signs narrow, no blanks at the ends, nothing that shows nothing. Raises
    DomainError (field "number") for none, for one that is too long, and for signs that no door has.
    """
    narrow = _UNSEEN.sub("", plain_digits(text))
    number = "".join(sign for sign in narrow if unicodedata.category(sign) != "Cf").strip()
    if not number:
        raise DomainError(N_("Enter the number on the door."), field="number")
    if len(number) > LONGEST_NUMBER:
        raise DomainError(
            N_("A number on the door has at most %(most)d characters."), field="number", most=LONGEST_NUMBER
        )
    for sign in number:
        if sign in _NONE or unicodedata.category(sign) in ("So", "Sk", "Me", "Cc", "Co", "Cn"):
            raise DomainError(N_("“%(sign)s” stands on no door. Leave it out."), field="number", sign=sign)
    return number


def folded(text: str) -> str:
    """By what a number, a company or a name is the same, however its letters were typed."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def door(number: str) -> str:
    """By what two numbers are one door: however typed, with 室 or 号 behind it or without."""
    return _ROOM.sub("", folded(number))
