"""Notices about keys as letters: who is asked for an approval, what was answered, codes, reminders, a lost key."""

from collections.abc import Callable

from flask import current_app, g, render_template
from flask_babel import gettext as _

from domain import clock
from domain.delivery.letter import Letter
from domain.keys.telling import KeyTelling, telling
from domain.notices import Notice
from web.i18n import moment, speak

SUBJECTS: dict[str, Callable[[KeyTelling], str]] = {
    "key.approval_asked": lambda told: _(
        "Please decide: %(name)s asks for %(thing)s", name=told.name, thing=told.thing
    ),
    "key.approval_granted": lambda told: _("%(thing)s is approved for %(name)s", name=told.name, thing=told.thing),
    "key.approval_denied": lambda told: _("%(thing)s is refused to %(name)s", name=told.name, thing=told.thing),
    "key.code": lambda told: _("%(code)s is your code for the key %(thing)s", code=told.code, thing=told.thing),
    "key.due": lambda told: _("Please bring back the key %(thing)s", thing=told.thing),
    "key.overdue": lambda told: _("The key %(thing)s is overdue: %(name)s has it", name=told.name, thing=told.thing),
    "key.overdue_long": lambda told: _("The key %(thing)s is long overdue", thing=told.thing),
    "key.lost": lambda told: _("The key %(thing)s was reported lost", thing=told.thing),
}


def write_about_keys(notice: Notice, *, address: str) -> Letter | None:
    """The notice as a letter; None when telling makes no sense any more. `address` is where readers reach Foyer."""
    told = telling(notice, now=clock.now())
    if told is None:
        return None
    with current_app.app_context():  # its own `g`: language and zone are the reader's
        g.site = told.site
        speak(told.language)
        asked = notice.kind == "key.approval_asked" and notice.recipient == "person"
        subject = SUBJECTS[told.kind](told)
        context = {
            "told": told,
            "subject": subject,
            "pairs": _pairs(told),
            "link": f"{address}/keys/approvals/{told.ref}" if address and asked else "",
        }
        return Letter(
            language=told.language,
            subject=subject,
            text=render_template("notices/key.txt", **context).strip() + "\n",
            html=render_template("notices/key.html", **context),
            addresses=told.addresses,
        )


def _pairs(told: KeyTelling) -> list[tuple[str, str]]:
    """What is told, as words and values; what is empty is left out. The borrower is not told about the own person."""
    to_borrower = told.kind in ("key.code", "key.due")
    pairs = [
        (_("Key"), told.thing),
        (_("Opens"), told.opens),
        (_("Borrower"), "" if to_borrower else told.name),
        (_("Used for"), told.purpose),
        (_("Copies"), str(told.copies or "")),
        (_("Out since"), moment(told.since)),
        (_("Due back"), moment(told.due)),
        (_("Still out"), ", ".join(told.left) if len(told.left) > 1 else ""),
        (_("Code"), told.code),
    ]
    return [(word, value) for word, value in pairs if value]
