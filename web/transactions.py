"""One transaction a request. The view's mark decides its mode before anything touches the database."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Response, current_app, g, make_response

from domain import once
from domain.database import db
from domain.modes import glance, mode
from web.here import request_here

View = TypeVar("View", bound=Callable[..., Any])


def writes(view: View) -> View:
    """This view may write. What it wrote is committed here, once, when its answer is below 400."""

    @wraps(view)
    def committed(*args: Any, **kwargs: Any) -> Response:
        response = make_response(view(*args, **kwargs))
        if response.status_code < 400:
            here = g._get_current_object()
            if nonce := here.get("spent_nonce"):
                once.remember_answer(nonce, response.headers.get("Location", "") or here.get("subject_url", ""))
            elif (begun := here.get("spending")) and begun.counts:
                begun.give_back()
            db.session.commit()
        else:
            read_only()
        return response

    committed.writes = True  # type: ignore[attr-defined]
    return committed  # type: ignore[return-value]


def takes(most: int) -> Callable[[View], View]:
    """This view takes a body of so many bytes: a photo, a table. Every other one takes what is usual for a form."""

    def mark(view: View) -> View:
        view.takes = most  # type: ignore[attr-defined]
        return view

    return mark


def read_only() -> None:
    """Give up what was written, the form's token too, and go on in a fresh reading transaction."""
    g.pop("spent_nonce", None)
    db.session.rollback()
    mode.set("read")


def open_transaction() -> None:
    """Before the request: read the whole body, then set the mode."""
    asked = request_here()
    view = current_app.view_functions.get(asked.endpoint or "")
    g.polling = polling = hasattr(view, "poll")
    if most := getattr(view, "takes", None):
        asked.max_content_length = most
    wants_to_write = asked.method not in ("GET", "HEAD", "OPTIONS") and getattr(view, "writes", False)
    if wants_to_write:
        asked.form  # noqa: B018 -- parsed here, before the write lock is taken
    mode.set("write" if wants_to_write else "read")
    glance.set(polling and "HX-PTag" in asked.headers)  # mostly nothing happened, and one look tells


def close_transaction(_error: BaseException | None = None) -> None:
    """After the request: nothing stays open."""
    mode.set("read")
    glance.set(False)
