"""The dashboard: what each noun counts of the site, over today, the week, the month or the year (R3)."""

from datetime import datetime, timedelta
from typing import Any

from flask import g, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup

from blueprints.reports import blueprint
from domain import clock, figures
from domain.errors import NotFound
from domain.figures import Span, Sums
from domain.permissions import Permission
from domain.reports import plans, sums
from domain.text import N_
from web import charts
from web.htmx import render
from web.i18n import language
from web.permissions import actor, allow
from web.registers import is_office

MOST_DRAWN = 100
_DRAWN: dict[Any, Markup] = {}
PERIODS = {"today": _("Today"), "week": _("This week"), "month": _("This month"), "year": _("This year")}


def at_a_site() -> None:
    """Raise NotFound unless the reader works at a site."""
    if g.get("site") is None:
        raise NotFound(N_("Choose the site where you work first: it is set in your account."))


def drawn(counted: Sums, names: frozenset[str] | None = None) -> dict[str, Any]:
    """Headlines and panels that the reader may see, drawn; `names` leaves some of the figures."""
    shown = [one for one in figures.all_for(actor()) if names is None or one.name in names]
    return {
        "headlines": [charts.headline(line) for one in shown for line in one.headlines(counted)],
        "panels": [charts.draw(panel) for one in shown for panel in one.panels(counted)],
    }


def _panels(span: Span, counted_at: datetime | None) -> Markup:
    """The figures as they are drawn. Between two counts they are the same for everybody with these rights: drawing them
    costs as much as two lists.
    """
    key = g.site.ref, span, counted_at, language(), actor().here
    found = _DRAWN.get(key) if counted_at else None
    if found is None:
        found = Markup(render_template("reports/_panels.html", **drawn(sums.sums_of(g.site.id, span))))  # noqa: S704
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
    counted_at = sums.counted_at(g.site.id, today)
    return render(
        "reports/dashboard.html",
        office=is_office(actor()),
        periods=[
            {"words": words, "url": url_for("reports.dashboard", span=name), "current": name == chosen}
            for name, words in PERIODS.items()
        ],
        said=gettext(
            "%(first)s to %(last)s, beside %(before_first)s to %(before_last)s",
            first=span.first, last=span.last, before_first=span.before_first, before_last=span.before_last,
        )
        if span.days > 1
        else gettext("%(day)s, beside %(before)s", day=span.first, before=today - timedelta(days=7)),
        upcoming=plans.upcoming(g.site.id, g.site.zone, now=clock.now())[:5],
        counted_at=counted_at,
        panels=_panels(span, counted_at),
    )  # fmt: skip
