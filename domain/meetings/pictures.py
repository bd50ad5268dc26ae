"""Pictures of rooms lie among the sealed photos: whoever tidies up there asks which they are."""

from sqlalchemy import select

from domain import photos
from domain.database import db
from domain.meetings.room_parts import RoomPicture


@photos.holds
def of_rooms() -> list[str | None]:
    """The files of the rooms' pictures."""
    return list(db.session.scalars(select(RoomPicture.file)))
