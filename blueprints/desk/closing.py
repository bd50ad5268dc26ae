"""The closing hour: who is still listed is confirmed one by one or all; unseen is never "left" (V9).

One by one is one touch, as on the board: who is signed out stays in place for a minute, with the way back.
"""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from flask import flash, g, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from wtforms.validators import StopValidation

from blueprints.desk import blueprint
from blueprints.desk.board import KEEPS_ITS_PLACE
from domain import clock
from domain.keys.holdings import loans_on
from domain.keys.register import KEYS
from domain.permissions import Permission
from domain.registers import holdings_among
from domain.sites.opening import closed_since
from domain.visits.departures import confirm_at_closing
from domain.visits.models import PRESENT
from domain.visits.queries import gone_since, present_among, present_at
from domain.visits.register import whom
from web.addresses import address
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


class KeyOut(NamedTuple):
    """A key that is out on somebody's visit, or on the name alone; `url` is its loan where the reader may see it."""

    tag: str
    opens: str
    url: str | None
    is_theirs: bool


def _keys_out(rows: Sequence[Any]) -> dict[int, list[KeyOut]]:
    """What the visitors have to hand back, and what is out on their names, by the ids of the visits."""
    held, loans, found = holdings_among([row.id for row in rows]), loans_on(rows, actor=actor()), {}
    for row in rows:
        seen = {loan.ref: loan for loan in loans.get(row.id, ())}
        mine = {one.ref: one.values for one in held.get(row.id, ())}
        keys = [(str(ref), one["tag"], one["opens"], True) for ref, one in mine.items()]
        keys += [(ref, one.tag, one.opens, False) for ref, one in seen.items() if ref not in mine]
        found[row.id] = [
            KeyOut(tag, opens, address(KEYS.endpoint, ref) if ref in seen else None, is_theirs)
            for ref, tag, opens, is_theirs in keys
        ]
    return {visit_id: keys for visit_id, keys in found.items() if keys}


def _context() -> dict[str, Any]:
    now = clock.now()
    rows = present_at(g.site.id, most=MOST)
    gone = gone_since(g.site.id, since=now - KEEPS_ITS_PLACE, most=MOST)
    return {
        "rows": rows,
        "shown": sorted([*rows, *gone], key=attrgetter("due_at", "id")),
        "present": PRESENT,
        "keys_out": _keys_out(rows),
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
