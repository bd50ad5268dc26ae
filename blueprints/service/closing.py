"""Closing a meeting: what still blocks, each with its touch, then the one button; and the organiser's word for it."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from blueprints.service import blueprint
from domain import clock
from domain.meetings import closing, ends
from domain.meetings.service_models import ANSWER_NAMES
from domain.meetings.service_queries import served
from domain.meetings.sheet_queries import head_of
from domain.permissions import Permission
from web.at_site import at_a_site
from web.edits import ActionForm, PlainArea, draw, settled
from web.fields import ChoiceField, HiddenField
from web.forms import FoyerForm, refusals
from web.htmx import done
from web.i18n import say, tell
from web.permissions import actor, allow
from web.transactions import writes

ICONS = {"good": "check", "fair": "minus", "poor": "x"}


class StrokesField(HiddenField):
    """What was drawn on the phone."""

    max_length = closing.LONGEST_SIGNATURE


class SaidForm(FoyerForm):
    """How it was, in three words and as many as one likes."""

    answer = ChoiceField(_("How was the service?"))
    comment = PlainArea(_("In your words"), rows=2, max_length=closing.LONGEST_COMMENT, hint=_("optional"))

    def offer(self) -> "SaidForm":
        """Offer the three answers; returns the form."""
        self.answer.choices = [(code, say(words), ICONS[code]) for code, words in ANSWER_NAMES.items()]
        return self

    def validate_answer(self, field: Any) -> None:
        """One of the three."""
        if field.data is None:
            raise ValidationError(gettext("Choose how it was."))


class SignedForm(SaidForm):
    """The same, signed on the attendant's phone."""

    signature = StrokesField(_("Signature of the organiser"))


def _context(ref: str) -> dict[str, Any]:
    head, now = head_of(ref, actor=actor()), clock.now()
    closed = head.ServiceOrder.closed_at is not None
    blocking = [] if closed else closing.blocks(head.ServiceOrder, head.Reservation, now=now)
    return {
        "head": head,
        "ref": ref,
        "blocks": [tell(one.sentence, one.values) for one in blocking],
        "may_end": ends.may_end(head.Reservation, now),
        "confirmation": closing.confirmation_of(head.ServiceOrder),
        "answer_names": ANSWER_NAMES,
        "now": now,
    }


@blueprint.route("/<ref>/run/closing", methods=["GET", "POST"])
@allow(Permission.MEETINGS_SERVE)
@writes
def close(ref: str) -> Any:
    """Close the meeting, once nothing blocks (M8)."""
    at_a_site()
    _reservation, order = served(ref, actor=actor())
    form = ActionForm(endpoint="service.close")
    if request.method == "POST" and form.validate():
        with refusals(form):
            closing.close(order, actor=actor(), now=clock.now())
            flash(gettext("The meeting is closed."), "ok")
            return done(url_for("service.run", ref=ref))
    return draw_closing(ref, form)


def draw_closing(ref: str, form: FoyerForm) -> Any:
    """The page of closing, with what was refused."""
    settled(form)
    return draw("service/closing.html", form=form, **_context(ref))


@blueprint.route("/<ref>/run/confirmation", methods=["GET", "POST"])
@allow(Permission.MEETINGS_SERVE)
@writes
def confirm(ref: str) -> Any:
    """The organiser signs on this phone and says how it was."""
    at_a_site()
    reservation, order = served(ref, actor=actor())
    form = SignedForm(endpoint="service.confirm")
    form.offer()
    if request.method == "POST" and form.validate():
        with refusals(form):
            said: dict[str, Any] = {"answer": form.answer.data, "comment": form.comment.data}
            drawn = form.signature.data or ""
            closing.confirm(
                order, reservation, how="signature", signature=drawn, **said, actor=actor(), now=clock.now()
            )
            flash(gettext("Thank you. It is noted."), "ok")
            return done(url_for("service.close", ref=ref))
    settled(form)
    return draw("service/confirm.html", form=form, **_context(ref))


@blueprint.post("/<ref>/run/confirmation-links")
@allow(Permission.MEETINGS_SERVE)
@writes
def send_link(ref: str) -> Any:
    """Send the organiser the link."""
    at_a_site()
    reservation, order = served(ref, actor=actor())
    form = ActionForm()
    if form.validate():
        with refusals(form):
            closing.ask_confirmation(order, reservation, actor=actor(), now=clock.now())
            flash(gettext("The organiser gets the link."), "ok")
            return done(url_for("service.close", ref=ref))
    return draw_closing(ref, form)
