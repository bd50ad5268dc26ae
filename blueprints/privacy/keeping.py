"""What is kept of whom and how long, and the proof that it was erased (P2)."""

from typing import Any

from flask import g
from flask_babel import gettext

from blueprints.privacy import blueprint
from domain import clock, job_runs
from domain.keeping import EVERYTHING
from domain.permissions import Permission
from domain.sites.operations import REASON_BEYOND_DAYS
from domain.visits.erasure import overdue_at
from web.htmx import render
from web.i18n import say
from web.permissions import actor, allow


@blueprint.get("/admin/privacy")
@allow(Permission.PRIVACY_MANAGE)
def keeping() -> Any:
    """The table of what is kept, and when each job last erased."""
    runs = {run.name: run for run in job_runs.last()}
    days = g.site.retention_days if g.get("site") else None
    lines = [
        {
            "data": say(one.data),
            "why": say(one.why),
            "period": say(one.period, days=days)
            if days
            else say(one.period).replace("%(days)d", gettext("the site's")),
            "sealed": one.sealed,
            "run": runs.get(one.job),
            "job": one.job,
        }
        for one in EVERYTHING
    ]
    return render(
        "privacy/keeping.html",
        office=True,
        lines=lines,
        long=days if days and days > REASON_BEYOND_DAYS else None,
        most=REASON_BEYOND_DAYS,
        overdue=overdue_at(g.site, now=clock.now()) if g.get("site") else 0,
        may_set=actor().may(Permission.SITES_MANAGE) and g.get("site") is not None,
    )
