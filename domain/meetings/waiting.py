"""The waiting list of a room: when the room is free for all of a wish, whoever waits longest is offered it.

Offered means held: a tentative meeting in their name keeps the room for half an hour, and the database guards it like
any other. "First come" would be simpler, but then those who read their mail late waited for nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from domain import events
from domain.codes import new_ref
from domain.database import db
from domain.errors import Conflict, DomainError, NotFound
from domain.identity import SYSTEM, Actor
from domain.meetings import history
from domain.meetings.decisions import must_be_let
from domain.meetings.lapses import release_lapsed, rooms_with_lapsed, taken_in
from domain.meetings.models import Answer, Approver, Reservation, Room
from domain.meetings.notices import tell_organiser
from domain.meetings.queries import hold_rooms
from domain.meetings.reservations import Wish, make, must_fit
from domain.meetings.spans import Span, around, is_free, must_be_possible
from domain.meetings.wish_models import WAITING, RoomWish, WishState
from domain.occupants.models import Host, Unit
from domain.people.models import Person
from domain.sites.models import Site
from domain.text import N_

HELD_FOR = timedelta(minutes=30)
MOST = 20
"""So many wait for one room at most."""
FULL = N_("%(count)d meetings wait for this room already. Choose another one.")


def wait_for(room: Room, span: Span, *, wish: Wish, site: Site, actor: Actor, now: datetime) -> RoomWish:
    """Wait for a room at a time at which it is taken. Raises DomainError for what could not be reserved anyhow, and
    Conflict when the room is free then: it can be reserved at once.
    """
    hold_rooms([room.id])
    must_fit(room, wish)
    must_be_let(room, unit_id=wish.unit.id if wish.unit else None, actor=actor)
    must_be_possible(span, room=room, zone=site.zone, now=now)
    if span.begins <= now:
        raise DomainError(N_("This time is over. Choose a later one."), field="since")
    if _is_free(room, span, now):
        raise Conflict(N_("%(room)s is free in this time: reserve it."), room=room.name)
    others = _waiting(room, now)
    if any(_is_same(one, span, wish) for one in others):
        raise Conflict(N_("This wish is on the waiting list already."))
    if len(others) >= MOST:
        raise Conflict(FULL, count=MOST)
    made = RoomWish(
        ref=new_ref(),
        site_id=room.site_id,
        room_id=room.id,
        begins_at=span.begins,
        ends_at=span.ends,
        state=WishState.WAITING,
        made_by_id=actor.id if actor.kind == "staff" else None,
        made_at=now,
        **wish.columns(),
    )
    db.session.add(made)
    db.session.flush()
    _record("waits", made, actor=actor, now=now)
    return made


def withdraw(wish: RoomWish, *, actor: Actor, now: datetime) -> None:
    """They wait no more. Raises Conflict when it was offered or withdrawn meanwhile."""
    held = db.session.get_one(RoomWish, wish.id, with_for_update={"key_share": True}, populate_existing=True)
    if held.state != WishState.WAITING:
        raise Conflict(N_("They do not wait any more: look at the list again."))
    held.state, held.ended_at = WishState.GONE, now
    db.session.flush()
    _record("withdrawn", held, actor=actor, now=now)


def offer_freed(room_ids: Iterable[int], *, now: datetime) -> list[Reservation]:
    """Offer what is free by now in these rooms to those who wait; gives the meetings that are held for them."""
    wanted = db.session.scalars(
        select(RoomWish.room_id)
        .where(WAITING, RoomWish.room_id.in_(set(room_ids)), RoomWish.begins_at > now)
        .distinct()
    ).all()
    return [offered for room in hold_rooms(wanted) for offered in _offer_in(room, now)] if wanted else []


def look_after(*, now: datetime) -> int:
    """The timetable's turn: release what lapsed, offer what is free, let go of wishes whose time has come."""
    over = select(RoomWish.id).where(WAITING, RoomWish.begins_at <= now)
    gone = db.session.scalars(over).all()
    if gone:
        db.session.execute(
            update(RoomWish).where(RoomWish.id.in_(gone)).values(state=WishState.GONE, ended_at=now),
            execution_options={"synchronize_session": False},
        )
    lapsed = set(rooms_with_lapsed(now))
    waited_for = db.session.scalars(select(RoomWish.room_id).where(WAITING).distinct())
    rooms = lapsed | set(waited_for)
    if not rooms:
        return 0
    hold_rooms(rooms)
    return release_lapsed(lapsed, now=now) + len(offer_freed(rooms, now=now))


def _offer_in(room: Room, now: datetime) -> list[Reservation]:
    made: list[Reservation] = []
    if room.retired_at:
        return made
    for waiting in _waiting(room, now):
        span = around(waiting.begins_at, waiting.ends_at, room)
        if not _is_free(room, span, now):
            continue
        (one,) = make(room, [span], _wish_of(waiting), actor=SYSTEM, now=now, **_held(waiting, now))
        waiting.state, waiting.ended_at, waiting.reservation_id = WishState.OFFERED, now, one.id
        db.session.flush()
        history.record("kept_for", one, actor=SYSTEM, now=now)
        tell_organiser("meeting.offered", [one], now=now)
        made.append(one)
    return made


def _is_same(other: RoomWish, span: Span, wish: Wish) -> bool:
    said = wish.columns()
    same = all(getattr(other, name) == said[name] for name in ("title", "host_id", "person_id"))
    return same and (other.begins_at, other.ends_at) == (span.begins, span.ends)


def _held(waiting: RoomWish, now: datetime) -> dict[str, Any]:
    return {
        "approver": Approver.ORGANISER,
        "answer": Answer.NONE,
        "answer_by": min(now + HELD_FOR, waiting.begins_at),
    }


def _wish_of(waiting: RoomWish) -> Wish:
    return Wish(
        waiting.title,
        waiting.people,
        host=db.session.get(Host, waiting.host_id) if waiting.host_id else None,
        person=db.session.get(Person, waiting.person_id) if waiting.person_id else None,
        unit=db.session.get(Unit, waiting.unit_id) if waiting.unit_id else None,
        layout=waiting.layout,
        notes=waiting.notes,
    )


def _is_free(room: Room, span: Span, now: datetime) -> bool:
    return is_free(span, taken_in(room, since=span.begins, until=span.reserved_until, now=now))


def _waiting(room: Room, now: datetime) -> Sequence[RoomWish]:
    return db.session.scalars(
        select(RoomWish)
        .where(RoomWish.room_id == room.id, WAITING, RoomWish.begins_at > now)
        .order_by(RoomWish.id)
        .execution_options(populate_existing=True)
    ).all()


def waiting_at(site_id: int, *, now: datetime) -> Sequence[Any]:
    """Who waits at the site, by the time that is meant, with room and organiser."""
    return db.session.execute(
        select(
            RoomWish.ref,
            RoomWish.title,
            RoomWish.begins_at,
            RoomWish.ends_at,
            RoomWish.people,
            RoomWish.made_at,
            Room.name.label("room_name"),
            Room.ref.label("room_ref"),
            Host.name.label("host_name"),
            Person.name.label("person_name"),
            Unit.company,
        )
        .join(Room, Room.id == RoomWish.room_id)
        .outerjoin(Host, Host.id == RoomWish.host_id)
        .outerjoin(Person, Person.id == RoomWish.person_id)
        .outerjoin(Unit, Unit.id == RoomWish.unit_id)
        .where(RoomWish.site_id == site_id, RoomWish.state == WishState.WAITING, RoomWish.begins_at > now)
        .order_by(RoomWish.begins_at, RoomWish.id)
        .limit(200)
    ).all()


def waits_of(host_id: int, *, now: datetime) -> Sequence[Any]:
    """For which rooms a host waits, by the time that is meant."""
    return db.session.execute(
        select(RoomWish.ref, RoomWish.title, RoomWish.begins_at, RoomWish.ends_at, Room.name.label("room_name"))
        .join(Room, Room.id == RoomWish.room_id)
        .where(RoomWish.host_id == host_id, RoomWish.state == WishState.WAITING, RoomWish.begins_at > now)
        .order_by(RoomWish.begins_at, RoomWish.id)
        .limit(MOST)
    ).all()


def get_wait_of(ref: str, *, host_id: int) -> RoomWish:
    """The host's own wish of that ref; raises NotFound for anybody else's."""
    found = db.session.scalar(select(RoomWish).where(RoomWish.ref == ref, RoomWish.host_id == host_id))
    if found is None:
        raise NotFound
    return found


def get_wish(ref: str, *, actor: Actor) -> RoomWish:
    """The wish of that ref at the actor's site; raises NotFound."""
    found = db.session.scalar(select(RoomWish).where(RoomWish.ref == ref, RoomWish.site_id == actor.site_id))
    if found is None:
        raise NotFound
    return found


def _record(kind: str, wish: RoomWish, *, actor: Actor, now: datetime) -> None:
    events.record(
        f"room_wish.{kind}",
        site_id=wish.site_id,
        subject="room_wish",
        subject_id=wish.id,
        actor=actor,
        now=now,
        facts={"room_id": wish.room_id, "begins_at": wish.begins_at.isoformat(), "ends_at": wish.ends_at.isoformat()},
    )
