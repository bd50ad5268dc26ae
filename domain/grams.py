"""What a text is found by, and what a query looks up (V3).

A gram is two to twelve characters: a run of 汉字 anywhere in the text, the beginning of one of its spellings
(`domain.spelling`), the beginning of a run of digits, or the end of a long number. Every gram of a query is in the
grams of every text that the query matches, so one look-up under any of them, the first being the rarest, finds all.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from domain.spelling import (
    LONGEST_SPELLING,
    LONGEST_TEXT,
    SHORTEST_NUMBER,
    Folded,
    Unit,
    compact,
    first_letters,
    folded,
    spellings,
    spelt_by,
    starts,
)

# Growing steps keep both the index and the false candidates few: a query of n letters looks up the longest step <= n.
LETTERS = (2, 3, 5, 8, 12)
DIGITS = (2, 3, 4, 5)
ENDING = 4
ENDINGS = (8, 11)
# A query is asked of each candidate. It may be a telephone number: no more are remembered than are answered at once.
AT_ONCE = 16

WHOLE, BEGINS, INSIDE = 6, 5, 4
RARELY = 3
"""So much less is a match by a reading that few would think of: no such one stands before any other."""

_APOSTROPHES = dict.fromkeys(map(ord, "'’‘`´ʼ＇"))


class Piece(NamedTuple):
    """A part of a query; all parts must be found. `kind`: han (a run anywhere), letters, digits, or number (an end)."""

    kind: str
    text: str


def grams_of_text(text: str) -> set[str]:
    """Everything that a name, company, unit number, plate or telephone number is found by."""
    if text.isascii() and text.isdecimal():
        return _of_digits(text[:LONGEST_TEXT])
    taken = folded(text)
    if taken.number:
        return {taken.number[-ENDING:]} | _endings(taken.number)
    if all(unit.kind == "digits" for unit in taken.units):
        return _grams(text, taken)
    return set(_remembered(text))


def _of_digits(digits: str) -> set[str]:
    """As for any text, of one run of digits: a unit, a plate, most telephone numbers."""
    if len(digits) >= SHORTEST_NUMBER:
        return {digits[-ENDING:]} | _endings(digits)
    return {digits[:step] for step in DIGITS if step <= len(digits)}


@lru_cache(maxsize=1024)
def _remembered(text: str) -> frozenset[str]:
    """The same companies and hosts come every day. No number is remembered, as in `folded`."""
    return frozenset(_grams(text, folded(text)))


def _grams(text: str, taken: Folded) -> set[str]:
    grams = _runs(taken.units, 2) | _runs(taken.units, 3)
    for unit in taken.units:
        if unit.kind == "digits":
            grams |= {unit.text[:step] for step in DIGITS if step <= len(unit.text)} | _endings(unit.text)
    return grams | {
        spelling[:step] for spelling in spellings(text).anywhere for step in LETTERS if step <= len(spelling)
    }


def grams_of_name(name: str) -> set[str]:
    """What a person is found by; the same grams as for any text, so that a search need not know what it looks for."""
    return grams_of_text(name)


def grams_of_digits(digits: str) -> set[str]:
    """What a telephone number is found by: its last four digits, its last eight and eleven; short ones as a text."""
    bare = digits[:LONGEST_TEXT].removeprefix("+")
    if bare.isascii() and bare.isdecimal():
        return _of_digits(bare)
    return grams_of_text("".join(unit.text for unit in folded(digits).units if unit.kind == "digits"))


def query_grams(query: str) -> list[str]:
    """The grams that every match has, the most selective first; [] for under two characters (V3)."""
    return list(_query_grams(query))


@lru_cache(maxsize=AT_ONCE)
def _query_grams(query: str) -> tuple[str, ...]:
    weighed: dict[str, float] = {}
    for piece in pieces(query):
        for gram, weight in _grams_of_piece(piece):
            weighed.setdefault(gram, weight)
    return tuple(sorted(weighed, key=lambda gram: -weighed[gram]))


def matches(query: str, texts: Sequence[str]) -> bool:
    """Whether every part of the query is found in one of the texts, all of which were indexed under one subject."""
    asked = pieces(query)
    if not any(len(piece.text) > 1 for piece in asked):
        return False
    return all(any(found(piece, text) for text in texts) for piece in asked)


def degree(query: str, texts: Sequence[str]) -> int:
    """How well: the query is the WHOLE of a text, BEGINS it or is INSIDE, `RARELY` less by a rare reading; else 0."""
    parts = pieces(query)
    if len(parts) == 1 and len(parts[0].text) > 1 and parts[0].kind in _DEGREES:
        of_one = _DEGREES[parts[0].kind]
        return max([of_one(parts[0].text, text) for text in texts], default=0)
    if not matches(query, texts):
        return 0
    asked, is_spelt = "".join([piece.text for piece in parts]), any(piece.kind == "letters" for piece in parts)
    return max([_degree(asked, text, is_spelt) for text in texts], default=0)


@lru_cache(maxsize=AT_ONCE)
def pieces(query: str) -> tuple[Piece, ...]:
    """What the query asks for: its words, 汉字 and digits each for itself; lone characters are read together."""
    taken = folded(query.translate(_APOSTROPHES))
    if taken.number:
        return (_number(taken.number),)
    parts: list[Piece] = []
    row = -1
    for unit in taken.units:
        joins = unit.kind == "han" and unit.row == row and parts[-1].kind == "han"
        if joins:
            parts[-1] = Piece("han", parts[-1].text + unit.text)
        elif unit.kind == "digits":
            parts.append(_number(unit.text))
        else:
            parts.append(Piece(unit.kind, unit.text[:LONGEST_SPELLING]))
        row = unit.row
    if len(parts) > 1 and all(len(part.text) == 1 for part in parts):
        kinds = {part.kind for part in parts}
        return (Piece(kinds.pop() if len(kinds) == 1 else "han", taken.compact),)
    return tuple(parts)


def _number(digits: str) -> Piece:
    """Long numbers are found by their end; the zeros of 00 86 or 0512 are not part of what is stored."""
    if len(digits) < ENDINGS[0]:
        return Piece("digits", digits)
    bare = digits.lstrip("0")
    return Piece("number", bare if len(bare) >= ENDINGS[0] else digits)


def _grams_of_piece(piece: Piece) -> list[tuple[str, float]]:
    """The piece's grams with their weight: about how many bits each tells."""
    size = len(piece.text)
    if size < 2:
        return []
    if piece.kind == "han":
        wanted = min(size, 3)
        return [(gram, 7.0 * wanted) for gram in _runs_in_order(folded(piece.text).units, wanted)]
    if piece.kind == "number":
        step = max(step for step in ENDINGS if step <= size)
        return [(piece.text[-step:], 3.3 * step)]
    steps, bits = (LETTERS, 2.7) if piece.kind == "letters" else (DIGITS, 3.3)
    step = max(step for step in steps if step <= size)
    return [(piece.text[:step], bits * step)]


def may_be_in(piece: Piece, flat: str) -> bool:
    """Whether it is worth while to take the text apart whose compact form that is."""
    if piece.kind == "letters":
        return piece.text[0] in "".join(map(first_letters, flat))
    return piece.text in flat


def found(piece: Piece, text: str) -> bool:
    """Whether that part of a query is in the text."""
    if not may_be_in(piece, compact(text)):
        return False
    if piece.kind == "han":  # it holds what is no digit, so that the text is no number
        return True
    taken = folded(text)
    if piece.kind == "letters":
        return any(spelt_by(piece.text, taken.units, start) for start in starts(taken.units))
    if taken.number:
        return _ends(piece, taken.number)
    return any(begins_or_ends(piece, unit.text) for unit in taken.units if unit.kind == "digits")


def _ends(piece: Piece, number: str) -> bool:
    return (piece.kind == "number" or len(piece.text) == ENDING) and number.endswith(piece.text)


def begins_or_ends(piece: Piece, digits: str) -> bool:
    """Whether a run of digits holds the piece where it is looked for: at its beginning, a long one at its end."""
    return digits.endswith(piece.text) if piece.kind == "number" else digits.startswith(piece.text)


def _degree(asked: str, text: str, is_spelt: bool) -> int:
    flat = compact(text)
    if asked == flat:
        return WHOLE
    if is_spelt and flat and asked[0] in first_letters(flat[0]):
        units = folded(text).units
        if units[0].kind != "digits" and (spelt := spelt_by(asked, units, 0)):
            return _SPELT[spelt]
    if flat.startswith(asked):
        return BEGINS
    is_number = len(asked) >= ENDINGS[0] and flat.endswith(asked) and folded(text).number is not None
    return BEGINS if is_number else INSIDE


def _degree_of_han(asked: str, text: str) -> int:
    """As `degree`, of a query that is one run of 汉字, in one text."""
    flat = compact(text)
    if asked not in flat:
        return 0
    return WHOLE if asked == flat else BEGINS if flat.startswith(asked) else INSIDE


def _degree_of_letters(asked: str, text: str) -> int:
    """As `degree`, of a query that is one word of letters, in one text: each start is read once."""
    flat = compact(text)
    if not may_be_in(Piece("letters", asked), flat):
        return 0
    units = folded(text).units
    rarely = 0
    for start in starts(units):
        if spelt := spelt_by(asked, units, start):
            if asked == flat:
                return WHOLE
            if start and flat.startswith(asked):
                return BEGINS
            degree = _SPELT[spelt] if not start else INSIDE if spelt > 2 else INSIDE - RARELY
            if spelt > 2:
                return degree
            rarely = rarely or degree
    return rarely


_SPELT = {4: WHOLE, 3: BEGINS, 2: WHOLE - RARELY, 1: BEGINS - RARELY}
_DEGREES: dict[str, Callable[[str, str], int]] = {"han": _degree_of_han, "letters": _degree_of_letters}


def _endings(digits: str) -> set[str]:
    return {digits[-step:] for step in ENDINGS if step <= len(digits)}


def _runs(units: tuple[Unit, ...], size: int) -> set[str]:
    return set(_runs_in_order(units, size))


def _runs_in_order(units: tuple[Unit, ...], size: int) -> list[str]:
    """Every run of that many characters that crosses or holds a 汉字, or passes from letters to digits."""
    compact = "".join(unit.text for unit in units)
    kinds = "".join(unit.kind[0] * len(unit.text) for unit in units)
    plain = ("l" * size, "d" * size)
    return [compact[at : at + size] for at in range(len(compact) - size + 1) if kinds[at : at + size] not in plain]
