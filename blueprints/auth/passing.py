"""What all pages of the way in share: where somebody wants to go, who is in this browser, which language it speaks."""

from typing import Any

from flask import g, request, session, url_for
from flask_login import current_user

from blueprints.auth import blueprint
from domain import clock
from domain.database import db
from domain.people.models import Person
from web import held
from web.attempts import before_writing
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse, render
from web.i18n import STAFF_LANGUAGES, html_lang, speak
from web.i18n import language as spoken
from web.navigation import first_page
from web.proof import prove_again
from web.sessions import SignedIn
from web.way_back import local_path


def wanted() -> str | None:
    """The page that was asked for before this one."""
    return local_path(request.args.get("next"))


def onward() -> str:
    """Where it goes on from here."""
    return wanted() or first_page()


def in_browser() -> SignedIn | None:
    """Who is signed in here, gates passed or not."""
    user = current_user._get_current_object()
    return user if isinstance(user, SignedIn) else None


def me() -> SignedIn:
    """Who is signed in, on pages for staff alone."""
    user = in_browser()
    if user is None:
        raise LookupError("this page is for staff alone")
    return user


def myself() -> Person:
    """The own account."""
    return db.session.get_one(Person, me().person_id)


def proved(form: Any) -> bool:
    """Whether the form is right and holds the own password (`form.password`); what is wrong is said on it. Slow, so it
    is checked before the write begins.
    """
    with before_writing():
        if form.validate():
            with refusals(form):
                prove_again(form.password.data, now=clock.now())
    return bool(form.status < 400)


def go_on(location: str | None = None) -> Any:
    """Go where it goes on; a form that was held on the way is put back to where it was sent, by the browser itself."""
    location = location or onward()
    if carried := held_on_the_way():
        g.subject_url = location
        return render("auth/go_on.html", next=location, **carried)
    return done(location)


def held_on_the_way() -> dict[str, Any] | None:
    """The form that came along, as a page sends it back to where it belongs; None where there is none."""
    carried = held.opened(sealed) if (sealed := held.taken()) else None
    return carried and {"to": carried["to"], "endpoint": carried["endpoint"], "held": sealed}


def show(template: str, form: FoyerForm, **context: Any) -> Any:
    """Draw a page of the way in, as it is asked for or as it was refused."""
    context = {"next": wanted(), "languages": languages(), "held": held.taken(), **context}
    return refuse(template, form=form, **context) if form.status >= 400 else render(template, form=form, **context)


def languages() -> list[dict[str, str]]:
    """The other language: a link for a stranger; without `url` a button that changes the account of who is known, so a
    lock shows none.
    """
    user = in_browser()
    if user and user.gate == "auth.unlock":
        return []
    endpoint, values = request.endpoint or "auth.sign_in", {"next": wanted(), **(request.view_args or {})}
    return [
        {
            "tag": html_lang(name),
            "name": word,
            "value": name,
            "url": "" if user else url_for(endpoint, language=name, **values),
        }
        for name, word in STAFF_LANGUAGES.items()
        if name != spoken()
    ]


blueprint.before_request(held.take)


@blueprint.before_request
def choose_language() -> None:
    """A stranger chooses by a link; what the staff's pages do not speak becomes what is nearest."""
    if in_browser():
        return
    if (chosen := request.args.get("language")) in STAFF_LANGUAGES:
        session["language"] = chosen
        speak(str(chosen))
    elif spoken() not in STAFF_LANGUAGES:
        speak("zh_Hans" if spoken() == "zh_Hant" else "en")
