"""Signing out at the desk, and taking a wrong sign-out back (V9)."""

from typing import Any

from flask_babel import gettext

from blueprints.visits import blueprint
from blueprints.visits.deeds import DeedForm, after, deed, find, refused
from domain import clock
from domain.permissions import Permission
from domain.text import N_
from domain.visits.departures import cancel, sign_out, take_back
from web.forms import refusals
from web.htmx import wants_fragment
from web.permissions import actor, allow
from web.transactions import writes


@blueprint.post("/<ref>/departures")
@allow(Permission.VISITS_WRITE)
@writes
def depart(ref: str) -> Any:
    """The desk saw the visitor leave; one who still has a key is stopped, unless the desk says that it knows (V14)."""
    visit, form = find(ref), DeedForm()
    if form.validate():
        with refusals(form):
            sign_out(visit, how="desk", actor=actor(), now=clock.now(), despite=form.despite.data == "1")
            if not wants_fragment():
                # The desk drawn anew would bring another visitor's button under the second touch of a double one: here
                # is only this visitor's, and the first of them takes the sign-out back.
                form.then.data = ""
            return after(ref, form, gettext("%(name)s is signed out.", name=visit.name))
    return refused(ref, form)


@blueprint.post("/<ref>/returns")
@allow(Permission.VISITS_WRITE)
@writes
def undo_departure(ref: str) -> Any:
    """The sign-out was a mistake."""
    return deed(ref, take_back, N_("%(name)s is in the building again."))


@blueprint.post("/<ref>/cancellations")
@allow(Permission.VISITS_WRITE)
@writes
def give_up(ref: str) -> Any:
    """The visitor told the desk not to wait any longer."""
    return deed(ref, cancel, N_("%(name)s no longer waits."))
