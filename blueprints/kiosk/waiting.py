"""After signing in: the badge and the way, or the host's answer that is waited for (V4, V8)."""

from datetime import timedelta
from typing import Any

from flask import g, request, session, url_for
from sqlalchemy import select

from blueprints.kiosk import blueprint, journey
from domain import clock
from domain.codes import badge_label, badge_qr
from domain.database import db
from domain.names import greeting_name
from domain.sites.ways import way_to
from domain.visits.answers import told
from domain.visits.arrivals import whom_of
from domain.visits.badges import whom_on_badge
from domain.visits.departures import cancel
from domain.visits.models import Visit, VisitState
from domain.visits.untold import nobody_told
from web.codes import public_url, qr_svg
from web.devices import SCRIPTS_COOKIE
from web.forms import FoyerForm, refusals
from web.htmx import render, wants_fragment
from web.i18n import language
from web.messages import working_channels
from web.permissions import kiosk, poll
from web.pictures import send_photo
from web.transactions import read_only, writes

WAIT_AT_KIOSK = timedelta(seconds=60)
ASK_SECONDS = 10


def facts(visit: Visit) -> dict[str, Any]:
    """What badge and waiting page show."""
    whom = whom_of(visit)
    return {
        "visit": visit,
        "greeting": greeting_name(visit.name),
        "whom": journey.whom_words(whom),
        "unit": whom.unit,
        "told": not nobody_told(visit.id, over=working_channels(), now=clock.now()),
        "way": way_to(whom.unit, g.site, language()),
        "on_badge": whom_on_badge(whom, language=visit.language),
        "badge": badge_label(visit.badge_number),
        "badge_code": qr_svg(badge_qr(visit.ref)),
        "phone_code": qr_svg(public_url(url_for("phone.badge", ref=visit.ref))),
    }


def _shown(visit: Visit) -> dict[str, Any]:
    """The same at the kiosk, where another language can be chosen meanwhile."""
    return facts(visit) | {"spoken": journey.spoken("badge")}


def own_visit() -> Visit | None:
    """The visit that was signed in here, in this browser."""
    ref = session.get("visit") or journey.draft().get("visit")
    return db.session.scalar(select(Visit).where(Visit.ref == ref, Visit.site_id == g.site.id)) if ref else None


@blueprint.get("/badge")
@kiosk
def badge() -> Any:
    """The page after signing in: what to do next, whatever the state."""
    visit = own_visit()
    if visit is None:
        return journey.to("kiosk.welcome")
    if visit.state == VisitState.WAITING:
        return journey.to("kiosk.waiting")
    if visit.answered_at and visit.answer_told_at is None and not wants_fragment():
        return render("kiosk/answered.html", form=FoyerForm(endpoint="kiosk.note_told"), **_shown(visit))
    if visit.state == VisitState.CANCELLED:
        return journey.to("kiosk.gave_up")
    if visit.state not in (VisitState.INSIDE, VisitState.REFUSED):
        return journey.to("kiosk.welcome")
    page = "kiosk/refused.html" if visit.state == VisitState.REFUSED else "kiosk/done.html"
    seconds = journey.LONGER_SECONDS if "longer" in request.args else journey.DONE_SECONDS
    prints = bool(journey.device().kiosk.label_mm) and SCRIPTS_COOKIE in request.cookies
    first = session.get("badge_shown") != visit.ref
    session["badge_shown"] = visit.ref
    shown = _shown(visit) | {"prints": prints, "print_now": first and prints}
    return journey.goes_home(page, seconds, **shown)


@blueprint.get("/badge/photo")
@kiosk
def badge_photo() -> Any:
    """The picture on the own badge, while its page is shown."""
    visit = own_visit()
    return send_photo(visit.photo if visit else None)


@blueprint.post("/badge")
@kiosk
@writes
def note_told() -> Any:
    """The visitor has read the host's answer."""
    form, visit = FoyerForm(endpoint="kiosk.note_told"), own_visit()
    if visit and form.validate():
        told(visit, actor=journey.device().actor, now=clock.now())
    return journey.to("kiosk.badge")


@blueprint.get("/waiting")
@kiosk
@poll
def waiting() -> Any:
    """Wait for the host; after a minute the kiosk is free again and the visitor is called by name."""
    visit = own_visit()
    if visit is None:
        return journey.to("kiosk.welcome")
    if visit.state != VisitState.WAITING:
        return _answered()
    if not journey.device().own and clock.now() - visit.arrived_at > WAIT_AT_KIOSK:
        return _freed()
    response = render(
        "kiosk/waiting.html",
        fragment="kiosk/_waiting.html",
        call_step="waiting",
        own=journey.device().own,
        **_shown(visit),
    )
    if not request.cookies.get(SCRIPTS_COOKIE):
        response.headers["Refresh"] = f"{ASK_SECONDS}; url={url_for('kiosk.waiting')}"
    return response


def _answered() -> Any:
    return _go("kiosk.badge")


def _freed() -> Any:
    return _go("kiosk.take_a_seat")


def _go(endpoint: str) -> Any:
    if wants_fragment():
        response = journey.plain("")
        response.headers["HX-Redirect"] = url_for(endpoint)
        return response
    return journey.to(endpoint)


@blueprint.get("/take-a-seat")
@kiosk
def take_a_seat() -> Any:
    """The kiosk is free for the next, and who waits is called. Nothing of the visit stays (V13) but the language."""
    spoken = language()
    journey.wipe()
    session["language"] = spoken
    return journey.goes_home("kiosk/take_a_seat.html", ASK_SECONDS)


@blueprint.get("/waiting/cancel")
@kiosk
def ask_give_up() -> Any:
    """Ask before the visit is cancelled; a kiosk goes on waiting by itself, because the host may answer meanwhile."""
    visit = own_visit()
    if visit is None or visit.state != VisitState.WAITING:
        return journey.to("kiosk.badge")
    return journey.goes_on(
        "kiosk/give_up.html",
        journey.ASK_SECONDS,
        url_for("kiosk.waiting"),
        again_url=url_for("kiosk.waiting"),
        form=FoyerForm(endpoint="kiosk.give_up"),
        call_step="waiting",
        **facts(visit) | {"spoken": journey.spoken("waiting", page="give_up")},
    )


@blueprint.post("/waiting")
@kiosk
@writes
def give_up() -> Any:
    """The visitor does not wait any longer."""
    form, visit = FoyerForm(endpoint="kiosk.give_up"), own_visit()
    if visit is not None and form.validate():
        with refusals(form):
            cancel(visit, actor=journey.device().actor, now=clock.now())
            return journey.to("kiosk.gave_up")
    read_only()
    return journey.to("kiosk.badge")


@blueprint.get("/gave-up")
@kiosk
def gave_up() -> Any:
    """Nobody waits any longer: what the host knows, that the badge is worth nothing, and what can be done now."""
    visit = own_visit()
    if visit is None or visit.state != VisitState.CANCELLED:
        return journey.to("kiosk.badge")
    # What was not sent by now is not sent any more (domain/visits/telling.py).
    shown = _shown(visit) | {"told": not nobody_told(visit.id, over=(), now=clock.now())}
    return journey.goes_home("kiosk/gave_up.html", journey.DONE_SECONDS, **shown)
