"""The codes of an invitation (V5): a QR that nobody can guess, and six digits that can be typed.

The QR holds the name of the invitation and a seal over it, made under the house's own key: nothing of it is kept, and
who reads the database cannot make one. Digits can be guessed: tries are counted (domain/limits.py).
"""

import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select

from domain.codes import REF_LENGTH
from domain.database import db
from domain.encryption import blind_index, keyring
from domain.errors import DomainError
from domain.limits import Limit
from domain.text import N_
from domain.visits.invitation_models import Invitation

DIGITS = 6
SEAL = 20
PURPOSE = "invitation.codes"
UNKNOWN = N_("This code is not known here, or it has ended. Look at it again, or ask the reception.")
KIOSK_TRIES = Limit("invitation", 10, timedelta(minutes=10))
SITE_TRIES = Limit("invitation-site", 200, timedelta(hours=24))
"""Wrong digits at one kiosk, and at all kiosks and phones of a site."""

_QR = "FOYER:I:"
_TOKEN = re.compile(rf"(?P<ref>[0-9a-z]{{{REF_LENGTH}}})-?(?P<seal>[a-z2-7]{{{SEAL}}})")
_TYPED = re.compile(r"[\s\-\u2010-\u2015]")


def token_of(ref: str) -> str:
    """The unguessable end of the guest's link."""
    return f"{ref}-{blind_index(ref, PURPOSE)[:SEAL]}"


def qr_of(ref: str) -> str:
    """What the QR holds; capitals alone make it smaller and every scanner types them right."""
    return _QR + token_of(ref).replace("-", "").upper()


def show_digits(digits: str) -> str:
    """482 913."""
    return f"{digits[:3]} {digits[3:]}"


def parse_token(text: str) -> str | None:
    """The ref of a token that this house has sealed; None for any other."""
    found = _TOKEN.fullmatch(text.strip().casefold())
    if not found:
        return None
    seals = keyring().blind_indexes(found["ref"], PURPOSE)
    good = any(hmac.compare_digest(found["seal"].encode(), seal[:SEAL].encode()) for seal in seals)
    return found["ref"] if good else None


def parse_scanned(text: str) -> str | None:
    """The ref of what was scanned: the QR, or the link as an address; None for anything else."""
    plain = "".join(unicodedata.normalize("NFKC", text[:300]).split())
    if plain.upper().startswith(_QR):
        return parse_token(plain[len(_QR) :])
    _before, path, rest = plain.rpartition("/i/")
    return parse_token(rest.rstrip("/")) if path else None


def parse_digits(text: str) -> str | None:
    """The six digits of "482 913", however they are written; None for anything else."""
    plain = _TYPED.sub("", unicodedata.normalize("NFKC", text[:40]))
    digits = "".join(str(unicodedata.decimal(c, "x")) for c in plain)
    return digits if len(digits) == DIGITS and digits.isdecimal() else None


def looks_scanned(text: str) -> bool:
    """Whether it came from a scanner: it cannot be guessed, and its tries need not be counted."""
    return text.upper().startswith(_QR) or "/i/" in text


def find_by_code(typed: str, *, site_id: int) -> Invitation:
    """The site's invitation of a scanned QR, a link or six digits. Raises DomainError (field "code"): in the same words
    for one that is unknown, ended long ago or is another site's.
    """
    here = select(Invitation).where(Invitation.site_id == site_id)
    if ref := parse_scanned(typed):
        found = db.session.scalar(here.where(Invitation.ref == ref))
    elif digits := parse_digits(typed):
        found = db.session.scalar(here.where(Invitation.digits == digits))
    elif looks_scanned(typed):
        found = None
    else:
        raise DomainError(N_("An invitation has 6 digits, such as 482 913."), field="code")
    if found is None or found.erased_at:
        raise DomainError(UNKNOWN, field="code")
    return found


def free_digits(site_id: int, count: int, *, taken: Iterable[str] = ()) -> list[str]:
    """So many six digits that no invitation of the site has now, drawn by chance."""
    found: list[str] = []
    used = set(taken)
    while len(found) < count:
        drawn = {f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}" for _ in range(count - len(found))} - used
        asked = select(Invitation.digits).where(Invitation.site_id == site_id, Invitation.digits.in_(drawn))
        used |= drawn
        found += drawn - set(db.session.scalars(asked))
    return found
