"""Calendar feeds of a room, an organiser, an attendant (M10): made, read, taken back."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from domain import events
from domain.calendars import Appointment
from domain.codes import new_ref, new_token
from domain.database import db
from domain.errors import Conflict, DomainError, NotFound
from domain.identity import Actor
from domain.meetings.feed_models import Feed
from domain.meetings.models import Reservation, ReservationState, Room, lapsed
from domain.meetings.service_models import ServiceOrder
from domain.meetings.telling import appointment_of
from domain.occupants.models import Host
from domain.people.models import Person
from domain.sites.models import Site
from domain.text import N_

BEFORE, AHEAD = timedelta(days=30), timedelta(days=366)
MOST_EVENTS = 1000
MOST_FEEDS = 10
FULL = N_("There are %(count)d addresses of this calendar already. Take one back first.")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True)
class Of:
    """What a feed is of: a room, an occupant, one of the staff; `duty`: what that one serves instead of organises."""

    room: Room | None = None
    host: Host | None = None
    person: Person | None = None
    duty: bool = False

    def columns(self) -> dict[str, Any]:
        """The columns of Feed."""
        return {
            "room_id": self.room.id if self.room else None,
            "host_id": self.host.id if self.host else None,
            "person_id": self.person.id if self.person else None,
            "duty": self.duty,
        }


def make_feed(of: Of, *, site_id: int, label: str, actor: Actor, now: datetime) -> tuple[Feed, str]:
    """Make an address; returns it with its secret, which is kept nowhere. Raises Conflict when there are too many."""
    columns = of.columns()
    same = [getattr(Feed, name) == value for name, value in columns.items() if value is not None]
    good = select(Feed.id).where(Feed.site_id == site_id, Feed.revoked_at.is_(None), *same)
    if len(db.session.scalars(good.limit(MOST_FEEDS)).all()) >= MOST_FEEDS:
        raise Conflict(FULL, count=MOST_FEEDS)
    token = new_token()
    feed = Feed(
        ref=new_ref(),
        site_id=site_id,
        token_hash=_hash(token),
        label=label,
        made_by_id=actor.id if actor.kind == "staff" else None,
        made_at=now,
        **columns,
    )
    db.session.add(feed)
    db.session.flush()
    _record("made", feed, actor=actor, now=now)
    return feed, token


def revoke(feed: Feed, *, actor: Actor, now: datetime) -> None:
    """Take the address back: whoever has it reads nothing any more. Raises Conflict when that was done."""
    held = db.session.get_one(Feed, feed.id, with_for_update={"key_share": True}, populate_existing=True)
    if held.revoked_at:
        raise Conflict(N_("This address was taken back already."))
    held.revoked_at = now
    db.session.flush()
    _record("revoked", held, actor=actor, now=now)


def _record(kind: str, feed: Feed, *, actor: Actor, now: datetime) -> None:
    events.record(
        f"feed.{kind}",
        site_id=feed.site_id,
        subject="feed",
        subject_id=feed.id,
        actor=actor,
        now=now,
        facts={"room_id": feed.room_id, "host_id": feed.host_id, "person_id": feed.person_id, "duty": feed.duty},
    )


@cache
def _by_token() -> Select[*tuple[Any, ...]]:
    return (
        select(Feed, Site, Room, Host, Person)
        .join(Site, Site.id == Feed.site_id)
        .outerjoin(Room, Room.id == Feed.room_id)
        .outerjoin(Host, Host.id == Feed.host_id)
        .outerjoin(Person, Person.id == Feed.person_id)
        .where(
            Feed.token_hash == bindparam("key"),
            Feed.revoked_at.is_(None),
            Site.closed_at.is_(None),
            Host.left_at.is_(None),
            Person.left_at.is_(None),
        )
    )


def find_feed(token: str) -> Any:
    """Feed, site, room, host and person of that secret; None for a wrong one, one taken back, somebody who left."""
    return db.session.execute(_by_token(), {"key": _hash(token)}).first()


@cache
def _events(of: str) -> Select[*tuple[Any, ...]]:
    """Built once for each kind of feed: calendars ask every quarter of an hour."""
    asked = (
        select(
            Reservation.ref,
            Reservation.title,
            Reservation.people,
            Reservation.state,
            Reservation.approver,
            Reservation.answer,
            Reservation.sequence,
            Reservation.begins_at,
            Reservation.ends_at,
            Reservation.ended_at,
            Room.name,
            Room.floor,
        )
        .join(Room, Room.id == Reservation.room_id)
        .where(
            Reservation.site_id == bindparam("site_id"),
            Reservation.begins_at >= bindparam("since"),
            Reservation.begins_at < bindparam("until"),
        )
    )
    if of == "duty":
        asked = asked.join(ServiceOrder, ServiceOrder.reservation_id == Reservation.id)
        return asked.where(ServiceOrder.attendant_id == bindparam("of"))
    return asked.where(getattr(Reservation, of) == bindparam("of"))


def events_of(feed: Feed, *, now: datetime) -> Sequence[Any]:
    """The meetings of thirty days back and a year ahead, the next ones first where there are too many.

    What was called off or released is no longer among them: a calendar that subscribes drops what is missing.
    """
    of = "duty" if feed.duty else "room_id" if feed.room_id else "host_id" if feed.host_id else "person_id"
    values = {
        "site_id": feed.site_id,
        "since": now - BEFORE,
        "until": now + AHEAD,
        "of": feed.room_id or feed.host_id or feed.person_id,
    }
    stands = Reservation.state.in_((ReservationState.HELD, ReservationState.ENDED))
    asked = _events(of).where(stands, ~lapsed(now)).order_by(Reservation.begins_at, Reservation.id)
    return db.session.execute(asked.limit(MOST_EVENTS), values).all()


def version_of(rows: Sequence[Any], said: str) -> str:
    """What changes when the content does: a calendar that has this version is spared the rest."""
    digest = hashlib.sha256(said.encode())
    for row in rows:
        digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()[:32]


def appointments(rows: Sequence[Any], *, zone: str, hidden: str = "") -> list[Appointment]:
    """The rows as a calendar shows them; `hidden` stands for every title where they are nobody's business."""
    made = []
    for row in rows:
        one = appointment_of(row, row, zone=zone)
        made.append(one if not hidden else Appointment(**{**one.__dict__, "title": hidden}))
    return made


def feeds_of(site_id: int, *, person_id: int | None, rooms: bool) -> Sequence[Any]:
    """The good feeds of one of the staff, and with `rooms` those of rooms and occupants too; with their names."""
    whose = Feed.person_id == person_id
    asked = (
        select(Feed, Room.name.label("room_name"), Host.name.label("host_name"))
        .outerjoin(Room, Room.id == Feed.room_id)
        .outerjoin(Host, Host.id == Feed.host_id)
        .where(Feed.site_id == site_id, Feed.revoked_at.is_(None))
    )
    asked = asked.where(whose | Feed.person_id.is_(None)) if rooms else asked.where(whose)
    return db.session.execute(asked.order_by(Feed.id.desc()).limit(200)).all()


def get_feed(ref: str, *, actor: Actor, rooms: bool) -> Feed:
    """The feed of that ref that the actor may take back; raises NotFound."""
    found = db.session.scalar(select(Feed).where(Feed.ref == ref, Feed.site_id == actor.site_id))
    own = found is not None and actor.kind == "staff" and found.person_id == actor.id
    if found is None or not (own or (rooms and found.person_id is None)):
        raise NotFound
    return found


def must_name(of: Of) -> None:
    """Raise DomainError when nothing was chosen."""
    if of.room is None and of.host is None and of.person is None:
        raise DomainError(N_("Choose what the calendar is of."), field="what")
