"""GET and POST /m/<token>: the organiser says by a link how the service was."""

from typing import Any

from flask import g, request, session, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from blueprints.service import public
from domain import clock
from domain.database import db
from domain.identity import Actor
from domain.meetings import closing
from domain.meetings.models import Reservation, Room
from domain.meetings.service_models import ANSWER_NAMES, ServiceOrder
from domain.occupants.models import Host
from domain.sites.models import Site
from web.edits import PlainArea, draw, settled
from web.fields import ChoiceField
from web.forms import FoyerForm, refusals
from web.htmx import done
from web.i18n import STAFF_LANGUAGES, html_lang, language, say, speak
from web.permissions import public as anybody
from web.transactions import writes

ICONS = {"good": "check", "fair": "minus", "poor": "x"}


class OrganiserForm(FoyerForm):
    """How it was."""

    answer = ChoiceField(_("How was the service?"))
    comment = PlainArea(_("In your words"), rows=3, max_length=closing.LONGEST_COMMENT, hint=_("optional"))

    def validate_answer(self, field: Any) -> None:
        """One of the three."""
        if field.data is None:
            raise ValidationError(gettext("Choose how it was."))


def _open(token: str) -> tuple[Reservation, ServiceOrder]:
    """Find what the link opens and speak its reader's language; raises NotFound in words."""
    reservation, order = closing.find_by_token(token, now=clock.now())
    asked = request.args.get("lang")
    if asked in STAFF_LANGUAGES:
        session["language"] = asked
    host = db.session.get(Host, reservation.host_id) if reservation.host_id else None
    g.site = db.session.get_one(Site, reservation.site_id)
    speak(session.get("language") or (host.language if host else g.site.language))
    return reservation, order


@public.route("/m/<token>", methods=["GET", "POST"])
@anybody
@writes
def organiser(token: str) -> Any:
    """Ask how it was, or thank for what was said."""
    reservation, order = _open(token)
    form = OrganiserForm(endpoint="confirmation.organiser")
    form.answer.choices = [(code, say(words), ICONS[code]) for code, words in ANSWER_NAMES.items()]
    if request.method == "POST" and form.validate():
        with refusals(form):
            by = Actor("host", reservation.host_id, site_id=reservation.site_id)
            said: dict[str, Any] = {"answer": form.answer.data, "comment": form.comment.data}
            closing.confirm(order, reservation, how="link", **said, actor=by, now=clock.now())
            return done(url_for("confirmation.organiser", token=token))
    settled(form)
    reservation, order = _open(token)
    return draw(
        "service/organiser.html",
        form=form,
        reservation=reservation,
        room=db.session.get_one(Room, reservation.room_id),
        confirmation=closing.confirmation_of(order),
        answer_names=ANSWER_NAMES,
        languages=[
            {"tag": html_lang(name), "name": said, "url": url_for("confirmation.organiser", token=token, lang=name)}
            for name, said in STAFF_LANGUAGES.items()
            if name != language()
        ],
    )
