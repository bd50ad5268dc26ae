"""Notices about demanded corrections as letters: to who is to answer, and to who asked once the answer came back."""

from collections.abc import Callable

from flask import current_app, g, render_template
from flask_babel import gettext as _

from domain.delivery.letter import Letter
from domain.notices import Notice
from domain.review.notices import ANSWERED, ASKED
from domain.review.telling import CommentTelling, telling
from web.i18n import moment, say, speak

SUBJECTS: dict[str, Callable[[CommentTelling], str]] = {
    ASKED: lambda told: _("A correction is asked of you: %(entry)s", entry=_name(told)),
    ANSWERED: lambda told: _("The answer came back: %(entry)s", entry=_name(told)),
}


def write_about_review(notice: Notice, *, address: str) -> Letter | None:
    """The notice as a letter; None when telling makes no sense any more. `address` is where readers reach Foyer."""
    told = telling(notice)
    if told is None:
        return None
    with current_app.app_context():  # its own `g`: language and zone are the reader's
        g.site = told.site
        speak(told.language)
        subject = SUBJECTS[told.kind](told)
        asked = told.kind == ASKED
        entry = f"/review/registers/{told.site.ref}/{told.register.name}/entries/{told.entry_ref}"
        context = {
            "told": told,
            "subject": subject,
            "asked": asked,
            "pairs": [
                (_("Register"), say(told.register.title)),
                (_("Entry"), _name(told)),
                (_("Asked by") if asked else _("Answered by"), told.by),
                (_("When"), moment(told.said_at)),
            ],
            "link": address + ("/review/asked" if asked else entry) if address else "",
        }
        return Letter(
            language=told.language,
            subject=subject,
            text=render_template("notices/review.txt", **context).strip() + "\n",
            html=render_template("notices/review.html", **context),
            addresses=told.addresses,
        )


def _name(told: CommentTelling) -> str:
    """What the entry is called: its number, and nobody in it."""
    return say(told.register.one, number=f"{told.number:04d}")
