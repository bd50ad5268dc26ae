"""What happens around every request, in this order."""

from contextlib import suppress

from flask import Flask, Response, g, request
from sqlalchemy.exc import DBAPIError

from domain import clock
from web import compression, devices, permissions, security, sessions, tokens, transactions
from web.here import request_here


def _site() -> None:
    """The site at which signed-in staff work, for the page around everything."""
    here = g._get_current_object()
    user = sessions.signed_in() if "actor" in here and here.actor.kind == "staff" else None
    if user is not None and user.site is not None:
        here.site = user.site


def _spend_on_the_way() -> None:
    """What anybody may call checks a password first, and nothing else waits meanwhile."""
    access = permissions.access_of(request.endpoint or "")
    if access and access.kind != "public":
        tokens.begin_spending()


def _close(error: BaseException | None) -> None:
    transactions.close_transaction(error)
    request.close()  # uploaded files that were too large for the memory


def _after(response: Response) -> Response:
    asked = request_here()
    if asked.endpoint and not asked.path.startswith("/static/"):
        with suppress(DBAPIError):  # when somebody was last seen is not worth a failed answer
            sessions.note_seen()
            devices.note_kiosk_seen()
    return compression.compress(response)


def init_app(app: Flask) -> None:
    """Register the order: transport, transaction, guard, site; then commit at the edge, headers, and close."""
    app.ensure_sync = lambda func: func  # type: ignore[method-assign]  # nothing here is async, and Flask asks each time
    app.jinja_env.globals.update(form_token=tokens.form_token, now=clock.now)
    app.before_request(security.refuse_unknown_hosts)
    app.before_request(security.refuse_plain_http)
    app.before_request(security.refuse_foreign_forms)
    app.before_request(transactions.open_transaction)
    app.before_request(_spend_on_the_way)
    app.before_request(permissions.guard)
    app.before_request(_site)
    app.after_request(_after)
    app.teardown_request(_close)
