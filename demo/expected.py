"""Who is expected today: guests of today's meetings, some of whom have come, and visitors whom hosts invited."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from demo import names
from demo.building import Building
from demo.keyroom import acting
from domain import clock
from domain.database import db
from domain.gatherings import among
from domain.identity import Actor
from domain.meetings.models import Reservation, ReservationState
from domain.occupants.links import link_of
from domain.people.models import Person
from domain.permissions import Role
from domain.visits.arrivals import Whom
from domain.visits.entries import arrive, known_of
from domain.visits.invitations import Guest, Plan, invite, plan_of

FIRST_PHONE = 60_000
MEETINGS, GUESTS = 6, 5
RUNNING = "业主委员会座谈"
AHEAD = (
    (1, "庄小例", "范例资本", 40, 120),
    (9, "Emily Carter", "Sample Partners", 75, 90),
    (17, "许望舒", "某设计院", 130, 60),
    (25, "", "示例中学", 180, 120),
    (33, "唐一诺", "", -220, 60),
)
"""Of hosts: which, the guest (none: a group), from where, in how many minutes, for how long."""
GROUP = 24


def play(building: Building, people: dict[str, Person], *, now: datetime) -> None:
    """Invite for today's meetings and for some hosts; of the meeting that runs two guests are here already."""
    desk, chance = acting(people["lisi"], Role.RECEPTIONIST, building), Random(7)
    said: dict[str, Any] = {"site": building.site, "actor": desk, "now": now - timedelta(days=1)}
    made = now - timedelta(days=1)
    phones = iter(range(FIRST_PHONE, FIRST_PHONE + 1000))
    for meeting in _meetings(building, now=now):
        gathering = among([meeting.id])[meeting.id]
        guests = [_guest(chance, next(phones)) for _ in range(GUESTS)]
        plan = plan_of(gathering, whom=None, purpose=building.purposes[5])
        invited = invite(guests, plan, source="meeting", **said | {"now": min(made, meeting.begins_at)})
        if meeting.title == RUNNING:
            for one in invited[:2]:
                arrive(
                    one,
                    entered=known_of(one),
                    site=building.site,
                    language="zh_Hans",
                    source="kiosk",
                    kiosk_id=building.kiosks[0].id,
                    actor=_kiosk(building),
                    now=now - timedelta(minutes=2),
                )
    for place, name, organisation, minutes, length in AHEAD:
        host = building.hosts[place]
        unit = next(unit for unit in building.units if unit.id == host.unit_id)
        begins = now + timedelta(minutes=minutes)
        plan = Plan(Whom(unit, host), building.purposes[0], begins, begins + timedelta(minutes=length))
        if not name:
            plan = replace(plan, entries=GROUP)
        guest = Guest(name, names.mobile(next(phones)) if name else "", "", organisation)
        actor = Actor("host", host.id, host.name, building.site.id)
        invite([guest], plan, site=building.site, source="host", actor=actor, now=made)
    link_of(building.hosts[3], actor=desk, now=made)


def _kiosk(building: Building) -> Actor:
    return Actor("kiosk", building.kiosks[0].id, building.kiosks[0].name, building.site.id)


def _guest(chance: Random, phone: int) -> Guest:
    organisation = chance.choice([each for each in names.ORGANISATIONS if each])
    return Guest(names.person_name(chance), names.mobile(phone), "", organisation)


def _meetings(building: Building, *, now: datetime) -> list[Reservation]:
    """Today's next meetings of occupants, the one that runs first."""
    _, tomorrow = clock.day_span(clock.local_date(now, building.site.zone), building.site.zone)
    one = Reservation
    found = db.session.scalars(
        select(one)
        .where(one.site_id == building.site.id, one.host_id.is_not(None), one.state == ReservationState.HELD)
        .where(one.ends_at > now, one.begins_at < tomorrow)
        .order_by(one.title != RUNNING, one.begins_at, one.id)
        .limit(MEETINGS)
    ).all()
    return [meeting for meeting in found if among([meeting.id])[meeting.id].stands]
