"""A device becomes a kiosk, or the display at a room's door: it shows eight consonants, an admin enters them, it takes
its token (RFC 8628). What it becomes is known, and said, from then on.
"""

from datetime import timedelta
from typing import Any

from flask import redirect, request, session, url_for

from blueprints.kiosk import pairing_blueprint as blueprint
from blueprints.kiosk.speaking import row_of
from domain import clock
from domain.codes import show_pairing_code
from domain.database import db
from domain.identity import Actor
from domain.limits import Limit
from domain.sites import pairing
from domain.sites.models import Kiosk
from web.devices import leaves_by_itself, remember_kiosk
from web.forms import FoyerForm, refusals
from web.htmx import refuse, render
from web.i18n import STAFF_LANGUAGES, speak
from web.permissions import public
from web.transactions import writes

STARTS = Limit("pairing-start", 20, timedelta(minutes=10))
ASK_SECONDS = 5


def _around(form: FoyerForm, *, code: str | None = None, kiosk: Kiosk | None = None) -> dict[str, Any]:
    """What the page shows; whoever pairs devices is of the staff and reads one of their languages."""
    languages = row_of(STAFF_LANGUAGES, lambda name: url_for("pairing.show", language=name))
    return {"form": form, "code": code, "kiosk": kiosk, "languages": languages}


@blueprint.get("")
@public
def show() -> Any:
    """An unpaired device: a button, then the code until an admin has entered it; `?language=` is what it speaks."""
    if (chosen := request.args.get("language")) in STAFF_LANGUAGES:
        session["language"] = chosen
        speak(str(chosen))
    secret = session.get("pairing")
    found = pairing.find(secret, now=clock.now()) if secret else None
    if found is None:
        return render("kiosk/pair.html", **_around(FoyerForm(endpoint="pairing.start")))
    kiosk = db.session.get(Kiosk, found.kiosk_id) if found.kiosk_id else None
    form, code, again = FoyerForm(endpoint="pairing.collect"), show_pairing_code(found.code), url_for("pairing.show")
    if kiosk is not None:
        return render("kiosk/pair.html", **_around(form, code=code, kiosk=kiosk))
    page = render("kiosk/pair.html", **_around(form, code=code), leave_url=again, leave_after=ASK_SECONDS)
    return leaves_by_itself(page, ASK_SECONDS, again)


@blueprint.post("")
@public
@writes
def start() -> Any:
    """Make a code for this device."""
    form = FoyerForm(endpoint="pairing.start")
    if form.validate():
        with refusals(form):
            now, address = clock.now(), request.remote_addr or ""
            STARTS.check(address, now=now)
            STARTS.count(address, now=now)
            session["pairing"], _ = pairing.start(now=now)
            return redirect(url_for("pairing.show"), 303)
    return refuse("kiosk/pair.html", **_around(form))


@blueprint.post("/token")
@public
@writes
def collect() -> Any:
    """Take the token of the approved pairing; from here on this device is the kiosk."""
    form, now = FoyerForm(endpoint="pairing.collect"), clock.now()
    if form.validate():
        with refusals(form):
            found = pairing.find(session.get("pairing", ""), now=now)
            if found is not None:
                kiosk, token = pairing.collect(found, actor=Actor("kiosk", found.kiosk_id), now=now)
                response = redirect(url_for("meetings.own_door" if kiosk.room_id else "kiosk.welcome"), 303)
                session.clear()
                remember_kiosk(response, token)  # type: ignore[arg-type]
                return response
            return redirect(url_for("pairing.show"), 303)
    return refuse("kiosk/pair.html", **_around(form))
