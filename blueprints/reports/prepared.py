"""The reports that were prepared: the list, each as a page that prints on A4, and as a workbook (R3)."""

import io
from typing import Any

from flask import g, make_response
from flask_babel import gettext

from blueprints.reports import blueprint
from blueprints.reports.figures import done_and_not, drawn
from domain import clock, figures
from domain.permissions import Permission
from domain.reports import plans, sums
from domain.reports.kinds import KINDS
from domain.reports.models import Report
from web import charts
from web.at_site import at_a_site
from web.htmx import render
from web.i18n import say
from web.permissions import actor, allow
from web.registers import is_office
from web.spreadsheets import workbook

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/prepared")
@allow(Permission.REPORTS_READ)
def prepared() -> Any:
    """What is due next, and what was prepared."""
    at_a_site()
    return render(
        "reports/prepared.html",
        office=is_office(actor()),
        upcoming=plans.upcoming(g.site.id, g.site.zone, now=clock.now()),
        planned=plans.planned_at(g.site.id),
        reports=[(one, KINDS[one.kind].title) for one in plans.prepared(g.site.id) if one.kind in KINDS],
        may_plan=actor().may(Permission.REPORTS_MANAGE),
    )


def _context(report: Report) -> dict[str, Any]:
    kind = KINDS[report.kind]
    counted = sums.sums_of(report.site_id, sums.span_between(report.since, report.until))
    shown = drawn(counted, kind.figures)
    first = [done_and_not(report.since)] if kind.rhythm == "day" else []
    own = [charts.draw(panel) for panel in figures.parts(kind.name, report.site_id, report.since, report.until)]
    panels = [*first, *shown["panels"], *own]
    return {"report": report, "title": say(kind.title), "brief": bool(first), **shown, "panels": panels}


@blueprint.get("/<ref>")
@allow(Permission.REPORTS_READ)
def show(ref: str) -> Any:
    """One report; it prints as it stands."""
    at_a_site()
    return render(
        "reports/report.html",
        office=is_office(actor()),
        **_context(plans.report(ref, site_id=g.site.id)),
    )


@blueprint.get("/<ref>/workbook")
@allow(Permission.REPORTS_READ)
def send(ref: str) -> Any:
    """The same as a workbook: a sheet of figures, and one for each table."""
    at_a_site()
    report = plans.report(ref, site_id=g.site.id)
    shown = _context(report)
    tables = [(panel.title, [panel.head, *panel.rows]) for panel in shown["panels"] if panel.rows]
    lines = [[one["label"], one["value"], one["fact"]] for one in shown["headlines"]]
    days = [gettext("From"), report.since.isoformat(), gettext("To"), report.until.isoformat()]
    file = io.BytesIO()
    workbook(file, [(shown["title"], [[shown["title"]], days, *lines]), *tables])
    response = make_response(file.getvalue())
    response.mimetype = WORKBOOK
    response.headers.set("Content-Disposition", "attachment", filename=f"{report.kind}-{report.until}.xlsx")
    return response
