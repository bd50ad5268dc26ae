"""Comments on entries (R1): a remark, or a demand for a correction that goes to a person, comes back answered, and is
accepted or asked again. The entry itself is corrected in its own room, by a further line of its history. Demand
and answer are told by mail (notices.py)."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain import events
from domain.database import db
from domain.errors import Conflict, DomainError, NotAllowed, NotFound
from domain.identity import Actor
from domain.people.models import Person
from domain.permissions import Permission
from domain.registers import Register, get
from domain.review import notices
from domain.review.entries import happened_to
from domain.review.models import Comment, CommentLine, CommentState
from domain.review.people import may_be_asked
from domain.text import N_

LONGEST = 1000


def comment(register: Register, row: Any, *, text: str, ask: str = "", actor: Actor, now: datetime) -> Comment:
    """Say something on an entry; `ask` is the ref of the person who is to correct it, or empty. `row` has id, ref,
    number and site_id. Raises DomainError without words, or for somebody who cannot be asked."""
    actor.must(Permission.REVIEW_COMMENT, row.site_id)
    to = _asked(ask, row.site_id, actor) if ask else None
    _must_have_words(text)
    said = Comment(
        site_id=row.site_id,
        register=register.name,
        entry_id=row.id,
        entry_ref=row.ref,
        number=row.number,
        state=CommentState.ASKED if to else CommentState.SAID,
        to_id=to.id if to else None,
        by_id=actor.id,
        after=events.version(row.site_id),
        made_at=now,
    )
    db.session.add(said)
    db.session.flush()
    line = _line(said, CommentState.ASKED if to else CommentState.SAID, text, actor, now)
    if to:
        notices.tell_asked(said, line, now=now)
    return said


def answer(found: Comment, *, text: str, actor: Actor, now: datetime) -> None:
    """Answer a demand: the entry was corrected since, or the words say why it stays. Who was asked answers, no other.

    Raises Conflict when it was answered already, DomainError when there is neither a correction nor a word."""
    _hold(found)
    if actor.id != found.to_id:
        raise NotAllowed(N_("This was asked of somebody else."))
    if found.state != CommentState.ASKED:
        raise Conflict(N_("This was answered already."))
    if not text and not is_corrected(found):
        raise DomainError(N_("Correct the entry first, or write why it stays as it is."), field="text")
    found.state = CommentState.ANSWERED
    asked_by = _asked_by(found)
    line = _line(found, CommentState.ANSWERED, text, actor, now)
    notices.tell_answered(found, line, asked_by=asked_by, now=now)


def accept(found: Comment, *, actor: Actor, now: datetime) -> None:
    """The answer is good; the entry can be signed. Raises Conflict when there is no answer (any more)."""
    _hold(found)
    actor.must(Permission.REVIEW_COMMENT, found.site_id)
    if found.state == CommentState.ACCEPTED:
        raise Conflict(N_("This was accepted already. Write a new comment."))
    if found.state != CommentState.ANSWERED:
        raise Conflict(N_("There is no answer yet."))
    if actor.id == found.to_id:
        raise NotAllowed(N_("This is your own answer. Somebody else accepts it."))
    found.state = CommentState.ACCEPTED
    _line(found, CommentState.ACCEPTED, "", actor, now)


def ask_again(found: Comment, *, text: str, actor: Actor, now: datetime) -> None:
    """The answer is not enough: the same person is asked once more, with words."""
    _hold(found)
    actor.must(Permission.REVIEW_COMMENT, found.site_id)
    if found.state != CommentState.ANSWERED:
        raise Conflict(N_("There is no answer yet."))
    _must_have_words(text)
    found.state, found.after = CommentState.ASKED, events.version(found.site_id)
    line = _line(found, CommentState.ASKED, text, actor, now)
    notices.tell_asked(found, line, now=now)


def is_corrected(found: Comment) -> bool:
    """Whether something happened to the entry since its correction was asked for."""
    return bool(happened_to(get(found.register), found.site_id, [found.entry_id], after=found.after))


def get_comment(ref: str, *, actor: Actor) -> Comment:
    """The comment of that ref, for who was asked or who may read the review of its site; raises NotFound."""
    found = db.session.scalar(select(Comment).where(Comment.ref == ref))
    if found is None or not (actor.id == found.to_id or actor.may(Permission.REVIEW_READ, found.site_id)):
        raise NotFound
    return found


def _hold(found: Comment) -> None:
    db.session.refresh(found, with_for_update=True)


def _must_have_words(text: str) -> None:
    if not text:
        raise DomainError(N_("Write what is to be said."), field="text")


def _asked(ref: str, site_id: int, actor: Actor) -> Person:
    person = db.session.scalar(select(Person).where(Person.ref == ref, may_be_asked(site_id)))
    if person is None:
        raise DomainError(N_("Choose one of those shown."), field="to")
    if person.id == actor.id:
        raise DomainError(N_("You cannot ask yourself. Choose who wrote the entry."), field="to")
    return person


def _asked_by(found: Comment) -> int:
    """Who asked last."""
    lines = select(CommentLine.by_id).where(CommentLine.comment_id == found.id, CommentLine.kind == CommentState.ASKED)
    return db.session.scalar(lines.order_by(CommentLine.id.desc()).limit(1)) or found.by_id


def _line(found: Comment, kind: CommentState, text: str, actor: Actor, now: datetime) -> CommentLine:
    line = CommentLine(comment_id=found.id, kind=kind, text=text[:LONGEST], by_id=actor.id, said_at=now)
    db.session.add(line)
    db.session.flush()
    events.record(
        f"review.{kind}",
        site_id=found.site_id,
        subject=get(found.register).subject,
        subject_id=found.entry_id,
        actor=actor,
        now=now,
        facts={"number": found.number, "comment": found.id},
        entered={"text": text},
    )
    return line
