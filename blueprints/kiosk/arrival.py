"""Second to last step: why, the details, notice and consents; then the visit is signed in."""

from typing import Any

from flask import g, request, session
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from blueprints.kiosk import aside, blueprint, journey
from blueprints.kiosk.photo_form import PhotoForm
from domain import clock, photos
from domain.errors import DomainError
from domain.limits import OWN_SIGN_INS
from domain.sites.fields import Asked, asked_fields
from domain.sites.queries import notice_lines
from domain.visits import entries
from domain.visits.arrivals import Entered, sign_in
from domain.visits.models import SEE_RECEPTION
from web.attempts import from_here
from web.fields import BooleanConsent, HiddenField, stepped
from web.forms import FoyerForm, refusals
from web.i18n import language
from web.permissions import kiosk
from web.pictures import photo_folder
from web.transactions import read_only, writes
from web.visit_form import VisitForm


class PurposeForm(FoyerForm):
    """The purpose that was touched."""

    purpose = HiddenField()


# What the voluntary consents are for, and for how long (P2).
WHY_PHOTO = _("So that staff know you by sight, erased 72 hours after you leave. You can visit without it.")
WHY_DOCUMENT = _("To compare it at the turnstile, erased 72 hours after you leave. You can visit without it.")


class ConsentForm(FoyerForm):
    """Each consent on its own, none ticked beforehand (P2)."""

    visit = BooleanConsent(_("Keep the data of this visit"), must=True)
    photo = BooleanConsent(_("Take a photo for my badge"), description=WHY_PHOTO)
    document = BooleanConsent(_("Keep the last 4 digits of my ID document"), description=WHY_DOCUMENT)


def details_form() -> VisitForm:
    """What site and purpose ask, with what was typed already."""
    form = VisitForm(data=None if request.method == "POST" else aside.kept("details"))
    asked = asked_fields(journey.device().site, journey.chosen_purpose()) | {"photo": Asked.NO}
    form.ask(asked)
    if not journey.device().own:
        for field in form:
            if field.name in ("name", "phone", "organisation", "plate"):
                field.autocomplete = "off"
    return form


def missing() -> Any:
    """Back to the step that is not done yet, after a wipe or a lost draft."""
    if not journey.draft().get("whom"):
        return journey.wiped()
    journey.ask_chosen()
    if journey.chosen_whom() is None:
        return journey.to("kiosk.whom")
    if journey.chosen_purpose() is None:
        return journey.to("kiosk.why")
    return None


def _show_why(form: PurposeForm, status: int = 200) -> Any:
    return journey.show(
        "kiosk/why.html",
        step="why",
        back="whom",
        status=status,
        form=form,
        steps=journey.steps(),
        whom=journey.whom_words(journey.chosen_whom()),  # type: ignore[arg-type]
        purposes=[(purpose.ref, purpose.icon, journey.purpose_name(purpose)) for purpose in journey.purposes()],
    )


@blueprint.get("/why")
@kiosk
def why() -> Any:
    """One touch for the purpose, which decides what is asked next (V2)."""
    if journey.chosen_whom() is None:
        return missing()
    return _show_why(PurposeForm())


@blueprint.post("/why")
@kiosk
@writes
def choose_why() -> Any:
    """Keep the purpose."""
    form = PurposeForm(endpoint="kiosk.choose_why")
    if form.validate():
        journey.keep(purpose=form.purpose.data)
        return missing() or journey.to("kiosk.details")
    read_only()
    return missing() or _show_why(form, form.status)


def _show_details(form: VisitForm, status: int = 200) -> Any:
    return journey.show(
        "kiosk/details.html",
        step="details",
        back="why" if len(journey.purposes()) > 1 else "whom",
        status=status,
        form=form,
        steps=journey.steps(),
        whom=journey.whom_words(journey.chosen_whom()),  # type: ignore[arg-type]
        phone_code=None if journey.device().own else journey.phone_code(),
    )


@blueprint.get("/details")
@kiosk
def details() -> Any:
    """What site and purpose ask, and nothing else."""
    return missing() or _show_details(details_form())


@blueprint.post("/details")
@kiosk
@writes
def keep_details() -> Any:
    """Keep what was typed; the steppers and the buttons that leave the page come here too and check nothing."""
    if lost := missing():
        return lost
    form = details_form()
    if left := aside.leaves(form, step="details"):
        return left
    if stepped(form):
        return _show_details(form)
    if form.validate():
        aside.keep(form, step="details", entered=form.entered().__dict__)
        return journey.to("kiosk.consent")
    read_only()
    return _show_details(form, form.status)


def _consent_form() -> ConsentForm:
    form = ConsentForm(data=None if request.method == "POST" else aside.kept("consent"))
    if asked_fields(journey.device().site, journey.chosen_purpose())["photo"] is Asked.NO:
        del form.photo
    if not journey.draft().get("entered", {}).get("document"):
        del form.document
    return form


def _show_consent(form: ConsentForm, status: int = 200) -> Any:
    form.visit.description = gettext(
        "To tell your host and for the roll call in an emergency; only your host, the reception and "
        "its management see it, erased after %(days)d days.",
        days=g.site.retention_days,
    )
    return journey.show(
        "kiosk/consent.html",
        step="consent",
        back="details",
        status=status,
        form=form,
        steps=journey.steps(),
        lines=notice_lines(g.site.notice, language()),
    )


@blueprint.get("/consent")
@kiosk
def consent() -> Any:
    """The site's notice, and the consents."""
    if lost := missing():
        return lost
    if "entered" not in journey.draft():
        return journey.to("kiosk.details")
    return _show_consent(_consent_form())


@blueprint.post("/consent")
@kiosk
@writes
def arrive() -> Any:
    """Sign the visitor in (V1, V8, V11); whoever leaves the page for now finds the same boxes ticked."""
    if lost := missing():
        return lost
    form = _consent_form()
    if left := aside.leaves(form, step="consent"):
        return left
    entered = journey.draft().get("entered")
    if form.validate():
        if entered is None:
            return journey.to("kiosk.details")
        if "document" not in form or not form.document.data:
            entered = entered | {"document": ""}
        with refusals(form):
            if "photo" in form and form.photo.data:
                journey.keep(agreed=entered)
                return journey.to("kiosk.photo")
            return signed_in(Entered(**entered))
    read_only()
    return _show_consent(form, form.status)


@blueprint.get("/photo")
@kiosk
def photo() -> Any:
    """The picture, where it was agreed to; where scripts are off, only on without it."""
    if "agreed" not in journey.draft():
        return journey.to("kiosk.consent")
    return _show_photo(PhotoForm())


def _show_photo(form: PhotoForm, status: int = 200) -> Any:
    return journey.show(
        "kiosk/photo.html",
        step="photo",
        back="invited" if journey.draft().get("invitation") else "consent",
        status=status,
        form=form,
        steps=journey.steps(),
    )


@blueprint.post("/photo")
@kiosk
@writes
def arrive_with_photo() -> Any:
    """Sign in with the picture, or without one."""
    form, agreed = PhotoForm(), journey.draft().get("agreed")
    if form.validate():
        if agreed is None:
            return missing() or journey.to("kiosk.consent")
        with refusals(form):
            raw = form.raw()
            name = "" if raw is None else photos.keep(photo_folder(), photos.redrawn(raw))
            return signed_in(Entered(**(agreed | {"photo": name})))
    read_only()
    return missing() or _show_photo(form, form.status)


def signed_in(entered: Entered) -> Any:
    """Sign in what was agreed to, and on to the badge; of what was typed nothing stays here."""
    if journey.device().own:
        key = from_here(journey.device().kiosk.id)
        OWN_SIGN_INS.check(key, now=clock.now())
        OWN_SIGN_INS.count(key, now=clock.now())
    try:
        visit = _sign_in(entered)
    except DomainError as error:
        if error.sentence != SEE_RECEPTION:
            raise
        return _see_reception()
    session["visit"] = visit.ref
    journey.keep_only(visit=visit.ref)
    return journey.to("kiosk.badge")


def _see_reception() -> Any:
    """Nothing to put right, and no word of why: the reception looks after it (V11)."""
    read_only()
    step, back = ("invited", "invited") if journey.draft().get("invitation") else ("consent", "details")
    return journey.show("kiosk/see_reception.html", step=step, back=back, status=422)


def _sign_in(entered: Entered) -> Any:
    device = journey.device()
    said: dict[str, Any] = {
        "site": device.site,
        "entered": entered,
        "language": language(),
        "source": device.source,
        "kiosk_id": device.kiosk.id,
        "actor": device.actor,
        "now": clock.now(),
    }
    if invited := journey.invitation():
        return entries.arrive(invited, **said)
    return sign_in(
        purpose=journey.chosen_purpose(),  # type: ignore[arg-type]
        whom=journey.chosen_whom(),  # type: ignore[arg-type]
        **said,
    )
