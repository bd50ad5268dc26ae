"""What a notice tells of a demanded correction, read at the moment of telling, so that it is true (R1).

What was said stays in the house: comments on an entry speak of visitors. The letter names the entry by its number.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from domain import registers
from domain.database import db
from domain.notices import Notice
from domain.people.models import Person
from domain.registers import Register
from domain.review.models import Comment, CommentLine, CommentState
from domain.review.notices import ANSWERED
from domain.sites.models import Site


@dataclass(frozen=True)
class CommentTelling:
    """One notice to be written: which entry of which register, who asked or answered, and when."""

    kind: str
    site: Site
    language: str
    addresses: tuple[str, ...]
    register: Register
    number: int
    entry_ref: str
    by: str
    said_at: datetime


def telling(notice: Notice) -> CommentTelling | None:
    """What to write; None when it makes no sense any more: answered or accepted meanwhile, asked anew, or the reader
    left."""
    comment = db.session.get(Comment, notice.subject_id)
    reader = db.session.get(Person, notice.recipient_id)
    if comment is None or reader is None or reader.left_at or not reader.email:
        return None
    wanted = CommentState.ANSWERED if notice.kind == ANSWERED else CommentState.ASKED
    last = _last_line(comment.id)
    if comment.state != wanted or last is None or str(last.id) != notice.facts.get("line"):
        return None
    return CommentTelling(
        kind=notice.kind,
        site=db.session.get_one(Site, notice.site_id),
        language=reader.language,
        addresses=(reader.email,),
        register=registers.get(comment.register),
        number=comment.number,
        entry_ref=comment.entry_ref,
        by=db.session.get_one(Person, last.by_id).name,
        said_at=last.said_at,
    )


def _last_line(comment_id: int) -> CommentLine | None:
    lines = select(CommentLine).where(CommentLine.comment_id == comment_id)
    return db.session.scalar(lines.order_by(CommentLine.id.desc()).limit(1))
