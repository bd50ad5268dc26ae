"""Where photos lie, and how one is sent to somebody who may see it."""

from pathlib import Path

from flask import Response, abort, current_app, make_response

from domain import photos


def photo_folder() -> Path:
    """The folder of sealed photos."""
    return Path(current_app.config["SETTINGS"].data_dir) / "photos"


def send_photo(name: str | None) -> Response:
    """The picture, never stored by the browser; 404 when there is none."""
    jpeg = photos.read(photo_folder(), name) if name else None
    if jpeg is None:
        abort(404)
    response = make_response(jpeg)
    response.mimetype = "image/jpeg"
    return response
