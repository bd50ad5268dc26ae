"""Meeting rooms for the data set: 60 rooms, and as many reservations as there are visits, 5,000 in each month."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from benchmarks.bulk import Loader
from domain import clock
from domain.codes import new_ref
from domain.database import db, writing
from domain.identity import Actor
from domain.meetings.history import grams_of
from domain.meetings.models import Answer, Approver, Reservation, ReservationState, Room
from domain.meetings.rooms import add_room
from domain.occupants.models import Host
from domain.search import MEETING, SearchGram
from domain.sites.models import DailyNumber
from domain.sites.numbers import ALWAYS

ROOMS = 60
A_DAY = 167
AHEAD = 14
HOURS = (9, 11, 14)
BATCH = 50_000
ZONE = "Asia/Shanghai"
COLUMNS = [column.name for column in Reservation.__table__.columns]
GRAM_COLUMNS = ["site_id", "kind", "gram", "subject_id"]
TITLES = ("周例会", "客户洽谈", "项目评审", "产品演示", "预算讨论", "供应商会议")
EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]


def furnish(url: str, site_id: int, desk: Actor, meetings: int, *, now: datetime) -> None:
    """Enter the rooms and write the reservations down, the last ones two weeks ahead."""
    with writing():
        rooms = [_room(site_id, number, desk, now).id for number in range(ROOMS)]
        hosts = db.session.execute(select(Host.id, Host.unit_id, Host.name).where(Host.site_id == site_id).limit(500))
        people = [tuple(row) for row in hosts]
    db.session.remove()
    loader, made = Loader(url), 0
    while made < meetings:
        many = range(made + 1, min(made + BATCH, meetings) + 1)
        loader.load(Reservation.__table__, COLUMNS, _reservations(many, meetings, site_id, desk, rooms, people, now))  # type: ignore[arg-type]
        loader.load(SearchGram.__table__, GRAM_COLUMNS, sorted(_grams(many, site_id, people)))  # type: ignore[arg-type]
        made = many[-1]
        print(f"  {made:,} of {meetings:,} reservations", flush=True)
    loader.load(DailyNumber.__table__, ["site_id", "series", "day", "last"], [(site_id, "meetings", ALWAYS, meetings)])  # type: ignore[arg-type]
    loader.finish("reservations")


def _room(site_id: int, number: int, desk: Actor, now: datetime) -> Room:
    return add_room(
        site_id=site_id,
        name=f"{number + 1:02d} 号会议室",
        floor=str(3 + number // 6),
        capacity=12,
        open_days=EVERY_DAY,
        opens=480,
        closes=1320,
        layouts=["boardroom"],
        equipment=["screen"],
        actor=desk,
        now=now,
    )


def _reservations(
    many: range, meetings: int, site_id: int, desk: Actor, rooms: list[int], people: list[Any], now: datetime
) -> Iterator[list[Any]]:
    last = clock.local_date(now, ZONE) + timedelta(days=AHEAD)
    for n in many:
        back, place = divmod(meetings - n, A_DAY)
        hour, room = HOURS[place // ROOMS], rooms[place % ROOMS]
        begins = clock.at_local(last - timedelta(days=back), time(hour), ZONE)
        ends = begins + timedelta(hours=1)
        host_id, unit_id, _name = people[n % len(people)]
        row = {
            "id": n,
            "ref": new_ref(),
            "site_id": site_id,
            "number": n,
            "room_id": room,
            "title": TITLES[n % len(TITLES)],
            "host_id": host_id,
            "unit_id": unit_id,
            "people": 6,
            "layout": "",
            "notes": "",
            "begins_at": begins,
            "ends_at": ends,
            "reserved_from": begins,
            "reserved_until": ends,
            "state": ReservationState.HELD,
            "reason": "",
            "made_by_id": desk.id,
            "made_at": begins - timedelta(days=3),
            "sequence": 0,
            "approver": Approver.NOBODY,
            "answer": Answer.NONE,
        }
        yield [row.get(column) for column in COLUMNS]


def _grams(many: range, site_id: int, people: list[Any]) -> Iterator[tuple[int, int, str, int]]:
    known: dict[tuple[str, str], set[str]] = {}
    for n in many:
        key = TITLES[n % len(TITLES)], people[n % len(people)][2]
        if key not in known:
            known[key] = grams_of(*key, "", "")
        for gram in known[key]:
            yield site_id, MEETING, gram, n


def free_slots(site_id: int, count: int) -> list[tuple[str, str, str]]:
    """Room (its ref), day and hour at which nothing is reserved: beyond all that the data set and earlier runs hold."""
    rooms = list(db.session.scalars(select(Room.ref).where(Room.site_id == site_id).order_by(Room.id)))
    last = db.session.scalar(select(func.max(Reservation.begins_at)).where(Reservation.site_id == site_id))
    assert last is not None
    first = clock.local_date(last, ZONE) + timedelta(days=1)
    slots = []
    for n in range(count):
        day, place = divmod(n, ROOMS * 12)
        hour, room = divmod(place, ROOMS)
        slots.append((rooms[room], (first + timedelta(days=day)).isoformat(), f"{9 + hour:02d}:00"))
    return slots
