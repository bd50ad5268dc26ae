"""How often a week the registers of a site are to be checked: the site's to say (R1)."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext

from blueprints.review import blueprint
from blueprints.review.forms import DutyForm
from blueprints.review.places import own_site
from domain import clock
from domain.permissions import Permission
from domain.review import duty
from web.forms import refusals
from web.htmx import refuse, render
from web.permissions import actor, allow
from web.transactions import writes


def _back() -> str:
    return url_for("review.overview") if actor().may(Permission.REVIEW_READ) else url_for("auth.account")


@blueprint.route("/duties", methods=["GET", "POST"])
@allow(Permission.REVIEW_MANAGE)
@writes
def duties() -> Any:
    """Set it for the site where the reader works."""
    site = own_site()
    form = DutyForm(data={"times": str(duty.duty_of(site.id))})
    words = {"title": gettext("How often the registers are checked"), "back": _back(), "site": site}
    if request.method == "POST" and form.validate():
        with refusals(form):
            duty.set_duty(site, times=int(form.times.data), actor=actor(), now=clock.now())
            flash(gettext("From now on the registers are to be checked so often."), "ok")
            return redirect(_back(), 303)
    if form.status < 400:
        return render("review/duties.html", form=form, **words)
    return refuse("review/duties.html", form=form, **words)
