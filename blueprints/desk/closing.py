"""The closing hour: who is still listed is confirmed one by one or all; unseen is never "left" (V9).

One by one is one touch, as on the board: who is signed out stays in place for a minute, with the way back. Of several
at once, those stay who still have a key; they are named, and go on a second word (V14).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import flash, g, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from wtforms.validators import StopValidation

from blueprints.desk import blueprint
from blueprints.desk.board import KEEPS_ITS_PLACE
from domain import clock
from domain.codes import badge_label
from domain.keys.holdings import loans_on
from domain.keys.register import KEYS
from domain.permissions import Permission
from domain.registers import holdings_among
from domain.sites.opening import closed_since
from domain.visits.departures import Confirmed, confirm_at_closing
from domain.visits.models import PRESENT
from domain.visits.queries import gone_since, present_among, present_at
from domain.visits.register import whom
from web.addresses import address
from web.fields import MultiChoice
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse, render
from web.i18n import say
from web.permissions import actor, allow
from web.transactions import read_only, writes

MOST = 500
MOST_KEPT = 60
"""So many who were stopped stay ticked: their refs stand in the address."""
MOST_NAMED = 5
"""So many who are gone with something of ours are named."""
KNOWING = "knowing"
"""What the button says of those whose keys stand above it: they left, and it is known that these are not back."""


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

    ref: str
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
            KeyOut(str(ref), tag, opens, address(KEYS.endpoint, ref) if ref in seen else None, is_theirs)
            for ref, tag, opens, is_theirs in keys
        ]
    return {visit_id: keys for visit_id, keys in found.items() if keys}


def _context() -> dict[str, Any]:
    now = clock.now()
    rows = present_at(g.site.id, most=MOST)
    listed = [*rows, *gone_since(g.site.id, since=now - KEEPS_ITS_PLACE, most=MOST)]
    keys_out, asked = _keys_out(listed), request.args.getlist("kept")
    have = {row.id for row in listed if any(key.is_theirs for key in keys_out.get(row.id, ()))}
    shown = sorted(listed, key=lambda row: (row.id not in have, row.due_at, row.id))
    have_still = [row for row in shown if row.id in have and row.state in PRESENT]
    return {
        "rows": rows,
        "shown": shown,
        "present": PRESENT,
        "keys_out": keys_out,
        "have": have_still,
        "kept": [row for row in have_still if row.ref in asked],
        "knowing": KNOWING,
        "ticked": [*request.form.getlist("visits"), *asked],
        "all": request.args.get("tick") == "all",
        "closed_at": closed_since(g.site, now),
        "instant": now,
        "whom": whom,
    }


@blueprint.get("/closing")
@allow(Permission.VISITS_WRITE)
def closing() -> Any:
    """Everybody who is still listed; `?tick=all` ticks them all, `?kept=` names those who were stopped."""
    form = ClosingForm(endpoint="desk.confirm_closing")
    return render("desk/closing.html", fragment="desk/_closing.html", form=form, **_context())


@blueprint.post("/closing")
@allow(Permission.VISITS_WRITE)
@writes
def confirm_closing() -> Any:
    """Sign out those who are ticked, as seen leaving or as probably left; back to the list, which names who was stopped
    because a key is not back.
    """
    form, said = ClosingForm(), request.form.get("seen")
    if form.validate():
        with refusals(form):
            ticked, seen = present_among(form.visits.data, actor=actor()), said in ("1", KNOWING)
            known = request.form.getlist("known") if said == KNOWING else ()
            over = confirm_at_closing(ticked, seen=seen, known=known, actor=actor(), now=clock.now())
            _say(over, seen, passed=len(form.visits.data) - len(ticked))
            return done(url_for("desk.closing", kept=[visit.ref for visit in over.kept[:MOST_KEPT]]))
    read_only()
    return refuse("desk/closing.html", form=form, **_context())


def _say(over: Confirmed, seen: bool, passed: int) -> None:
    count = len(over.gone)
    if seen and count:
        flash(
            ngettext("%(num)d visit signed out, seen leaving.", "%(num)d visits signed out, seen leaving.", count), "ok"
        )
    elif not seen:
        flash(
            ngettext("%(num)d visit marked as probably left.", "%(num)d visits marked as probably left.", count), "ok"
        )
    for visit in over.gone_holding[:MOST_NAMED]:
        for one in over.holdings[visit.id]:
            what = say(one.after, **one.values)
            flash(
                gettext(
                    "%(name)s, badge %(badge)s: %(what)s",
                    name=visit.name,
                    badge=badge_label(visit.badge_number),
                    what=what,
                ),
                "late",
            )
    if more := len(over.gone_holding[MOST_NAMED:]):
        flash(
            ngettext(
                "%(num)d more of them has something of ours too.",
                "%(num)d more of them have something of ours too.",
                more,
            ),
            "late",
        )
    if passed:
        flash(ngettext("%(num)d had left meanwhile.", "%(num)d had left meanwhile.", passed), "info")
