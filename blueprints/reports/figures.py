"""The dashboard: what each noun counts of the site, over a day, the week, the month or the year (R3).

Of one day it says first what is done and what is not: yesterday's is the morning meeting's page, and prints on one
sheet (R1).
"""

from datetime import date, datetime
from typing import Any

from flask import g, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup

from blueprints.reports import blueprint
from domain import clock, figures
from domain.figures import Span, Sums
from domain.permissions import Permission
from domain.reports import days, plans, sums
from web import charts
from web.at_site import at_a_site
from web.htmx import render
from web.i18n import language, on_day
from web.permissions import actor, allow
from web.registers import is_office

MOST_DRAWN = 100
_DRAWN: dict[Any, dict[str, Any]] = {}
PERIODS = {
    "today": _("Today"),
    "yesterday": _("Yesterday"),
    "week": _("This week"),
    "month": _("This month"),
    "year": _("This year"),
}


def drawn(counted: Sums, names: frozenset[str] | None = None) -> dict[str, Any]:
    """Headlines and panels that the reader may see, drawn; `names` leaves some of the figures."""
    shown = [one for one in figures.all_for(actor()) if names is None or one.name in names]
    return {
        "headlines": [charts.headline(line) for one in shown for line in one.headlines(counted)],
        "panels": [charts.draw(panel) for one in shown for panel in one.panels(counted)],
    }


def done_and_not(day: date) -> charts.Drawn:
    """What of that day is done, and what is not."""
    return charts.draw(days.done_and_not(g.site.id, g.site.zone, day, actor=actor(), now=clock.now()))


def _figures(span: Span, counted_at: datetime | None) -> dict[str, Any]:
    """Headlines and panels as they are drawn. Between two counts they are the same for everybody with these rights:
    drawing them costs as much as two lists.
    """
    key = g.site.ref, span, counted_at, language(), actor().here
    found = _DRAWN.get(key) if counted_at else None
    if found is None:
        parts = drawn(sums.sums_of(g.site.id, span)).items()
        found = {
            name: Markup(render_template("reports/_panels.html", **{name: part}))  # noqa: S704 -- what a template drew
            for name, part in parts
        }
        if len(_DRAWN) >= MOST_DRAWN:
            _DRAWN.clear()
        _DRAWN[key] = found
    return found


@blueprint.get("")
@allow(Permission.REPORTS_READ)
def dashboard() -> Any:
    """The figures of the chosen period beside those of the one before."""
    at_a_site()
    chosen = request.args.get("span", "week")
    if chosen not in PERIODS:
        chosen = "week"
    today = clock.local_date(clock.now(), g.site.zone)
    span: Span = sums.span_of(chosen, today)
    counted_at = sums.counted_at(g.site.id, span.last)
    return render(
        "reports/dashboard.html",
        office=is_office(actor()),
        periods=[
            {"words": words, "url": url_for("reports.dashboard", span=name), "current": name == chosen}
            for name, words in PERIODS.items()
        ],
        said=gettext(
            "%(first)s to %(last)s, beside %(before_first)s to %(before_last)s",
            first=on_day(span.first), last=on_day(span.last),
            before_first=on_day(span.before_first), before_last=on_day(span.before_last),
        )
        if span.days > 1
        else gettext("%(day)s, beside %(before)s", day=on_day(span.first), before=on_day(span.before_first)),
        upcoming=plans.upcoming(g.site.id, g.site.zone, now=clock.now())[:5],
        counted_at=counted_at,
        one_day=done_and_not(span.first) if span.days == 1 else None,
        **_figures(span, counted_at),
    )  # fmt: skip
