"""Who stands at the desk and seems to be inside already: seen while the form is filled in, with the way out (V11)."""

from collections.abc import Sequence
from typing import Any

from flask import flash, g, request
from flask_babel import gettext

from domain import clock
from domain.phones import PhoneProblem, parse_phone
from domain.visits.arrivals import Entered, who_is_present
from domain.visits.departures import sign_out
from domain.visits.models import PRESENT
from domain.visits.queries import get_visible
from web.forms import refusals
from web.permissions import actor
from web.visit_form import VisitForm


def who_is_inside(form: VisitForm) -> Sequence[Any]:
    """The visits in the building of the phone or, without one, of the name that stands in the form, checked or not;
    none for a number that is not whole yet.
    """
    name, phone = form.name.data or "", form.phone.data or ""
    try:
        entered = Entered(name, parse_phone(phone) if phone else "")
    except PhoneProblem:
        return ()
    return who_is_present(g.site.id, entered) if entered.phone or entered.name else ()


def sign_out_first(form: VisitForm) -> bool:
    """Sign out the visit that the button beside the form names; False where that is refused, in words on the form.
    Twice is once. Of a form that was held over a lock nothing is done: it comes without its token (web/held.py).
    """
    if not form.token.validate(form):
        form.problems += [str(error) for error in form.token.errors]
        form.status = 422
        return False
    with refusals(form):
        visit = get_visible(request.form["sign_out"], actor=actor())
        if visit.state in PRESENT:
            sign_out(visit, how="desk", actor=actor(), now=clock.now())
        flash(gettext("%(name)s is signed out.", name=visit.name), "ok")
        return True
    return False
