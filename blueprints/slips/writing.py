"""Writing a slip on one page; answered at once it is closed at once, or it goes straight to a department (C1, C3)."""

from typing import Any

from flask import flash, g, url_for
from flask_babel import gettext

from blueprints.slips import blueprint
from blueprints.slips.forms import SlipForm
from domain import clock
from domain.permissions import Permission
from domain.slips import operations
from domain.slips.models import Slip, SlipState, Source
from domain.slips.register import SLIPS
from web.at_site import at_a_site
from web.forms import refusals
from web.htmx import done, refuse, render
from web.i18n import moment
from web.permissions import actor, allow
from web.transactions import read_only, writes


def _form() -> SlipForm:
    at_a_site()
    return SlipForm().prepare()


@blueprint.get("/new")
@allow(Permission.SLIPS_WRITE)
def ask_matter() -> Any:
    """The empty form."""
    return render("slips/new.html", form=_form())


@blueprint.post("/new")
@allow(Permission.SLIPS_WRITE)
@writes
def write_slip() -> Any:
    """Write it down, and show it with what was promised."""
    form = _form()
    if form.validate():
        with refusals(form):
            slip = _write(form)
            flash(_said(slip), "ok")
            return done(url_for(SLIPS.endpoint, ref=slip.ref))
    read_only()
    return refuse("slips/new.html", form=form)


def _write(form: SlipForm) -> Slip:
    now, who = clock.now(), actor()
    unit, against, department = form.unit_found, form.chosen("against"), form.chosen("department")
    slip = operations.write(
        site_id=g.site.id,
        nature=form.nature_chosen,
        source=Source(form.source.data),
        actor=who,
        now=now,
        matter=form.matter.data,
        kind=form.chosen("kind"),
        urgent=form.urgent.data,
        promise_at=form.promised(now),
        unit_number=unit.number if unit else "",
        unit_id=unit.id if unit else None,
        name=form.name.data,
        phone=form.e164,
        against_id=against.id if against else None,
    )
    if department:
        operations.dispatch(slip, to=department, actor=who, now=now)
    if form.outcome.data:
        operations.close(slip, outcome=form.outcome.data, actor=who, now=now)
    return slip


def _said(slip: Slip) -> str:
    number = f"{slip.number:04d}"
    if slip.state == SlipState.CLOSED:
        return gettext("Slip %(number)s is written and closed.", number=number)
    until = moment(slip.promise_at)
    return gettext("Slip %(number)s is written. Tell them: by %(until)s.", number=number, until=until)
