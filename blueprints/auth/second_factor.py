"""The second factor: asked at sign-in, set up and renewed; its recovery codes are shown once."""

from datetime import datetime
from typing import Any

import segno
from flask import flash, g, redirect, request, url_for
from flask_babel import ngettext
from markupsafe import Markup

from blueprints.auth import blueprint
from blueprints.auth.forms import CodeForm, RecoveryForm, SetUpForm
from blueprints.auth.passing import go_on, held_on_the_way, me, myself, onward, proved, show, wanted
from domain import clock
from domain.people import second_factor as factor
from domain.permissions import Permission
from web.attempts import record_refusal
from web.forms import refusals
from web.htmx import render
from web.permissions import actor, allow
from web.sessions import renew
from web.tokens import spend_token
from web.transactions import writes
from web.way_back import passage

ISSUER = "Foyer"
GATE, SET_UP_GATE = "auth.second_factor", "auth.set_up_second_factor"


def _note_wrong(now: datetime) -> None:
    who = actor()
    with record_refusal():
        factor.note_wrong(actor=who, now=now)


def _passed(form: CodeForm | RecoveryForm) -> int | None:
    """Try the code; returns the recovery codes left when it was one of them. Raises DomainError."""
    given: dict[str, Any] = {"session_id": me().session_id, "actor": actor(), "now": clock.now()}
    try:
        if isinstance(form, RecoveryForm):
            return factor.pass_with_recovery_code(form.code.data, **given)
        factor.pass_with_code(form.code.data, **given)
    except factor.WrongCode:
        _note_wrong(given["now"])
        raise
    return None


@blueprint.route("/second-factor", methods=["GET", "POST"])
@allow(Permission.SIGNED_IN)
@passage
@writes
def second_factor() -> Any:
    """Ask for the code of the app, or for a recovery code."""
    if me().gate != GATE:
        return go_on()
    recovery = "recovery" in request.args
    form = RecoveryForm() if recovery else CodeForm()
    if request.method == "POST" and form.validate():
        with refusals(form):
            left = _passed(form)
            renew()
            if left is not None:
                flash(ngettext("%(num)d recovery code is left.", "%(num)d recovery codes are left.", left), "wait")
            return go_on()
    return show("auth/second_factor.html", form, recovery=recovery)


@blueprint.route("/second-factor/set-up", methods=["GET", "POST"])
@allow(Permission.SIGNED_IN)
@passage
@writes
def set_up_second_factor() -> Any:
    """Offer a secret as a code to scan; keep it when the app shows that it holds it."""
    form, user, person = SetUpForm(), me(), myself()
    if user.gate == GATE:
        return redirect(url_for(GATE, next=wanted()), 303)
    if user.gate == SET_UP_GATE:
        del form.password  # it was typed a moment ago
    if person.totp_confirmed_at is None:
        del form.code_old
    secret = factor.proposed_secret(person, session_token=user.token)
    if request.method == "POST" and (codes := _kept(form, secret)):
        g.subject_url = url_for("auth.account")
        return render("auth/recovery_codes.html", codes=codes, onward=onward(), carried=held_on_the_way())
    address = factor.address_of(secret, login=person.login, issuer=ISSUER)
    drawn = segno.make(address, error="m", micro=False).svg_inline(scale=4, border=4, omitsize=True)
    context = {"secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)), "address": address}
    renewal = person.totp_confirmed_at is not None
    return show("auth/set_up_second_factor.html", form, qr_code=Markup(drawn), renewal=renewal, **context)  # noqa: S704


def _kept(form: SetUpForm, secret: str) -> list[str]:
    """The recovery codes when the secret was kept; none when it was refused, which is then said on the form."""
    codes: list[str] = []
    if not (proved(form) if "password" in form else form.validate()):
        return codes
    given: dict[str, Any] = {"session_id": me().session_id, "actor": actor(), "now": clock.now()}
    with refusals(form):
        if "password" in form:
            spend_token()
        try:
            if "code_old" in form:
                factor.must_hold(form.code_old.data, actor=actor(), now=clock.now())
            codes = factor.set_up(form.code.data, secret=secret, **given)
        except factor.WrongCode:
            _note_wrong(clock.now())
            raise
        renew()
    return codes
