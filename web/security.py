"""Who is answered at all, cookies and limits; the headers of every answer stand in web/answers.py."""

from typing import Any

from flask import Flask, abort, current_app, render_template, request
from werkzeug.exceptions import SecurityError

from web.cookies import LOOPBACK
from web.i18n import speak, staff_language

BODY_LIMIT = 1_000_000


def refuse_unknown_hosts() -> Any:
    """Only host names of the settings are answered; no address can be built for another one, so nothing is linked."""
    try:
        request.host  # noqa: B018 -- asking is what checks it
    except SecurityError:
        request.trusted_hosts = None  # refused here; what follows may ask for the name again
        speak(staff_language())
        return render_template("errors/unknown_host.html"), 400
    return None


def refuse_plain_http() -> Any:
    """Beyond loopback Foyer speaks TLS only, unless plain http was switched on by name."""
    settings = current_app.config["SETTINGS"]
    if request.is_secure or settings.allow_plain_http or request.host.rsplit(":", 1)[0] in LOOPBACK:
        return None
    speak(staff_language())
    return render_template("errors/plain_http.html"), 403


def refuse_foreign_forms() -> Any:
    """A form sent from another site is refused before anything else looks at it."""
    if request.method not in ("GET", "HEAD", "OPTIONS") and request.headers.get(
        "Sec-Fetch-Site", "same-origin"
    ) not in (
        "same-origin",
        "none",
    ):
        abort(403)
    return None


def init_app(app: Flask) -> None:
    """Set limits and cookie flags."""
    settings = app.config["SETTINGS"]
    app.config.update(
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        MAX_FORM_MEMORY_SIZE=BODY_LIMIT,
        MAX_FORM_PARTS=400,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        TRUSTED_HOSTS=None if settings.testing else settings.trusted_hosts,
    )
