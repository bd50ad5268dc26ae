"""A new password: changed by who knows the old one, or set by a link that serves once."""

from typing import Any

from flask import flash, request, session, url_for
from flask_babel import gettext as _

from blueprints.auth import blueprint
from blueprints.auth.forms import ChangePasswordForm, NewPasswordForm
from blueprints.auth.passing import go_on, languages, me, myself, show, wanted
from domain import clock
from domain.codes import new_token
from domain.people import resets
from domain.people.passwords import hash_password
from domain.permissions import Permission
from web.attempts import before_writing
from web.forms import refusals
from web.htmx import done, render
from web.permissions import actor, allow, public
from web.proof import prove_again
from web.sessions import leave
from web.tokens import spend_token
from web.transactions import writes
from web.way_back import passage


@blueprint.route("/password", methods=["GET", "POST"])
@allow(Permission.SIGNED_IN)
@passage
@writes
def change_password() -> Any:
    """Change the own password; other browsers are signed out."""
    form = ChangePasswordForm()
    if request.method == "POST" and (password_hash := _changed(form)):
        with refusals(form):
            spend_token()
            resets.set_password(
                myself(), password_hash=password_hash, keep_session=me().session_id, actor=actor(), now=clock.now()
            )
            session["sid"] = new_token()
            flash(_("The password is changed. Other browsers are signed out."))
            return go_on(wanted() or url_for("auth.account"))
    must = me().gate == "auth.change_password"
    return show("auth/change_password.html", form, must=must, login=myself().login)


def _changed(form: ChangePasswordForm) -> str | None:
    """The hash of the new password when all is as it must be."""
    with before_writing():
        if form.validate():
            with refusals(form):
                resets.must_suit(form.password_new.data, login=myself().login, name=myself().name)
                prove_again(form.password.data, now=clock.now())
                return hash_password(form.password_new.data)
    return None


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
@public
@writes
def reset(token: str) -> Any:
    """Set a password by the link that an admin handed over."""
    form = NewPasswordForm()
    try:
        if request.method == "POST" and (password_hash := _chosen(form, token)):
            with refusals(form):
                spend_token()
                resets.use(token, password_hash=password_hash, now=clock.now())
                leave()
                flash(_("The password is set. Sign in with it."))
                return done(url_for("auth.sign_in"))
        person = resets.find(token, now=clock.now())
    except resets.SpentLink as error:
        return render("auth/spent_link.html", status=error.status, languages=languages())
    return show("auth/reset.html", form, token=token, login=person.login)


def _chosen(form: NewPasswordForm, token: str) -> str | None:
    """The hash of the new password when all is as it must be."""
    with before_writing():
        person = resets.find(token, now=clock.now())
        if form.validate():
            with refusals(form):
                resets.must_suit(form.password_new.data, login=person.login, name=person.name)
                return hash_password(form.password_new.data)
    return None
