"""Whether every signed entry stands as it was signed, or its history says what became of it since (R2)."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import and_, select

from domain import registers
from domain.canonical import canonical
from domain.database import db
from domain.events import Event
from domain.review import entries, merkle
from domain.review.models import Review, Seal, SignedEntry
from domain.review.signing import entry_leaf, statement_of
from domain.text import N_

Found = tuple[str, dict[str, Any]]


def of_site(site_id: int) -> Iterator[Found]:
    """What is wrong, the first thing first; signatures are read one after the other."""
    yield from _removed(site_id)
    number = 0
    while True:
        rows = db.session.execute(
            select(Review, Seal.statement, Seal.head)
            .outerjoin(Seal, and_(Seal.site_id == Review.site_id, Seal.number == Review.seal_number))
            .where(Review.site_id == site_id, Review.number > number)
            .order_by(Review.number)
            .limit(50)
        ).all()
        for review, statement, head in rows:
            yield from _of_review(review, statement, head)
            db.session.expunge(review)
        if not rows:
            return
        number = rows[-1][0].number


def _removed(site_id: int) -> Iterator[Found]:
    """Signatures that the history knows and the table does not."""
    lost = (
        select(Event.facts)
        .outerjoin(Review, and_(Review.id == Event.subject_id, Review.site_id == Event.site_id))
        .where(Event.subject == "review", Event.site_id == site_id, Event.kind == "review.signed", Review.id.is_(None))
        .order_by(Event.number)
        .limit(1)
    )
    for facts in db.session.scalars(lost):
        yield N_("Signature %(review)d was removed."), {"review": facts.get("number", 0)}


def _of_review(review: Review, statement: str | None, head: str | None) -> Iterator[Found]:
    name = {"review": review.number}
    signed = db.session.execute(
        select(SignedEntry.number, SignedEntry.entry_id, SignedEntry.digest, SignedEntry.personal, SignedEntry.salt)
        .where(SignedEntry.review_id == review.id)
        .order_by(SignedEntry.number)
    ).all()
    tree = merkle.root(entry_leaf(row.number, row.entry_id, row.digest, row.personal) for row in signed).hex()
    if statement is None or canonical(statement_of(review, tree)) != statement:
        yield N_("Signature %(review)d was changed: it does not fit its seal."), name
    told = db.session.scalar(
        select(Event.facts).where(
            Event.subject == "review", Event.subject_id == review.id, Event.site_id == review.site_id
        )
    )
    if told is None or told.get("head") != head:
        yield N_("The seal of signature %(review)d was replaced: the history knows another head."), name
    yield from _of_entries(review, signed)


def _of_entries(review: Review, signed: Sequence[Any]) -> Iterator[Found]:
    try:
        register = registers.get(review.register)
    except KeyError:
        return
    now = {
        row.id: row
        for row in db.session.execute(
            select(*entries.bound_columns(register)).where(register.id.in_([row.entry_id for row in signed]))
        )
    }
    for kept in signed:
        row, name = now.get(kept.entry_id), {"number": kept.number, "register": register.name}
        if row is None or row.number != kept.number:
            yield N_("The signed entry No. %(number)04d of %(register)s was removed."), name
        elif not _stands(register, row, kept) and not entries.happened_to(
            register, review.site_id, [kept.entry_id], after=review.up_to
        ):
            yield N_("The signed entry No. %(number)04d of %(register)s was changed past its history."), name


def _stands(register: registers.Register, row: Any, kept: Any) -> bool:
    if entries.lasting_digest(register, row) != kept.digest:
        return False
    if not kept.salt or row.erased_at is not None:
        return True
    return entries.personal_digest(register, row, kept.salt) == kept.personal
