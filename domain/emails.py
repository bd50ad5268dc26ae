"""Mail addresses: read as they are typed, kept as they are sent to, masked for those who do not need them (P4)."""

import re
import unicodedata

from domain.errors import DomainError
from domain.text import N_

LONGEST = 254
LONGEST_LOCAL = 64

# What mail servers take in practice; quoted local parts and addresses of machines are left out on purpose.
_LOCAL = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f]+")
_LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")


def parse_email(raw: str) -> str:
    """The address without blanks and invisible marks, its domain in small letters; "" when nothing was typed.

    Raises DomainError (field "email") with a sentence that says what to change.
    """
    typed = unicodedata.normalize("NFKC", raw[: 2 * LONGEST])
    typed = "".join(c for c in typed if unicodedata.category(c) != "Cf").strip()
    if not typed:
        return ""
    local, at, domain = typed.rpartition("@")
    labels = domain.split(".")
    if not at or not local or not domain:
        raise _problem(N_("A mail address looks like name@company.com."))
    if len(typed) > LONGEST or len(local) > LONGEST_LOCAL:
        raise _problem(N_("This is too long for a mail address."))
    if not _LOCAL.fullmatch(local) or local.startswith(".") or local.endswith(".") or ".." in local:
        raise _problem(N_("The part before the @ has a character that no mail address has."))
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdecimal():
        raise _problem(N_("The part after the @ is no name of a mail server. Check its dots."))
    return f"{local}@{domain.casefold()}"


def mask_email(address: str) -> str:
    """z***@example.com: recognisable to who knows the person."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}" if at else ("***" if address else "")


def _problem(sentence: str) -> DomainError:
    return DomainError(sentence, field="email")
