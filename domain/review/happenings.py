"""What review writes into the history of an entry, in words; and what it asks of a person."""

from typing import Any

from sqlalchemy import Select, bindparam, func, select

from domain import registers
from domain.permissions import Permission
from domain.registers import Asked, Happening, Question
from domain.review.models import Comment, CommentState
from domain.text import N_

WORDS = {
    "review.said": Happening(N_("Comment"), "note", tone="info"),
    "review.asked": Happening(N_("Correction asked for"), "pen", tone="wait"),
    "review.answered": Happening(N_("Correction answered"), "note", tone="info"),
    "review.accepted": Happening(N_("Correction accepted"), "check", tone="ok"),
}


def happened(event: Any) -> Happening:
    """The event in words."""
    words = WORDS.get(event.kind, Happening(N_("Changed"), "pen"))
    entered = getattr(event, "entered", None) or {}
    return Happening(words.sentence, words.icon, tone=words.tone, note=str(entered.get("text", "")), quiet=True)


def _open() -> Select[Any]:
    mine = Comment.to_id == bindparam("me"), Comment.site_id == bindparam("here")
    return select(func.count()).select_from(Comment).where(*mine, Comment.state == CommentState.ASKED)


def _words(count: int) -> Asked:
    words = N_("A correction is asked of you.") if count == 1 else N_("%(count)d corrections are asked of you.")
    return Asked(words, {"count": count} if count > 1 else {}, "review.asked")


registers.tells("review", happened)
registers.asks(Question(Permission.REVIEW_ANSWER, _open, _words))
