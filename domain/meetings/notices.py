"""Who is told of a meeting: its organiser of what becomes of it, with the calendar entry (M7, M10), and those who
decide, that one waits for them. Rows hold ids; see telling.py.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select

from domain import notices
from domain.codes import new_ref
from domain.meetings.models import Reservation
from domain.notices import Channel
from domain.occupants.models import Host
from domain.people.holders import holders
from domain.people.models import Person
from domain.permissions import Role
from domain.sites.as_stored import read_site
from domain.sites.models import Site
from domain.statements import Ready

SUBJECT = "meeting"
HOST = Ready(select(Host.id, Host.email, Host.channels).where(Host.id == bindparam("id")))
PERSON = Ready(select(Person.id, Person.email).where(Person.id == bindparam("id")))
Organiser = tuple[int | None, int | None]
"""Ids of the occupant or of the one of the staff who organises."""


def organiser_of(reservation: Reservation) -> Organiser:
    """Who organises it."""
    return reservation.host_id, reservation.person_id


def tell_organiser(
    kind: str,
    meetings: Sequence[Reservation],
    *,
    now: datetime,
    organiser: Organiser | None = None,
    site: Site | None = None,
    host: Host | None = None,
) -> None:
    """Tell whoever organises these meetings, which are of one organiser, in one letter; `organiser`: somebody else
    than it is now. Site and host may be given by whoever has them at hand.
    """
    if not meetings:
        return
    first, (host_id, person_id) = meetings[0], organiser or organiser_of(meetings[0])
    site = site or read_site(first.site_id)
    facts = {"sequence": str(first.sequence)}
    if len(meetings) > 1:
        facts["ids"] = " ".join(str(one.id) for one in meetings)
    if host_id is not None:
        host = host or HOST.first(id=host_id)
        channels = [Channel.MAIL] if host.email and site.mail_enabled else []
        if host.channels:
            channels.append(Channel.CHAT)
        for channel in channels:
            _tell(kind, first, "host", host.id, channel, now=now, facts=facts)
    elif person_id is not None:
        person = PERSON.first(id=person_id)
        if person.email and site.mail_enabled:
            _tell(kind, first, "person", person.id, Channel.MAIL, now=now, facts=facts)


def tell_approvers(meetings: Sequence[Reservation], *, roles: frozenset[Role], now: datetime) -> None:
    """Ask those who may decide; of a repeat once. The site's chat channel hears it too."""
    first = meetings[0]
    site, facts = read_site(first.site_id), {"sequence": str(first.sequence)}
    for person in holders(roles, site_id=site.id):
        if person.email and site.mail_enabled:
            _tell("meeting.asked", first, "person", person.id, Channel.MAIL, now=now, facts=facts)
    if site.channels:
        _tell("meeting.asked", first, "site", site.id, Channel.CHAT, now=now, facts=facts)


def _tell(
    kind: str,
    reservation: Reservation,
    recipient: str,
    recipient_id: int,
    channel: Channel,
    *,
    now: datetime,
    facts: dict[str, str],
) -> None:
    notices.tell(
        kind,
        site_id=reservation.site_id,
        recipient=recipient,
        recipient_id=recipient_id,
        channel=channel,
        subject=SUBJECT,
        subject_id=reservation.id,
        now=now,
        message_id=new_ref(),
        facts=facts,
        again=facts["sequence"],
    )
