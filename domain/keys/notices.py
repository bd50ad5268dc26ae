"""Who is told of keys (K4–K6): approvers, whoever asked, borrowers, supervisors. Rows hold ids; see telling.py."""

from datetime import datetime
from functools import reduce

from domain import notices
from domain.codes import new_ref
from domain.database import db
from domain.keys.classes import APPROVERS, KeyClass
from domain.keys.loan_models import KeyApproval, Loan
from domain.keys.models import Key
from domain.keys.rules import rules_at
from domain.notices import Channel
from domain.occupants.models import Host
from domain.people.holders import holders
from domain.people.models import Person
from domain.permissions import Role
from domain.sites.models import Site

ANSWERED = ("granted", "denied")


def _tell_person(
    kind: str, person: Person, *, site: Site, subject: str, subject_id: int, now: datetime, again: str = ""
) -> bool:
    if not (person.email and site.mail_enabled):
        return False
    notices.tell(
        kind,
        site_id=site.id,
        recipient="person",
        recipient_id=person.id,
        channel=Channel.MAIL,
        subject=subject,
        subject_id=subject_id,
        now=now,
        message_id=new_ref(),
        again=again,
    )
    return True


def _tell_site(kind: str, *, site: Site, subject: str, subject_id: int, now: datetime, again: str = "") -> None:
    if site.channels:
        notices.tell(
            kind,
            site_id=site.id,
            recipient="site",
            recipient_id=site.id,
            channel=Channel.CHAT,
            subject=subject,
            subject_id=subject_id,
            now=now,
            message_id=new_ref(),
            again=again,
        )


def tell_borrower(kind: str, loan: Loan, *, now: datetime, again: str = "") -> bool:
    """Tell who has the key, where there is an address; False where there is none and the desk has to call."""
    site = db.session.get_one(Site, loan.site_id)
    if loan.person_id is not None:
        person = db.session.get_one(Person, loan.person_id)
        return _tell_person(kind, person, site=site, subject="loan", subject_id=loan.id, now=now, again=again)
    if loan.host_id is None:
        return False
    host = db.session.get_one(Host, loan.host_id)
    channels = [Channel.MAIL] if host.email and site.mail_enabled else []
    if host.channels:
        channels.append(Channel.CHAT)
    for channel in channels:
        notices.tell(
            kind,
            site_id=site.id,
            recipient="host",
            recipient_id=host.id,
            channel=channel,
            subject="loan",
            subject_id=loan.id,
            now=now,
            message_id=new_ref(),
            again=again,
        )
    return bool(channels)


def tell_approvers(approval: KeyApproval, *, codes: set[str], now: datetime) -> None:
    """Ask those whose role approves every class that is meant; never the borrower."""
    site, rules = db.session.get_one(Site, approval.site_id), rules_at(approval.site_id)
    roles = reduce(frozenset[Role].intersection, (rules[KeyClass(code)].approvers for code in codes), APPROVERS)
    for person in holders(roles, site_id=site.id):
        if person.id != approval.person_id:
            _tell_person(
                "key.approval_asked", person, site=site, subject="key_approval", subject_id=approval.id, now=now
            )
    _tell_site("key.approval_asked", site=site, subject="key_approval", subject_id=approval.id, now=now)


def tell_answer(approval: KeyApproval, *, state: str, now: datetime) -> None:
    """Tell whoever asked that it was granted or refused."""
    if state in ANSWERED and approval.asked_by_id is not None:
        site, person = (
            db.session.get_one(Site, approval.site_id),
            db.session.get_one(Person, approval.asked_by_id),
        )
        _tell_person(
            f"key.approval_{state}", person, site=site, subject="key_approval", subject_id=approval.id, now=now
        )


def tell_supervisors_overdue(loan: Loan, *, now: datetime) -> None:
    """The last step of K5."""
    site = db.session.get_one(Site, loan.site_id)
    for person in holders((Role.SUPERVISOR,), site_id=site.id):
        _tell_person("key.overdue_long", person, site=site, subject="loan", subject_id=loan.id, now=now)


def tell_desk_overdue(loan: Loan, *, now: datetime) -> None:
    """The second step of K5: on the desk it shows anyway; the site's chat channel hears it."""
    site = db.session.get_one(Site, loan.site_id)
    _tell_site("key.overdue", site=site, subject="loan", subject_id=loan.id, now=now)


def tell_lost(key: Key, *, now: datetime) -> None:
    """A lost key: the supervisors, and the site's chat channel (K6)."""
    site, again = db.session.get_one(Site, key.site_id), now.isoformat(timespec="seconds")
    for person in holders((Role.SUPERVISOR,), site_id=site.id):
        _tell_person("key.lost", person, site=site, subject="key", subject_id=key.id, now=now, again=again)
    _tell_site("key.lost", site=site, subject="key", subject_id=key.id, now=now, again=again)
