"""Calling a host who was found in the search box: the number in full, and the look in the history (P4)."""

from typing import Any

from flask import g, url_for

from blueprints.desk import blueprint
from domain import clock
from domain.history_words import TO_CALL_FOUND
from domain.occupants.operations import unmask
from domain.occupants.queries import get_present_host
from domain.permissions import Permission
from domain.phones import display_phone
from web.errors import show
from web.forms import FoyerForm
from web.htmx import render
from web.permissions import actor, allow
from web.transactions import writes


@blueprint.post("/hosts/<ref>/calls")
@allow(Permission.HOSTS_CALL)
@writes
def call_host(ref: str) -> Any:
    """The host's number, on this answer alone."""
    host, form = get_present_host(ref, site_id=actor().site_id), FoyerForm()
    g.subject_url = url_for("desk.board")
    if form.validate():
        unmask(host, reason=TO_CALL_FOUND, actor=actor(), now=clock.now(), right=Permission.HOSTS_CALL)
        return render("desk/call.html", host=host, unit=host.unit, display_phone=display_phone)
    return show(form.status, form.problems[0])
