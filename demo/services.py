"""The service of today's meetings: a catalogue with its stock, templates, orders, and sheets that are under way."""

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select

from demo.building import Building
from demo.keyroom import Keyroom, acting
from domain import clock
from domain.codes import new_token
from domain.database import db
from domain.errors import DomainError
from domain.identity import Actor
from domain.keys.classes import KeyClass
from domain.meetings import attendants, faults, steps
from domain.meetings.catalogue import add_item, save_template
from domain.meetings.models import Reservation, ReservationState, Room
from domain.meetings.orders import Line, write_orders
from domain.meetings.phases import Category
from domain.meetings.service_models import ServiceItem, ServiceOrder, ServiceStep, ServiceTemplate
from domain.people.models import Person
from domain.permissions import Role
from domain.ticks import Sent

ITEMS: tuple[tuple[str, Category, str, dict[str, int | bool | None]], ...] = (
    ("绿茶", Category.DRINK, "杯", {"per_person": True, "every_minutes": 20}),
    ("白水", Category.DRINK, "杯", {"every_minutes": 20}),
    ("咖啡", Category.DRINK, "杯", {"every_minutes": 30, "stock": 180, "low_at": 40}),
    ("矿泉水", Category.DRINK, "瓶", {"per_person": True, "stock": 96, "low_at": 48}),
    ("热毛巾", Category.TOWEL, "条", {"per_person": True, "every_minutes": 40}),
    ("桌签", Category.TABLE, "个", {"per_person": True}),
    ("纸笔", Category.TABLE, "套", {"per_person": True, "stock": 60, "low_at": 30}),
    ("投影屏幕", Category.EQUIPMENT, "", {}),
    ("话筒", Category.EQUIPMENT, "只", {}),
    ("视频会议", Category.EQUIPMENT, "", {}),
    ("门口引导", Category.GUIDE, "人", {}),
    ("访客车位", Category.PARKING, "个", {}),
)
TEMPLATES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("贵宾接待", ("绿茶", "白水", "热毛巾", "桌签", "门口引导", "访客车位")),
    ("培训", ("矿泉水", "纸笔", "投影屏幕", "话筒")),
    ("视频会议", ("绿茶", "投影屏幕", "视频会议")),
)
MOST_ORDERS = 7


def play(building: Building, room: Keyroom, people: dict[str, Person], *, now: datetime) -> None:
    """Fill the catalogue, order for some of today's meetings, and tick what was due by now; one sheet is late."""
    lead, desk = acting(people["zhouli"], Role.LEAD, building), acting(people["lisi"], Role.RECEPTIONIST, building)
    begin = now - timedelta(weeks=2)
    items = _catalogue(building, lead, now=begin)
    templates = _templates(building, items, lead, now=begin)
    _keys(building, room)
    meetings = _of_today(building, now=now)
    for place, meeting in enumerate(meetings):
        with suppress(DomainError):
            (order,) = _order(meeting, templates[place % 3], items, desk, now=now)
            who = people["chenyang"] if place % 3 != 1 else people["zhouli"] if place % 2 else None
            if who:
                attendants.assign(order, who, actor=lead, now=now - timedelta(hours=2))
                _tick(order, who, building, now=now, late=meeting.started_at is not None)


def _catalogue(building: Building, lead: Actor, *, now: datetime) -> dict[str, ServiceItem]:
    return {
        name: add_item(site_id=building.site.id, name=name, category=category, unit=unit, actor=lead, now=now, **values)
        for name, category, unit, values in ITEMS
    }


def _templates(
    building: Building, items: dict[str, ServiceItem], lead: Actor, *, now: datetime
) -> list[tuple[ServiceTemplate, tuple[str, ...]]]:
    made = []
    for name, names in TEMPLATES:
        lines = [(items[one], None if items[one].per_person else 1, items[one].every_minutes) for one in names]
        made.append((save_template(None, site_id=building.site.id, name=name, lines=lines, actor=lead, now=now), names))
    return made


def _keys(building: Building, room: Keyroom) -> None:
    """The keys of the meeting rooms that hang in the cabinet go out with their meetings (K8)."""
    kept = {key.opens: key.id for key in room.keys[KeyClass.MEETING_ROOM]}
    for one in db.session.scalars(select(Room).where(Room.site_id == building.site.id)):
        one.key_id = kept.get(one.name)
    db.session.flush()


def _of_today(building: Building, *, now: datetime) -> list[Reservation]:
    """Meetings of today that are not over: what runs first."""
    since, until = clock.day_span(clock.local_date(now, building.site.zone), building.site.zone)
    return list(
        db.session.scalars(
            select(Reservation)
            .where(
                Reservation.site_id == building.site.id,
                Reservation.state == ReservationState.HELD,
                Reservation.begins_at >= since,
                Reservation.begins_at < until,
                Reservation.ends_at > now + timedelta(minutes=20),
                Reservation.answer_by.is_(None),
            )
            .order_by(Reservation.started_at.is_(None), Reservation.begins_at, Reservation.id)
            .limit(MOST_ORDERS)
        )
    )


def _order(
    meeting: Reservation,
    usual: tuple[ServiceTemplate, tuple[str, ...]],
    items: dict[str, ServiceItem],
    desk: Actor,
    *,
    now: datetime,
) -> list[ServiceOrder]:
    template, names = usual
    lines = [
        Line(items[name], meeting.people if items[name].per_person else 1, items[name].every_minutes) for name in names
    ]
    return write_orders(
        [meeting], lines=lines, template=template, notes="主位靠窗", despite=True, actor=desk,
        now=now - timedelta(hours=3),
    )  # fmt: skip


def _tick(order: ServiceOrder, who: Person, building: Building, *, now: datetime, late: bool) -> None:
    """What was due is ticked in time; where it is late, the tea stands still to be made and a lamp is out."""
    actor = acting(who, Role.ATTENDANT, building)
    due = db.session.scalars(
        select(ServiceStep)
        .where(ServiceStep.order_id == order.id, ServiceStep.due_at < now, ServiceStep.void_at.is_(None))
        .order_by(ServiceStep.due_at, ServiceStep.id)
    ).all()
    for place, step in enumerate(due):
        if late and step.code in ("tea", "door"):
            continue
        at = min(now, step.due_at + timedelta(minutes=1 + place % 3))
        steps.tick(step, Sent(new_token()[:40].ljust(20, "x")), how=steps.DONE, actor=actor, now=at)
    if late:
        meeting = db.session.get_one(Reservation, order.reservation_id)
        faults.note_fault(meeting, what="左侧射灯不亮", urgent=False, actor=actor, now=now - timedelta(minutes=12))
