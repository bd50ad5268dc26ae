"""Notices about the service of meetings as letters: to the attendant, and to the organiser who is asked how it was."""

from collections.abc import Callable

from flask import current_app, g, render_template
from flask_babel import gettext as _

from domain.delivery.letter import Letter
from domain.meetings.service_telling import ServiceTelling, telling
from domain.notices import Notice
from web.i18n import moment, speak

SUBJECTS: dict[str, Callable[[ServiceTelling], str]] = {
    "service.assigned": lambda told: _("You serve %(room)s, %(begins)s", room=told.room, begins=moment(told.begins_at)),
    "service.offered": lambda told: _(
        "Can you serve %(room)s, %(begins)s?", room=told.room, begins=moment(told.begins_at)
    ),
    "service.moved": lambda told: _(
        "Moved: you serve %(room)s, %(begins)s", room=told.room, begins=moment(told.begins_at)
    ),
    "service.called_off": lambda told: _(
        "Called off: %(room)s, %(begins)s", room=told.room, begins=moment(told.begins_at)
    ),
    "service.confirm": lambda told: _("How was your meeting in %(room)s?", room=told.room),
}


def write_about_service(notice: Notice, *, address: str) -> Letter | None:
    """The notice as a letter; None when telling makes no sense any more. `address` is where readers reach Foyer."""
    told = telling(notice)
    if told is None:
        return None
    with current_app.app_context():  # its own `g`: language and zone are the reader's
        g.site = told.site
        speak(told.language)
        subject = SUBJECTS[told.kind](told)
        path = f"/m/{told.token}" if told.token else f"/meetings/{told.ref}/run"
        context = {
            "told": told,
            "subject": subject,
            "pairs": [
                (word, value)
                for word, value in (
                    (_("Meeting"), told.title),
                    (_("Room"), told.room),
                    (_("Begins"), moment(told.begins_at)),
                    (_("Ends"), moment(told.ends_at)),
                    (_("First step"), moment(told.first_step)),
                )
                if value
            ],
            "link": address + path if address else "",
        }
        return Letter(
            language=told.language,
            subject=subject,
            text=render_template("notices/service.txt", **context).strip() + "\n",
            html=render_template("notices/service.html", **context),
            addresses=told.addresses,
        )
