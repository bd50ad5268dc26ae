"""Signing out by badge: scanned, or its number with the check code (V9)."""

from datetime import datetime
from typing import Any

from flask import g, request, session
from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from blueprints.kiosk import aside, blueprint, journey
from domain import clock
from domain.codes import parse_badge, parse_badge_qr
from domain.database import writing
from domain.errors import DomainError
from domain.limits import BADGE_TRIES, BADGE_TRIES_AT_KIOSK, Limit, TooMany
from domain.text import N_
from domain.visits.departures import find_badge, find_badge_ref, sign_out
from domain.visits.models import Visit
from web.fields import TextField
from web.forms import FoyerForm, refusals
from web.permissions import kiosk
from web.transactions import read_only, writes
from web.visit_form import MOST_COMPANIONS

LEFT_SECONDS = 10


class LeaveForm(FoyerForm):
    """A badge, scanned or typed."""

    endpoint = "kiosk.depart"
    badge = TextField(
        _("Badge number and check code"),
        autocomplete="off",
        max_length=120,
        autofocus=True,
        attrs={"data-scan-target": "", "spellcheck": "false"},
    )

    def validate_badge(self, field: Any) -> None:
        """Something was scanned or typed."""
        if not field.data:
            raise ValidationError(str(_("Scan your badge, or type its number and the check code.")))


def _find(text: str) -> Visit:
    if ref := parse_badge_qr(text) or _ref_of_address(text):
        return find_badge_ref(site_id=g.site.id, ref=ref)
    if numbers := parse_badge(text):
        return find_badge(
            site_id=g.site.id, number=numbers[0], check=numbers[1], today=clock.local_date(clock.now(), g.site.zone)
        )
    raise DomainError(N_("Type the badge number with its check code, such as 017 482."), field="badge")


def _ref_of_address(text: str) -> str | None:
    _before, slash, ref = text.rpartition("/b/")
    return ref if slash and ref.isalnum() else None


def _tries(number: int) -> tuple[tuple[Limit, str], ...]:
    """What a try counts under: this number at any kiosk of the site, and whatever is typed at this one."""
    return (BADGE_TRIES, f"{g.site.id}:{number}"), (BADGE_TRIES_AT_KIOSK, str(journey.device().kiosk.id))


def _check(limit: Limit, key: str, *, now: datetime) -> None:
    try:
        limit.check(key, now=now)
    except TooMany:
        raise TooMany(
            N_("Too many wrong numbers were typed. Scan your badge, or call the reception: it signs you out at once."),
            field="badge",
        ) from None


def _show(form: LeaveForm, status: int = 200) -> Any:
    return journey.show("kiosk/leave.html", step="leave", back="welcome", status=status, form=form)


@blueprint.get("/leave")
@kiosk
def leave() -> Any:
    """Ask for the badge."""
    return _show(LeaveForm(data=aside.kept("leave")))


@blueprint.post("/leave")
@kiosk
@writes
def depart() -> Any:
    """Sign out whose badge this is; guesses are counted and slowed down, a slip of the finger is no guess."""
    form, now = LeaveForm(), clock.now()
    if left := aside.leaves(form, step="leave"):
        return left
    if "key" in request.form:
        form.badge.data = journey.touched(form.badge.data, request.form["key"], "0123456789")
        return _show(form)
    numbers = parse_badge(form.badge.data or "")
    tries = _tries(numbers[0]) if numbers else ()
    visit = None
    if form.validate():
        with refusals(form):
            for limit, key in tries:
                _check(limit, key, now=now)
            visit = _find(form.badge.data)
            sign_out(visit, how="badge", actor=journey.device().actor, now=now)
            session.setdefault("language", visit.language)  # who chose none here is thanked as on arrival
            return journey.to("kiosk.goodbye", people=visit.companions + 1 if visit.companions else None)
        read_only()
        if tries and visit is None:  # who knows the code does not guess
            with writing():
                for limit, key in tries:
                    limit.count(key, now=now)
    read_only()
    return _show(form, form.status)


@blueprint.get("/goodbye")
@kiosk
def goodbye() -> Any:
    """Signed out, and how many of them; no name, because others read along."""
    people = min(request.args.get("people", 1, type=int), MOST_COMPANIONS + 1)
    return journey.goes_home("kiosk/goodbye.html", LEFT_SECONDS, people=people)
