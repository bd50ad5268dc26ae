"""Guests as a pasted list: one a line, with phone, mail and company where they are known (M6, V12a).

Each line that cannot be read is named with its number and the reason, and the others can go on without it.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from domain.emails import parse_email
from domain.errors import DomainError
from domain.names import clean_name, name_problem
from domain.phones import parse_phone
from domain.spelling import is_han
from domain.text import N_
from domain.visits.invitations import MOST_AT_ONCE, Guest

LONGEST_LINE = 300
LONGEST_ORGANISATION = 120
_SEPARATORS = re.compile(r"\s*[,，;；|\t、]\s*")
_PHONE = re.compile(r"\+?[\d\s().\-]{5,24}")
_NUMBERED = re.compile(r"^\s*(?:\d{1,3}[.)、．]\s*|[-*•·]\s+)")


@dataclass
class Line:
    """One line of the list: who is meant, or all that is wrong with it (sentences with their values)."""

    number: int
    text: str
    guest: Guest | None = None
    problems: list[DomainError] = field(default_factory=list)


def read_guests(text: str, *, known: Iterable[str] = ()) -> list[Line]:
    """Every line that holds something. `known` are phones, and names without one, who are invited already.

    Raises DomainError (field "guests") for an empty list and for one that is too long.
    """
    lines = [Line(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise DomainError(N_("Say who is invited: one guest a line."), field="guests")
    if len(lines) > MOST_AT_ONCE:
        raise DomainError(
            N_("At most %(most)d guests at once, now %(n)d."), field="guests", most=MOST_AT_ONCE, n=len(lines)
        )
    seen: dict[str, int] = dict.fromkeys(known, 0)
    for line in lines:
        guest = _read(line)
        if not line.problems:
            _must_be_new(line, guest, seen)
        line.guest = None if line.problems else guest
    return lines


def _must_be_new(line: Line, guest: Guest, seen: dict[str, int]) -> None:
    key = guest.phone or guest.name
    if key not in seen:
        seen[key] = line.number
    elif seen[key] == 0:
        line.problems.append(DomainError(N_("This guest is invited already.")))
    else:
        line.problems.append(DomainError(N_("This guest stands in line %(line)d too."), line=seen[key]))


def _read(line: Line) -> Guest:
    """Who is meant; all that is wrong is noted on the line at once, so that it is put right once."""
    if len(line.text) > LONGEST_LINE:
        too_long = N_("This line is too long: at most %(most)d characters.")
        line.problems.append(DomainError(too_long, most=LONGEST_LINE))
        return Guest("")
    name, phone, email, rest = _parts(_NUMBERED.sub("", line.text))
    name, organisation = clean_name(name), " ".join(rest)
    if problem := name_problem(name):
        line.problems.append(DomainError(problem))
    if len(organisation) > LONGEST_ORGANISATION:
        line.problems.append(DomainError(N_("A company has at most %(most)d characters."), most=LONGEST_ORGANISATION))
    return Guest(name, _tried(line, parse_phone, phone), _tried(line, parse_email, email), organisation)


def _tried(line: Line, parse: Callable[[str], str], typed: str) -> str:
    try:
        return parse(typed) if typed else ""
    except DomainError as problem:
        line.problems.append(problem)
        return ""


def _parts(text: str) -> tuple[str, str, str, list[str]]:
    """Name, phone, mail and what is left, told apart by how they look; the name is what comes first."""
    parts = [part for part in _SEPARATORS.split(text) if part]
    if len(parts) == 1:
        parts = _words(parts[0])
    name, phone, email, rest = "", "", "", []
    for part in parts:
        if "@" in part and not email:
            email = part
        elif _is_phone(part) and not phone:
            phone = part
        elif not name:
            name = part
        else:
            rest.append(part)
    # Digits alone are no company where the phone is missing, but what became of it.
    if not phone and (short := next((part for part in rest if part.isdigit()), "")):
        phone = short
        rest.remove(short)
    return name, phone, email, rest


def _is_phone(part: str) -> bool:
    return bool(_PHONE.fullmatch(part)) and sum(c.isdigit() for c in part) >= 5


def _words(text: str) -> list[str]:
    """A line without separators: phone and mail stand alone, a name in 汉字 is one word, another all up to the first of
    them.
    """
    words = text.split()
    if not words:
        return []
    if all(is_han(c) or c == "·" for c in words[0]):
        return [words[0], *_joined(words[1:])]
    end = next((at for at, word in enumerate(words) if "@" in word or _is_phone(word)), len(words))
    return [" ".join(words[:end]), *_joined(words[end:])]


def _joined(words: list[str]) -> list[str]:
    """Words, the groups of one phone number put together again: 138 0013 8000."""
    result: list[str] = []
    for word in words:
        digits = word.replace("-", "").lstrip("+").isdigit()
        if result and digits and result[-1].replace(" ", "").lstrip("+").isdigit():
            result[-1] += f" {word}"
        else:
            result.append(word)
    return result
