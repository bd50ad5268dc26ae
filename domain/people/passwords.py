"""Passwords: argon2id, at least twelve characters, none that is common or told by name, and no rule about its signs."""

import itertools
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from domain.errors import DomainError
from domain.text import N_

SHORTEST, LONGEST = 12, 256
COMMON = Path(__file__).with_name("common_passwords.txt")
LEAKED = Path(__file__).parent / "vendor" / "leaked_passwords.txt"
NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$tLu3FHcK9U76tfWmhzckVA$naYv9rSrSTQMjp2MC59SU87lciJ7pNAzqRt5zgoLdhQ"
"""The hash of a random text that was never kept: who has it has no password, and a stranger's try costs the same."""

# Neighbours on these lines are no choice: the alphabet, the rows and columns of a keyboard, both at once.
LINES = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "!@#$%^&*()_+",
)
NEIGHBOURS = frozenset(pair for line in LINES for way in (line, line[::-1]) for pair in itertools.pairwise(way))
FEWEST_CHOICES, FEWEST_SIGNS = 6, 5
GENERIC = frozenset({"building", "center", "centre", "house", "park", "place", "plaza", "square", "tower", "towers"})
"""Words of many a site's name, which alone give nothing away."""
WRITTEN_FOR = str.maketrans("@4831!05$7", "aabeiiosst")

_hasher = PasswordHasher()


class WeakPassword(DomainError):
    """Too easy to guess, and why."""

    def __init__(self, sentence: str, **values: int) -> None:
        super().__init__(sentence, field="password_new", **values)


def hash_password(password: str) -> str:
    """The argon2id hash to keep; slow on purpose, so call it outside a writing transaction."""
    return _hasher.hash(unicodedata.normalize("NFC", password))


def is_password(password_hash: str, password: str) -> bool:
    """Whether the password belongs to the hash; slow on purpose, so call it outside a writing transaction."""
    try:
        _hasher.verify(password_hash, unicodedata.normalize("NFC", password))
    except (VerifyMismatchError, InvalidHashError):
        return False
    return password_hash != NOBODYS


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker settings than those of today."""
    return _hasher.check_needs_rehash(password_hash)


def must_be_strong(password: str, *, not_in_it: Iterable[str] = ()) -> None:
    """Raise WeakPassword for what is short, common, a walk over the keyboard, or contains one of the words."""
    if len(password) < SHORTEST:
        raise WeakPassword(N_("At least %(min)d characters, now %(n)d."), min=SHORTEST, n=len(password))
    if len(password) > LONGEST:
        raise WeakPassword(N_("At most %(max)d characters, now %(n)d."), max=LONGEST, n=len(password))
    plain = _plain(password)
    if _choices(plain) < FEWEST_CHOICES or len(set(plain)) < FEWEST_SIGNS or _repeats(plain):
        raise WeakPassword(N_("This repeats itself or follows the keyboard. Choose another one."))
    if _is_common(plain):
        raise WeakPassword(N_("Many people use this password, so it is tried first. Choose another one."))
    if any(word in plain for word in _words(not_in_it)):
        raise WeakPassword(N_("Leave out the own name, the user name and the name of the site."))


def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text).casefold())


def _choices(plain: str) -> int:
    """How many characters are neither the one before nor its neighbour."""
    pairs = itertools.pairwise(plain)
    return 1 + sum(one != two and (one, two) not in NEIGHBOURS for one, two in pairs)


def _repeats(plain: str) -> bool:
    return re.fullmatch(r"(.{1,8}?)\1+.{0,3}", plain) is not None


def _is_common(plain: str) -> bool:
    """Whether the list has it, as it stands or without the figures and signs that are put around a word."""
    spelt = plain.translate(WRITTEN_FOR)
    bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    bare_spelt = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain).translate(WRITTEN_FOR)
    return not common().isdisjoint({plain, spelt, bare, bare_spelt})


def _words(texts: Iterable[str]) -> set[str]:
    """The parts of names that are long enough to give a password away."""
    parts = {part for text in texts for part in [_plain(text), *map(_plain, re.split(r"[\W_]+", text))]}
    return {part for part in parts - GENERIC if len(part) >= (2 if part and part[0] > "\u2e80" else 4)}


@cache
def common() -> frozenset[str]:
    """The common words of our own list, and the passwords that are used most among leaked ones (ASVS 6.2.4, 6.2.12)."""
    lines = [*COMMON.read_text("utf-8").splitlines(), *LEAKED.read_text("utf-8").splitlines()]
    return frozenset(_plain(line) for line in lines if line and not line.startswith("#"))
