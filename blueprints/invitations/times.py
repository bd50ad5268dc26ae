"""Another time for an invitation: the guest keeps the codes and is told (V5)."""

from typing import Any

from flask import flash, g, request, url_for

from blueprints.invitations import blueprint
from domain import clock
from domain.permissions import Permission
from domain.visits.invitation_queries import get_invitation
from domain.visits.invitation_register import INVITATIONS
from domain.visits.invitations import change_time
from web.at_site import at_a_site
from web.edits import draw, settled
from web.forms import refusals
from web.guest_form import TimeForm, time_said
from web.htmx import done
from web.permissions import actor, allow
from web.transactions import writes


@blueprint.route("/<ref>/time", methods=["GET", "POST"])
@allow(Permission.INVITATIONS_WRITE)
@writes
def another_time(ref: str) -> Any:
    """Change the time; who was slower is told what changed."""
    at_a_site()
    invitation = get_invitation(ref, actor=actor())
    form = TimeForm.of(invitation, endpoint="invitations.another_time")
    if request.method == "POST" and form.validate():
        with refusals(form):
            begins_at, ends_at = form.window()
            said = {"site": g.site, "actor": actor(), "now": clock.now()}
            if change_time(invitation, begins_at=begins_at, ends_at=ends_at, **said):
                flash(time_said(invitation), "ok")
            return done(url_for(INVITATIONS.endpoint, ref=ref))
    settled(form)
    return draw("invitations/time.html", form=form, invitation=get_invitation(ref, actor=actor()))
