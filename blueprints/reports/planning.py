"""When the site wants each report, and who gets it by mail (R3)."""

from datetime import time
from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import DataRequired

from blueprints.reports import blueprint
from domain import clock
from domain.permissions import Permission
from domain.reports import plans
from domain.reports.plans import Planned
from domain.visits.figures import WEEKDAYS
from web.at_site import at_a_site
from web.fields import BooleanField, NumberField, SelectField, TextArea, TimeField
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse, render
from web.i18n import say
from web.permissions import actor, allow
from web.transactions import writes


class PlanForm(FoyerForm):
    """Day, time and addresses of a kind of report."""

    active = BooleanField(_("Prepare this report"))
    weekday = SelectField(_("Weekday"))
    day = NumberField(_("Day of the month"), min=1, max=31, description=_("In a shorter month: its last day."))
    at = TimeField(_("Time"), [DataRequired(_("Enter a time such as 09:30."))])
    addresses = TextArea(_("Send by mail to"), description=_("One address a line; none: it waits here."), rows=4)


def _form(plan: Planned) -> PlanForm:
    form = PlanForm(
        data={
            "active": plan.active,
            "weekday": str(plan.day),
            "day": plan.day,
            "at": time(plan.minute // 60, plan.minute % 60),
            "addresses": "\n".join(plan.addresses),
        }
    )
    form.weekday.choices = [(str(number), say(name)) for number, name in enumerate(WEEKDAYS, 1)]
    if plan.kind.rhythm != "week":
        del form.weekday
    if plan.kind.rhythm in ("day", "week"):
        del form.day
    return form


@blueprint.get("/plans")
@allow(Permission.REPORTS_MANAGE)
def ask_plan() -> Any:
    """Ask when, and for whom."""
    at_a_site()
    plan = plans.plan_of(g.site.id, request.args.get("kind", "daily"))
    return render("reports/plan.html", office=True, plan=plan, form=_form(plan))


@blueprint.post("/plans")
@allow(Permission.REPORTS_MANAGE)
@writes
def change_plan() -> Any:
    """Keep what was said."""
    at_a_site()
    plan = plans.plan_of(g.site.id, request.args.get("kind", "daily"))
    form = _form(plan)
    if form.validate():
        with refusals(form):
            day = int(form.weekday.data or 0) if "weekday" in form else form.day.data if "day" in form else 0
            plans.change(
                plan.kind,
                site_id=g.site.id,
                day=day or 0,
                minute=form.at.data.hour * 60 + form.at.data.minute,
                typed=form.addresses.data,
                active=form.active.data,
                actor=actor(),
                now=clock.now(),
            )
            flash(gettext("Kept: %(title)s.", title=say(plan.kind.title)), "ok")
            return done(url_for("reports.prepared"))
    return refuse("reports/plan.html", form=form, office=True, plan=plan)
