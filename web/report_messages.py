"""A report that fell due, as a letter to the site's list: its figures in words, and the way to the whole of it."""

from flask import current_app, g, render_template
from flask_babel import gettext as _

from domain import figures
from domain.database import db
from domain.delivery.letter import Letter
from domain.notices import Notice
from domain.reports import plans, sums
from domain.reports.kinds import KINDS
from domain.reports.models import Report
from domain.sites.models import Site
from web import charts
from web.i18n import on_day, say, speak


def write_report(notice: Notice, *, address: str) -> Letter | None:
    """The notice as a letter; None when nobody gets this report any more."""
    report, site = db.session.get(Report, notice.subject_id), db.session.get(Site, notice.site_id)
    plan = plans.plan_of(site.id, report.kind) if report and site else None
    if report is None or site is None or plan is None or not (plan.active and plan.addresses):
        return None
    with current_app.app_context():  # its own `g`: language and zone are the reader's
        g.site = site
        speak("zh_Hans" if site.language.startswith("zh") else "en")
        kind = KINDS[report.kind]
        subject = _("%(title)s of %(day)s", title=say(kind.title), day=on_day(report.until))
        counted = sums.sums_of(site.id, sums.span_between(report.since, report.until))
        shown = [one for one in figures.every() if kind.figures is None or one.name in kind.figures]
        lines = [charts.headline(line) for one in shown for line in one.headlines(counted)]
        context = {
            "subject": subject,
            "lines": [(line["label"], f"{line['value']} ({line['fact']})") for line in lines],
            "link": f"{address}/reports/{report.ref}" if address else "",
        }
        return Letter(
            language=g.language,
            subject=subject,
            text=render_template("notices/report.txt", **context).strip() + "\n",
            html=render_template("notices/report.html", **context),
            addresses=plan.addresses,
        )
