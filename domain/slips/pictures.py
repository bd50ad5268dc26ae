"""Pictures of faults lie among the sealed photos: whoever tidies up there asks which they are."""

from sqlalchemy import select

from domain import photos
from domain.database import db
from domain.slips.models import Slip


@photos.holds
def of_slips() -> list[str | None]:
    """The files of the slips' pictures."""
    return list(db.session.scalars(select(Slip.photo).where(Slip.photo.is_not(None))))


def photo_of(slip_id: int) -> str | None:
    """The file of the picture of that slip."""
    return db.session.scalar(select(Slip.photo).where(Slip.id == slip_id))
