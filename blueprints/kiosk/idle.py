"""Still here? Cancel? And the bell for the reception (V12b, V13)."""

from typing import Any

from flask import g, request, url_for

from blueprints.kiosk import blueprint, journey
from domain import clock
from domain.visits.calls import call_reception
from web.devices import SCRIPTS_COOKIE
from web.fields import HiddenField, clean_text
from web.forms import FoyerForm
from web.i18n import language
from web.permissions import kiosk
from web.transactions import read_only, writes

CALLED_SECONDS = 30
BEGUN_SECONDS = 45
LONGEST_SEARCH = 40


class CallForm(FoyerForm):
    """The step at which help is wanted."""

    endpoint = "kiosk.call"
    step = HiddenField()


def _back_to(step: str) -> str:
    return url_for(journey.STEPS.get(step, "kiosk.welcome"))


@blueprint.get("/still-here")
@kiosk
def still_here() -> Any:
    """Ask for twenty seconds; without an answer everything is wiped."""
    step = request.args.get("step", "")
    return journey.goes_home(
        "kiosk/still_here.html",
        journey.ASK_SECONDS,
        again_url=_back_to(step),
        call_step=step,
        spoken=journey.spoken(step),
        loses_text=not request.cookies.get(SCRIPTS_COOKIE),
    )


@blueprint.get("/cancel")
@kiosk
def ask_cancel() -> Any:
    """Ask before what was typed is given up; one touch leads back to where it stands."""
    step = request.args.get("step", "")
    if not journey.is_begun():
        return journey.to("kiosk.welcome")
    spoken = journey.spoken(step, page="cancel")
    return journey.show("kiosk/cancel.html", step=step, again_url=_back_to(step), spoken=spoken)


@blueprint.post("/call")
@kiosk
@writes
def call() -> Any:
    """Ring on the desk with kiosk and step."""
    form = CallForm()
    form.step.data = request.values.get("step", "")
    if form.validate():
        if "q" in request.form:  # the search of the page for whom to see: its button lends that form this address
            journey.keep(q=clean_text(request.form["q"])[:LONGEST_SEARCH])
        return ring(form.step.data or "")
    read_only()
    return journey.to("kiosk.welcome")


def ring(step: str) -> Any:
    """Ring on the desk, and tell the visitor that somebody comes."""
    device, step = journey.device(), step if step in journey.STEPS else "welcome"
    call_reception(
        site_id=g.site.id,
        kiosk_id=device.kiosk.id,
        step=step,
        language=language(),
        actor=device.actor,
        now=clock.now(),
    )
    return journey.to("kiosk.called", step=step)


@blueprint.get("/called")
@kiosk
def called() -> Any:
    """Somebody is coming; one touch leads back to where the visitor was.

    Who had begun something is asked before it is wiped (V13).
    """
    step = request.args.get("step", "")
    again_url, spoken = _back_to(step), journey.spoken(step, page="called")
    if again_url == url_for("kiosk.welcome"):
        return journey.goes_home("kiosk/called.html", CALLED_SECONDS, again_url=again_url, spoken=spoken)
    out = None if step in journey.NOTHING_TO_CANCEL else journey.cancel_url(step)
    asks = url_for("kiosk.still_here", step=step)
    return journey.goes_on("kiosk/called.html", BEGUN_SECONDS, asks, again_url=again_url, cancel_url=out, spoken=spoken)
