"""Calls from kiosks that ring on the desk (V12b)."""

from collections.abc import Callable
from typing import Any

from flask import flash, url_for
from flask_babel import gettext

from blueprints.desk import blueprint
from domain import clock
from domain.permissions import Permission
from domain.visits.calls import go_there, settle
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
    return _stop(ref, go_there, gettext("The bell is off: you are on the way."))


@blueprint.post("/calls/<ref>/settlements")
@allow(Permission.VISITS_WRITE)
@writes
def settle_call(ref: str) -> Any:
    """Nobody of the desk goes, because nobody needs it any more; the bell stops on every tablet."""
    return _stop(ref, settle, gettext("The bell is off: nobody is needed there any more."))


def _stop(ref: str, how: Callable[..., None], said: str) -> Any:
    call, form = get_call(ref, actor=actor()), FoyerForm()
    if form.validate():
        with refusals(form):
            how(call, actor=actor(), now=clock.now())
            if not wants_fragment():
                flash(said, "ok")
            return done(url_for("desk.board"))
    return show(form.status, form.problems[0])
