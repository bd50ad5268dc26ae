"""Pictures of keys and sets lie among the sealed photos: whoever tidies up there asks which they are."""

from sqlalchemy import select

from domain import photos
from domain.database import db
from domain.keys.models import Key, KeySet


@photos.holds
def of_keys() -> list[str | None]:
    """The files of the keys' and sets' pictures."""
    asked = select(Key.photo).where(Key.photo.is_not(None))
    return list(db.session.scalars(asked.union_all(select(KeySet.photo).where(KeySet.photo.is_not(None)))))
