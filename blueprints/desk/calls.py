"""Calls from kiosks that ring on the desk (V12b)."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext

from blueprints.desk import blueprint
from domain import clock
from domain.permissions import Permission
from domain.visits.calls import go_there
from domain.visits.queries import get_call
from web.errors import show
from web.forms import FoyerForm, refusals
from web.htmx import done, wants_fragment
from web.permissions import actor, allow
from web.transactions import writes


@blueprint.post("/calls/<ref>/answers")
@allow(Permission.VISITS_WRITE)
@writes
def answer_call(ref: str) -> Any:
    """Somebody of the desk goes there; the bell stops on every tablet."""
    call, form = get_call(ref, actor=actor()), FoyerForm()
    if form.validate():
        with refusals(form):
            go_there(call, actor=actor(), now=clock.now())
            if not wants_fragment():
                flash(gettext("The bell is off: you are on the way."), "ok")
            return done(url_for("desk.board"))
    return show(form.status, form.problems[0])
