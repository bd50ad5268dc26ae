"""What a notice tells of the service of a meeting, and to whom: read at the moment of telling, so that it is true."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from domain.channels import lines_of
from domain.database import db
from domain.meetings.closing import confirmation_of, confirmation_token
from domain.meetings.models import Reservation, Room
from domain.meetings.service_models import ServiceOrder, ServiceStep
from domain.notices import Channel, Notice
from domain.occupants.models import Host
from domain.people.models import Person
from domain.sites.models import Site


@dataclass(frozen=True)
class ServiceTelling:
    """One notice to be written; `token` opens the organiser's page, `ref` names the meeting."""

    kind: str
    site: Site
    language: str
    addresses: tuple[str, ...]
    room: str
    title: str
    begins_at: datetime
    ends_at: datetime
    first_step: datetime | None
    ref: str
    token: str = ""


def telling(notice: Notice) -> ServiceTelling | None:
    """What to write; None when it makes no sense any more: another serves, it was confirmed, the reader left."""
    order = db.session.get(ServiceOrder, notice.subject_id)
    if order is None:
        return None
    reservation = db.session.get_one(Reservation, order.reservation_id)
    confirm = notice.kind == "service.confirm"
    if reservation.erased_at or (confirm and confirmation_of(order)):
        return None
    if not confirm and notice.recipient_id not in (order.attendant_id, order.offered_to_id):
        return None
    site = db.session.get_one(Site, notice.site_id)
    reader = _reader(notice)
    if reader is None:
        return None
    first = db.session.scalar(
        select(ServiceStep.due_at)
        .where(ServiceStep.order_id == order.id, ServiceStep.how.is_(None), ServiceStep.void_at.is_(None))
        .order_by(ServiceStep.due_at)
        .limit(1)
    )
    return ServiceTelling(
        kind=notice.kind,
        site=site,
        language=reader[0],
        addresses=reader[1],
        room=db.session.get_one(Room, reservation.room_id).name,
        title=reservation.title,
        begins_at=reservation.begins_at,
        ends_at=reservation.ends_at,
        first_step=None if confirm else first,
        ref=reservation.ref,
        token=confirmation_token(reservation.ref) if confirm else "",
    )


def _reader(notice: Notice) -> tuple[str, tuple[str, ...]] | None:
    if notice.recipient == "host":
        host = db.session.get(Host, notice.recipient_id)
        if host is None or host.left_at:
            return None
        return host.language, tuple(lines_of(host.channels)) if notice.channel == Channel.CHAT else (host.email,)
    person = db.session.get(Person, notice.recipient_id)
    return None if person is None or person.left_at else (person.language, (person.email,))
