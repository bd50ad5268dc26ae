"""Signing out at the desk, and taking a wrong sign-out back (V9)."""

from typing import Any

from flask_babel import gettext

from blueprints.visits import blueprint
from blueprints.visits.deeds import DeedForm, after, deed, find, refused
from domain import clock, history
from domain.errors import Conflict
from domain.permissions import Permission
from domain.text import N_
from domain.visits.departures import cancel, sign_out, take_back
from domain.visits.models import Visit, VisitState
from domain.visits.register import VISITS
from web.forms import refusals
from web.htmx import wants_fragment
from web.permissions import actor, allow
from web.register_words import who_did
from web.transactions import writes


def _over(visit: Visit) -> Conflict:
    """What is said to the second of two who sign a visitor out: who was faster, and when."""
    lines = history.of_entry(VISITS, visit.id, site_id=visit.site_id)
    signed_out = [line for line in lines if line.kind == "visit.signed_out"]
    if visit.state != VisitState.LEFT or not signed_out:
        return Conflict(N_("This visit has ended. Its badge is no longer valid."))
    return Conflict(
        N_("%(name)s is signed out already, by %(who)s at %(time)s. There is nothing left to do."),
        name=visit.name,
        who=who_did(signed_out[-1]),
        time=signed_out[-1].at,
    )


@blueprint.post("/<ref>/departures")
@allow(Permission.VISITS_WRITE)
@writes
def depart(ref: str) -> Any:
    """The desk saw the visitor leave; one who still has a key is stopped, unless the desk says that it knows (V14)."""
    visit, form = find(ref), DeedForm()
    if form.validate():
        with refusals(form):
            try:
                sign_out(visit, how="desk", actor=actor(), now=clock.now(), despite=form.despite.data == "1")
            except Conflict as late:
                raise _over(visit) from late
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
