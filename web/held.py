"""A form that was sent while the screen was locked or nobody was signed in any more, or that stood half filled in when
somebody locked the screen: nothing is saved, and nothing that was typed is lost.

The browser sends it on to the page that must be passed first (307 keeps what was posted). There it is sealed and
carried along as one hidden field, so that a locked screen shows nothing of it and the house keeps nothing of it. Once
the way is free the browser sends it where it belongs, and it stands there as a refused form does, to be looked at and
sent again: before the same person alone, where somebody was signed in when it was sealed.

Files are not carried along. A form with one is sealed where it was sent, because the page on the way takes no body of
its size, and where it stands again each file that was chosen is asked for anew.
"""

import base64
import json
from typing import Any

from flask import current_app, g, request
from flask_login import current_user
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException

from domain import clock
from domain.encryption import CannotDecrypt, keyring
from domain.text import N_
from web.here import request_here

FIELD = "held"
AT_ONCE = "now"
"""What a page says that sends its form because its region was sent away: static/js/held.js."""
PURPOSE = "forms that are held"
LASTS = 12 * 3600
FORM, WITH_FILES = "application/x-www-form-urlencoded", "multipart/form-data"
FILES = "held_files"
"""The fields whose file a page did not take along to the lock: static/js/held.js."""
NEVER = ("form_token", "password", "code", FIELD)
"""Fields that begin so are secrets, or worth nothing later."""
NOT_SAVED = N_(
    "Nothing was saved yet: the screen was locked, or nobody was signed in, when this was sent. "
    "Check it and send it again."
)
CHOOSE_AGAIN = N_("The file could not be kept: choose it again.")


def holdable() -> bool:
    """Whether what was posted is a form of the staff that a person filled in."""
    return (
        request.method == "POST"
        and request.mimetype in (FORM, WITH_FILES)
        and "X-Outbox" not in request.headers  # ticks wait in the browser by themselves
        and bool(request.form)
    )


def has_files() -> bool:
    """Whether what was posted is a form that may have files: the browser is not to send it on as it is."""
    return request.mimetype == WITH_FILES


def taken() -> str:
    """What was sent on to this page, sealed; or what this page carries already; "" for nothing."""
    if "held" in g:
        return str(g.held)
    return request.form.get(FIELD, "")


def take() -> None:
    """On a page of the way in: keep the form of another page that the browser sent on to it. It is asked for as if by a
    link, because none of what was posted is meant for it.
    """
    to = request.args.get(FIELD, "")
    if request.method != "POST" or not to:
        return
    carried = request.form.get(FIELD, "")
    g.held = carried if carried not in ("", AT_ONCE) else sealed(to)
    request.method = "GET"


def sealed(to: str) -> str:
    """What was posted, sealed on its way back to that address; "" where no form of the staff is taken there."""
    endpoint = _posted_by_staff(to)
    if endpoint is None:
        return ""
    fields = [(name, value) for name, value in request.form.items(multi=True) if not name.startswith(NEVER)]
    said = {"to": to, "endpoint": endpoint, "fields": fields, "files": _files(), "by": _who()}
    whole = json.dumps(said | {"at": clock.now().timestamp()})
    return base64.urlsafe_b64encode(keyring().seal(whole, PURPOSE)).decode()


def _files() -> list[str]:
    """The fields in which a file was chosen."""
    return [name for name, file in request.files.items() if file.filename] + request.form.getlist(FILES)


def _posted_by_staff(address: str) -> str | None:
    """The endpoint of the staff that takes a form sent there."""
    adapter = current_app.create_url_adapter(request)
    try:
        endpoint, _values = adapter.match(address.partition("?")[0], method="POST")  # type: ignore[union-attr]
    except HTTPException:
        return None
    view = current_app.view_functions[str(endpoint)]
    is_staff = getattr(getattr(view, "access", None), "kind", None) == "staff"
    return str(endpoint) if is_staff and not hasattr(view, "passage") else None


def _who() -> int | None:
    """Whose browser this is now, locked or not."""
    return getattr(current_user, "person_id", None)


def opened(text: str) -> dict[str, Any] | None:
    """Where a held form goes and what it holds: `to`, `endpoint`, `fields`, `files`; None for one changed, too old, or
    somebody else's.
    """
    try:
        said: dict[str, Any] = json.loads(keyring().open(base64.urlsafe_b64decode(text.encode()), PURPOSE))
    except (CannotDecrypt, ValueError):
        return None
    is_theirs = said.get("by") in (None, _who())
    return said if is_theirs and 0 <= clock.now().timestamp() - said["at"] <= LASTS else None


def put_back() -> None:
    """Where a held form arrives in the end: what was typed stands there again, and is not saved."""
    asked = request_here()
    if asked.method != "POST" or asked.mimetype not in (FORM, WITH_FILES):
        return
    if hasattr(current_app.view_functions.get(asked.endpoint or ""), "passage"):
        return  # it is carried through here
    if FIELD not in asked.form or not (carried := asked.form[FIELD]):
        return
    g.not_saved_yet, g.choose_again = True, _files()
    said = opened(carried) if carried != AT_ONCE else None
    if said and said["to"].partition("?")[0] == asked.path:
        asked.form = ImmutableMultiDict([(name, value) for name, value in said["fields"]])
        g.choose_again = said.get("files", [])
