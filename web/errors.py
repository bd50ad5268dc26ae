"""Every refusal has words, a status and a fragment form; a lost race is never a 500."""

from typing import Any

from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request, session, url_for
from flask_babel import lazy_gettext
from flask_login import AnonymousUserMixin, current_user
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from werkzeug.exceptions import HTTPException

from domain.database import db, refusal
from domain.encryption import CannotDecrypt
from domain.errors import DomainError
from domain.permissions import Permission
from domain.sites.queries import visible_to as sites_visible_to
from web.at_site import NoSite
from web.devices import KIOSK_COOKIE, OWN_COOKIE, carried, leaves_by_itself
from web.htmx import wants_fragment
from web.i18n import tell
from web.permissions import access_of, actor
from web.sessions import SignedIn
from web.tokens import Replayed
from web.transactions import read_only
from web.way_back import came_from

_ = lazy_gettext
TITLES = {
    400: _("This request could not be read"),
    403: _("You may not open this"),
    404: _("There is nothing here"),
    405: _("This page cannot do that"),
    409: _("Somebody else was faster"),
    413: _("This is too large"),
    422: _("This was not saved"),
    429: _("Too many tries"),
    500: _("Something went wrong"),
    503: _("Foyer is busy for a moment"),
}
SENTENCES = {
    400: _("Go back and try again."),
    403: _("Your role at this site does not include it. Ask your lead."),
    404: _("The address is wrong, or it is not yours to see."),
    405: _("Go back and use the buttons of the page."),
    409: _("Look again and repeat what you wanted to do."),
    413: _("Send less at once."),
    500: _("Nothing was saved. Try again; if it stays so, tell who looks after Foyer."),
    503: _("Nothing was saved. Try again in a moment."),
}
TRY_AGAIN_SECONDS = 20
VISITORS = ("/kiosk", "/own/", "/b/", "/i/")
SEALED = _("What is sealed here does not open")
SEALED_SENTENCE = _(
    "It was sealed with another secret key than the one that is set up. Nothing was saved. Tell who looks after Foyer."
)
KIOSK_SENTENCE = _("They will help you right away.")


REMEMBERED = frozenset({403, 429})
"""Refusals for lack of a right or after too many tries; whoever looks after Foyer reads them in the log."""


def show(status: int, sentence: str | None = None, *, title: str | None = None) -> Response:
    """The error as a page, or as a note where htmx asked; at a kiosk it sends to the reception."""
    if status in REMEMBERED:
        who = g.get("actor")
        told = (status, request.method, request.endpoint, who.kind if who else "stranger", who.id if who else None)
        current_app.logger.warning("Refused with %d: %s %s for %s %s", *told)
    read_only()
    visitor = _before_a_visitor()
    text = sentence or (KIOSK_SENTENCE if visitor else SENTENCES.get(status, SENTENCES[500]))
    context = {"status": status, "title": title or TITLES.get(status, TITLES[500]), "sentence": text}
    if wants_fragment():
        response = make_response(render_template("errors/_error.html", **context), status)
        response.headers["HX-Retarget"] = "#problem"
        response.headers["HX-Reswap"] = "outerHTML"
        return response
    if not visitor:
        return make_response(render_template("errors/error.html", **context), status)
    at_kiosk = carried(KIOSK_COOKIE) is not None
    context |= {"own": not at_kiosk, "paired": at_kiosk or carried(OWN_COOKIE) is not None}
    if not at_kiosk:
        return make_response(render_template("errors/kiosk.html", **context), status)
    first = url_for("kiosk.welcome")  # nobody need touch it once the trouble is over
    page = render_template("errors/kiosk.html", leave_url=first, leave_after=TRY_AGAIN_SECONDS, **context)
    return leaves_by_itself(make_response(page, status), TRY_AGAIN_SECONDS, first)


def _before_a_visitor() -> bool:
    """Whether this is read at a kiosk or on a visitor's phone: from there nothing leads to the staff's door."""
    if request.path.startswith(VISITORS):
        return True
    return carried(KIOSK_COOKIE) is not None and not isinstance(current_user._get_current_object(), SignedIn)


def _page_above() -> str | None:
    """Above an address that takes forms alone and was opened as a page (after a refusal it stands in the browser): the
    nearest page of the staff that the route table has, if there is one.
    """
    if request.method != "GET" or wants_fragment() or _before_a_visitor():
        return None
    adapter, path = current_app.create_url_adapter(request), request.path.rpartition("/")[0]
    while adapter and path:
        try:
            endpoint, _arguments = adapter.match(path, method="GET")
        except HTTPException:
            path = path.rpartition("/")[0]
            continue
        access = access_of(endpoint)
        return request.root_path + path if access and access.kind == "staff" else None
    return None


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    if error.code == 405 and (page := _page_above()):
        return redirect(page, 303)
    return show(error.code)


def _domain(error: DomainError) -> Response:
    read_only()
    return show(error.status, tell(error.sentence, error.values))


def _no_site(error: NoSite) -> Response:
    read_only()
    if wants_fragment():
        return show(error.status, tell(error.sentence, error.values))
    sites = bool(db.session.scalar(sites_visible_to(actor()).limit(1)))
    may_add = Permission.SITES_MANAGE in actor().here
    context = {"sites": sites, "may_add": may_add, "sentence": tell(error.sentence, error.values), "next": came_from()}
    return make_response(render_template("auth/no_site.html", **context), error.status)


def _integrity(error: IntegrityError) -> Response:
    read_only()
    known = refusal(error)
    if known:
        return show(known.status, tell(known.sentence, known.values))
    current_app.logger.warning("A constraint without words: %s", _named(error))
    return show(409)


def _named(error: DBAPIError) -> str:
    """What the database said, in one line and without the values of a row, which PostgreSQL repeats."""
    said = error.orig
    if code := getattr(said, "sqlstate", None):
        return f"{type(said).__name__} {code} {said.diag.constraint_name or ''}".rstrip()  # type: ignore[union-attr]
    return " ".join(str(said).split())


def _database(error: DBAPIError) -> Response:
    current_app.logger.error("The database refused: %s", _named(error))
    _ask_nothing_more()
    return show(503)


def _ask_nothing_more() -> None:
    """The page that says so must not ask the database who is reading it, nor where: what was read before is rolled
    back.
    """
    g.setdefault("_login_user", AnonymousUserMixin())
    for record in ("site", "device"):
        g.pop(record, None)


def _sealed(error: CannotDecrypt) -> Response:
    told = "What is sealed does not open: %s %s: %s. Bring the secret that sealed it; see flask --app app verify."
    current_app.logger.error(told, request.method, request.endpoint, error)
    _ask_nothing_more()
    return show(503) if _before_a_visitor() else show(503, str(SEALED_SENTENCE), title=str(SEALED))


def _unfit(error: DataError) -> Response:
    """A value that the database cannot hold, such as a NUL in an address: the request's fault, not the database's."""
    current_app.logger.warning("A value that the database cannot hold: %s", type(error.orig).__name__)
    return show(400)


def _replayed(error: Replayed) -> Any:
    read_only()
    location = error.location or request.path
    if wants_fragment():
        response = make_response("", 200)
        response.headers["HX-Redirect"] = location
        return response
    return redirect(location, 303)


def _unexpected(error: Exception) -> Response:
    current_app.logger.exception("Unexpected: %s %s", request.method, request.endpoint)
    session.modified = False
    return show(500)


def init_app(app: Flask) -> None:
    """Register the words for every kind of refusal."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(NoSite, _no_site)
    app.register_error_handler(IntegrityError, _integrity)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(DataError, _unfit)
    app.register_error_handler(CannotDecrypt, _sealed)
    app.register_error_handler(Replayed, _replayed)
    if not app.config["SETTINGS"].testing:
        app.register_error_handler(Exception, _unexpected)
