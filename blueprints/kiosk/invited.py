""" "I have an invitation" in two touches: scan it or type six digits, then confirm (V5). Only what is missing is asked;
notice and consents stand on the same page (V2, P2).
"""

from typing import Any

from flask import g, request
from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from blueprints.kiosk import arrival, aside, blueprint, journey
from domain import clock
from domain.database import db, writing
from domain.errors import DomainError
from domain.masking import mask_name
from domain.names import greeting_name
from domain.sites.fields import NEEDS_CONSENT, Asked, asked_fields
from domain.sites.models import Purpose
from domain.sites.queries import notice_lines
from domain.visits.arrivals import Entered, whom_of
from domain.visits.entries import Standing, known_of, must_be_worth
from domain.visits.invitation_codes import KIOSK_TRIES, SITE_TRIES, find_by_code, looks_scanned, parse_digits
from domain.visits.invitation_models import Invitation
from web.fields import BooleanConsent, TextField, stepped
from web.forms import FoyerForm, refusals
from web.i18n import language
from web.permissions import kiosk
from web.transactions import read_only, writes
from web.visit_form import VisitForm

DIGITS = "0123456789"
LONGEST = 300


class CodeForm(FoyerForm):
    """An invitation, scanned or typed."""

    endpoint = "kiosk.find_invitation"
    code = TextField(
        _("The 6 digits of your invitation"),
        autocomplete="off",
        max_length=LONGEST,
        autofocus=True,
        attrs={"data-scan-target": "", "spellcheck": "false", "autocapitalize": "off"},
    )

    def validate_code(self, field: Any) -> None:
        """Something was scanned or typed."""
        if not field.data:
            raise ValidationError(str(_("Scan your invitation, or type its 6 digits.")))


class ConfirmForm(VisitForm):
    """What is missing, and the consents that are voluntary; the button itself agrees to what is needed."""

    endpoint = "kiosk.confirm_invitation"
    photo = BooleanConsent(_("Take a photo for my badge"), description=arrival.WHY_PHOTO)
    document_agreed = BooleanConsent(_("Keep the last 4 digits of my ID document"), description=arrival.WHY_DOCUMENT)

    @property
    def agrees_to(self) -> list[Any]:
        """The consents that stand on the page."""
        return [self[name] for name in ("photo", "document_agreed") if name in self]


def _show_code(form: CodeForm, status: int = 200) -> Any:
    return journey.show("kiosk/invitation.html", step="invitation", back="welcome", status=status, form=form)


@blueprint.get("/invitation")
@kiosk
def invitation() -> Any:
    """Ask for the code."""
    return _show_code(CodeForm(data=aside.kept("invitation")))


@blueprint.post("/invitation")
@kiosk
@writes
def find_invitation() -> Any:
    """Find it and say who is meant; wrong digits are counted and slowed down."""
    form, now = CodeForm(), clock.now()
    if left := aside.leaves(form, step="invitation"):
        return left
    if "key" in request.form:
        form.code.data = journey.touched(form.code.data, request.form["key"], DIGITS)[:6]
        return _show_code(form)
    guessed = not looks_scanned(form.code.data) and parse_digits(form.code.data) is not None
    if form.validate():
        with refusals(form):
            if guessed:
                KIOSK_TRIES.check(str(journey.device().kiosk.id), now=now)
                SITE_TRIES.check(str(g.site.id), now=now)
            return _found(form.code.data)
        read_only()
        if guessed:
            with writing():
                KIOSK_TRIES.count(str(journey.device().kiosk.id), now=now)
                SITE_TRIES.count(str(g.site.id), now=now)
    read_only()
    return _show_code(form, form.status)


def _found(typed: str) -> Any:
    found = find_by_code(typed, site_id=g.site.id)
    must_be_worth(found, zone=g.site.zone, now=clock.now())
    journey.keep_only(invitation=found.ref, scanned=looks_scanned(typed))
    return journey.to("kiosk.invited")


def _form(found: Invitation, purpose: Purpose) -> ConfirmForm:
    """The fields that site and purpose demand and the invitation does not say; companions wherever they are asked."""
    known = known_of(found).__dict__
    said = {"companions": known["companions"]} | aside.kept("invited")
    form = ConfirmForm(data=said if request.method == "GET" else None)
    asked = asked_fields(g.site, purpose)
    wanted = {name: how if _is_missing(name, how, known) else Asked.NO for name, how in asked.items()}
    form.ask({name: how for name, how in wanted.items() if name not in NEEDS_CONSENT or name == "document"})
    if known["name"]:
        del form.name
    if asked["photo"] is Asked.NO:
        del form.photo
    if "document" not in form:
        del form.document_agreed
    if not journey.device().own:
        for field in form:
            if field.name in ("name", "phone", "organisation", "plate"):
                field.autocomplete = "off"
    return form


def _is_missing(name: str, how: Asked, known: dict[str, Any]) -> bool:
    if name == "companions":
        return how is not Asked.NO
    return how is Asked.MUST and not known.get(name)


def _code() -> str:
    """The link with which the own phone came here."""
    return request.values.get("code", "")[:80] if journey.device().own else ""


def _is_held() -> bool:
    """Whether the guest holds the invitation; of six digits that were typed wrong somebody else would be greeted."""
    return bool(_code() or journey.draft().get("scanned"))


def _show(found: Invitation, form: ConfirmForm, status: int = 200) -> Any:
    whom = whom_of(found)
    worth = must_be_worth(found, zone=g.site.zone, now=clock.now())
    asked = {field.name for field in form} - {"form_token", "companions", *(field.name for field in form.agrees_to)}
    return journey.show(
        "kiosk/invited.html",
        step="invited",
        back="invitation",
        status=status,
        form=form,
        code=_code(),
        guest=greeting_name(found.name if _is_held() else mask_name(found.name)),
        missing=bool(asked),
        whom=journey.whom_words(whom),
        invitation=found,
        early=worth is Standing.EARLY,
        late=worth is Standing.LATE,
        days=g.site.retention_days,
        lines=notice_lines(g.site.notice, language()),
    )


@blueprint.get("/invited")
@kiosk
def invited() -> Any:
    """Who is meant, whom they see, and what they agree to by signing in."""
    found = journey.invitation()
    if found is None:
        return journey.to("kiosk.invitation")
    purpose = db.session.get_one(Purpose, found.purpose_id)
    try:
        return _show(found, _form(found, purpose))
    except DomainError as error:
        return _refused(error)


def _refused(error: DomainError) -> Any:
    """It is worth nothing any more: the reason stands where a code is asked."""
    read_only()
    form = CodeForm(None)
    form.blame(error)
    return _show_code(form, error.status)


@blueprint.post("/invited")
@kiosk
@writes
def confirm_invitation() -> Any:
    """Sign the guest in; or on to the photo that was agreed to."""
    found = journey.invitation()
    if found is None:
        return journey.wiped("kiosk.invitation")
    form = _form(found, db.session.get_one(Purpose, found.purpose_id))
    if left := aside.leaves(form, step="invited", invitation=found.ref, scanned=_is_held()):
        return left
    if stepped(form):
        return _show(found, form)
    if form.validate():
        with refusals(form):
            entered = _entered(found, form)
            if "photo" in form and form.photo.data:
                journey.keep(agreed=entered.__dict__, invitation=found.ref)
                return journey.to("kiosk.photo")
            return arrival.signed_in(entered)
    read_only()
    found = journey.invitation()
    if found is None:
        return journey.to("kiosk.invitation")
    try:
        return _show(found, form, form.status)
    except DomainError as error:
        return _refused(error)


def _entered(found: Invitation, form: ConfirmForm) -> Entered:
    typed, known = form.entered(), known_of(found)
    agreed = "document_agreed" in form and form.document_agreed.data
    return Entered(
        name=known.name or typed.name,
        phone=known.phone or typed.phone,
        organisation=known.organisation or typed.organisation,
        companions=typed.companions if "companions" in form else known.companions,
        plate=typed.plate,
        goods=typed.goods,
        document=typed.document if agreed else "",
    )
