"""Who may call a view: every view carries one mark, and a guard refuses what carries none."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from flask import Flask, abort, current_app, g, request

from domain.identity import Actor
from domain.permissions import Permission
from web import held
from web.here import app_here
from web.sessions import signed_in
from web.way_back import detour

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """The mark of a view: anybody, a paired kiosk or a visitor's phone, the display at a room's door, or staff with a
    permission.
    """

    kind: Literal["public", "kiosk", "door", "staff"]
    permission: Permission | None = None


def public(view: View) -> View:
    """Anybody may call this view."""
    view.access = Access("public")  # type: ignore[attr-defined]
    return view


def kiosk(view: View) -> View:
    """A paired kiosk, or a visitor's own phone that scanned its code, may call this view; `g.device` is which."""
    view.access = Access("kiosk")  # type: ignore[attr-defined]
    return view


def door(view: View) -> View:
    """The paired display at the door of a meeting room may call this view; `g.device.kiosk.room_id` is which room."""
    view.access = Access("door")  # type: ignore[attr-defined]
    return view


def allow(permission: Permission) -> Callable[[View], View]:
    """Signed-in staff with this permission at the site where they work now may call this view."""

    def mark(view: View) -> View:
        view.access = Access("staff", permission)  # type: ignore[attr-defined]
        return view

    return mark


def poll(view: View) -> View:
    """A view that a page asks by itself: no activity for the idle time-out."""
    view.poll = True  # type: ignore[attr-defined]
    return view


def actor() -> Actor:
    """Who makes this request."""
    asking: Actor = g._get_current_object().actor
    return asking


def access_of(endpoint: str) -> Access | None:
    """The mark of an endpoint."""
    return getattr(app_here().view_functions.get(endpoint), "access", None)


def refuse_unmarked(app: Flask) -> None:
    """Raise at start-up when a route has no mark."""
    unmarked = sorted(name for name, view in app.view_functions.items() if not hasattr(view, "access"))
    if unmarked:
        raise RuntimeError(f"Mark these views with @allow(…), @kiosk or @public: {', '.join(unmarked)}")


def guard() -> Any:
    """Refuse before the view is called: 404 for unknown addresses, sign-in for strangers, 403 for the wrong role."""
    endpoint = request.endpoint
    if endpoint is None:
        return None
    access = access_of(endpoint)
    if access is None:
        abort(403)
    if access.kind == "public":
        return None
    if access.kind in ("kiosk", "door"):
        return current_app.extensions[f"foyer.{access.kind}_guard"]()
    user = signed_in()
    if user is None:
        return detour("auth.sign_in")
    g.actor = user.actor
    if user.gate and endpoint not in user.gate_open_for:
        return detour(user.gate)
    if access.permission is not Permission.SIGNED_IN and access.permission not in user.actor.here:
        if user.actor.must_choose_site:
            return detour("auth.site")
        abort(403)
    held.put_back()
    return None
