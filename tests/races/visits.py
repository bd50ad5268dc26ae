"""The race for the door (V11): few telephones, and many devices that sign them in and out at the same time."""

from collections import defaultdict
from dataclasses import dataclass
from random import Random

from sqlalchemy import func, select

from domain import clock
from domain.database import db
from domain.events import Event
from domain.identity import SYSTEM, Actor
from domain.occupants.models import Host, Unit
from domain.sites.models import Purpose, Site
from domain.visits.arrivals import Entered, Whom, sign_in
from domain.visits.departures import sign_out
from domain.visits.models import PRESENT, Visit
from tests import factories as make
from tests.races.race import Client, Outcome

PHONES = 24


@dataclass(frozen=True)
class Pool:
    """What is fought for: to be inside with one of these telephones."""

    site_id: int
    purpose_id: int
    unit_id: int
    host_id: int
    phones: tuple[str, ...]


def fill(site_id: int) -> Pool:
    """Somebody to visit; call inside `writing()`."""
    site = db.session.get_one(Site, site_id)
    purpose, unit = make.make_purpose(site, "赛跑", "Race"), make.make_unit(site, "2901", "赛跑公司")
    phones = tuple(f"+86154880000{number:02d}" for number in range(PHONES))
    return Pool(site_id, purpose.id, unit.id, make.make_host(unit, "郑样", email="").id, phones)


def client(pool: Pool, actor: Actor) -> Client:
    """A device that tries to sign somebody in, and now and then signs somebody out. Only the sign-ins are counted."""

    def turn(outcome: Outcome, chance: Random) -> None:
        phone = chance.choice(pool.phones)

        def come() -> None:
            whom = Whom(db.session.get_one(Unit, pool.unit_id), db.session.get_one(Host, pool.host_id))
            sign_in(
                site=db.session.get_one(Site, pool.site_id),
                purpose=db.session.get_one(Purpose, pool.purpose_id),
                whom=whom,
                entered=Entered(name="王五", phone=phone),
                language="zh_Hans",
                source="desk",
                actor=actor,
                now=clock.now(),
            )

        def go() -> None:
            here = select(Visit).where(Visit.presence_key == phone, Visit.state.in_(PRESENT)).limit(1)
            if visit := db.session.scalar(here):
                sign_out(visit, how="desk", actor=SYSTEM, now=clock.now())

        beside = Outcome()
        outcome.attempt(come)
        if chance.random() < 0.6:
            beside.attempt(go)
        outcome.broken += beside.broken

    return turn


def violations(pool: Pool) -> list[str]:
    """What must never be: one telephone inside twice, by the history in its order and by the rows; a number or a badge
    given twice or left out.
    """
    found: list[str] = []
    phone_of: dict[int, str] = dict(db.session.execute(select(Visit.id, Visit.phone)).all())
    inside: set[str] = set()
    events = db.session.execute(
        select(Event.number, Event.kind, Event.subject_id)
        .where(Event.site_id == pool.site_id, Event.kind.in_(("visit.signed_in", "visit.signed_out")))
        .order_by(Event.number)
    )
    for number, kind, visit_id in events:
        phone = phone_of[visit_id or 0]
        if kind == "visit.signed_in" and phone in inside:
            found.append(f"event {number}: {phone} was inside already")
        if kind == "visit.signed_out" and phone not in inside:
            found.append(f"event {number}: {phone} was not inside")
        inside = inside | {phone} if kind == "visit.signed_in" else inside - {phone}
    here = select(Visit.phone).where(Visit.site_id == pool.site_id, Visit.state.in_(PRESENT))
    if sorted(db.session.scalars(here)) != sorted(inside):
        found.append("the rows and the history differ about who is inside")
    numbers = sorted(db.session.scalars(select(Visit.number).where(Visit.site_id == pool.site_id)))
    if numbers != list(range(1, len(numbers) + 1)):
        found.append("a number of the register is missing, or was given twice")
    badges: dict[object, list[int]] = defaultdict(list)
    for day, badge in db.session.execute(select(Visit.badge_day, Visit.badge_number)):
        badges[day].append(badge)
    found += [f"badges of {day}" for day, given in badges.items() if sorted(given) != list(range(1, len(given) + 1))]
    lines = select(func.count()).select_from(Event).where(Event.kind == "visit.signed_in")
    if db.session.scalar(lines) != len(numbers):
        found.append("there are not as many arrivals in the history as visits")
    return found
