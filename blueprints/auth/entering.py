"""The address of the house itself; signing in and out, and choosing the site to work at."""

from typing import Any

from flask import g, make_response, redirect, request, url_for
from flask_babel import gettext as _

from blueprints.auth import blueprint
from blueprints.auth.forms import ActionForm, SignInForm, SiteForm
from blueprints.auth.passing import go_on, in_browser, me, onward, show, wanted
from domain import clock
from domain.database import db
from domain.people import sign_in as signing
from domain.permissions import Permission
from domain.sites.queries import visible_to as sites_visible_to
from web.attempts import before_writing, client_address, record_refusal
from web.devices import first_page_of_device
from web.forms import refusals
from web.frame import house_name
from web.htmx import done
from web.i18n import remember_language
from web.permissions import actor, allow, public
from web.sessions import enter, leave
from web.tokens import spend_token
from web.transactions import writes
from web.way_back import passage


def _proof(form: SignInForm) -> signing.Proof | None:
    """What the form proves; None when it proves nothing, which is then said on the form and remembered."""
    if not form.validate():
        return None
    typed, now = {"login": form.login.data, "address": client_address()}, clock.now()
    proof = None
    with refusals(form):
        try:
            proof = signing.prove(password=form.password.data, now=now, **typed)
        except signing.WrongPassword:
            with record_refusal():
                signing.note_wrong(now=now, **typed)
            raise
    return proof


def _landing() -> str:
    """The first page after signing in; who works at several sites and was at none yet chooses one."""
    if actor().must_choose_site:
        return url_for("auth.site", next=wanted())
    return onward()


@blueprint.get("/")
@public
def front_door() -> Any:
    """Lead to where this browser begins: staff by way of the sign-in, a kiosk to its welcome."""
    device = None if in_browser() else first_page_of_device()
    return redirect(device or url_for("auth.sign_in"), 303)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
@writes
def sign_in() -> Any:
    """Sign in with user name and password."""
    form, before = SignInForm(), in_browser()
    if request.method == "GET":
        if before is None:
            return show("auth/sign_in.html", form)
        g.actor = before.actor
        return go_on(_landing())
    with before_writing():
        proof = _proof(form)
    if proof:
        with refusals(form):
            spend_token()
            if before:
                signing.sign_out(session_id=before.session_id, actor=before.actor, now=clock.now())
            user = enter(signing.sign_in(proof, shared_device=form.shared_device.data, now=clock.now()))
            remember_language(user.language)
            return go_on(_landing())
    return show("auth/sign_in.html", form)


@blueprint.route("/sign-out", methods=["GET", "POST"])
@allow(Permission.SIGNED_IN)
@passage
@writes
def sign_out() -> Any:
    """Log out of this browser."""
    form = ActionForm()
    if request.method == "POST" and form.validate():
        signing.sign_out(session_id=me().session_id, actor=actor(), now=clock.now())
        leave()
        remember_language(me().language)
        left = make_response(done(url_for("auth.sign_in")))
        left.headers["Clear-Site-Data"] = '"cache"'  # pages kept without a network go by static/js/kept.js
        return left
    words = {"title": _("Log out"), "sentence": _("What was typed and not saved is lost.")}
    return show("auth/confirm.html", form, deed=_("Log out"), **words)


@blueprint.route("/site", methods=["GET", "POST"])
@allow(Permission.SIGNED_IN)
@passage
@writes
def site() -> Any:
    """Work at another of the own sites."""
    sites = db.session.scalars(sites_visible_to(actor())).all()
    form = SiteForm(data={"site": next((each.ref for each in sites if each.id == actor().site_id), None)})
    form.site.choices = [(each.ref, house_name(each)) for each in sites]
    if request.method == "POST" and form.validate():
        with refusals(form):
            signing.work_at(form.site.data, session_id=me().session_id, actor=actor(), now=clock.now())
            return go_on(wanted() or url_for("auth.sign_in"))
    return show("auth/site.html", form)
