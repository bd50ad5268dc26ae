"""The own account: what one is and where, language, and the browsers one is signed in at."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from blueprints.auth import blueprint
from blueprints.auth.forms import LanguageForm, OwnPasswordForm
from blueprints.auth.passing import me, myself, proved, show, wanted
from domain import clock, registers
from domain.database import db
from domain.people import queries, sign_in
from domain.people.accounts import change_person
from domain.permissions import ROLE_NAMES, SECOND_FACTOR, Permission
from domain.sites.queries import visible_to as sites_visible_to
from web.forms import refusals
from web.htmx import done, render
from web.i18n import STAFF_LANGUAGES, remember_language
from web.navigation import asked_of_me
from web.permissions import actor, allow
from web.tokens import spend_token
from web.transactions import writes
from web.way_back import passage


@blueprint.get("/account")
@allow(Permission.SIGNED_IN)
def account() -> Any:
    """Everything about the own account on one page."""
    person, user, now = myself(), me(), clock.now()
    asker = {"me": person.id, "here": actor().site_id}
    return render(
        "auth/account.html",
        asked=asked_of_me([db.session.scalar(one.count(), asker) or 0 for one in registers.questions()]),
        person=person,
        me=user,
        roles=queries.roles_of([person.id])[person.id],
        role_names=ROLE_NAMES,
        sites=db.session.scalars(sites_visible_to(actor())).all(),
        language_name=STAFF_LANGUAGES.get(person.language, person.language),
        must_have_second_factor=any(role in SECOND_FACTOR for role, _site in actor().grants),
        codes_left=queries.recovery_codes_left(person.id),
        sessions=db.session.scalars(queries.sessions_of(person.id, now=now)).all(),
    )


@blueprint.route("/account/language", methods=["GET", "POST"])
@allow(Permission.SIGNED_IN)
@passage
@writes
def language() -> Any:
    """Change the language of the account."""
    asked = request.args.get("language")
    form = LanguageForm(data={"language": asked if asked in STAFF_LANGUAGES else me().language})
    form.language.choices = list(STAFF_LANGUAGES.items())
    if request.method == "POST" and form.validate():
        with refusals(form):
            change_person(myself(), language=form.language.data, actor=actor(), now=clock.now())
            remember_language(form.language.data)
            return done(wanted() or url_for("auth.account"))
    return show("auth/language.html", form, languages=[])


@blueprint.route("/account/sessions/<ref>", methods=["GET", "POST"])
@allow(Permission.SIGNED_IN)
@passage
@writes
def end_session(ref: str) -> Any:
    """Sign out one other browser, by who knows the password."""
    form, user, now = OwnPasswordForm(), me(), clock.now()
    found = queries.get_session(ref, person_id=user.person_id, now=now)
    if request.method == "POST" and proved(form):
        with refusals(form):
            spend_token()
            sign_in.end_sessions(user.person_id, only=found.id, actor=actor(), now=now)
            flash(_("That browser is signed out."))
            return done(url_for("auth.account"))
    words = {"title": _("Sign out this browser"), "sentence": _("Whoever uses it must sign in again.")}
    return show("auth/confirm.html", form, deed=_("Sign it out"), back=url_for("auth.account"), **words)


@blueprint.route("/account/sessions", methods=["GET", "POST"])
@allow(Permission.SIGNED_IN)
@passage
@writes
def end_sessions() -> Any:
    """Sign out all other browsers, by who knows the password."""
    form, user = OwnPasswordForm(), me()
    if request.method == "POST" and proved(form):
        with refusals(form):
            spend_token()
            sign_in.end_sessions(user.person_id, but=user.session_id, actor=actor(), now=clock.now())
            flash(_("All other browsers are signed out."))
            return done(url_for("auth.account"))
    words = {"title": _("Sign out all other browsers"), "sentence": _("This one stays signed in.")}
    return show("auth/confirm.html", form, deed=_("Sign them out"), back=url_for("auth.account"), **words)
