"""What is known of borrowers is erased in time (P2): the signature 72 hours after the keys are back, name, phone and
what was noted after the site's days. Loans stay, with key, time and class; names of the staff stay too, for it is the
register that says who had a key.

Nobody who still has a key is erased. In batches, each a short transaction of its own: call outside of any transaction.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, select, tuple_, update

from domain import clock, events, search, subjects
from domain.database import db, reading, writing
from domain.events import Event, EventDetail
from domain.identity import Actor
from domain.keys.borrowers import mask, name_of
from domain.keys.count_models import KeyDifference
from domain.keys.history import grams_of_borrower
from domain.keys.loan_models import KeyApproval, Loan, LoanLine
from domain.keys.models import KeyReservation
from domain.masking import mask_phone
from domain.notices import Notice, NoticeState
from domain.permissions import Permission
from domain.phones import display_phone
from domain.registers import Column
from domain.sites.models import Site
from domain.text import N_

BRIEF = timedelta(hours=72)
BATCH = 500
NOTHING = {"synchronize_session": False}
NAMELESS = {"name": "", "phone": "", "purpose": ""}
OF_THINGS = ("key", "key_set", "key_count")
NO_WORDS = "–"
"""In the place of the explanation that an explained difference must have."""


def erase_signatures(*, actor: Actor, now: datetime) -> int:
    """Erase signatures 72 hours after everything of the loan is back; returns how many."""
    due = and_(Loan.signature.is_not(None), Loan.ended_at < now - BRIEF)
    count = 0
    while True:
        with reading():
            rows = db.session.execute(select(Loan.id, Loan.site_id).where(due).order_by(Loan.id).limit(BATCH)).all()
        if not rows:
            return count
        with writing():
            ids = [row.id for row in rows]
            db.session.execute(update(Loan).where(Loan.id.in_(ids)).values(signature=None), execution_options=NOTHING)
            for site_id in sorted({row.site_id for row in rows}):
                _told(site_id, "signatures", sum(row.site_id == site_id for row in rows), actor, now)
        count += len(rows)


def erase_borrowers(*, actor: Actor, now: datetime) -> int:
    """Make loans, approvals and reservations of outsiders anonymous after the site's days; returns how many."""
    with reading():
        sites = db.session.execute(select(Site.id, Site.retention_days).order_by(Site.id)).all()
    return sum(_erase_at(site.id, now - timedelta(days=site.retention_days), actor, now) for site in sites)


def _erase_at(site_id: int, before: datetime, actor: Actor, now: datetime) -> int:
    loans = _loans_of(site_id, before, actor, now)
    others = 0
    for model, subject, over in (
        (KeyApproval, "key_approval", and_(KeyApproval.asked_at < before, KeyApproval.expires_at < before)),
        (KeyReservation, "key_reservation", KeyReservation.ends_at < before),
    ):
        due = select(model.id).where(
            model.site_id == site_id, model.erased_at.is_(None), model.person_id.is_(None), over
        )
        others += _anonymous(model, subject, due, actor, now, site_id)
    _forget_notes(site_id, before)
    return loans + others


def _loans_of(site_id: int, before: datetime, actor: Actor, now: datetime) -> int:
    due = and_(
        Loan.site_id == site_id,
        Loan.erased_at.is_(None),
        Loan.person_id.is_(None),
        Loan.out_at < before,
        Loan.ended_at < before,
    )
    count = 0
    while True:
        with reading():
            asked = select(Loan.id, Loan.name, Loan.phone).where(due).order_by(Loan.out_at, Loan.id).limit(BATCH)
            rows = db.session.execute(asked).all()
        if not rows:
            return count
        # Spelling names takes its time: done before anybody has to wait for the transaction.
        found_by = {row.id: grams_of_borrower(row.name, row.phone) for row in rows}
        with writing():
            gone: dict[str, Any] = NAMELESS | {"authority": "", "escort": "", "signature": None, "erased_at": now}
            ids = list(found_by)
            db.session.execute(update(Loan).where(Loan.id.in_(ids), due).values(gone), execution_options=NOTHING)
            for loan_id, known in found_by.items():
                search.forget(site_id=site_id, kind=search.LOAN, subject_id=loan_id, known=known)
            _forget_history("loan", ids)
            _told(site_id, "loans", len(rows), actor, now)
        count += len(rows)


def _still_out(row: Any) -> str:
    if row.ended_at is None:
        return N_("The key is still out.")
    return N_("Names of the staff stay: the register says who had a key.") if row.person_id else ""


@subjects.erases("keys", _still_out)
def erase_asked(rows: Sequence[Any], actor: Actor, now: datetime) -> None:
    """Erase the borrower of these loans in the transaction at hand, because the borrower asked (P3)."""
    ids = [row.id for row in rows]
    gone: dict[str, Any] = NAMELESS | {"authority": "", "escort": "", "signature": None, "erased_at": now}
    due = and_(Loan.id.in_(ids), Loan.ended_at.is_not(None), Loan.person_id.is_(None))
    db.session.execute(update(Loan).where(due).values(gone), execution_options=NOTHING)
    emptied = update(LoanLine).where(LoanLine.loan_id.in_(ids)).values(brought_by="", condition="")
    db.session.execute(emptied, execution_options=NOTHING)
    for row in rows:
        known = grams_of_borrower(row.name, row.phone)
        search.forget(site_id=row.site_id, kind=search.LOAN, subject_id=row.id, known=known)
    _forget_history("loan", ids)
    for site_id in sorted({row.site_id for row in rows}):
        _told(site_id, "asked", len(ids), actor, now)


BESIDE = (
    Column("name", N_("Borrower"), "name", name_of, mask),
    Column("phone", N_("Mobile phone"), "phone", lambda row: row.phone, mask_phone, display_phone),
    Column("purpose", N_("Used for"), "text", lambda row: row.purpose),
)
APPROVALS = subjects.keeps(
    subjects.Beside(
        name="key_approvals",
        subject="key_approval",
        one=N_("Question for a key, %(number)s"),
        read=Permission.KEYS_READ,
        model=KeyApproval,
        columns=(Column("at", N_("Asked"), "moment", lambda row: row.asked_at), *BESIDE),
    )
)
RESERVATIONS = subjects.keeps(
    subjects.Beside(
        name="key_reservations",
        subject="key_reservation",
        one=N_("Reservation of a key, %(number)s"),
        read=Permission.KEYS_READ,
        model=KeyReservation,
        columns=(Column("at", N_("From"), "moment", lambda row: row.starts_at), *BESIDE),
    )
)


def _still_asked(row: KeyApproval) -> str:
    if row.person_id:
        return N_("Names of the staff stay: the register says who had a key.")
    over = row.used_at or row.withdrawn_at or row.expires_at <= clock.now()
    return "" if over else N_("The question for the key is still open. Withdraw it first.")


def _still_kept(row: KeyReservation) -> str:
    if row.person_id:
        return N_("Names of the staff stay: the register says who had a key.")
    over = row.ended_at or row.ends_at <= clock.now()
    return "" if over else N_("The key is still reserved. Cancel the reservation first.")


@subjects.erases("key_approvals", _still_asked)
def erase_approvals(rows: Sequence[KeyApproval], actor: Actor, now: datetime) -> None:
    """Erase who asked for a key, because the person asked (P3)."""
    _nameless(KeyApproval, "key_approval", rows, actor, now)


@subjects.erases("key_reservations", _still_kept)
def erase_reservations(rows: Sequence[KeyReservation], actor: Actor, now: datetime) -> None:
    """Erase for whom a key was reserved, because the person asked (P3); the key's own history knew it too."""
    _nameless(KeyReservation, "key_reservation", rows, actor, now)
    for row in rows:
        thing = ("key_set", row.set_id) if row.set_id else ("key", row.key_id)
        _forget_history(thing[0], [thing[1]], kind="key.reserved", at=row.made_at)


def _nameless(model: Any, subject: str, rows: Sequence[Any], actor: Actor, now: datetime) -> None:
    ids = [row.id for row in rows]
    gone = update(model).where(model.id.in_(ids)).values(**NAMELESS, erased_at=now)
    db.session.execute(gone, execution_options=NOTHING)
    _forget_history(subject, ids)
    for site_id in sorted({row.site_id for row in rows}):
        _told(site_id, f"{subject}s", sum(row.site_id == site_id for row in rows), actor, now)


def _anonymous(model: Any, subject: str, due: Any, actor: Actor, now: datetime, site_id: int) -> int:
    count = 0
    while True:
        with reading():
            ids = db.session.scalars(due.limit(BATCH)).all()
        if not ids:
            return count
        with writing():
            gone = update(model).where(model.id.in_(ids)).values(**NAMELESS, erased_at=now)
            db.session.execute(gone, execution_options=NOTHING)
            _forget_history(subject, ids)
            _told(site_id, f"{subject}s", len(ids), actor, now)
        count += len(ids)


def _forget_notes(site_id: int, before: datetime) -> None:
    """Who brought a key back, and what was noted then, also of loans to the staff; what differences came from; notes in
    the keys' history."""
    explained = and_(
        KeyDifference.site_id == site_id,
        KeyDifference.explained_at < before,
        KeyDifference.explanation != NO_WORDS,
    )
    with reading():
        lines = db.session.execute(
            select(LoanLine.id, LoanLine.loan_id)
            .join(Loan, Loan.id == LoanLine.loan_id)
            .where(
                (LoanLine.brought_by != "") | (LoanLine.condition != ""),
                LoanLine.ended_at < before,
                Loan.site_id == site_id,
            )
        ).all()
        about = (
            select(Event.site_id, Event.number)
            .join(EventDetail, and_(EventDetail.site_id == Event.site_id, EventDetail.number == Event.number))
            .where(Event.subject.in_(OF_THINGS), Event.site_id == site_id, Event.at < before)
        )
        numbers = [row.number for row in db.session.execute(about)]
        differences = db.session.scalars(select(KeyDifference.id).where(explained)).all()
    if differences:
        with writing():
            emptied = update(KeyDifference).where(KeyDifference.id.in_(differences)).values(explanation=NO_WORDS)
            db.session.execute(emptied, execution_options=NOTHING)
    for start in range(0, len(lines), BATCH):
        part = lines[start : start + BATCH]
        with writing():
            emptied = update(LoanLine).where(LoanLine.id.in_([row.id for row in part]))
            db.session.execute(emptied.values(brought_by="", condition=""), execution_options=NOTHING)
            _forget_history("loan", [row.loan_id for row in part], kind="loan.returned")
    for start in range(0, len(numbers), BATCH):
        with writing():
            db.session.execute(
                delete(EventDetail).where(
                    EventDetail.site_id == site_id, EventDetail.number.in_(numbers[start : start + BATCH])
                ),
                execution_options=NOTHING,
            )


def _forget_history(subject: str, ids: Sequence[int], *, kind: str | None = None, at: datetime | None = None) -> None:
    """Remove the personal part of the history and what notices knew; events and their digests stay. `at` is of that
    instant alone, and no notice."""
    about = select(Event.site_id, Event.number).where(Event.subject == subject, Event.subject_id.in_(ids))
    if kind:
        about = about.where(Event.kind == kind)
    if at:
        about = about.where(Event.at == at)
    db.session.execute(
        delete(EventDetail).where(tuple_(EventDetail.site_id, EventDetail.number).in_(about)), execution_options=NOTHING
    )
    if at:
        return
    told = update(Notice).where(Notice.subject == subject, Notice.subject_id.in_(ids))
    db.session.execute(told.values(facts={}, problem=""), execution_options=NOTHING)
    waiting = told.where(Notice.state == NoticeState.PENDING)
    db.session.execute(waiting.values(state=NoticeState.DROPPED), execution_options=NOTHING)


def _told(site_id: int, what: str, count: int, actor: Actor, now: datetime) -> None:
    events.record(
        "keys.erased",
        site_id=site_id,
        subject="site",
        subject_id=site_id,
        actor=actor,
        now=now,
        facts={"what": what, "count": count},
    )
