"""An export, a kept filter and a report: examples of every address of those rooms."""

from datetime import timedelta

from domain import clock, registers
from domain.database import db
from domain.exports import asking, filters
from domain.pages import Wanted
from domain.reports.models import Report
from tests.cabinet import actor_of
from tests.cast import Cast


def file_away(cast: Cast) -> dict[tuple[str, str], str]:
    """Ask for an export, keep a filter, prepare a report; gives the examples. Call in a context, in `writing()`."""
    zhou, now = actor_of(cast, "zhou"), clock.now()
    visits, asked = registers.get("visits"), Wanted(cast.site_id)
    export = asking.ask(visits, asked, kind="csv", full=False, reason="", language="en", actor=zhou, now=now)
    kept = filters.keep(visits, name="inside", chosen={"state": "inside"}, actor=zhou, now=now)
    day = clock.local_date(now, "Asia/Shanghai") - timedelta(days=1)
    report = Report(site_id=cast.site_id, kind="daily", since=day, until=day, due_at=now, made_at=now)
    db.session.add(report)
    db.session.flush()
    return {
        ("/exports/", "ref"): export.ref,
        ("/exports/filters/", "ref"): kept.ref,
        ("/reports/", "ref"): report.ref,
    }
