"""Who is answered at all, cookies and limits; the headers of every answer stand in web/answers.py."""

from typing import Any

from flask import Flask, Request, abort, current_app, render_template
from werkzeug.exceptions import SecurityError
from werkzeug.sansio.http import parse_cookie
from werkzeug.utils import cached_property

from web.cookies import LOOPBACK
from web.here import request_here
from web.i18n import speak, staff_language

BODY_LIMIT = 1_000_000


def refuse_unknown_hosts() -> Any:
    """Only host names of the settings are answered; no address can be built for another one, so nothing is linked."""
    asked = request_here()
    try:
        asked.host  # noqa: B018 -- asking is what checks it
    except SecurityError:
        asked.trusted_hosts = None  # refused here; what follows may ask for the name again
        speak(staff_language())
        return render_template("errors/unknown_host.html"), 400
    return None


def refuse_plain_http() -> Any:
    """Beyond loopback Foyer speaks TLS only, unless plain http was switched on by name."""
    asked = request_here()
    if asked.is_secure or asked.host.rsplit(":", 1)[0] in LOOPBACK or current_app.config["SETTINGS"].allow_plain_http:
        return None
    speak(staff_language())
    return render_template("errors/plain_http.html"), 403


def refuse_foreign_forms() -> Any:
    """A form sent from another site is refused before anything else looks at it."""
    asked = request_here()
    if asked.method in ("GET", "HEAD", "OPTIONS"):
        return None
    if asked.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)
    return None


class Limited(Request):
    """A request with the limits of all but a few views. Flask looks them up in the settings each time, of which a form
    sent costs ten.
    """

    max_content_length = BODY_LIMIT
    max_form_memory_size = BODY_LIMIT
    max_form_parts = 400

    @cached_property
    def cookies(self) -> Any:
        """As the server gives them, in one piece: Werkzeug looks through all headers for more."""
        return parse_cookie(self.environ.get("HTTP_COOKIE", ""), cls=self.dict_storage_class)


def init_app(app: Flask) -> None:
    """Set limits, and who is answered."""
    settings = app.config["SETTINGS"]
    app.request_class = Limited
    app.config["TRUSTED_HOSTS"] = None if settings.testing else settings.trusted_hosts
