"""Photos: decoded and drawn anew, so that nothing but the picture remains; sealed on disk, outside the web root."""

import io
import re
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from domain.encryption import CannotDecrypt, keyring
from domain.errors import DomainError
from domain.text import N_

LARGEST = 480
MOST_BYTES = 700_000
MOST_PIXELS = 12_000_000
PURPOSE = "photos"
Ask = Callable[[], Iterable[str | None]]
_HELD: list[Ask] = []
NAME = re.compile(r"[0-9a-f]{32}\.jpg\.sealed")


def holds(ask: Ask) -> Ask:
    """Register who has pictures of things in the folder: they are not a visitor's who walked away."""
    _HELD.append(ask)
    return ask


def held() -> set[str]:
    """The files of all of them."""
    return {name for ask in _HELD for name in ask() if name}


def redrawn(
    raw: bytes, *, largest: int = LARGEST, most_bytes: int = MOST_BYTES, most_pixels: int = MOST_PIXELS
) -> bytes:
    """A JPEG of at most `largest` pixels a side without metadata; raises DomainError for what is no picture."""
    if len(raw) > most_bytes:
        raise DomainError(N_("This picture is too large. Take another one."), field="picture")
    try:
        with Image.open(io.BytesIO(raw), formats=("JPEG", "PNG", "WEBP")) as picture:
            if picture.width * picture.height > most_pixels:
                raise DomainError(N_("This picture is too large. Take another one."), field="picture")
            picture.draft("RGB", (largest, largest))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DomainError(N_("This picture could not be read. Take another one."), field="picture") from error
    upright.thumbnail((largest, largest))
    plain = Image.new("RGB", upright.size)
    plain.paste(upright)
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=82)
    return out.getvalue()


def keep(folder: Path, jpeg: bytes) -> str:
    """Seal the picture into the folder; returns its file name. Call before the transaction that refers to it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{secrets.token_hex(16)}.jpg.sealed"
    (folder / name).write_bytes(keyring().seal(jpeg, PURPOSE))
    return name


def read(folder: Path, name: str) -> bytes | None:
    """The picture of that name; None when it was erased or cannot be opened any more."""
    if not NAME.fullmatch(name):
        return None
    try:
        return keyring().open((folder / name).read_bytes(), PURPOSE)
    except (FileNotFoundError, CannotDecrypt):
        return None
