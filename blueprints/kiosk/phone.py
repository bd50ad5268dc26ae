"""The visitor's own phone: the kiosk's code opens the same pages there; a badge stays on it until the visit ends."""

from typing import Any

from flask import abort, g, redirect, url_for
from sqlalchemy import select

from blueprints.kiosk import phone_blueprint as blueprint
from blueprints.kiosk.waiting import ASK_SECONDS, facts
from domain.database import db
from domain.sites.models import Kiosk, Site
from domain.visits.models import PRESENT, Visit, VisitState
from web.devices import remember_phone
from web.htmx import render
from web.i18n import speak
from web.permissions import poll, public


@blueprint.get("/own/<code>")
@public
def scan(code: str) -> Any:
    """A phone scanned the code of a kiosk's welcome page."""
    kiosk = db.session.scalar(
        select(Kiosk).where(Kiosk.own_code == code, Kiosk.revoked_at.is_(None), Kiosk.room_id.is_(None))
    )
    if kiosk is None or kiosk.token_hash is None:
        abort(404)
    response = redirect(url_for("kiosk.welcome"), 303)
    remember_phone(response, code)  # type: ignore[arg-type]
    return response


@blueprint.get("/b/<ref>")
@public
@poll
def badge(ref: str) -> Any:
    """The badge on the phone, or the host's answer that is waited for; nothing personal once the visit has ended."""
    visit = db.session.scalar(select(Visit).where(Visit.ref == ref))
    if visit is None:
        abort(404)
    g.site = db.session.get_one(Site, visit.site_id)
    speak(visit.language)
    if visit.state not in (*PRESENT, VisitState.REFUSED) or visit.erased_at:
        return render("kiosk/phone_ended.html")
    response = render("kiosk/phone_badge.html", **facts(visit))
    if visit.state == VisitState.WAITING:
        response.headers["Refresh"] = str(ASK_SECONDS)
    return response
