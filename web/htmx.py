"""Page or fragment: the only place that asks what htmx wants."""

from typing import Any

from flask import Response, g, make_response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as Wrapper

from web.answers import Unchanged, vary
from web.transactions import read_only


def wants_fragment() -> bool:
    """Whether htmx asked for a part of a page (not a boosted or restored whole one)."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") != "full"


def render(page: str, *, fragment: str | Markup | None = None, status: int = 200, **context: Any) -> Response:
    """Draw the page, or the fragment where htmx asked for one: by its template, or drawn already; the page knows that
    one as `fragment`.
    """
    if isinstance(fragment, Markup):
        body = fragment if wants_fragment() else render_template(page, fragment=fragment, **context)
    else:
        body = render_template(fragment if fragment and wants_fragment() else page, **context)
    response = make_response(body, status)
    if fragment:
        vary(response, "HX-Request", "HX-Request-Type")
    return response


def refuse(page: str, *, form: Any, fragment: str | None = None, **context: Any) -> Response:
    """Roll back, then draw the refused form in a fresh reading transaction: what was typed stays."""
    read_only()
    return render(page, fragment=fragment, status=form.status, form=form, **context)


def done(location: str, *, fragment: str | None = None, **context: Any) -> Response | Wrapper:
    """After a write: the changed region for htmx, 303 to the subject for a plain form."""
    g.subject_url = location
    if fragment and wants_fragment():
        return render(fragment, fragment=fragment, **context)
    return redirect(location, 303)


def unchanged(tag: str) -> Response | None:
    """The empty 304 when the page has this version of a live board already (hx-ptag)."""
    return Unchanged(tag) if request.headers.get("HX-PTag") == tag else None
