"""The desk calls a host whom no notice reached: the number in full, and that it was done (V4, P4)."""

from typing import Any

from flask import g, url_for

from blueprints.visits import blueprint
from blueprints.visits.deeds import DeedForm, deed, find, refused
from domain import clock, pages
from domain.codes import badge_label
from domain.history_words import TO_CALL_HOST
from domain.permissions import Permission
from domain.phones import display_phone
from domain.text import N_
from domain.visits.models import VisitState
from domain.visits.register import VISITS, whom
from domain.visits.untold import look_up_numbers, note_called, note_not_reached
from web.htmx import render
from web.permissions import actor, allow
from web.transactions import writes


@blueprint.post("/<ref>/calls")
@allow(Permission.HOSTS_CALL)
@writes
def call(ref: str) -> Any:
    """Show whom to call, with their numbers, on this answer alone; each look is logged with the badge as its reason."""
    visit, form = find(ref), DeedForm()
    g.subject_url = url_for(VISITS.endpoint, ref=ref)
    if form.validate():
        why = TO_CALL_HOST % {"number": f"{visit.number:04d}", "badge": badge_label(visit.badge_number)}
        hosts = look_up_numbers(visit, reason=why, actor=actor(), now=clock.now())
        row = pages.entry(VISITS, ref, site_id=actor().site_id)
        waits = row.state == VisitState.WAITING
        return render(
            "visits/call.html",
            row=row,
            whom=whom(row),
            hosts=hosts,
            host_id=visit.host_id,
            waits=waits,
            display_phone=display_phone,
        )
    return refused(ref, form)


@blueprint.post("/<ref>/notices")
@allow(Permission.VISITS_WRITE)
@writes
def tell(ref: str) -> Any:
    """The host knows now, by word of mouth."""
    return deed(ref, note_called, N_("It is noted that the host of %(name)s knows."))


@blueprint.post("/<ref>/attempts")
@allow(Permission.VISITS_WRITE)
@writes
def note_attempt(ref: str) -> Any:
    """Called, and nobody was reached: the row on the desk says so, and goes on asking for a call."""
    return deed(ref, note_not_reached, N_("It is noted that nobody was reached about %(name)s."))
