"""The closing hour: who is still listed is confirmed one by one or all; unseen is never "left" (V9).

One by one is one touch, as on the board: who is signed out stays in place for a minute, with the way back.
"""

from operator import attrgetter
from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from wtforms.validators import StopValidation

from blueprints.desk import blueprint
from blueprints.desk.board import KEEPS_ITS_PLACE
from domain import clock
from domain.permissions import Permission
from domain.registers import holdings_among
from domain.sites.opening import closed_since
from domain.visits.departures import confirm_at_closing
from domain.visits.models import PRESENT
from domain.visits.queries import gone_since, present_among, present_at
from domain.visits.register import whom
from web.fields import MultiChoice
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse, render
from web.permissions import actor, allow
from web.transactions import read_only, writes

MOST = 500


class WhoIsGone(MultiChoice):
    """Refs of visits; who left meanwhile is passed over and not an error."""

    def pre_validate(self, form: Any) -> None:
        """Ask for at least one."""
        if not self.data:
            raise StopValidation(gettext("Tick who is gone."))


class ClosingForm(FoyerForm):
    """Those who are ticked; which button was pressed says whether they were seen leaving."""

    visits = WhoIsGone(_("Still listed"))


def _context() -> dict[str, Any]:
    now = clock.now()
    rows = present_at(g.site.id, most=MOST)
    gone = gone_since(g.site.id, since=now - KEEPS_ITS_PLACE, most=MOST)
    return {
        "rows": rows,
        "shown": sorted([*rows, *gone], key=attrgetter("due_at", "id")),
        "present": PRESENT,
        "holdings": holdings_among([row.id for row in rows]),
        "ticked": request.form.getlist("visits"),
        "all": request.args.get("tick") == "all",
        "closed_at": closed_since(g.site, now),
        "instant": now,
        "whom": whom,
    }


@blueprint.get("/closing")
@allow(Permission.VISITS_WRITE)
def closing() -> Any:
    """Everybody who is still listed; `?tick=all` ticks them all."""
    form = ClosingForm(endpoint="desk.confirm_closing")
    return render("desk/closing.html", fragment="desk/_closing.html", form=form, **_context())


@blueprint.post("/closing")
@allow(Permission.VISITS_WRITE)
@writes
def confirm_closing() -> Any:
    """Sign out those who are ticked, as seen leaving or as probably left."""
    form, seen = ClosingForm(), request.form.get("seen") == "1"
    if form.validate():
        with refusals(form):
            gone = present_among(form.visits.data, actor=actor())
            count = confirm_at_closing(gone, seen=seen, actor=actor(), now=clock.now())
            _say(count, seen, passed=len(form.visits.data) - count)
            return done(url_for("desk.closing"))
    read_only()
    return refuse("desk/closing.html", form=form, **_context())


def _say(count: int, seen: bool, passed: int) -> None:
    if seen:
        flash(
            ngettext("%(num)d visit signed out, seen leaving.", "%(num)d visits signed out, seen leaving.", count), "ok"
        )
    else:
        flash(
            ngettext("%(num)d visit marked as probably left.", "%(num)d visits marked as probably left.", count), "ok"
        )
    if passed:
        flash(ngettext("%(num)d had left meanwhile.", "%(num)d had left meanwhile.", passed), "info")
