"""Who is told of the service of a meeting: its attendant, and the organiser who is asked to confirm it (M5, M8)."""

from datetime import datetime

from domain import notices
from domain.codes import new_ref
from domain.database import db
from domain.meetings.models import Reservation
from domain.meetings.service_models import ServiceOrder
from domain.notices import Channel
from domain.occupants.models import Host
from domain.people.models import Person
from domain.sites.models import Site

SUBJECT = "service_order"


def _tell(
    order: ServiceOrder, kind: str, *, recipient: str, recipient_id: int, channel: Channel, now: datetime, again: str
) -> None:
    notices.tell(
        kind,
        site_id=order.site_id,
        recipient=recipient,
        recipient_id=recipient_id,
        channel=channel,
        subject=SUBJECT,
        subject_id=order.id,
        now=now,
        message_id=new_ref(),
        again=again,
    )


def tell_attendant(order: ServiceOrder, kind: str, *, now: datetime, again: str = "", to: int | None = None) -> None:
    """Tell who serves, or `to`: assigned, asked to stand in, moved, called off. By mail, where there is an address."""
    person_id = to or order.attendant_id
    if person_id is None:
        return
    person, site = db.session.get_one(Person, person_id), db.session.get_one(Site, order.site_id)
    if person.email and site.mail_enabled:
        _tell(order, kind, recipient="person", recipient_id=person.id, channel=Channel.MAIL, now=now, again=again)


def ask_organiser(order: ServiceOrder, reservation: Reservation, *, now: datetime) -> bool:
    """Send the organiser the link to confirm the service; False where there is no address."""
    site = db.session.get_one(Site, order.site_id)
    if reservation.person_id is not None:
        person = db.session.get_one(Person, reservation.person_id)
        if not (person.email and site.mail_enabled):
            return False
        _tell(
            order,
            "service.confirm",
            recipient="person",
            recipient_id=person.id,
            channel=Channel.MAIL,
            now=now,
            again=now.date().isoformat(),
        )
        return True
    host = db.session.get(Host, reservation.host_id) if reservation.host_id is not None else None
    if host is None or host.left_at:
        return False
    channels = [Channel.MAIL] if host.email and site.mail_enabled else []
    channels += [Channel.CHAT] if host.channels else []
    for channel in channels:
        _tell(
            order,
            "service.confirm",
            recipient="host",
            recipient_id=host.id,
            channel=channel,
            now=now,
            again=now.date().isoformat(),
        )
    return bool(channels)
