"""What review knows of people goes when the entry's own data do (P2): the salts of signed entries, and after the
site's days the words of comments and remarks. Seals and signatures stay valid.

In batches, each a short transaction of its own: call outside of any transaction.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, tuple_, update

from domain import registers
from domain.database import db, reading, writing
from domain.events import Event, EventDetail
from domain.registers import Register
from domain.review.models import Comment, CommentLine, Review, SignedEntry
from domain.sites.models import Site

BATCH = 500
NOTHING = {"synchronize_session": False}


def erase_review(*, now: datetime) -> int:
    """Erase salts of entries that were made anonymous, and old words; returns how many rows were emptied."""
    with reading():
        sites = db.session.execute(select(Site.id, Site.retention_days).order_by(Site.id)).all()
    count = sum(_erase_salts(register) for register in registers.everyone() if register.erasable)
    for site in sites:
        before = now - timedelta(days=site.retention_days)
        count += _erase_lines(site.id, before) + _erase_remarks(site.id, before)
    return count


def _erase_salts(register: Register) -> int:
    model, count = register.model, 0
    due = (
        select(SignedEntry.review_id, SignedEntry.number)
        .join(model, model.id == SignedEntry.entry_id)
        .where(SignedEntry.register == register.name, SignedEntry.salt != "", model.erased_at.is_not(None))
        .limit(BATCH)
    )
    while True:
        with writing():
            rows = db.session.execute(due).all()
            if not rows:
                return count
            emptied = update(SignedEntry).where(
                tuple_(SignedEntry.review_id, SignedEntry.number).in_([tuple(row) for row in rows])
            )
            db.session.execute(emptied.values(salt=""), execution_options=NOTHING)
        count += len(rows)


def _erase_lines(site_id: int, before: datetime) -> int:
    """The words of comments, answered or not."""
    count = 0
    due = (
        select(CommentLine.id, Comment.id.label("comment_id"))
        .join(Comment, Comment.id == CommentLine.comment_id)
        .where(
            *(CommentLine.text != "", CommentLine.said_at < before, Comment.site_id == site_id),
        )
        .limit(BATCH)
    )
    while True:
        with writing():
            rows = db.session.execute(due).all()
            if not rows:
                return count
            emptied = update(CommentLine).where(CommentLine.id.in_([row.id for row in rows]))
            db.session.execute(emptied.values(text=""), execution_options=NOTHING)
            _forget(site_id, before, "review.%", {row.comment_id for row in rows})
        count += len(rows)


def _forget(site_id: int, before: datetime, kind: str, comment_ids: set[int]) -> None:
    """Remove the personal part of the history of these comments, whichever entry they stand on."""
    entry = select(Comment.entry_id).where(Comment.id.in_(comment_ids))
    about = select(Event.site_id, Event.number).where(
        Event.subject.in_([register.subject for register in registers.everyone()]),
        Event.subject_id.in_(entry),
        Event.site_id == site_id,
        Event.kind.like(kind),
        Event.at < before,
    )
    db.session.execute(
        delete(EventDetail).where(tuple_(EventDetail.site_id, EventDetail.number).in_(about)), execution_options=NOTHING
    )


def _erase_remarks(site_id: int, before: datetime) -> int:
    count = 0
    due = (
        select(Review.id).where(Review.remark != "", Review.signed_at < before, Review.site_id == site_id).limit(BATCH)
    )
    while True:
        with writing():
            ids = db.session.scalars(due).all()
            if not ids:
                return count
            emptied = update(Review).where(Review.id.in_(ids)).values(remark="")
            db.session.execute(emptied, execution_options=NOTHING)
            about = select(Event.site_id, Event.number).where(Event.subject == "review", Event.subject_id.in_(ids))
            db.session.execute(
                delete(EventDetail).where(tuple_(EventDetail.site_id, EventDetail.number).in_(about)),
                execution_options=NOTHING,
            )
        count += len(ids)
