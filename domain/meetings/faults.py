"""What is found in a meeting room becomes a slip (M5, M8): a fault a repair, what was left behind lost property."""

from datetime import datetime

from sqlalchemy import select

from domain.database import db
from domain.errors import DomainError
from domain.identity import Actor
from domain.meetings import history
from domain.meetings.models import Reservation, Room
from domain.slips import operations as slips
from domain.slips.models import Nature, Slip, Source
from domain.text import N_

LONGEST = 500
FAULTS = (
    N_("Screen or projector"),
    N_("Microphone or sound"),
    N_("Video conference"),
    N_("Air conditioning"),
    N_("Light"),
    N_("Table or chair"),
    N_("Power or network"),
)
"""What breaks most: each is one touch."""


def note_fault(
    reservation: Reservation, *, what: str, photo: str | None = None, urgent: bool, actor: Actor, now: datetime
) -> Slip:
    """Write the repair slip, with the picture's file if there is one. Raises DomainError for an empty matter."""
    return _note("fault", Nature.REPAIR, reservation, what, photo, urgent, actor, now)


def note_lost(reservation: Reservation, *, what: str, photo: str | None = None, actor: Actor, now: datetime) -> Slip:
    """Write down what was left behind. Raises DomainError likewise."""
    return _note("lost_property", Nature.LOST_FOUND, reservation, what, photo, False, actor, now)


def _note(
    kind: str,
    nature: Nature,
    reservation: Reservation,
    what: str,
    photo: str | None,
    urgent: bool,
    actor: Actor,
    now: datetime,
) -> Slip:
    said = what.strip()
    if not said:
        raise DomainError(N_("Say what it is, or touch one of those shown."), field="what")
    if len(said) > LONGEST:
        raise DomainError(N_("At most %(max)d characters, now %(n)d."), field="what", max=LONGEST, n=len(said))
    room = db.session.get_one(Room, reservation.room_id)
    slip = slips.write(
        site_id=reservation.site_id,
        nature=nature,
        source=Source.MEETING,
        matter=f"{room.name}: {said}",
        urgent=urgent,
        unit_id=reservation.unit_id,
        host_id=reservation.host_id,
        about="meeting",
        about_id=reservation.id,
        photo=photo,
        actor=actor,
        now=now,
    )
    history.record(kind, reservation, actor=actor, now=now, facts={"slip_id": slip.id, "slip_number": slip.number})
    return slip


def photo_of(reservation: Reservation, slip_ref: str) -> str | None:
    """The file of the picture of a slip that was written with this meeting; None for every other one."""
    return db.session.scalar(
        select(Slip.photo).where(
            Slip.ref == slip_ref,
            Slip.about == "meeting",
            Slip.about_id == reservation.id,
            Slip.site_id == reservation.site_id,
        )
    )
