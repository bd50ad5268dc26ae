"""Tags as scanners and people type them: Foyer's own QR labels, Code 128 and NFC numbers that were there before."""

import re
import unicodedata

from domain.codes import REF_LENGTH
from domain.errors import DomainError
from domain.text import N_

LONGEST_TAG = 40
_QR = "FOYER:K:"
DASHES = re.compile("[\u2010-\u2015\u2212\u30fc]")
_REF = re.compile(rf"[0-9a-z]{{{REF_LENGTH}}}")


def clean_tag(typed: str) -> str:
    """The tag as it is kept: half width, capitals, one dash and one space where a scanner or an IME types others.

    Raises DomainError (field "tag") for nothing, for too much, and for what cannot be printed.
    """
    if len(typed) > 4 * LONGEST_TAG:
        raise DomainError(N_("A tag has at most %(most)d characters."), field="tag", most=LONGEST_TAG)
    plain = unicodedata.normalize("NFKC", typed)
    plain = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    tag = DASHES.sub("-", " ".join(plain.split())).upper()
    if not tag:
        raise DomainError(N_("Scan or enter the tag of the key."), field="tag")
    if len(tag) > LONGEST_TAG:
        raise DomainError(N_("A tag has at most %(most)d characters."), field="tag", most=LONGEST_TAG)
    if any(unicodedata.category(c)[0] == "C" for c in tag):
        raise DomainError(N_("Leave out characters that cannot be read or printed."), field="tag")
    return tag


def key_qr(ref: str) -> str:
    """What the QR of a key's or a set's label holds; capitals alone make it smaller."""
    return _QR + ref.upper()


def parse_key_qr(scanned: str) -> str | None:
    """The ref in a scanned label of Foyer's own, however the scanner typed it; None for any other code."""
    plain = "".join(unicodedata.normalize("NFKC", scanned[:80]).split()).upper()
    ref = plain.removeprefix(_QR).lower()
    return ref if plain.startswith(_QR) and _REF.fullmatch(ref) else None
