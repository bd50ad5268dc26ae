"""Tentative meetings: agreed to, refused with a reason, taken by whoever was waiting."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from blueprints.meetings import reservations
from blueprints.meetings.day import around
from blueprints.meetings.deeds import DeedForm, do
from domain import clock
from domain.meetings import approvals
from domain.meetings.approvals import NOTHING_ASKED
from domain.meetings.decisions import may_decide
from domain.meetings.models import Approver, Reservation
from domain.meetings.queries import get_reservation
from domain.permissions import Permission
from web.at_site import at_a_site
from web.edits import draw, filled, settled
from web.fields import TextField
from web.forms import FoyerForm, refusals
from web.htmx import done
from web.i18n import say
from web.permissions import actor, allow
from web.transactions import writes


class RefusalForm(FoyerForm):
    """Why it is refused: the organiser is told."""

    reason = TextField(_("Why"), [filled(_("Say why: the organiser is told."))], max_length=200)


@reservations.post("/<ref>/grants")
@allow(Permission.MEETINGS_APPROVE)
@writes
def grant(ref: str) -> Any:
    """Agree to it, and to the others of its repeat."""
    count = 0

    def agree(reservation: Reservation) -> None:
        nonlocal count
        count = len(approvals.grant(reservation, actor=actor(), now=clock.now()))

    return do(
        ref,
        DeedForm(),
        agree,
        lambda it: ngettext("Agreed: the meeting stands.", "Agreed: %(num)d meetings stand.", count),
    )


@reservations.route("/<ref>/refusal", methods=["GET", "POST"])
@allow(Permission.MEETINGS_APPROVE)
@writes
def refuse_meeting(ref: str) -> Any:
    """Refuse it with a reason."""
    at_a_site()
    reservation = get_reservation(ref, actor=actor())
    form = RefusalForm(endpoint="reservations.refuse_meeting")
    if request.method == "POST" and form.validate():
        with refusals(form):
            approvals.refuse(reservation, reason=form.reason.data, actor=actor(), now=clock.now())
            flash(gettext("Refused. The organiser is told, the room is free."), "ok")
            return done(url_for("reservations.entry", ref=ref))
    settled(form)
    found = get_reservation(ref, actor=actor())
    waits = found.is_tentative and not found.has_lapsed(clock.now())
    decides = waits and may_decide(Approver(found.approver), actor())
    problem = "" if decides else say(NOTHING_ASKED)
    if problem:
        form.as_a_whole()
    return draw("meetings/refuse.html", form=form, ref=ref, reservation=found, problem=problem, **around())


@reservations.post("/<ref>/acceptances")
@allow(Permission.MEETINGS_WRITE)
@writes
def accept(ref: str) -> Any:
    """Whoever waited takes the room."""
    return do(
        ref,
        DeedForm(),
        lambda it: approvals.take(it, actor=actor(), now=clock.now()),
        lambda it: (
            gettext("Taken: the meeting waits for an answer.")
            if it.is_tentative
            else gettext("Taken: the meeting stands.")
        ),
    )
