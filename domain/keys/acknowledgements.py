"""The borrower's acknowledgement (K2): a signature on the tablet, a code that was sent, or a form signed on paper.

The code is never stored: it is made from the loan and a random part under the house's key, so that the worker can
write it into the letter and a thief of the database cannot.
"""

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from enum import StrEnum

from domain.codes import new_token
from domain.database import db
from domain.encryption import blind_index, keyring
from domain.errors import Conflict, DomainError
from domain.identity import Actor
from domain.keys import history
from domain.keys.loan_models import Loan
from domain.keys.notices import tell_borrower
from domain.limits import Limit
from domain.text import N_

PURPOSE = "loan.code"
CODE_LASTS = timedelta(minutes=15)
CODE_TRIES = Limit("loan-code", 5, CODE_LASTS)
"""The caller counts a wrong code in a transaction of its own, for the refusal rolls back: web/attempts.py."""
LONGEST_SIGNATURE = 20_000
SHORTEST_SIGNATURE = 16
_STROKES = re.compile(r"[MLHVCSQTZmlhvcsqtz0-9 .,\-]+")


class Acknowledged(StrEnum):
    """How the borrower acknowledged the loan."""

    SIGNATURE = "signature"
    CODE = "code"
    PAPER = "paper"


class WrongCode(DomainError):
    """The code is not the one that was sent. Whoever catches it counts the try."""


def clean_strokes(drawn: str) -> str:
    """The strokes of a signature: the data of an SVG path and nothing else. Raises DomainError (field "signature")."""
    strokes = " ".join(drawn.split())
    if len(strokes) < SHORTEST_SIGNATURE or not strokes.upper().startswith("M"):
        raise DomainError(N_("Let the borrower sign, or choose another way."), field="signature")
    if len(strokes) > LONGEST_SIGNATURE or not _STROKES.fullmatch(strokes):
        raise DomainError(N_("This signature could not be read. Let the borrower sign again."), field="signature")
    return strokes


def _codes(loan: Loan) -> list[str]:
    indexes = keyring().blind_indexes(f"{loan.ref}:{loan.code_nonce}", PURPOSE)
    return [_six_digits(index) for index in indexes]


def _six_digits(index: str) -> str:
    return f"{int.from_bytes(hashlib.sha256(index.encode()).digest()[:8]) % 1_000_000:06d}"


def code_of(loan: Loan, *, now: datetime) -> str | None:
    """The code that holds now, for the letter to the borrower alone."""
    if loan.code_nonce is None or loan.code_expires_at is None or loan.code_expires_at <= now:
        return None
    return _six_digits(blind_index(f"{loan.ref}:{loan.code_nonce}", PURPOSE))


def send_code(loan: Loan, *, actor: Actor, now: datetime) -> None:
    """Send the borrower a new code; one sent before is worth nothing from now on.

    Raises Conflict when the loan is acknowledged or over, DomainError where there is no address to send to.
    """
    _must_wait(loan)
    loan.code_nonce, loan.code_expires_at = new_token(), now + CODE_LASTS
    db.session.flush()
    if not tell_borrower("key.code", loan, now=now, again=loan.code_nonce):
        raise DomainError(N_("There is no address to send a code to. Let the borrower sign instead."))
    history.of_loan("loan.code_sent", loan, actor=actor, now=now)


def acknowledge_by_code(loan: Loan, code: str, *, actor: Actor, now: datetime) -> None:
    """The borrower tells the code that was sent. Raises WrongCode, TooMany, or Conflict when it was done before."""
    CODE_TRIES.check(loan.ref, now=now)
    _must_wait(loan)
    if code_of(loan, now=now) is None:
        raise DomainError(N_("This code is too old. Send a new one."), field="code")
    typed = "".join(c for c in code if c.isdecimal())
    if not any(hmac.compare_digest(typed.encode(), good.encode()) for good in _codes(loan)):
        raise WrongCode(N_("This is not the code that was sent. Look at the latest message."), field="code")
    _acknowledge(loan, Acknowledged.CODE, actor=actor, now=now)


def acknowledge_by_signature(loan: Loan, drawn: str, *, actor: Actor, now: datetime) -> None:
    """The borrower signs after all."""
    strokes = clean_strokes(drawn)
    _must_wait(loan)
    loan.signature = strokes
    _acknowledge(loan, Acknowledged.SIGNATURE, actor=actor, now=now)


def acknowledge_on_paper(loan: Loan, *, actor: Actor, now: datetime) -> None:
    """The borrower has signed a printed form, which the desk keeps."""
    _must_wait(loan)
    _acknowledge(loan, Acknowledged.PAPER, actor=actor, now=now)


def _must_wait(loan: Loan) -> None:
    db.session.refresh(loan, with_for_update={"key_share": True})
    if loan.acknowledged_how:
        raise Conflict(N_("The borrower has acknowledged this loan already."))
    if loan.ended_at:
        raise Conflict(N_("This loan has ended."))


def _acknowledge(loan: Loan, how: Acknowledged, *, actor: Actor, now: datetime) -> None:
    loan.acknowledged_how, loan.acknowledged_at = how, now
    loan.code_nonce = loan.code_expires_at = None
    db.session.flush()
    history.of_loan("loan.acknowledged", loan, actor=actor, now=now, facts={"how": how})
