"""The visitor's language, on every page: the row of languages, and back to where it was asked for."""

from collections.abc import Callable
from typing import Any

from flask import redirect, request, session, url_for

from blueprints.kiosk import blueprint, journey
from blueprints.kiosk.waiting import own_visit
from domain import clock
from domain.visits.models import PRESENT, Visit
from domain.visits.spoken import choose_language
from web.forms import FoyerForm, refusals
from web.i18n import direction, html_lang, language, languages_of_visitors
from web.permissions import kiosk
from web.transactions import read_only, writes

SIGNED_IN = ("badge", "waiting")
"""The steps of whose visit lasts: it changes its language too."""


def row_of(names: dict[str, str], address: Callable[[str], str]) -> list[dict[str, Any]]:
    """Languages to choose from, each by its own name; `address` is where the choice of one leads."""
    return [
        {
            "tag": html_lang(name),
            "dir": direction(name),
            "name": word,
            "value": name,
            "url": address(name),
            "current": name == language(),
        }
        for name, word in names.items()
    ]


def _asked_from() -> str:
    """The page where it was asked, as it was."""
    step, page = request.args.get("step", ""), request.args.get("page", "")
    if page in journey.ASIDE:
        return url_for(journey.ASIDE[page], step=step)
    return url_for(journey.STEPS.get(step, "kiosk.welcome"), **journey.shown_by())


def _lasting() -> Visit | None:
    """The visit of this browser, asked from a page that shows it, while it lasts."""
    visit = own_visit() if request.args.get("step") in SIGNED_IN else None
    return visit if visit and visit.state in PRESENT else None


@blueprint.get("/language")
@kiosk
def ask_language() -> Any:
    """The languages of the site, of which each leads back; what was typed before stays as it is. Who is signed in sends
    the choice, because it changes the visit.
    """
    offered, step = languages_of_visitors(journey.device().site), request.args.get("step", "")
    if (chosen := request.args.get("language")) in offered:
        session["language"] = chosen
        return redirect(_asked_from(), 303)
    asked = journey.shown_by() | {"page": request.args.get("page")}
    return journey.show(
        "kiosk/language.html",
        step=step,
        again_url=_asked_from(),
        send_to=url_for("kiosk.change_language", step=step, **asked) if _lasting() else None,
        languages=row_of(offered, lambda name: url_for("kiosk.ask_language", step=step, **asked, language=name)),
    )


@blueprint.post("/language")
@kiosk
@writes
def change_language() -> Any:
    """Who is signed in reads on in another language, and is spoken to in it as long as the visit lasts."""
    site, chosen = journey.device().site, request.form.get("language", "")
    form, visit = FoyerForm(endpoint="kiosk.change_language"), _lasting()
    if chosen not in languages_of_visitors(site) or not form.validate():
        read_only()
        return redirect(_asked_from(), 303)
    session["language"] = chosen
    if visit:
        with refusals(form):
            choose_language(visit, language=chosen, site=site, actor=journey.device().actor, now=clock.now())
            return redirect(_asked_from(), 303)
        read_only()
    return redirect(_asked_from(), 303)
