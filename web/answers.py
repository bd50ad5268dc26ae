"""Answers as they leave: what every one carries is put on in one step, at the end.

Werkzeug reads, writes and copies headers one by one and with care, which for a dozen headers was a tenth of a poll.
"""

import re
from typing import Any

from flask import Flask, Response, g

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
PLAINLY = re.compile(r"/[\w/.~?=&-]*", re.ASCII)
"""An address of ours that goes into a header as it stands."""
TLS_AGAIN = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
Headers = list[tuple[str, str]]


def _of_all(fixed: dict[str, str]) -> tuple[dict[str, tuple[str, str]], list[tuple[str, str]]]:
    return {name.lower(): (name, value) for name, value in fixed.items()}, list(fixed.items())


PLAIN, SECURE = _of_all(FIXED), _of_all(FIXED | TLS_AGAIN)


class Answer(Response):
    """What a view answers. What is not a static file is never stored: `Cache-Control` says so unless the view does."""

    varies: tuple[str, ...] = ()

    def get_wsgi_headers(self, environ: dict[str, Any]) -> Any:
        """The headers; only an empty answer, one of unknown length, and a redirection to more than plain words have any
        to be put right.
        """
        status = self.status_code
        if (status == 200 or status >= 400 or self._leads_plainly()) and "Content-Length" in self.headers:
            return self.headers
        return super().get_wsgi_headers(environ)

    def get_wsgi_response(self, environ: dict[str, Any]) -> tuple[Any, str, Headers]:
        """Body, status and headers, those of every answer among them."""
        body, status, headers = super().get_wsgi_response(environ)
        fixed, pairs = SECURE if environ["wsgi.url_scheme"] == "https" else PLAIN
        said = {name.lower() for name, _value in headers}
        if self.varies:
            headers = self._with_vary(headers)
        if said.isdisjoint(fixed):
            return body, status, headers + pairs
        headers = headers + [pair for name, pair in fixed.items() if name not in said]
        if g.get("framed"):  # the policy says who may; this header could only say nobody
            headers = [pair for pair in headers if pair[0] != "X-Frame-Options"]
        return body, status, headers

    def _leads_plainly(self) -> bool:
        return self.status_code == 303 and PLAINLY.fullmatch(self.headers.get("Location", "")) is not None

    def _with_vary(self, headers: Headers) -> Headers:
        said = [word.strip() for name, value in headers if name == "Vary" for word in value.split(",")]
        words = ", ".join(dict.fromkeys([*said, *self.varies]))
        return [pair for pair in headers if pair[0] != "Vary"] + [("Vary", words)]


class Empty(Answer):
    """An answer without a body, and so without a type."""

    default_mimetype = None


class Unchanged(Empty):
    """The empty 304: it has no headers of a body, of which Werkzeug would clear it."""

    def __init__(self, tag: str) -> None:
        """`tag` names the version that the page has already."""
        super().__init__(status=304, headers=[("HX-PTag", tag)])

    def get_wsgi_headers(self, environ: dict[str, Any]) -> Any:
        """As they are."""
        return self.headers


def vary(response: Response, *names: str) -> None:
    """Say what else the answer depends on: headers of the request."""
    if isinstance(response, Answer):
        response.varies += names
    else:
        response.vary.update(names)


def _redirect(location: str, code: int = 302) -> Answer:
    """As Flask's, without the page of English words that Werkzeug writes for it and no browser shows."""
    return Empty(status=code, headers=[("Location", location), ("Content-Length", "0")])


def init_app(app: Flask) -> None:
    """Let every answer be one of these."""
    app.response_class = Answer
    app.redirect = _redirect  # type: ignore[method-assign]
