"""A host gives a visitor another time, behind the own link (V5)."""

from typing import Any

from flask import flash, request

from blueprints.hosts import blueprint
from blueprints.hosts.own import INVITES, around, open_own, slip_url
from domain import clock
from domain.visits.invitation_queries import get_of_host
from domain.visits.invitations import change_time
from web.edits import draw, settled
from web.forms import refusals
from web.guest_form import TimeForm, time_said
from web.htmx import done
from web.permissions import public
from web.transactions import writes


@blueprint.route("/hosts/<token>/invitations/<ref>/time", methods=["GET", "POST"])
@public
@writes
def own_time(token: str, ref: str) -> Any:
    """Change the time of one of the own invitations; the guest keeps the codes and is told."""
    mine, now = open_own(token), clock.now()
    invitation = get_of_host(ref, host_id=mine.host.id)
    form = TimeForm.of(invitation, endpoint="hosts.own_time")
    if request.method == "POST" and form.validate():
        with refusals(form):
            INVITES.check(str(mine.host.id), now=now)
            INVITES.count(str(mine.host.id), now=now)
            begins_at, ends_at = form.window()
            if change_time(invitation, begins_at=begins_at, ends_at=ends_at, site=mine.site, actor=mine.actor, now=now):
                flash(time_said(invitation), "ok")
            return done(slip_url(mine, invitation))
    settled(form)
    mine = open_own(token)
    context = around(mine) | {"languages": ()}
    return draw("hosts/time.html", form=form, invitation=get_of_host(ref, host_id=mine.host.id), **context)
