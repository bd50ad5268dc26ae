"""Corrections that are asked of the reader: correct the entry in its own room, then answer here."""

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext

from blueprints.review import blueprint
from blueprints.review.forms import AnswerForm
from blueprints.review.places import own_site
from domain import clock, registers
from domain.permissions import Permission
from domain.review import comments, pages
from domain.review.models import CommentState
from web.forms import refusals
from web.frame import house_name
from web.htmx import refuse, render
from web.i18n import say
from web.permissions import actor, allow
from web.transactions import read_only, writes

PAGE = "review/asked.html"


def _context(refused: str = "") -> dict[str, Any]:
    site = own_site()
    threads = pages.threads_asked_of(actor())
    others = {one.id: house_name(one) for one in pages.sites_of(threads) if one.id != site.id}
    return {
        "threads": [_drawn(thread, others.get(thread.comment.site_id, "")) for thread in threads],
        "answer": AnswerForm(endpoint="review.answer") if not refused else None,
        "refused": refused,
    }


def _drawn(thread: pages.Thread, elsewhere: str) -> dict[str, Any]:
    """A thread with the name and address of its entry, where the reader may open it; at another site, that one's name:
    entries are corrected where one works."""
    register = registers.get(thread.comment.register)
    may = actor().may(register.read) and not elsewhere
    return {
        "comment": thread.comment,
        "lines": thread.lines,
        "elsewhere": elsewhere,
        "name": say(register.one, number=f"{thread.comment.number:04d}"),
        "url": url_for(register.endpoint, ref=thread.comment.entry_ref) if may else None,
        "corrected": thread.comment.state == "asked" and comments.is_corrected(thread.comment),
    }


@blueprint.get("/asked")
@allow(Permission.REVIEW_ANSWER)
def asked() -> Any:
    """What is asked of me, open ones first."""
    return render(PAGE, **_context())


@blueprint.post("/asked/<ref>/answers")
@allow(Permission.REVIEW_ANSWER)
@writes
def answer(ref: str) -> Any:
    """The entry is corrected, or these words say why it stays."""
    form = AnswerForm()
    found = comments.get_comment(ref, actor=actor())
    if form.validate():
        with refusals(form):
            comments.answer(found, text=form.text.data, actor=actor(), now=clock.now())
            flash(gettext("Your answer went back to who asked."), "ok")
            return redirect(url_for("review.asked"), 303)
    if found.state != CommentState.ASKED or found.to_id != actor().id:
        form.as_a_whole()
    read_only()
    return refuse(PAGE, form=form, **_context(ref) | {"answer": form})
