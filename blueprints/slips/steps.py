"""What was done: noted, reported as done, closed in the one way (C3)."""

from typing import Any

from flask import request
from flask_babel import gettext

from blueprints.slips import blueprint
from blueprints.slips.deeds import CLOSED, DONE, NOTED, StepForm, after, find, refused
from domain import clock
from domain.permissions import Permission
from domain.slips import operations
from domain.slips.models import Slip
from web.forms import refusals
from web.permissions import actor, allow
from web.transactions import writes


@blueprint.post("/<ref>/steps")
@allow(Permission.SLIPS_WRITE)
@writes
def note_step(ref: str) -> Any:
    """Add a line; the button says whether the work is done with it, or the slip closed."""
    slip, form = find(ref), StepForm()
    form.what = request.form.get("what", NOTED) if request.form.get("what") in (DONE, CLOSED) else NOTED
    if form.validate():
        with refusals(form):
            return after(ref, _take(slip, form.what, form.text.data))
    return refused(ref, form, step=form)


def _take(slip: Slip, what: str, text: str) -> str:
    who, now = actor(), clock.now()
    match what:
        case "done":
            operations.done(slip, text=text, actor=who, now=now)
            return gettext("Noted as done: check it, then close the slip.")
        case "closed":
            operations.close(slip, outcome=text, actor=who, now=now)
            return gettext("Slip %(number)s is closed.", number=f"{slip.number:04d}")
        case _:
            operations.note(slip, text=text, actor=who, now=now)
            return gettext("The step is noted.")
