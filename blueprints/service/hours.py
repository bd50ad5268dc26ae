"""They have begun, they have left: said on the phone of whoever serves, who sees it first (M7)."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext

from blueprints.service import blueprint
from blueprints.service.closing import draw_closing
from blueprints.service.sheet import draw_sheet
from domain import clock
from domain.meetings import ends
from domain.meetings.service_queries import served
from domain.permissions import Permission
from web.at_site import at_a_site
from web.edits import ActionForm
from web.forms import refusals
from web.htmx import done
from web.i18n import moment
from web.permissions import actor, allow
from web.transactions import writes


@blueprint.post("/<ref>/run/starts")
@allow(Permission.MEETINGS_SERVE)
@writes
def start(ref: str) -> Any:
    """They are there."""
    at_a_site()
    reservation, _order = served(ref, actor=actor())
    form = ActionForm()
    if form.validate():
        with refusals(form):
            ends.start(reservation, actor=actor(), now=clock.now())
            flash(gettext("The meeting has begun."), "ok")
            return done(url_for("service.run", ref=ref))
    return draw_sheet(ref, form)


@blueprint.post("/<ref>/run/ends")
@allow(Permission.MEETINGS_SERVE)
@writes
def end(ref: str) -> Any:
    """They have left before the end."""
    at_a_site()
    reservation, _order = served(ref, actor=actor())
    form = ActionForm()
    if form.validate():
        with refusals(form):
            ends.end_early(reservation, actor=actor(), now=clock.now())
            flash(gettext("Ended. The room is free from %(time)s.", time=moment(reservation.reserved_until)), "ok")
            return done(url_for("service.close", ref=ref))
    return draw_closing(ref, form)
