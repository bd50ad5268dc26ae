"""What belongs to a room: the units that it is kept for, and its pictures."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain import photos
from domain.database import Base, HasId, HasRef


class RoomUnit(Base):
    """A unit whose people may reserve a room that is open to certain units alone."""

    __tablename__ = "room_units"
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)


class RoomPicture(HasId, HasRef, Base):
    """A picture of the room; `file` is its name among the sealed photos."""

    __tablename__ = "room_pictures"
    __table_args__ = (Index("ix_room_pictures_room", "room_id", "id"),)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id"))
    file: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]


photos.hold(RoomPicture.file)
