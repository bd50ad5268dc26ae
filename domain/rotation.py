"""Keys are changed: what older keys sealed is sealed anew under the newest, so that the older ones can be thrown away.

First everything is opened. When one value cannot be, because a key was lost, nothing is changed and it is said where.
Then each value is written over if it still is what was read; killed in between, the next round goes on.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import Column, LargeBinary, bindparam, select, update
from sqlalchemy.exc import DBAPIError

from domain import sealed
from domain.database import db, writing
from domain.encryption import keyring
from domain.photos import PURPOSE as PHOTO


class RotationProblem(Exception):
    """The keys cannot be changed, and why, in words for who operates Foyer."""


def rotate(*, photos: Path) -> int:
    """Seal anew what older keys sealed; returns how many values and photos. Call outside of any transaction.

    Raises RotationProblem before anything is changed when a value opens under none of the keys.
    """
    if lost := sealed.unopened(photos=photos):
        raise RotationProblem(
            f"A key is missing: {sealed.told(lost)} cannot be opened. Nothing was changed. Add the secret that sealed "
            "them to FOYER_PREVIOUS_SECRET_KEYS and run this again."
        )
    older = [(one.column, one.key) for one in sealed.values() if not keyring().is_current(one.value)]
    pictures = [path for path in sealed.pictures(photos) if not keyring().is_current(path.read_bytes())]
    done = sum(_again(older[start : start + sealed.BATCH]) for start in range(0, len(older), sealed.BATCH))
    for path in pictures:
        fresh = path.with_suffix(".fresh")
        fresh.write_bytes(keyring().seal(keyring().open(path.read_bytes(), PHOTO), PHOTO))
        fresh.replace(path)
    return done + len(pictures)


def _again(older: list[tuple[Column[Any], tuple[Any, ...]]]) -> int:
    done = 0
    try:
        with writing():
            for column, key in older:
                here = [one == value for one, value in zip(column.table.primary_key, key, strict=True)]
                value = db.session.scalar(select(sealed.raw(column)).where(*here))
                if value is None or keyring().is_current(bytes(value)):
                    continue
                purpose = sealed.purpose_of(column)
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
