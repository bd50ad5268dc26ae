"""The welcome page: where everything begins, and where everything of the last visitor is gone."""

from typing import Any

from flask import g, request, session, url_for

from blueprints.kiosk import blueprint, journey
from blueprints.kiosk.speaking import row_of
from domain import clock
from domain.sites.opening import is_open
from web.htmx import render
from web.i18n import language, languages_of_visitors, speak
from web.permissions import kiosk

NIGHT_ENDS = 5
"""Nobody who comes before this hour hears that the morning is good."""


def _greeting_hour() -> str:
    hour = clock.local(clock.now(), g.site.zone).hour
    return "evening" if hour < NIGHT_ENDS else "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"


def _help(texts: dict[str, str]) -> str:
    """The way to the reception; no English on a Chinese page, and no Chinese on another."""
    return texts.get(language()) or texts.get("zh_Hans" if language().startswith("zh") else "en", "")


@blueprint.get("")
@kiosk
def welcome() -> Any:
    """Wipe, then greet; `?language=` chooses the visitor's language."""
    chosen = request.args.get("language")
    device = journey.device()
    journey.wipe()
    offered = languages_of_visitors(device.site)
    if chosen in offered:
        session["language"] = chosen
        speak(chosen)
    return render(
        "kiosk/welcome.html",
        languages=row_of(offered, lambda name: url_for("kiosk.welcome", language=name)),
        greeting=_greeting_hour(),
        open=is_open(device.site, clock.now()),
        help=_help(device.kiosk.help),
        phone_code=None if device.own else journey.phone_code(),
    )


@blueprint.get("/privacy")
@kiosk
def privacy() -> Any:
    """What is asked, why, for how long, and how to see or erase it (P2)."""
    return journey.show(
        "kiosk/privacy.html",
        step="privacy",
        back="invited" if journey.invitation() else "consent" if "entered" in journey.draft() else "welcome",
        days=g.site.retention_days,
    )
