"""Eight meeting rooms with what is reserved in them: some weeks back, today, and the weeks ahead."""

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from demo.building import Building
from demo.keyroom import acting
from demo.links import pair_as_demo
from domain import clock
from domain.database import db
from domain.errors import Conflict, DomainError
from domain.identity import SYSTEM, Actor
from domain.meetings.ends import start
from domain.meetings.feeds import Of, make_feed
from domain.meetings.models import Approver, OpenTo, Reservation, Room
from domain.meetings.reservations import Wish, reserve
from domain.meetings.room_rules import set_rules
from domain.meetings.rooms import add_room
from domain.meetings.spans import span_on
from domain.meetings.waiting import wait_for
from domain.people.models import Person
from domain.permissions import Role
from domain.sites import pairing

WEEKS_BACK, WEEKS_AHEAD = 3, 3
A_DAY = 14
EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
WORKDAYS = [1, 2, 3, 4, 5]
ROOMS: tuple[tuple[str, str, int, dict[str, Any]], ...] = (
    ("1 号会议室", "3", 8, {"equipment": ["screen", "whiteboard"], "layouts": ["boardroom"]}),
    ("2 号会议室", "3", 8, {"equipment": ["screen", "whiteboard"], "layouts": ["boardroom"]}),
    (
        "3 号会议室",
        "3",
        16,
        {"equipment": ["screen", "video"], "layouts": ["boardroom", "u_shape"], "after_minutes": 10},
    ),
    ("松厅", "5", 20, {"equipment": ["screen", "video"], "layouts": ["boardroom", "u_shape"], "after_minutes": 15}),
    ("竹厅", "5", 12, {"equipment": ["screen"], "layouts": ["boardroom"], "after_minutes": 15}),
    (
        "培训教室",
        "6",
        40,
        {"equipment": ["projector", "whiteboard", "microphone"], "layouts": ["classroom", "u_shape"]}
        | {"before_minutes": 15, "after_minutes": 15},
    ),
    (
        "多功能厅",
        "2",
        120,
        {"equipment": ["projector", "microphone", "lectern"], "layouts": ["theatre", "banquet", "classroom"]}
        | {"before_minutes": 30, "after_minutes": 30},
    ),
    (
        "贵宾室",
        "2",
        10,
        {"equipment": ["screen"], "layouts": ["boardroom"], "before_minutes": 15, "release_minutes": 20},
    ),
)
TITLES = (
    ("周例会", 6),
    ("客户洽谈", 4),
    ("面试", 3),
    ("项目评审", 8),
    ("产品演示", 7),
    ("预算讨论", 5),
    ("供应商会议", 6),
    ("新员工培训", 12),
    ("视频会议", 5),
    ("签约仪式", 8),
)


def furnish(building: Building, *, actor: Actor, now: datetime) -> list[Room]:
    """Enter the rooms."""
    return [
        add_room(
            site_id=building.site.id,
            name=name,
            floor=floor,
            capacity=capacity,
            open_days=EVERY_DAY,
            opens=480,
            closes=1260,
            actor=actor,
            now=now,
            **values,
        )
        for name, floor, capacity, values in ROOMS
    ]


def play(building: Building, people: dict[str, Person], *, now: datetime, chance: Random) -> None:
    """Reserve day by day as the desk does; what is refused because the room is taken is not reserved."""
    lead = acting(people["zhouli"], Role.LEAD, building)
    desk = acting(people["lisi"], Role.RECEPTIONIST, building)
    today = clock.local_date(now, building.site.zone)
    first = now - timedelta(weeks=WEEKS_BACK)
    rooms = furnish(building, actor=lead, now=first)
    _weekly(building, rooms[3], people["zhouli"], desk, today, now=first)
    _running(building, rooms, desk, now=now)
    for days in range(-7 * WEEKS_BACK, 7 * WEEKS_AHEAD):
        day = today + timedelta(days=days)
        count = A_DAY if day.isoweekday() in WORKDAYS or not days else 4
        for _ in range(count):
            _one(building, rooms, desk, day, now=min(now, clock.day_span(day, building.site.zone)[0]), chance=chance)
    _doors(building, rooms, now=now)
    _waits(building, rooms, people["zhouli"], lead, desk, now=now)


def _doors(building: Building, rooms: list[Room], *, now: datetime) -> None:
    """Displays at two doors: where somebody meets now, and at a room that may be taken by a touch."""
    for room in (rooms[6], rooms[2]):
        display = pairing.add_door(
            site_id=building.site.id, room_id=room.id, name=f"{room.name}门口", actor=SYSTEM, now=now
        )
        pair_as_demo(display, now=now)


def _waits(building: Building, rooms: list[Room], zhou: Person, lead: Actor, desk: Actor, *, now: datetime) -> None:
    """A tentative meeting that waits for the lead, somebody on the waiting list, two calendars."""
    training, pine, site, host = rooms[5], rooms[3], building.site, building.hosts[5]
    unit = next(unit for unit in building.units if unit.id == host.unit_id)
    tomorrow = clock.local_date(now, site.zone) + timedelta(days=1)
    rules: dict[str, Any] = {"open_to": OpenTo.ALL, "units": [], "door_booking": False, "actor": lead, "now": now}
    set_rules(
        training, approver=Approver.LEAD, prices="场地 每小时 300 元\n投影与话筒 每次 200 元\n茶水 每位 15 元", **rules
    )
    for hour in (12, 18, 19):
        wish = Wish("消防安全培训", 30, host=host, unit=unit, notes="需要两只话筒")
        with suppress(DomainError):
            reserve(
                training,
                days=[tomorrow],
                since=time(hour),
                until=time(hour + 1),
                wish=wish,
                site=site,
                actor=desk,
                now=now,
            )
            break
    week = tomorrow + timedelta(days=6)
    span = span_on(week, time(9), 60, room=pine, zone=site.zone)
    with suppress(DomainError):
        wait_for(pine, span, wish=Wish("租户恳谈会", 12, host=host, unit=unit), site=site, actor=desk, now=now)
    make_feed(Of(room=pine), site_id=site.id, label="五层大屏", actor=lead, now=now)
    make_feed(Of(person=zhou), site_id=site.id, label="手机日历", actor=lead, now=now)


def _one(building: Building, rooms: list[Room], desk: Actor, day: date, *, now: datetime, chance: Random) -> None:
    title, people = chance.choice(TITLES)
    room, host = chance.choice(rooms[:-1]), chance.choice(building.hosts)
    since = time(chance.randint(8, 17), chance.choice((0, 0, 30)))
    until = time(since.hour + chance.choice((1, 1, 2)), since.minute)
    unit = next(unit for unit in building.units if unit.id == host.unit_id)
    wish = Wish(title, min(people, room.capacity), host=host, unit=unit)
    try:
        reserve(room, days=[day], since=since, until=until, wish=wish, site=building.site, actor=desk, now=now)
    except Conflict:
        return


def _weekly(building: Building, room: Room, lead: Person, desk: Actor, today: date, *, now: datetime) -> None:
    """The lead's round, each week on this weekday."""
    days = [today + timedelta(weeks=number) for number in range(1 - WEEKS_BACK, WEEKS_AHEAD)]
    wish = Wish("服务班组例会", 9, person=lead, notes="班前会材料放在前台")
    reserve(room, days=days, since=time(9), until=time(10), wish=wish, site=building.site, actor=desk, now=now)


def _running(building: Building, rooms: list[Room], desk: Actor, *, now: datetime) -> None:
    """At the hours in which rooms are open: one meeting has begun, and in the VIP room nobody has come yet."""
    at = clock.local(now, building.site.zone)
    begin = at.replace(minute=at.minute // 5 * 5)
    if not 8 <= at.hour < 19:
        return
    since, until = begin.time(), (begin + timedelta(minutes=60)).time()
    for room, title, begun in ((rooms[6], "业主委员会座谈", True), (rooms[7], "集团来访接待", False)):
        host = building.hosts[3]
        unit = next(unit for unit in building.units if unit.id == host.unit_id)
        wish = Wish(title, 8, host=host, unit=unit, notes="茶水 8 份")
        try:
            (made,) = reserve(
                room, days=[begin.date()], since=since, until=until, wish=wish, site=building.site, actor=desk, now=now
            )
        except DomainError:
            continue
        if begun:
            start(db.session.get_one(Reservation, made.id), actor=desk, now=now)
