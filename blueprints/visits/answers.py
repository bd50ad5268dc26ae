"""What the host said: answered at the desk on behalf, urged once more, told to the visitor (V4)."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import DataRequired

from blueprints.visits import blueprint
from blueprints.visits.deeds import DeedForm, after, deed, find
from domain import clock, pages
from domain.permissions import Permission
from domain.text import N_
from domain.visits.answers import answer, take_back, told
from domain.visits.corrections import remind
from domain.visits.models import HostAnswer, VisitState
from domain.visits.queries import hold
from domain.visits.register import VISITS, whom
from web.fields import ChoiceField
from web.forms import refusals
from web.htmx import refuse, render
from web.permissions import actor, allow
from web.transactions import read_only, writes

ANSWERS = (
    (HostAnswer.SEND_UP.value, _("Send up"), "lift", _("The visitor goes up alone")),
    (HostAnswer.MEET.value, _("Comes to the lobby"), "handshake", _("The visitor waits for the host here")),
    (HostAnswer.REFUSE.value, _("Cannot receive"), "x", _("The visit ends; tell the visitor kindly")),
)


class AnswerForm(DeedForm):
    """What the host told the desk."""

    what = ChoiceField(_("What did the host say?"), [DataRequired(_("Choose one of the three."))], choices=ANSWERS)


def _context(ref: str) -> dict[str, Any]:
    row = pages.entry(VISITS, ref, site_id=actor().site_id)
    return {"row": row, "whom": whom(row), "waits": row.state == VisitState.WAITING}


@blueprint.get("/<ref>/answers")
@allow(Permission.VISITS_WRITE)
def ask_answer(ref: str) -> Any:
    """The three answers, for a host who was reached by telephone."""
    return render("visits/answer.html", form=AnswerForm(endpoint="visits.answer_for"), **_context(ref))


@blueprint.post("/<ref>/answers")
@allow(Permission.VISITS_WRITE)
@writes
def answer_for(ref: str) -> Any:
    """Note the host's answer on behalf."""
    visit, form = find(ref), AnswerForm()
    if form.validate():
        with refusals(form):
            answer(visit, HostAnswer(form.what.data), by="desk", actor=actor(), now=clock.now())
            if visit.state == VisitState.REFUSED:
                form.then.data = ""  # the desk shows who was told no more: there it could not be taken back
            return after(ref, form, gettext("The answer for %(name)s is noted: tell the visitor.", name=visit.name))
    read_only()
    return refuse("visits/answer.html", form=form, **_context(ref))


@blueprint.post("/<ref>/answers/returns")
@allow(Permission.VISITS_WRITE)
@writes
def undo_answer(ref: str) -> Any:
    """The desk had noted by mistake that the host cannot receive."""
    return deed(ref, take_back, N_("%(name)s waits again."))


@blueprint.post("/<ref>/reminders")
@allow(Permission.VISITS_WRITE)
@writes
def urge(ref: str) -> Any:
    """Tell the host once more."""
    return deed(ref, remind, N_("The host of %(name)s is told once more."))


@blueprint.post("/<ref>/told")
@allow(Permission.VISITS_WRITE)
@writes
def note_told(ref: str) -> Any:
    """The visitor has heard the answer; a second tablet that says so too changes nothing."""
    return deed(ref, lambda visit, **by: told(hold(visit), **by), N_("%(name)s has been told."))
