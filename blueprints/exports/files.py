"""One export: how far it is, its file, and calling it off. Each is seen by the one who asked, and by nobody else.

The file goes to the server in one piece: so it is sent while the thread already answers the next request. A stream
would hold one of the few threads for as long as the reader takes (seen with granian: a slow reader stopped the others).
"""

import gzip
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import g, make_response, request, url_for

from blueprints.exports import blueprint
from domain import clock, registers
from domain.errors import NotFound
from domain.exports import asking
from domain.exports.models import Export, ExportState
from domain.permissions import Permission
from domain.registers import State
from domain.text import N_
from web import errors
from web.forms import FoyerForm
from web.htmx import done, render
from web.permissions import actor, allow, poll
from web.registers import is_office
from web.spreadsheets import export_folder
from web.transactions import writes

STATES = {
    ExportState.WAITING: State(N_("Waiting"), "wait", "wait"),
    ExportState.RUNNING: State(N_("Being made"), "play", "accent"),
    ExportState.DONE: State(N_("Ready"), "check", "ok"),
    ExportState.FAILED: State(N_("Could not be made"), "warn", "late"),
    ExportState.CANCELLED: State(N_("Called off"), "x", "idle"),
    ExportState.REMOVED: State(N_("Removed"), "hide", "idle"),
}
TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
LOOK_AGAIN = 3


def _context(export: Export) -> dict[str, Any]:
    register = registers.get(export.register)
    return {
        "export": export,
        "register": register,
        "state": STATES[ExportState(export.state)],
        "office": is_office(actor()),
    }


@blueprint.get("/<ref>")
@allow(Permission.EXPORTS_MAKE)
@poll
def show(ref: str) -> Any:
    """How far it is; asks again by itself until it is finished."""
    export = asking.one(ref, actor=actor())
    response = render("exports/export.html", fragment="exports/_export.html", **_context(export))
    if export.is_unfinished:
        response.headers["Refresh"] = str(LOOK_AGAIN)
    return response


@blueprint.get("/<ref>/file")
@allow(Permission.EXPORTS_MAKE)
def send(ref: str) -> Any:
    """The file, while it is there."""
    export = asking.one(ref, actor=actor())
    path = export_folder() / Path(export.file_name).name
    if export.state != ExportState.DONE or not path.is_file():
        raise NotFound(N_("This file is not there any more. Ask for the export again."))
    return _answer(path.read_bytes(), export)


def _answer(content: bytes, export: Export) -> Any:
    packed = export.format == "csv"
    if packed and "gzip" not in request.headers.get("Accept-Encoding", ""):
        content, packed = gzip.decompress(content), False
    response = make_response(content)
    response.mimetype = TYPES[export.format]
    if packed:
        response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
    day: datetime = clock.local(export.asked_at, g.site.zone) if g.get("site") else export.asked_at
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"{export.register}-{day:%Y%m%d-%H%M}.{export.format}"
    )
    return response


@blueprint.post("/<ref>/cancellation")
@allow(Permission.EXPORTS_MAKE)
@writes
def call_off(ref: str) -> Any:
    """Call it off while it is under way; nothing of it stays."""
    export, form = asking.one(ref, actor=actor()), FoyerForm()
    if form.validate():
        asking.call_off(export, actor=actor(), now=clock.now())
        return done(url_for("exports.show", ref=ref))
    return errors.show(form.status, form.problems[0])
