"""Calendar objects of RFC 5545, for a mail (RFC 5546) or a feed, as Outlook, Apple, Feishu and DingTalk take them.

Says nothing of what is in them: whoever has something that takes place makes an Appointment of it. No personal data
enters that the caller did not put there.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from domain import clock

if TYPE_CHECKING:
    from icalendar import Calendar, Event

PRODUCT = "-//Foyer//Foyer 1//EN"
REFRESH = timedelta(minutes=15)
"""How often a calendar is asked to look at a feed again."""


class Method(StrEnum):
    """What a calendar object is for: to be shown, to be entered or changed, to be taken out again."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


class Standing(StrEnum):
    """Whether it takes place."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Party:
    """Somebody with an address: who sends it, or who is to come."""

    email: str
    name: str = ""


@dataclass(frozen=True)
class Appointment:
    """Something that takes place. `uid` stays the same (`uid_of`), `sequence` is higher after each change of time,
    place, title or standing, so that a mail that comes late changes nothing back.

    `sender` is who invites by mail, which is not who reads it: a mailbox asks nothing of the organiser herself.
    """

    uid: str
    sequence: int
    begins: datetime
    ends: datetime
    zone: str
    title: str
    place: str = ""
    about: str = ""
    url: str = ""
    standing: Standing = Standing.CONFIRMED
    sender: Party | None = None
    invited: Sequence[Party] = ()
    changed_at: datetime | None = None


@dataclass(frozen=True)
class CalendarFile:
    """A calendar object on its way: its bytes, and the method that the mail around it must name too."""

    method: Method
    content: bytes


def uid_of(kind: str, ref: str) -> str:
    """The name under which calendars keep it for good; the ref, which opens a page, cannot be read off it."""
    return f"{hashlib.sha256(f'{kind}:{ref}'.encode()).hexdigest()[:32]}@foyer"


def calendar_for_mail(appointment: Appointment, *, method: Method, now: datetime) -> CalendarFile:
    """One object for a mail. CANCEL takes it out of the calendar, whatever its standing was."""
    calendar = _calendar(method)
    _add_zones(calendar, [appointment])
    calendar.add_component(_event(appointment, method, now))
    return CalendarFile(method, calendar.to_ical())


def calendar_feed(name: str, appointments: Iterable[Appointment], *, zone: str, now: datetime) -> bytes:
    """A calendar to be subscribed to. `zone` is the one in which an empty day is shown."""
    listed = list(appointments)
    calendar = _calendar(Method.PUBLISH)
    calendar.add("name", _plain(name))
    calendar.add("x-wr-calname", _plain(name))
    calendar.add("x-wr-timezone", zone)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"PT{REFRESH // timedelta(minutes=1)}M")
    _add_zones(calendar, listed)
    for appointment in listed:
        calendar.add_component(_event(appointment, Method.PUBLISH, now))
    return calendar.to_ical()


def _calendar(method: Method) -> "Calendar":
    from icalendar import Calendar  # 20 MB that only who writes calendars needs

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method.value)
    return calendar


def _event(it: Appointment, method: Method, now: datetime) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", it.uid)
    event.add("sequence", it.sequence)
    event.add("dtstamp", now)
    if it.changed_at:
        event.add("last-modified", it.changed_at)
    begins, ends = _on_the_wall(it)
    event.add("dtstart", begins)
    event.add("dtend", ends)
    event.add("summary", _plain(it.title))
    if it.place:
        event.add("location", _plain(it.place))
    if it.about:
        event.add("description", _plain(it.about))
    if it.url:
        event.add("url", it.url)
    standing = Standing.CANCELLED if method is Method.CANCEL else it.standing
    event.add("status", standing.value)
    event.add("transp", "TRANSPARENT" if standing is Standing.CANCELLED else "OPAQUE")
    _add_parties(event, it)
    return event


def _add_parties(event: "Event", it: Appointment) -> None:
    from icalendar import vCalAddress

    if it.sender:
        sender = vCalAddress(f"mailto:{it.sender.email}")
        if it.sender.name:
            sender.params["CN"] = _name(it.sender.name)
        event.add("organizer", sender)
    for party in it.invited:
        attendee = vCalAddress(f"mailto:{party.email}")
        if party.name:
            attendee.params["CN"] = _name(party.name)
        # Nobody reads answers: a mailbox that offers to accept would promise what nobody hears.
        attendee.params["CUTYPE"], attendee.params["ROLE"] = "INDIVIDUAL", "REQ-PARTICIPANT"
        attendee.params["PARTSTAT"], attendee.params["RSVP"] = "ACCEPTED", "FALSE"
        event.add("attendee", attendee)


def _on_the_wall(it: Appointment) -> tuple[datetime, datetime]:
    """Beginning and end on the clock of the place. An hour that the clocks repeat has one name for two instants there:
    what touches the second one is written in UTC.
    """
    begins, ends = clock.local(it.begins, it.zone), clock.local(it.ends, it.zone)
    if begins.fold or ends.fold:
        return it.begins.astimezone(UTC), it.ends.astimezone(UTC)
    return begins, ends


def _add_zones(calendar: "Calendar", appointments: Sequence[Appointment]) -> None:
    """What each zone means, for the years in which something takes place there."""
    from icalendar import Timezone

    years: dict[str, tuple[date, date]] = {}
    for it in appointments:
        first, last = date(it.begins.year - 1, 1, 1), date(it.ends.year + 2, 1, 1)
        before = years.get(it.zone, (first, last))
        years[it.zone] = min(first, before[0]), max(last, before[1])
    for zone, (first, last) in sorted(years.items()):
        if zone != "UTC":
            described = Timezone.from_tzid(zone, first_date=first, last_date=last)
            described.pop("comment", None)
            calendar.add_component(described)


def _plain(text: str) -> str:
    """Without characters that no calendar can hold; ends of lines stay, escaped."""
    kept = (c for c in text.replace("\r\n", "\n") if c == "\n" or unicodedata.category(c) != "Cc")
    return "".join(kept).strip()


def _name(text: str) -> str:
    """A name inside a parameter, where quotes cannot be written."""
    return " ".join(_plain(text).replace('"', "'").split())
