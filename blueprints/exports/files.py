"""One export: how far it is, its file, and calling it off. Each is seen by the one who asked, and by nobody else.

A small file goes to the server in one piece: so it is sent while the thread already answers the next request. A large
one is read from the disk in pieces, so that memory does not grow with it; that holds one of the few threads for as long
as the reader takes (seen with granian: slow readers stopped the others), so each process sends one of them at a time.
"""

import gzip
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from flask import Response, g, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import RequestedRangeNotSatisfiable

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
from web.sessions import arrive_at_site
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
AT_ONCE = 2_000_000
"""A file of more bytes is sent in pieces."""
PIECE = 1 << 18
_LARGE = threading.Semaphore(1)
SOON = 10


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
    arrive_at_site()
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
    packed = export.format == "csv"
    unpack = packed and "gzip" not in request.headers.get("Accept-Encoding", "")
    response = _unpacked(path) if unpack else _as_it_lies(path)
    if response is None:
        busy = errors.show(503, _("Another large file is being fetched just now. Try again in a moment."))
        busy.headers["Retry-After"] = str(SOON)
        return busy
    response.mimetype = TYPES[export.format]
    if packed:
        response.vary.add("Accept-Encoding")
        if not unpack:
            response.headers["Content-Encoding"] = "gzip"
    day: datetime = clock.local(export.asked_at, g.site.zone) if g.get("site") else export.asked_at
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"{export.register}-{day:%Y%m%d-%H%M}.{export.format}"
    )
    return response


def _as_it_lies(path: Path) -> Response | None:
    """The bytes of the file, or the part of them that is asked for; None while another large one is sent."""
    size = path.stat().st_size
    response = Response(path.read_bytes()) if size <= AT_ONCE else _in_pieces(path.open("rb"))
    if response is not None:
        response.content_length = size
        response.set_etag(path.name)  # a file is written once under its random name
        try:
            response.make_conditional(request, accept_ranges=True, complete_length=size)
        except RequestedRangeNotSatisfiable:
            response.close()  # lets go of the file and of the turn
            return Response(status=416, headers={"Content-Range": f"bytes */{size}"})
    return response


def _unpacked(path: Path) -> Response | None:
    """What the file holds, for a reader that takes nothing compressed; its length is not known before."""
    file: Any = gzip.open(path, "rb")  # noqa: SIM115 -- closed with the answer
    if path.stat().st_size > AT_ONCE:
        return _in_pieces(file)
    with closing(file):
        return Response(file.read())


def _in_pieces(file: IO[bytes]) -> Response | None:
    if not _LARGE.acquire(blocking=False):
        file.close()
        return None
    response = Response(_pieces(file))
    response.call_on_close(file.close)
    response.call_on_close(_LARGE.release)
    return response


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


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
