"""Who is told of a demanded correction (R1): who is to answer it, and, once it came back, who asked. Rows hold ids."""

from datetime import datetime

from domain import notices
from domain.codes import new_ref
from domain.database import db
from domain.notices import Channel
from domain.people.holders import holders
from domain.people.models import Person
from domain.permissions import Role
from domain.review.models import Comment, CommentLine
from domain.sites.models import Site

SUBJECT = "review_comment"
ASKED, ANSWERED = "review.asked", "review.answered"


def tell_asked(comment: Comment, line: CommentLine, *, now: datetime) -> None:
    """Tell who is to correct the entry, each time it is asked."""
    _tell(ASKED, comment, line, [comment.to_id], now)


def tell_answered(comment: Comment, line: CommentLine, *, asked_by: int, now: datetime) -> None:
    """Tell who asked last that the answer came back; where that person cannot be reached, the supervisors."""
    if not _tell(ANSWERED, comment, line, [asked_by], now):
        others = holders((Role.SUPERVISOR,), site_id=comment.site_id)
        _tell(ANSWERED, comment, line, [person.id for person in others if person.id != comment.to_id], now)


def _tell(kind: str, comment: Comment, line: CommentLine, to: list[int | None], now: datetime) -> int:
    """Returns how many were told: those with an address, where the site sends mail."""
    site, count = db.session.get_one(Site, comment.site_id), 0
    for person_id in to:
        person = db.session.get(Person, person_id) if person_id else None
        if person is None or person.left_at or not (person.email and site.mail_enabled):
            continue
        count += 1
        notices.tell(
            kind,
            site_id=site.id,
            recipient="person",
            recipient_id=person.id,
            channel=Channel.MAIL,
            subject=SUBJECT,
            subject_id=comment.id,
            now=now,
            message_id=new_ref(),
            facts={"line": str(line.id)},
            again=str(line.id),
        )
    return count
