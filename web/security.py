"""Headers, cookies and limits of every answer."""

from typing import Any

from flask import Flask, Response, abort, current_app, g, render_template, request
from werkzeug.exceptions import SecurityError

from web.i18n import speak, staff_language
from web.sessions import LOOPBACK

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
FIXED = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
TLS_AGAIN = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
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


def harden(response: Response) -> Response:
    """Put the headers on every answer; what is not a static file is never stored."""
    said = {name.lower() for name, _value in response.headers}
    wanted = FIXED | TLS_AGAIN if request.is_secure else FIXED
    response.headers.extend({name: value for name, value in wanted.items() if name.lower() not in said})
    if g.get("framed"):  # the policy says who may; this header could only say nobody
        del response.headers["X-Frame-Options"]
    return response


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
