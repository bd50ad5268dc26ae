"""The files that every page shares: one stylesheet and one script per audience, built once when the app starts.

A name carries the hash of its content, so an answer may be kept for a year and a new version is a new address.
"""

import gzip
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask, abort, current_app, make_response, request
from werkzeug.wrappers import Response

from web.permissions import public

LAYERS_FIRST = ("layers", "reset", "tokens", "base", "parts", "wall")
PAPER_LAST = ("print", "label")


def _css(*own: str) -> tuple[str, ...]:
    return tuple(f"css/{part}.css" for part in (*LAYERS_FIRST, *own, *PAPER_LAST))


def _js(*behaviours: str) -> tuple[str, ...]:
    return ("vendor/htmx.min.js", "vendor/hx-ptag.min.js", *(f"js/{name}.js" for name in behaviours))


BUNDLES: dict[str, tuple[str, ...]] = {
    "kiosk.css": _css("kiosk"),
    "staff.css": _css("desk", "other", "review", "keytags"),
    "kiosk.js": _js(*("address", "onward", "idle", "once", "away", "focus", "clock", "scan", "keys", "print", "photo")),
    "staff.js": _js(
        *("address", "once", "away", "focus", "steady", "held", "clock", "scan", "print", "copy", "sign", "reading"),
        *("finds", "outbox", "kept"),
    ),
    "offline.js": ("js/offline.js",),
    "icons.svg": ("icons.svg",),
    "favicon.svg": ("favicon.svg",),
}
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
}
BRAND = re.compile(r"brand-(?P<colour>[0-9a-f]{6})(?:-(?P<width>[1-9][0-9]{1,3}))?\.css")

blueprint = Blueprint("assets", __name__)


@dataclass(frozen=True)
class Asset:
    """One file as it is sent: its name with the hash, its type, its bytes plain and compressed."""

    name: str
    type: str
    body: bytes
    gzipped: bytes

    @classmethod
    def of(cls, name: str, body: bytes) -> "Asset":
        """Make the asset of a name that is final already."""
        return cls(name, TYPES[Path(name).suffix], body, gzip.compress(body, 9, mtime=0))


class Assets:
    """All shared files, found by the plain name for a page and by the hashed one for an answer."""

    def __init__(self, root: Path) -> None:
        """Read and build everything below `root`; a missing file is an error at start, never at a visitor."""
        self._by_plain = {plain: self._build(root, plain, parts) for plain, parts in BUNDLES.items()}
        self._by_hashed = {asset.name: asset for asset in self._by_plain.values()}

    @staticmethod
    def _build(root: Path, plain: str, parts: tuple[str, ...]) -> Asset:
        text = "\n".join((root / part).read_text("utf-8") for part in parts)
        stem, suffix = plain.rsplit(".", 1)
        body = LEAN.get(suffix, str)(text).encode()
        return Asset.of(f"{stem}.{hashlib.sha256(body).hexdigest()[:12]}.{suffix}", body)

    def url(self, plain: str) -> str:
        """Give the address of `kiosk.css` and the like; an unknown name is a KeyError at once."""
        return f"/static/{self._by_plain[plain].name}"

    def text(self, plain: str) -> str:
        """Give the content of one of them, for who needs to read it on the server."""
        return self._by_plain[plain].body.decode()

    def find(self, name: str) -> Asset | None:
        """Give the asset of a hashed name, a site's brand sheet, or nothing (an old hash)."""
        return self._by_hashed.get(name) or brand_asset(name)


def lean_css(text: str) -> str:
    """Leave out comments and needless blanks; strings and whatever has a meaning stay as they are."""

    def pieces() -> Iterator[str]:
        for piece in re.split(r"""("[^"]*"|'[^']*'|/\*.*?\*/)""", text, flags=re.DOTALL):
            if piece.startswith("/*"):
                continue
            if piece[:1] in {'"', "'"}:
                yield piece
            else:
                yield re.sub(r"\s*([{}])\s*", r"\1", re.sub(r";\s+", ";", re.sub(r"\s+", " ", piece)))

    return "".join(pieces()).strip()


def lean_js(text: str) -> str:
    """Leave out indents, and lines that are a comment and nothing else; no text of ours goes over several lines."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


LEAN: dict[str, Callable[[str], str]] = {"css": lean_css, "js": lean_js}


def brand_css(colour: str, width_mm: int = 0) -> str:
    """Give the address of a site's colour (`#1b5566`) as a stylesheet of its own.

    With the width of a paired kiosk's screen in millimetres it also keeps what is touched at 20 mm, never under 64 px.
    A colour that is none is a ValueError.
    """
    name = f"brand-{colour.lower().removeprefix('#')}{f'-{width_mm}' if width_mm else ''}.css"
    if not BRAND.fullmatch(name):
        raise ValueError(f"{colour!r} with {width_mm!r} mm is no brand: give # and six hexadecimal digits")
    return f"/static/{name}"


def brand_asset(name: str) -> Asset | None:
    """Write the stylesheet that a brand's name asks for; everything about it stands in the name."""
    match = BRAND.fullmatch(name)
    if not match:
        return None
    css = f":root{{--brand:#{match['colour']}}}"
    if match["width"]:
        touch = f"{2000 / int(match['width']):.2f}vw"
        css += (
            f".kiosk:not(.own){{--tap:max(3.25rem,64px,{touch})}}"
            f"@media (orientation:portrait) and (width >= 40em){{.kiosk:not(.own){{--tap:max(3.75rem,64px,{touch})}}}}"
        )
    return Asset.of(name, css.encode())


@blueprint.get("/static/<path:name>")
@public
def serve(name: str) -> Response:
    """Answer with a shared file, kept by the browser for a year; 404 for an address of an older version."""
    assets: Assets = current_app.extensions["assets"]
    asset = assets.find(name) or abort(404)
    zipped = request.accept_encodings.quality("gzip") > 0
    response = make_response(asset.gzipped if zipped else asset.body)
    response.content_type = asset.type
    if zipped:
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.set_etag(asset.name + ("-gz" if zipped else ""))
    return response.make_conditional(request)


def init_app(app: Flask) -> None:
    """Build the files; give templates `asset("kiosk.css")` and `brand_css(site.brand)`."""
    assets = Assets(Path(__file__).resolve().parent.parent / "static")
    app.extensions["assets"] = assets
    app.jinja_env.globals.update(asset=assets.url, brand_css=brand_css)
    app.register_blueprint(blueprint)
