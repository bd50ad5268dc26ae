"""Every sealed value of the house, column by column, and how many of them the process's keys do not open."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Column, LargeBinary, select, tuple_, type_coerce

from domain.database import Base, db, reading
from domain.encryption import CannotDecrypt, EncryptedText, keyring
from domain.photos import PURPOSE as PHOTO

BATCH = 500


@dataclass(frozen=True)
class Sealed:
    """One sealed value: where it is, and its bytes."""

    column: Column[Any]
    key: tuple[Any, ...]
    value: bytes

    @property
    def where(self) -> str:
        """The column's full name."""
        return f"{self.column.table.name}.{self.column.name}"


def unopened(*, photos: Path) -> Counter[str]:
    """How many values and photos open under none of the keys, by where they are. Call outside of any transaction."""
    lost = Counter(one.where for one in lost_values())
    if count := len(lost_pictures(photos)):
        lost["photos"] = count
    return lost


def lost_values() -> Iterator[Sealed]:
    """The values that open under none of the keys. Call outside of any transaction."""
    return (one for one in values() if not opens(one.value, purpose_of(one.column)))


def lost_pictures(folder: Path) -> list[Path]:
    """The photos that open under none of them."""
    return [path for path in pictures(folder) if not opens(path.read_bytes(), PHOTO)]


def told(lost: dict[str, int]) -> str:
    """What `unopened` counted, for a sentence."""
    return ", ".join(f"{count} in {where}" for where, count in sorted(lost.items()))


def opens(value: bytes, purpose: str) -> bool:
    """Whether one of the keys opens it."""
    try:
        keyring().open(value, purpose)
    except CannotDecrypt:
        return False
    return True


def purpose_of(column: Column[Any]) -> str:
    """What the column's values are sealed for."""
    kind: Any = column.type
    return str(kind.purpose)


def raw(column: Column[Any]) -> Any:
    """The column's value as it is stored."""
    return type_coerce(column, LargeBinary)


def pictures(folder: Path) -> list[Path]:
    """The sealed photos."""
    return sorted(folder.glob("*.sealed")) if folder.is_dir() else []


def values() -> Iterator[Sealed]:
    """Every sealed value, in short reading transactions of its own."""
    for column in columns():
        keys = list(column.table.primary_key)
        after: tuple[Any, ...] | None = None
        while True:
            asked = select(*keys, raw(column).label("sealed")).where(column.is_not(None)).order_by(*keys).limit(BATCH)
            if after:
                asked = asked.where(_beyond(keys, after))
            with reading():
                rows = db.session.execute(asked).all()
            for row in rows:
                yield Sealed(column, tuple(row[:-1]), bytes(row[-1]))
            if len(rows) < BATCH:
                break
            after = tuple(rows[-1][:-1])


def columns() -> list[Column[Any]]:
    """The columns with sealed values."""
    tables = Base.metadata.sorted_tables
    return [column for table in tables for column in table.columns if isinstance(column.type, EncryptedText)]


def _beyond(keys: list[Column[Any]], after: tuple[Any, ...]) -> Any:
    return keys[0] > after[0] if len(keys) == 1 else tuple_(*keys) > tuple_(*after)
