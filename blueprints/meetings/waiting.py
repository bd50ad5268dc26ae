"""The waiting list: who would like a room at a time at which it is taken."""

from typing import Any

from flask import flash, g, url_for
from flask_babel import gettext

from blueprints.meetings import blueprint
from blueprints.meetings.day import around
from blueprints.meetings.deeds import DeedForm
from domain import clock
from domain.meetings import waiting as operations
from domain.permissions import Permission
from web.at_site import at_a_site
from web.edits import draw, settled
from web.forms import refusals
from web.htmx import done, render
from web.permissions import actor, allow
from web.transactions import writes


@blueprint.get("/waiting")
@allow(Permission.MEETINGS_READ)
def waiting() -> Any:
    """Who waits, by the time that is meant."""
    at_a_site()
    rows = operations.waiting_at(g.site.id, now=clock.now())
    return render("meetings/waiting.html", rows=rows, form=None, **around())


@blueprint.post("/waiting/<ref>/withdrawal")
@allow(Permission.MEETINGS_WRITE)
@writes
def withdraw(ref: str) -> Any:
    """They wait no more."""
    at_a_site()
    wish, form = operations.get_wish(ref, actor=actor()), DeedForm()
    if form.validate():
        with refusals(form):
            operations.withdraw(wish, actor=actor(), now=clock.now())
            flash(gettext("They wait no more."), "ok")
            return done(url_for("meetings.waiting"))
    settled(form)
    rows = operations.waiting_at(g.site.id, now=clock.now())
    return draw("meetings/waiting.html", form=form, rows=rows, **around())
