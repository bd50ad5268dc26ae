"""A screen that is locked while its tablet lies at the desk, and opened again by the password."""

from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _

from blueprints.auth import blueprint
from blueprints.auth.forms import ActionForm, OwnPasswordForm
from blueprints.auth.passing import go_on, me, proved, show, wanted
from domain import clock
from domain.people import sign_in as signing
from domain.permissions import Permission
from web.forms import refusals
from web.htmx import done
from web.permissions import actor, allow
from web.sessions import renew
from web.tokens import spend_token
from web.transactions import writes
from web.way_back import came_from, passage


@blueprint.route("/lock", methods=["GET", "POST"])
@allow(Permission.SIGNED_IN)
@passage
@writes
def lock() -> Any:
    """Lock the screen; the same page stands there again after the password. `typed` is where a form would have gone
    that was half filled in: its fields came along and go on to the locked page, which seals them (web/held.py).
    """
    form = ActionForm()
    if request.method == "POST" and form.validate():
        signing.lock(session_id=me().session_id, actor=actor(), now=clock.now())
        on = wanted() or came_from()
        if typed := request.args.get("typed"):
            return redirect(url_for("auth.unlock", next=on, held=typed), 307)
        return done(url_for("auth.unlock", next=on))
    words = {"title": _("Lock the screen"), "sentence": _("The password opens it again, on the same page.")}
    return show("auth/confirm.html", form, deed=_("Lock"), **words)


@blueprint.route("/unlock", methods=["GET", "POST"])
@allow(Permission.SIGNED_IN)
@passage
@writes
def unlock() -> Any:
    """Open the locked screen with the own password."""
    form = OwnPasswordForm()
    if me().gate != "auth.unlock":
        return go_on()
    if request.method == "POST" and proved(form):
        with refusals(form):
            spend_token()
            signing.unlock(session_id=me().session_id, actor=actor(), now=clock.now())
            renew()
            return go_on()
    return show("auth/unlock.html", form, name=me().name)
