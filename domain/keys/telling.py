"""What a notice tells about a key, and to whom: read at the moment of telling, so that it is true (K4–K6)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain.channels import lines_of as channel_lines
from domain.database import db
from domain.keys.acknowledgements import code_of
from domain.keys.approval_queries import state_of as approval_state
from domain.keys.approval_queries import thing_of
from domain.keys.borrowers import shown
from domain.keys.loan_models import KeyApproval, Loan, LoanLine
from domain.keys.models import Key, KeySet
from domain.notices import Channel, Notice
from domain.occupants.models import Host
from domain.people.models import Person
from domain.sites.models import Site

SUBJECTS = frozenset({"loan", "key", "key_approval"})


@dataclass(frozen=True)
class KeyTelling:
    """One notice to be written. `thing` is the tag, `opens` what it opens; `code` is in the borrower's letter alone.

    Names of outsiders are masked except towards approvers, who decide by them. `left` are the tags still out.
    """

    kind: str
    site: Site
    language: str
    addresses: tuple[str, ...]
    thing: str
    opens: str
    name: str = ""
    purpose: str = ""
    since: datetime | None = None
    due: datetime | None = None
    code: str = ""
    copies: int | None = None
    left: tuple[str, ...] = ()
    ref: str = ""
    """The approval's, loan's or key's: the end of the link."""


def telling(notice: Notice, *, now: datetime) -> KeyTelling | None:
    """What to write for a notice about keys; None when telling makes no sense any more: the key is back, the question
    was answered, the code is too old, or the reader left.
    """
    site = db.session.get_one(Site, notice.site_id)
    reader = _reader(notice, site)
    if reader is None:
        return None
    language, addresses = reader
    about: dict[str, Any] | None
    match notice.subject:
        case "loan":
            about = _of_loan(notice, now)
        case "key_approval":
            about = _of_approval(notice, now)
        case "key":
            about = _of_key(notice)
        case _:
            return None
    if about is None:
        return None
    return KeyTelling(kind=notice.kind, site=site, language=language, addresses=addresses, **about)


def _reader(notice: Notice, site: Site) -> tuple[str, tuple[str, ...]] | None:
    addresses: tuple[str, ...]
    if notice.recipient == "site":
        language, addresses = site.language, tuple(channel_lines(site.channels))
    elif notice.recipient == "host":
        host = db.session.get(Host, notice.recipient_id)
        if host is None or host.left_at:
            return None
        language = host.language
        addresses = (host.email,) if notice.channel == Channel.MAIL else tuple(channel_lines(host.channels))
    else:
        person = db.session.get(Person, notice.recipient_id)
        if person is None or person.left_at:
            return None
        language, addresses = person.language, (person.email,)
    return (language, addresses) if any(addresses) else None


def _of_loan(notice: Notice, now: datetime) -> dict[str, Any] | None:
    loan = db.session.get(Loan, notice.subject_id)
    if loan is None or loan.ended_at or loan.erased_at:
        return None
    code = ""
    if notice.kind == "key.code":
        code = code_of(loan, now=now) or ""
        # Of several codes that were asked for only the newest holds, and only its letter is written.
        if not code or not notice.dedupe_key.endswith(f":{loan.code_nonce}"):
            return None
    thing = db.session.get_one(Key, loan.key_id) if loan.key_id else db.session.get_one(KeySet, loan.set_id)
    left = db.session.scalars(
        select(Key.tag)
        .join(LoanLine, LoanLine.key_id == Key.id)
        .where(LoanLine.loan_id == loan.id, LoanLine.ended_at.is_(None))
        .order_by(Key.tag)
    )
    return {
        "thing": thing.tag,
        "opens": thing.opens,
        "name": shown(loan),
        "purpose": loan.purpose,
        "since": loan.out_at,
        "due": loan.due_at,
        "code": code,
        "left": tuple(left),
        "ref": loan.ref,
    }


def _of_approval(notice: Notice, now: datetime) -> dict[str, Any] | None:
    approval = db.session.get(KeyApproval, notice.subject_id)
    if approval is None or approval.erased_at:
        return None
    state = approval_state(approval, now=now)
    wanted = {"key.approval_asked": "waiting", "key.approval_granted": "granted", "key.approval_denied": "denied"}
    if state != wanted.get(notice.kind):
        return None
    thing = thing_of(approval)
    return {
        "thing": thing.tag,
        "opens": thing.opens,
        "name": shown(approval) if notice.recipient == "site" else approval.name,
        "purpose": approval.purpose,
        "since": approval.asked_at,
        "due": approval.due_at,
        "copies": approval.copies,
        "ref": approval.ref,
    }


def _of_key(notice: Notice) -> dict[str, Any] | None:
    key = db.session.get(Key, notice.subject_id)
    if key is None or key.lost_at is None:
        return None
    return {"thing": key.tag, "opens": key.opens, "since": key.lost_at, "ref": key.ref}
