"""The cookies of the session: signed, one for staff and one for visitors, and where they must be Secure."""

import hashlib
import json
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from flask import Flask, Request, Response, current_app, g, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode
from werkzeug.exceptions import SecurityError

from domain import clock
from domain.canonical import canonical
from domain.codes import new_token
from web.answers import vary
from web.here import request_here

LOOPBACK = {"localhost", "127.0.0.1", "::1", "[::1]"}


class Plain(URLSafeTimedSerializer):
    """Writes the few words of a session as they are: to try whether they can be compressed takes 256 kB of memory, and
    what they hold is JSON without the types that Flask marks.
    """

    def dump_payload(self, obj: Any) -> bytes:
        """JSON, fit for a cookie."""
        return base64_encode(canonical(obj))

    @cache  # noqa: B019 -- there is one of these in an application
    def make_signer(self, salt: str | bytes | None = None) -> Any:
        """Who signs. Making one takes as long as a signature."""
        return super().make_signer(salt)


class Cookies(SecureCookieSessionInterface):
    """Two cookies that know nothing of each other: one for visitors under /kiosk, one for staff."""

    digest_method = staticmethod(hashlib.sha256)

    def __init__(self, app: Flask) -> None:
        """The signer is the same for every request: its keys are the settings'."""
        made: Any = super().get_signing_serializer(app)
        self._signer = Plain(made.secret_keys, made.salt, made.serializer, signer_kwargs=made.signer_kwargs)
        self._verified = lru_cache(maxsize=2048)(self._verify)

    def get_signing_serializer(self, app: Flask) -> Any:
        return self._signer

    def _verify(self, cookie: str) -> tuple[str, datetime]:
        """What was signed, as JSON, and when; raises BadSignature."""
        error = BadSignature("no key")
        for signer in self._signer.iter_unsigners():
            try:
                content, signed_at = signer.unsign(cookie, return_timestamp=True)
                return json.dumps(self._signer.load_payload(content)), signed_at
            except BadSignature as refused:
                error = refused
        raise error

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        """As Flask does, but a cookie's signature is looked at once: a browser sends the same one with every request,
        and that was a twentieth of a page. How old it is counts each time.
        """
        cookie = request.cookies.get(self.get_cookie_name(app))
        try:
            content, signed_at = self._verified(cookie or "")
            if timedelta() <= clock.now() - signed_at <= app.permanent_session_lifetime:
                return self.session_class(json.loads(content))
        except BadSignature:
            pass
        return self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """As Flask does, but a session that was only read is not written, and what is the same for every cookie stands
        here: to look it up took longer than to sign.
        """
        if session.accessed:
            vary(response, "Cookie")
        if not session.modified:
            return
        flags: Any = {
            "path": self.get_cookie_path(app),
            "secure": secure_cookies(app),
            "httponly": True,
            "samesite": "Lax",
        }
        name = self.get_cookie_name(app)
        if session:
            response.set_cookie(name, str(self._signer.dumps(dict(session))), **flags)
        else:
            response.delete_cookie(name, **flags)

    def _visitor(self) -> bool:
        path = request_here().path
        return path == "/kiosk" or path.startswith("/kiosk/")

    def get_cookie_name(self, app: Flask) -> str:
        if self._visitor():  # its path is narrower than __Host- allows
            return "__Secure-foyer_visitor" if secure_cookies(app) else "foyer_visitor"
        return cookie_name("foyer_staff")

    def get_cookie_path(self, app: Flask) -> str:
        return "/kiosk" if self._visitor() else "/"

    def get_cookie_secure(self, app: Flask) -> bool:
        return secure_cookies(app)


def secure_cookies(app: Flask) -> bool:
    """Cookies are Secure, but on loopback, or where plain http was switched on by name."""
    here = g._get_current_object()
    if "secure_cookies" not in here:
        here.secure_cookies = _must_be_secure(app)
    return bool(here.secure_cookies)


def _must_be_secure(app: Flask) -> bool:
    asked = request_here()
    if asked.is_secure:
        return True
    try:
        name = asked.host.rsplit(":", 1)[0]
    except SecurityError:  # a name that nobody named: security.refuse_unknown_hosts says so in words
        return True
    return not (app.config["SETTINGS"].allow_plain_http or name in LOOPBACK)


def cookie_name(name: str) -> str:
    """The name of a cookie here. Where cookies are Secure the browser makes sure that this host alone has set it."""
    return f"__Host-{name}" if secure_cookies(current_app) else name


def browser_id() -> str:
    """The random name of this browser's session; form tokens are bound to it."""
    if "sid" not in session:
        session["sid"] = new_token()
    return str(session["sid"])


def init_app(app: Flask) -> None:
    """Set up the two cookies."""
    app.session_interface = Cookies(app)
