"""The visitor's language, on every page: the row of languages, and back to where it was asked for."""

from collections.abc import Callable
from typing import Any

from flask import redirect, request, session, url_for

from blueprints.kiosk import blueprint, journey
from web.i18n import direction, html_lang, language, languages_of_visitors
from web.permissions import kiosk


def row_of(names: dict[str, str], address: Callable[[str], str]) -> list[dict[str, Any]]:
    """Languages to choose from, each by its own name; `address` is where the choice of one leads."""
    return [
        {
            "tag": html_lang(name),
            "dir": direction(name),
            "name": word,
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


@blueprint.get("/language")
@kiosk
def ask_language() -> Any:
    """The languages of the site, of which each leads back; what was typed before stays as it is."""
    offered, step = languages_of_visitors(journey.device().site), request.args.get("step", "")
    if (chosen := request.args.get("language")) in offered:
        session["language"] = chosen
        return redirect(_asked_from(), 303)
    asked = journey.shown_by() | {"page": request.args.get("page")}
    return journey.show(
        "kiosk/language.html",
        step=step,
        again_url=_asked_from(),
        languages=row_of(offered, lambda name: url_for("kiosk.ask_language", step=step, **asked, language=name)),
    )
