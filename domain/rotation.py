"""Keys are changed: what older keys sealed is sealed anew under the newest, so that the older ones can be thrown away.

First everything is opened. When one value cannot be, because a key was lost, nothing is changed and it is said where.
Then each value is written over if it still is what was read; killed in between, the next round goes on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Column, LargeBinary, bindparam, select, tuple_, type_coerce, update
from sqlalchemy.exc import DBAPIError

from domain.database import Base, db, reading, writing
from domain.encryption import CannotDecrypt, EncryptedText, keyring
from domain.photos import PURPOSE as PHOTO

BATCH = 500


class RotationProblem(Exception):
    """The keys cannot be changed, and why, in words for who operates Foyer."""


@dataclass(frozen=True)
class Sealed:
    """One sealed value: where it is, and its bytes."""

    column: Column[Any]
    key: tuple[Any, ...]
    value: bytes


def rotate(*, photos: Path) -> int:
    """Seal anew what older keys sealed; returns how many values and photos. Call outside of any transaction.

    Raises RotationProblem before anything is changed when a value opens under none of the keys.
    """
    lost: dict[str, int] = {}
    older, pictures = [], []
    for one in _values():
        where = f"{one.column.table.name}.{one.column.name}"
        if not _opens(one.value, _purpose(one.column)):
            lost[where] = lost.get(where, 0) + 1
        elif not keyring().is_current(one.value):
            older.append((one.column, one.key))
    for path in sorted(photos.glob("*.sealed")) if photos.is_dir() else ():
        content = path.read_bytes()
        if not _opens(content, PHOTO):
            lost["photos"] = lost.get("photos", 0) + 1
        elif not keyring().is_current(content):
            pictures.append(path)
    if lost:
        told = ", ".join(f"{count} in {where}" for where, count in sorted(lost.items()))
        raise RotationProblem(
            f"A key is missing: {told} cannot be opened. Nothing was changed. Add the secret that sealed them to "
            "FOYER_PREVIOUS_SECRET_KEYS and run this again."
        )
    done = sum(_again(older[start : start + BATCH]) for start in range(0, len(older), BATCH))
    for path in pictures:
        fresh = path.with_suffix(".fresh")
        fresh.write_bytes(keyring().seal(keyring().open(path.read_bytes(), PHOTO), PHOTO))
        fresh.replace(path)
    return done + len(pictures)


def _purpose(column: Column[Any]) -> str:
    kind: Any = column.type
    return str(kind.purpose)


def _opens(value: bytes, purpose: str) -> bool:
    try:
        keyring().open(value, purpose)
    except CannotDecrypt:
        return False
    return True


def _sealed_columns() -> list[Column[Any]]:
    tables = Base.metadata.sorted_tables
    return [column for table in tables for column in table.columns if isinstance(column.type, EncryptedText)]


def _raw(column: Column[Any]) -> Any:
    return type_coerce(column, LargeBinary)


def _values() -> Iterator[Sealed]:
    for column in _sealed_columns():
        keys = list(column.table.primary_key)
        after: tuple[Any, ...] | None = None
        while True:
            asked = select(*keys, _raw(column).label("sealed")).where(column.is_not(None)).order_by(*keys).limit(BATCH)
            if after:
                asked = asked.where(_beyond(keys, after))
            with reading():
                rows = db.session.execute(asked).all()
            for row in rows:
                yield Sealed(column, tuple(row[:-1]), bytes(row[-1]))
            if len(rows) < BATCH:
                break
            after = tuple(rows[-1][:-1])


def _beyond(keys: list[Column[Any]], after: tuple[Any, ...]) -> Any:
    return keys[0] > after[0] if len(keys) == 1 else tuple_(*keys) > tuple_(*after)


def _again(older: list[tuple[Column[Any], tuple[Any, ...]]]) -> int:
    done = 0
    try:
        with writing():
            for column, key in older:
                here = [one == value for one, value in zip(column.table.primary_key, key, strict=True)]
                value = db.session.scalar(select(_raw(column)).where(*here))
                if value is None or keyring().is_current(bytes(value)):
                    continue
                purpose = _purpose(column)
                fresh = keyring().seal(keyring().open(bytes(value), purpose), purpose)
                changed = (
                    update(column.table).where(*here).values({column.name: bindparam("fresh", type_=LargeBinary())})
                )
                db.session.execute(changed, {"fresh": fresh})
                done += 1
    except DBAPIError as error:
        raise RotationProblem(
            f"The database refused a value: {error.orig}. What was done before stays done."
        ) from error
    return done
