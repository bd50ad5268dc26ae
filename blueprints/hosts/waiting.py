"""A host waits no more for a room: what was waited for stands on the own page."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext

from blueprints.hosts import blueprint
from blueprints.hosts.own import open_own, refused_touch
from blueprints.hosts.rooms import TouchForm
from domain import clock
from domain.meetings import waiting
from web.forms import refusals
from web.htmx import done
from web.permissions import public
from web.transactions import writes


@blueprint.post("/hosts/<token>/waiting/<ref>/withdrawal")
@public
@writes
def own_wait_over(token: str, ref: str) -> Any:
    """They wait no more; who was offered the room meanwhile is told so."""
    mine, form = open_own(token), TouchForm()
    wish = waiting.get_wait_of(ref, host_id=mine.host.id)
    if form.validate():
        with refusals(form):
            waiting.withdraw(wish, actor=mine.actor, now=clock.now())
            flash(gettext("You wait no more."), "ok")
            return done(url_for("hosts.own", token=token))
    return refused_touch(token, form)
