"""The run sheet on the attendant's phone: the next step on top, every step ticked by one touch (M5)."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from flask import g, redirect, url_for

from blueprints.service import blueprint
from domain import clock
from domain.errors import NotFound
from domain.meetings import ends, steps
from domain.meetings.models import EQUIPMENT_NAMES, LAYOUT_NAMES
from domain.meetings.phases import Phase
from domain.meetings.service_queries import lines_of, served
from domain.meetings.sheet_queries import LIVE, head_of, slips_of, step_of, steps_of
from domain.permissions import Permission
from web.at_site import at_a_site
from web.fields import HiddenField
from web.forms import FoyerForm, refusals
from web.htmx import refuse, render, unchanged, wants_fragment
from web.i18n import language
from web.offline import keep
from web.permissions import actor, allow, poll
from web.sessions import arrive_at_site, version_here
from web.ticks import ReasonField, TickForm, answered, from_outbox, new_tick, refused, tick_owner, tick_token
from web.transactions import read_only, writes

ORDER = list(Phase)


class StepForm(TickForm):
    """One tick of one step: done, skipped with a reason, or taken back."""

    step = HiddenField()
    how = HiddenField()
    reason = ReasonField(max_length=steps.LONGEST_REASON)


def phases_of(rows: Sequence[Any]) -> list[tuple[str, list[Any]]]:
    """The steps by phase, in the order of the service; void ones are left out."""
    asked = [row for row in rows if row.ServiceStep.void_at is None or row.ServiceStep.how]
    ordered = sorted(asked, key=lambda row: (ORDER.index(Phase(row.ServiceStep.phase)), row.ServiceStep.due_at))
    return [(phase, list(own)) for phase, own in groupby(ordered, key=lambda row: str(row.ServiceStep.phase))]


def contents(ref: str, form: FoyerForm | None = None) -> dict[str, Any]:
    """Everything that the sheet shows; as many statements whatever stands on it."""
    at_a_site()
    head, who = head_of(ref, actor=actor()), actor()
    rows, now = steps_of(head.ServiceOrder.id), clock.now()
    waiting = [row.ServiceStep for row in rows if row.ServiceStep.how is None and row.ServiceStep.void_at is None]
    order, reservation = head.ServiceOrder, head.Reservation
    return {
        "head": head,
        "order": order,
        "reservation": reservation,
        "phases": phases_of(rows),
        "waiting": waiting,
        "lines": lines_of(order.id),
        "slips": slips_of(reservation.id, site_id=g.site.id),
        "live": reservation.state in LIVE,
        "may_start": reservation.release_at is not None and ends.may_start(reservation, now),
        "form": form,
        "instant": now,
        "me": who.id,
        "may_assign": who.may(Permission.SERVICE_ASSIGN),
        "may_order": who.may(Permission.MEETINGS_WRITE),
        "layout_names": LAYOUT_NAMES,
        "equipment_names": EQUIPMENT_NAMES,
        "tag": version(g.site.id),
        "token": tick_token("service.tick"),
        "owner": tick_owner(),
        "new_tick": new_tick,
        "now": now,
    }


def version(site_id: int) -> str:
    """The version of the sheet for this reader: history, language, person and the minute."""
    minute = clock.minute()
    return f"{site_id}.{version_here()}.{language()}.{tick_owner()}.{minute}"


@blueprint.get("/<ref>/run")
@allow(Permission.MEETINGS_SERVE)
def run(ref: str) -> Any:
    """The sheet; the region alone where it asks for itself."""
    drawn = render("service/sheet.html", fragment="service/_sheet.html", **contents(ref))
    drawn.headers["HX-PTag"] = version(g.site.id)
    return keep(drawn, url_for("service.run", ref=ref))


@blueprint.get("/<ref>/run/live")
@allow(Permission.MEETINGS_SERVE)
@poll
def live(ref: str) -> Any:
    """The sheet when it changed, else 304."""
    site_id = actor().site_id
    if site_id is None:
        raise NotFound
    if answer := unchanged(version(site_id)):
        return answer
    if not wants_fragment():
        head_of(ref, actor=actor())  # who may not see it is told so, not sent on
        return redirect(url_for("service.run", ref=ref), 303)
    arrive_at_site()
    return run(ref)


@blueprint.post("/<ref>/run/ticks")
@allow(Permission.MEETINGS_SERVE)
@writes
def tick(ref: str) -> Any:
    """Tick a step; the same tick again gets the same answer."""
    at_a_site()
    _reservation, order = served(ref, actor=actor())
    form = StepForm()
    if form.validate():
        with refusals(form):
            step = step_of(order, form.step.data or "")
            answer = steps.tick(
                step,
                form.sent(),
                how=form.how.data or "",
                reason=form.reason.data or "",
                actor=actor(),
                now=clock.now(),
            )
            return answered(answer, url_for("service.run", ref=ref))
    if from_outbox():
        return refused(form)
    return draw_sheet(ref, form)


def draw_sheet(ref: str, form: FoyerForm) -> Any:
    """The sheet as it stands now, with what was refused."""
    read_only()
    drawn = contents(ref, form)
    on_top = drawn["waiting"][0].ref if drawn["waiting"] else ""
    if isinstance(form, StepForm) and form.step.data == on_top and form.how.data == steps.SKIPPED:
        form.reason.id = f"why-{on_top}"
    else:  # no field of it is on the page
        form.as_a_whole()
    return refuse("service/sheet.html", **drawn)
