"""Where somebody is sent who must sign in, unlock or prove something first, and how they come back."""

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, g, make_response, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from web import held
from web.htmx import render, wants_fragment

LONGEST = 2000


def local_path(address: str | None) -> str | None:
    """The address when it is a page of the staff in this house, else None: nothing leads out, and nothing loops."""
    if not address or len(address) > LONGEST or not address.startswith("/") or not address.isprintable():
        return None
    if address.startswith("//") or "\\" in address:
        return None
    parts = urlsplit(address)
    adapter = current_app.create_url_adapter(request)
    if parts.scheme or parts.netloc or adapter is None:
        return None
    try:
        endpoint, _values = adapter.match(parts.path, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    view = current_app.view_functions[str(endpoint)]
    is_staff = getattr(getattr(view, "access", None), "kind", None) == "staff"
    return address if is_staff and not hasattr(view, "passage") else None


def came_from() -> str | None:
    """The page that stands in the browser: what was asked for, or where the form or the region stands."""
    if wants_fragment():
        return _same_house(request.headers.get("HX-Current-URL"))
    if request.method == "GET":
        return local_path(request.full_path.rstrip("?"))
    return _same_house(request.referrer)


def _same_house(address: str | None) -> str | None:
    parts = urlsplit(address or "")
    if parts.netloc and parts.netloc != request.host:
        return None
    return local_path(parts.path + (f"?{parts.query}" if parts.query else ""))


def stands_at() -> str | None:
    """Under which address a page stands in the history that answers a form: its own where that can be asked for, else
    the page from which the form came, or the form's subject. Going back there, the browser would otherwise ask whether
    the form is to be sent again (static/js/address.js). None for a page that answers no form, and where there is none.
    """
    if request.method != "POST":
        return None
    adapter = current_app.create_url_adapter(request)
    try:
        adapter.match(request.path, method="GET")  # type: ignore[union-attr]
    except (HTTPException, RequestRedirect):
        return came_from() or g.get("subject_url")
    return request.full_path.rstrip("?")


def detour(endpoint: str) -> Any:
    """Send the browser to that page first, and remember where it wanted to go; from a region the whole page goes. A
    form that was sent goes along and comes back (web/held.py).
    """
    location = url_for(endpoint, next=came_from())
    if wants_fragment():
        response = make_response("", 200)
        response.headers["HX-Redirect"] = location
        return response
    if held.holdable():
        to = request.full_path.rstrip("?")
        on = url_for(endpoint, next=came_from(), held=to)
        if not held.has_files():
            return redirect(on, 307)
        if sealed := held.sealed(to):
            return render("auth/go_on.html", to=on, endpoint=endpoint, held=sealed, next=location)
    return redirect(location, 303)


def passage(view: Any) -> Any:
    """A page that one passes on the way to another: never somewhere to come back to."""
    view.passage = True
    return view
