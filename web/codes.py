"""QR codes as one path of an inline SVG, and the addresses in them."""

import io
from functools import lru_cache

import segno
from flask import current_app, request
from markupsafe import Markup

QUIET = 3


@lru_cache(maxsize=256)
def qr_svg(content: str) -> Markup:
    """The code of that content: black modules on nothing, with its quiet zone."""
    code = segno.make(content, error="m", micro=False)
    path = []
    for y, row in enumerate(code.matrix):
        run = 0
        for x, dark in enumerate([*row, 0]):
            if dark:
                run += 1
            elif run:
                path.append(f"M{x - run} {y}.5h{run}")
                run = 0
    size = len(code.matrix) + 2 * QUIET
    return Markup(
        '<svg aria-hidden="true" viewBox="{0} {0} {1} {1}"><path fill="#fff" d="M{0} {0}h{1}v{1}h-{1}z"/>'
        '<path stroke="#000" d="{2}"/></svg>'
    ).format(-QUIET, size, "".join(path))


def qr_png(content: str) -> bytes:
    """The code as a picture for a mail, which draws no SVG."""
    written = io.BytesIO()
    segno.make(content, error="m", micro=False).save(written, kind="png", scale=7, border=4)
    return written.getvalue()


def public_url(path: str) -> str:
    """The address of a path as a phone outside can reach it."""
    base: str = current_app.config["SETTINGS"].public_url or request.host_url
    return base.rstrip("/") + path
