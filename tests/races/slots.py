"""Twenty slots of one room, and everybody at the same one: each has one winner, all others are told why not (M2)."""

import threading
from dataclasses import dataclass
from datetime import time, timedelta
from random import Random

from sqlalchemy import func, select

from domain import clock
from domain.database import db
from domain.identity import SYSTEM, Actor
from domain.meetings.models import Reservation, Room
from domain.meetings.reservations import Wish, reserve
from domain.meetings.rooms import add_room
from domain.people.models import Person
from domain.sites.models import Site
from tests.races.race import Client, Outcome

SLOTS = 20


@dataclass(frozen=True)
class Pool:
    """The room, open round the clock."""

    site_id: int
    room_id: int


def fill(site_id: int) -> Pool:
    """Enter it; call inside `writing()`."""
    room = add_room(
        site_id=site_id,
        name="Slots",
        capacity=9,
        open_days=[1, 2, 3, 4, 5, 6, 7],
        opens=0,
        closes=1440,
        actor=SYSTEM,
        now=clock.now(),
    )
    return Pool(site_id, room.id)


def client(pool: Pool, actor: Actor) -> Client:
    """Somebody who wants the first slot, then the second, as all others do: each goes through them by an own count, so
    that everybody is at the same one.
    """
    own = threading.local()

    def turn(outcome: Outcome, _chance: Random) -> None:
        own.turn = getattr(own, "turn", -1) + 1
        slot = own.turn % SLOTS

        def reserve_it() -> None:
            room, site = db.session.get_one(Room, pool.room_id), db.session.get_one(Site, pool.site_id)
            day = clock.local_date(clock.now(), site.zone) + timedelta(days=1)
            wish = Wish("赛跑", 2, person=db.session.get_one(Person, actor.id))
            said = {"since": time(slot), "until": time(slot + 1), "wish": wish, "site": site}
            reserve(room, days=[day], actor=actor, now=clock.now(), **said)  # type: ignore[arg-type]

        outcome.attempt(reserve_it)

    return turn


def violations(pool: Pool) -> list[str]:
    """What must never be: a slot that two have, or that nobody has although all tried."""
    taken = dict(
        db.session.execute(
            select(Reservation.begins_at, func.count())
            .where(Reservation.room_id == pool.room_id)
            .group_by(Reservation.begins_at)
        ).all()
    )
    found = [f"{many} have the slot at {begins}" for begins, many in taken.items() if many != 1]
    return found + [f"{SLOTS - len(taken)} slots were won by nobody"] * (len(taken) != SLOTS)
