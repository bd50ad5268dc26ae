"""Who serves a meeting: taking it on, the lead's word, a colleague who is asked and answers."""

from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from blueprints.service import blueprint
from domain import clock
from domain.meetings import attendants
from domain.meetings.service_queries import attendants_at, served
from domain.meetings.sheet_queries import head_of
from domain.permissions import Permission
from web.at_site import at_a_site
from web.edits import ActionForm, draw, settled
from web.fields import ChoiceField, HiddenField
from web.forms import FoyerForm, refusals
from web.htmx import done
from web.permissions import actor, allow
from web.transactions import writes


class AttendantForm(FoyerForm):
    """Who is to serve."""

    who = ChoiceField(_("Who serves"))

    def prepare(self, *, but: int | None) -> "AttendantForm":
        """Offer who may serve here; returns the form."""
        self.people = {one.ref: one for one in attendants_at(g.site.id) if one.id != but}
        self.who.choices = [(ref, one.name, "user") for ref, one in self.people.items()]
        return self

    def validate_who(self, field: Any) -> None:
        """Somebody is chosen."""
        if field.data is None:
            raise ValidationError(gettext("Choose who serves."))


class AnswerForm(FoyerForm):
    """The answer of who was asked: yes or no."""

    agreed = HiddenField()


def _sheet(ref: str) -> str:
    return url_for("service.run", ref=ref)


@blueprint.route("/<ref>/run/attendant", methods=["GET", "POST"])
@allow(Permission.SERVICE_ASSIGN)
@writes
def assign(ref: str) -> Any:
    """The lead says who serves."""
    at_a_site()
    _reservation, order = served(ref, actor=actor())
    form = AttendantForm(endpoint="service.assign").prepare(but=None)
    if request.method == "POST" and form.validate():
        with refusals(form):
            person = form.people[str(form.who.data)]
            attendants.assign(order, person, actor=actor(), now=clock.now())
            flash(gettext("%(name)s serves this meeting.", name=person.name), "ok")
            return done(_sheet(ref))
    settled(form)
    return _draw(ref, form, decides=True)


@blueprint.route("/<ref>/run/offer", methods=["GET", "POST"])
@allow(Permission.MEETINGS_SERVE)
@writes
def offer(ref: str) -> Any:
    """An attendant asks a colleague, who agrees or not."""
    at_a_site()
    _reservation, order = served(ref, actor=actor())
    form = AttendantForm(endpoint="service.offer").prepare(but=actor().id)
    if request.method == "POST" and form.validate():
        with refusals(form):
            person = form.people[str(form.who.data)]
            attendants.offer(order, person, actor=actor(), now=clock.now())
            flash(gettext("%(name)s is asked. Until the answer you serve.", name=person.name), "ok")
            return done(_sheet(ref))
    settled(form)
    return _draw(ref, form, decides=False)


def _draw(ref: str, form: AttendantForm, *, decides: bool) -> Any:
    return draw("service/attendant.html", form=form, ref=ref, decides=decides, head=head_of(ref, actor=actor()))


@blueprint.post("/<ref>/run/takings")
@allow(Permission.MEETINGS_SERVE)
@writes
def take(ref: str) -> Any:
    """Serve what nobody serves yet."""
    at_a_site()
    _reservation, order = served(ref, actor=actor())
    form = ActionForm()
    if form.validate():
        with refusals(form):
            attendants.take(order, actor=actor(), now=clock.now())
            flash(gettext("You serve this meeting."), "ok")
            return done(_sheet(ref))
    return _refused(ref, form)


@blueprint.post("/<ref>/run/answers")
@allow(Permission.MEETINGS_SERVE)
@writes
def answer(ref: str) -> Any:
    """Who was asked agrees, or cannot."""
    at_a_site()
    _reservation, order = served(ref, actor=actor())
    form = AnswerForm()
    if form.validate():
        with refusals(form):
            agreed = form.agreed.data == "1"
            attendants.answer(order, agreed, actor=actor(), now=clock.now())
            said = gettext("You serve this meeting.") if agreed else gettext("It stays with your colleague.")
            flash(said, "ok")
            return done(_sheet(ref))
    return _refused(ref, form)


def _refused(ref: str, form: FoyerForm) -> Any:
    settled(form)
    form.as_a_whole()
    other = AttendantForm(endpoint="service.offer").prepare(but=actor().id)
    other.problems, other.status = form.problems, form.status
    return _draw(ref, other, decides=False)
