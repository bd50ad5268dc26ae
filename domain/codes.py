"""Codes that people read, type and scan: references, tokens, badges, pairing."""

import re
import secrets
import unicodedata

# Crockford's base 32: no i, l, o, u, so that nothing is misread.
_READABLE = "0123456789abcdefghjkmnpqrstvwxyz"
_OF_BYTE = (_READABLE * 8).encode()
_MISREAD = str.maketrans("ilo", "110")
# RFC 8628, 6.1: no vowels, so that no words come about, and none that look alike.
_CONSONANTS = "BCDFGHJKLMNPQRSTVWXZ"

REF_LENGTH = 12
SERIES = "A"
_BADGE_QR = "FOYER:B:"
_BADGE = re.compile(r"a?-?(?:(?P<number>\d{1,4})[- ](?P<check>\d{3})|(?P<joined>\d{6,7}))")
_BADGE_ALONE = re.compile(r"a-?(?P<number>\d{1,5})|(?P<digits>\d{1,4})")
_DASHES = re.compile("[\u2010-\u2015\u2212\u30fc_]")


def new_ref() -> str:
    """Twelve random characters, 60 bits: the name of a record in addresses and codes."""
    return secrets.token_bytes(REF_LENGTH).translate(_OF_BYTE).decode()


def new_token() -> str:
    """A secret that opens something: 256 bits, fit for an address."""
    return secrets.token_urlsafe(32)


def check_digits() -> str:
    """The three digits that tell who holds a badge from who guesses its number."""
    return f"{secrets.randbelow(1000):03d}"


def badge_label(number: int) -> str:
    """A-017."""
    return f"{SERIES}-{number:03d}"


def parse_badge(typed: str) -> tuple[int, str] | None:
    """Number and check digits of "A-017 482", "017482", "a017-482"; None when it is not both.

    Eight digits and more are no badge, so that the desk may look for telephone numbers in the same box.
    """
    found = _BADGE.fullmatch(_as_on_a_badge(typed))
    if not found:
        return None
    joined = found["joined"] or ""
    number = int(found["number"] or joined[:-3])
    return (number, found["check"] or joined[-3:]) if number else None


def parse_badge_number(typed: str) -> int | None:
    """Number of "A-017", "A 017", "017"; None for what is none, or not only one."""
    found = _BADGE_ALONE.fullmatch(_as_on_a_badge(typed))
    return int(found["number"] or found["digits"]) or None if found else None


def _as_on_a_badge(typed: str) -> str:
    """In small letters, with one kind of dash and no blanks around it; empty for what is too long to be a badge."""
    if len(typed) > 40:
        return ""
    plain = " ".join(_DASHES.sub("-", _plain(typed)).casefold().split())
    return re.sub(r" ?- ?", "-", plain).replace("a ", "a")


def badge_qr(ref: str) -> str:
    """What the badge's QR holds; capitals alone make it smaller and every scanner types them right."""
    return _BADGE_QR + ref.upper()


def parse_badge_qr(scanned: str) -> str | None:
    """The visit's ref from a scanned badge, however the scanner typed it; None for any other code."""
    if len(scanned) > 80:
        return None
    plain = "".join(_plain(scanned).split()).upper()
    ref = plain.removeprefix(_BADGE_QR).casefold().translate(_MISREAD)
    is_ref = len(ref) == REF_LENGTH and all(c in _READABLE for c in ref)
    return ref if plain.startswith(_BADGE_QR) and is_ref else None


def new_pairing_code() -> str:
    """Eight consonants that a kiosk shows while it waits to be paired."""
    return "".join(secrets.choice(_CONSONANTS) for _ in range(8))


def show_pairing_code(code: str) -> str:
    """WDJB-MJHT."""
    return f"{code[:4]}-{code[4:]}"


def normalise_pairing_code(typed: str) -> str | None:
    """The bare eight consonants of what an admin typed, or None when it cannot be a code."""
    if len(typed) > 40:
        return None
    code = re.sub(r"[\W_]", "", _plain(typed)).upper()
    return code if len(code) == 8 and all(c in _CONSONANTS for c in code) else None


def _plain(typed: str) -> str:
    """Full width made half, invisible marks gone, digits of every script made 0 to 9."""
    seen = (c for c in unicodedata.normalize("NFKC", typed) if unicodedata.category(c) != "Cf")
    return "".join(str(unicodedata.decimal(c, c)) for c in seen)
