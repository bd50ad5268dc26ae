"""The guest's own page behind the link of the letter: when, where, QR and digits; in the lobby also the way in (V5)."""

from typing import Any

from flask import abort, g, url_for

from blueprints.kiosk import journey
from blueprints.kiosk import phone_blueprint as blueprint
from domain import clock
from domain.database import db
from domain.errors import DomainError
from domain.sites.models import Site
from domain.sites.ways import way_to
from domain.visits.arrivals import whom_of
from domain.visits.entries import NOT_YET, must_be_worth
from domain.visits.invitation_codes import parse_token, qr_of, show_digits, token_of
from domain.visits.invitation_models import Invitation
from domain.visits.invitation_telling import guest_place
from web.codes import qr_svg
from web.devices import current_device
from web.htmx import render
from web.i18n import language, speak, tell
from web.permissions import public


@blueprint.get("/i/<token>")
@public
def invitation(token: str) -> Any:
    """What is needed to come; of an invitation that is worth nothing any more the reason alone."""
    ref = parse_token(token)
    found = db.session.scalar(db.select(Invitation).where(Invitation.ref == ref)) if ref else None
    if found is None or found.erased_at:
        abort(404)
    g.site = db.session.get_one(Site, found.site_id)
    speak(found.language)
    try:
        must_be_worth(found, zone=g.site.zone, now=clock.now())
    except DomainError as error:
        if error.sentence != NOT_YET:
            return render("kiosk/guest_ended.html", sentence=tell(error.sentence, error.values))
    device, whom = current_device(), whom_of(found)
    in_lobby = device is not None and device.own and device.site.id == found.site_id
    return render(
        "kiosk/guest.html",
        guest=found.name,
        invitation=found,
        whom=journey.whom_words(whom),
        where=guest_place(found),
        way=way_to(whom.unit, g.site, language()),
        code=qr_svg(qr_of(found.ref)),
        digits=show_digits(found.digits) if found.digits else "",
        sign_in_url=url_for("kiosk.invited", code=token_of(found.ref)) if in_lobby else None,
    )
