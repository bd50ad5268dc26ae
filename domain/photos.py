"""Photos: decoded and drawn anew, so that nothing but the picture remains; sealed on disk, outside the web root."""

import io
import re
import secrets
from collections.abc import Collection
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import delete, select, update
from sqlalchemy.orm import InstrumentedAttribute

from domain.database import db
from domain.encryption import CannotDecrypt, keyring
from domain.errors import DomainError
from domain.text import N_

LARGEST = 480
MOST_BYTES = 700_000
MOST_PIXELS = 12_000_000
PURPOSE = "photos"
_COLUMNS: list[InstrumentedAttribute[Any]] = []
NAME = re.compile(r"[0-9a-f]{32}\.jpg\.sealed")


def hold(*columns: InstrumentedAttribute[Any]) -> None:
    """Register columns with names of files in the folder: those are not a visitor's who walked away."""
    _COLUMNS.extend(columns)


def held() -> set[str]:
    """The files that all of them name."""
    return {name for one in _COLUMNS for name in db.session.scalars(select(one).where(one.is_not(None)))}


def let_go(names: Collection[str]) -> None:
    """Take these names out of every column, with the row where there is none without a picture. Call while writing."""
    for one in _COLUMNS:
        stale = delete(one.class_) if not one.nullable else update(one.class_).values({one: None})
        db.session.execute(stale.where(one.in_(names)), execution_options={"synchronize_session": False})


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
