"""The race for rooms (M2): few rooms, one day, and many desks that reserve, move, call off and take it back."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from domain import clock
from domain.database import db
from domain.errors import Conflict
from domain.identity import SYSTEM, Actor
from domain.meetings.changes import Which, change
from domain.meetings.ends import cancel, revive
from domain.meetings.models import Reservation, ReservationState, Room
from domain.meetings.reservations import Wish, reserve
from domain.meetings.rooms import add_room
from domain.people.models import Person
from domain.sites.models import Site
from tests.races.race import Client, Outcome

ROOMS = 4
DAYS = 3
EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]


@dataclass(frozen=True)
class Pool:
    """What is fought for: rooms that are open round the clock, one of them set up and cleared."""

    site_id: int
    rooms: tuple[int, ...]


def fill(site_id: int) -> Pool:
    """Enter them; call inside `writing()`."""
    rooms = [
        add_room(
            site_id=site_id,
            name=f"R{number}",
            capacity=9,
            open_days=EVERY_DAY,
            opens=0,
            closes=1440,
            before_minutes=10 * number,
            after_minutes=5 * number,
            actor=SYSTEM,
            now=clock.now(),
        )
        for number in range(ROOMS)
    ]
    return Pool(site_id, tuple(room.id for room in rooms))


def client(pool: Pool, actor: Actor) -> Client:
    """A desk that tries to reserve, now and then a repeat, and beside it moves, calls off and takes that back.

    Only the tries to reserve are counted; the rest is there so that time comes free, and must not break.
    """

    def turn(outcome: Outcome, chance: Random) -> None:
        first = clock.local_date(clock.now(), "Asia/Shanghai") + timedelta(days=1)
        day = first + timedelta(days=chance.randrange(DAYS))
        since = time(chance.randint(0, 22), chance.choice((0, 15, 30)))
        until = time(since.hour + 1, chance.choice((0, 30)) if since.minute == 0 else since.minute)

        def wish() -> Wish:
            return Wish("赛跑", 2, person=db.session.get_one(Person, actor.id))

        def reserve_it() -> None:
            days: list[date] = [day] if chance.random() < 0.8 else [first + timedelta(days=n) for n in range(DAYS)]
            room, site = db.session.get_one(Room, chance.choice(pool.rooms)), db.session.get_one(Site, pool.site_id)
            said: dict[str, Any] = {"since": since, "until": until, "wish": wish(), "site": site}
            reserve(room, days=days, actor=actor, now=clock.now(), **said)

        def any_of(state: ReservationState) -> Reservation:
            ids = db.session.scalars(select(Reservation.id).where(Reservation.state == state).limit(200)).all()
            if not ids:
                raise Conflict("nothing to do")
            return db.session.get_one(Reservation, chance.choice(ids))

        def move() -> None:
            one, room = any_of(ReservationState.HELD), db.session.get_one(Room, chance.choice(pool.rooms))
            site = db.session.get_one(Site, pool.site_id)
            at: dict[str, Any] = {"room": room, "day": day, "since": since, "until": until}
            change(one, which=Which.ONE, wish=wish(), site=site, actor=actor, now=clock.now(), **at)

        def call_off() -> None:
            which = chance.choice((Which.ONE, Which.ALL))
            cancel(any_of(ReservationState.HELD), which=which, reason="", actor=actor, now=clock.now())

        def take_back() -> None:
            revive(any_of(ReservationState.CANCELLED), actor=actor, now=clock.now())

        beside = Outcome()
        outcome.attempt(reserve_it)
        for likely, deed in ((0.3, move), (0.2, call_off), (0.2, take_back)):
            if chance.random() < likely:
                beside.attempt(deed)
        outcome.broken += beside.broken

    return turn


def violations(pool: Pool) -> list[str]:
    """What must never be: two reserved times of one room that overlap."""
    one, other = aliased(Reservation), aliased(Reservation)
    blocking = (ReservationState.HELD, ReservationState.ENDED)
    overlapping = select(one.id, other.id.label("other_id")).where(
        one.site_id == pool.site_id,
        one.room_id == other.room_id,
        one.id < other.id,
        one.state.in_(blocking),
        other.state.in_(blocking),
        one.reserved_from < other.reserved_until,
        one.reserved_until > other.reserved_from,
    )
    return [f"{row.id} and {row.other_id} overlap" for row in db.session.execute(overlapping)]
