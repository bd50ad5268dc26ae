"""How search hears a text: folded characters, the units they form, and the ways each can be spelt.

Both sides of a search, what is indexed and what is typed, go through here, so they cannot disagree.
"""

import os
import re
import unicodedata
from functools import lru_cache
from itertools import product
from typing import Literal, NamedTuple

from domain.simplified import SIMPLIFIED

# Read by pypinyin as it is imported: its phrases cost 40 MB and would hide the rarer readings of a surname.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "1")

import pypinyin

LONGEST_TEXT = 200
LONGEST_SPELLING = 48
SHORTEST_NUMBER = 7
# A name has few characters and every reading of a surname counts; a company has many and its readings would multiply.
LONGEST_NAME, READINGS_OF_NAME, READINGS_OF_TEXT = 4, 8, 4
# A name is found from each of its characters, a company from its first five, a Latin text from each word.
STARTS_IN_A_ROW = 5
MOST_STARTS = 12

Kind = Literal["han", "letters", "digits"]

# Characters that names and companies read otherwise than pypinyin puts first; and surnames, read as no other word is.
_FIRST = {"长": "chang", "晟": "sheng", "泊": "bo", "隽": "jun", "都": "du"}
_READ_ASSURNAMES = """
    曾zeng 单shan 仇qiu 解xie 查zha 盖ge 覃qin 区ou 朴piao 尉yu 翟zhai 繁po 种chong 员yun 隗wei 召shao
    折she 洗xian 薄bo 缪miao 牟mu 秘bi 句gou 阚kan 祭zhai 卜bu 乐yue 藏zang 能nai
"""
SURNAMES = {word[0]: word[1:] for word in _READ_ASSURNAMES.split()}

_HAN = re.compile("[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_DIGITS = re.compile("[0-9]+")
_NUMBER = re.compile(r"[\d\s+().\-\u2010-\u2015\u2212/]*")
_SIMPLER = SIMPLIFIED | {
    "æ": "ae", "ð": "d", "ø": "o", "þ": "th", "đ": "d", "ħ": "h", "ı": "i", "ł": "l", "ŋ": "n", "œ": "oe", "ŧ": "t",
}  # fmt: skip


class Unit(NamedTuple):
    """One 汉字, one word or one run of digits; `places` are its characters' places in the text."""

    kind: Kind
    text: str
    places: tuple[int, ...]
    row: int  # units of one row stand side by side, with no space or mark between


class Spellings(NamedTuple):
    """Everything that typed letters may be the beginning of."""

    whole: frozenset[str]  # the whole text, from its start
    from_start: frozenset[str]
    anywhere: frozenset[str]


class Folded(NamedTuple):
    """A text as search sees it; `number` is set for telephone numbers and the like, which are found by their end."""

    units: tuple[Unit, ...]
    compact: str
    number: str | None


def is_han(character: str) -> bool:
    """Whether this is a Chinese character, rare planes included."""
    return _HAN.match(character) is not None


@lru_cache(maxsize=8192)
def fold(character: str) -> str:
    """One character without case, width, accent or traditional form; empty when it cannot be seen."""
    plain = unicodedata.normalize("NFKD", character)
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Mn", "Me", "Cf"))
    plain = unicodedata.normalize("NFC", plain).casefold()
    return "".join(str(unicodedata.decimal(c, _SIMPLER.get(c, c))) for c in plain)


def _kind(character: str) -> Kind | None:
    if is_han(character):
        return "han"
    if "0" <= character <= "9":
        return "digits"
    # ʹ ʼ and their like count as letters in Unicode, as apostrophes in names.
    if character.isalpha() and not "\u02b9" <= character <= "\u02df":
        return "letters"
    return None


@lru_cache(maxsize=8192)
def _heard(character: str) -> tuple[tuple[str, Kind | None], ...]:
    return tuple((plain, _kind(plain)) for plain in fold(character))


class _Compact(dict[int, str]):
    """What `str.translate` puts in the place of each character: what is read of it; bounded, as the caches here are."""

    def __missing__(self, code: int) -> str:
        if len(self) >= 8192:
            self.clear()
        self[code] = read = "".join([plain for plain, kind in _heard(chr(code)) if kind])
        return read


_COMPACT = _Compact()


def compact(text: str) -> str:
    """`folded(text).compact` alone: a fiftieth of the work, and enough for most of what cannot match."""
    return text[:LONGEST_TEXT].translate(_COMPACT)


def folded(text: str) -> Folded:
    """Take a text apart; what lies beyond its first 200 characters is not looked at. No number is remembered."""
    text = text[:LONGEST_TEXT]
    if not _NUMBER.fullmatch(text):
        return _remembered(text)
    return _of_digits(text) if text.isascii() else _taken_apart(text)


def _of_digits(text: str) -> Folded:
    """As `_taken_apart`, for plain digits and marks."""
    units = [Unit("digits", run[0], tuple(range(*run.span())), row) for row, run in enumerate(_DIGITS.finditer(text))]
    compact = "".join([unit.text for unit in units])
    return Folded(tuple(units), compact, compact if len(compact) >= SHORTEST_NUMBER else None)


def _taken_apart(text: str) -> Folded:
    units: list[Unit] = []
    word = ""
    places: tuple[int, ...] = ()
    last: Kind | None = None
    row = 0
    for place, character in enumerate(text):
        for plain, kind in _heard(character):
            if kind != last or kind == "han":
                if word and last:
                    units.append(Unit(last, word, places, row))
                    word, places = "", ()
                row += kind is None
                last = kind
            if kind:
                word += plain
                places += (place,)
    if word and last:
        units.append(Unit(last, word, places, row))
    compact = "".join([unit.text for unit in units])
    is_number = len(compact) >= SHORTEST_NUMBER and compact.isdecimal() and _NUMBER.fullmatch("".join(map(fold, text)))
    return Folded(tuple(units), compact, compact if is_number else None)


_remembered = lru_cache(maxsize=4096)(_taken_apart)


@lru_cache(maxsize=8192)
def sounds(han: str) -> tuple[str, ...]:
    """Every reading of a 汉字 without tones, ü as v and as u; the character itself when nobody knows how to read it."""
    heard = pypinyin.pinyin(han, style=pypinyin.Style.NORMAL, heteronym=True, errors="ignore")
    if not heard:
        return (han,)
    plain = ["".join(map(fold, reading)) for reading in heard[0]]
    plain.sort(key=lambda reading: reading != _FIRST.get(han))
    return tuple(dict.fromkeys(spelt for reading in plain for spelt in (reading, reading.replace("v", "u"))))


@lru_cache(maxsize=8192)
def usual_sounds(han: str, begins: bool) -> tuple[str, ...]:
    """The reading that most would think of, in both spellings of ü; where a text begins with it, a surname's too."""
    known = sounds(han)
    usual = {known[0], known[0].replace("v", "u"), SURNAMES.get(han, "") if begins else ""}
    return tuple(sound for sound in known if sound in usual)


@lru_cache(maxsize=8192)
def first_letters(character: str) -> str:
    """What a spelling that begins at this folded character may begin with."""
    return "".join([sound[0] for sound in sounds(character)]) if is_han(character) else character


def readings(units: tuple[Unit, ...], start: int, *, usual: bool = False) -> list[tuple[str, ...]]:
    """How the units from there on may be read: all of the first (单, 曾), two of others, up to a number; or as `usual`.

    Ends before a run of digits, and where the longest spelling is reached.
    """
    budget = READINGS_OF_NAME if len(units) <= LONGEST_NAME else READINGS_OF_TEXT
    chosen: list[tuple[str, ...]] = []
    reached = 0
    for unit in units[start:]:
        if unit.kind == "digits" or reached >= LONGEST_SPELLING:
            break
        if unit.kind != "han":
            known: tuple[str, ...] = (unit.text,)
        else:
            known = usual_sounds(unit.text, not start and not chosen) if usual else sounds(unit.text)
        kept = known[: min(budget, 2) if chosen else budget]
        budget //= len(kept)
        reached += min(map(len, kept))
        chosen.append(kept)
    return chosen


def starts(units: tuple[Unit, ...]) -> list[int]:
    """The units that typed letters may begin at."""
    found = []
    in_row = 0
    for place, unit in enumerate(units):
        in_row = in_row + 1 if place and unit.row == units[place - 1].row else 0
        if unit.kind == "letters" or (unit.kind == "han" and in_row < STARTS_IN_A_ROW):
            found.append(place)
    return found[:MOST_STARTS]


def spellings(text: str) -> Spellings:
    """Spell a text from each start: in full, by initials, and a first syllable or two followed by initials."""
    units = folded(text).units
    whole: set[str] = set()
    from_start: set[str] = set()
    anywhere: set[str] = set()
    for start in starts(units):
        read = readings(units, start)
        full = _spelt(read, len(read))
        forms = full.union(*(_spelt(read, lead) for lead in leads(len(read), start)))
        anywhere |= forms
        if not start:
            from_start = forms
            whole = full if len(read) == len(units) else set()
    return Spellings(frozenset(whole), frozenset(from_start), frozenset(anywhere))


def spelt_by(letters: str, units: tuple[Unit, ...], start: int) -> int:
    """How letters spell a text from one of its starts: 4 all of it in full, 3 the beginning of a spelling, 0 not; by a
    reading that few would think of (王 as yu, 育 as zhou) 2 and 1.

    As asking all `spellings`, without making them: of a hundred candidates few begin with the same letter.
    """
    if len(letters) > LONGEST_SPELLING or letters[0] not in first_letters(units[start].text[0]):
        return 0
    usual = readings(units, start, usual=True)
    if spelt := _spelt_as(letters, usual, units, start):
        return spelt + 2
    read = readings(units, start)
    return _spelt_as(letters, read, units, start) if read != usual else 0


def _spelt_as(letters: str, read: list[tuple[str, ...]], units: tuple[Unit, ...], start: int) -> int:
    """2 all of the text in full, 1 the beginning of a spelling, 0 not."""
    reached = _reached(letters, read, len(read))
    if reached and not start and len(read) == len(units) and (reached == 2 or len(letters) == LONGEST_SPELLING):
        return 2
    return 1 if reached or any(_reached(letters, read, lead) for lead in leads(len(read), start)) else 0


def _reached(rest: str, read: list[tuple[str, ...]], lead: int, at: int = 0) -> int:
    """2 when the letters are a spelling to its end, 1 when they end within it, 0 when they are none."""
    if at == len(read):
        return 0 if rest else 2
    if not rest:
        return 1
    found = 0
    for sound in read[at]:
        spelt = sound if at < lead else sound[0]
        if rest.startswith(spelt):
            found = max(found, _reached(rest[len(spelt) :], read, lead, at + 1))
        elif spelt.startswith(rest):
            found = max(found, 1)
    return found


def leads(length: int, start: int) -> tuple[int, ...]:
    """How many units may be spelt out before initials follow, besides all: none, or a surname's (zhangsf, ouyangsf)."""
    if start or length < 2:
        return (0,)
    return (0, 1) if length < 4 else (0, 1, 2)


def _spelt(read: list[tuple[str, ...]], lead: int) -> set[str]:
    heard = read if lead == len(read) else [*read[:lead], *map(_initials, read[lead:])]
    return {spelling[:LONGEST_SPELLING] for spelling in map("".join, product(*heard))}


@lru_cache(maxsize=8192)
def _initials(sounding: tuple[str, ...]) -> tuple[str, ...]:
    return tuple({sound[0] for sound in sounding})
