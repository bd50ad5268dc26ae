"""The door of the demo: a link that makes a browser one of its paired kiosks.

It exists only where FOYER_DEMO is set, and opens only in a database that the demo itself has made.
"""

from typing import Any

from flask import Blueprint, Flask, abort, redirect, url_for

from demo.links import find_kiosk, kiosk_token
from demo.mark import is_demo
from web.devices import remember_kiosk
from web.permissions import public

blueprint = Blueprint("demo", __name__, url_prefix="/demo")


@blueprint.get("/kiosk/<ref>/<key>")
@public
def kiosk(ref: str, key: str) -> Any:
    """Open the kiosk of that link in this browser."""
    if not is_demo():
        abort(404)
    found = find_kiosk(ref, key) or abort(404)
    response = redirect(url_for("meetings.own_door" if found.room_id else "kiosk.welcome"), 303)
    remember_kiosk(response, kiosk_token(found))  # type: ignore[arg-type]
    return response


def init_app(app: Flask) -> None:
    """Add the door."""
    app.register_blueprint(blueprint)
