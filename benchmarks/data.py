"""The data set: one building with as many visits as wanted (汉字, pinyin and Latin names), their history and grams."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from sqlalchemy import delete, func, select, text

from benchmarks import keyroom, meetingroom
from benchmarks.bulk import Loader
from demo import names, scene, staff
from demo.building import (
    ALWAYS_OPEN,
    Building,
    fill_with_hosts,
    give_purposes,
    let_unit,
    open_site,
    place_kiosk,
)
from demo.history import Chronicle, Stay, days, pool
from demo.links import pair_kiosks
from domain import clock, events, grams
from domain.codes import new_ref
from domain.database import db, reading, writing
from domain.events import Counter, Event, EventDetail
from domain.identity import Actor
from domain.notices import Notice, NoticeState
from domain.people.models import Person
from domain.phones import last_four
from domain.search import VISIT, SearchGram
from domain.sites.models import DailyNumber
from domain.sites.numbers import ALWAYS
from domain.visits.arrivals import Entered, Whom, sign_in
from domain.visits.models import PRESENT, Visit, VisitState

UNITS = 400
HOSTS = 10_000
A_DAY = 1_000
BATCH = 50_000
VISITORS = 120_000
INSIDE = 15
LEFT_BEHIND = ("+861547", "+861548")
"""Telephone numbers of the visitors whom earlier runs signed in (benchmarks/browsers.py)."""
ZONE = "Asia/Shanghai"
VISIT_COLUMNS = [column.name for column in Visit.__table__.columns]
EVENT_COLUMNS = [column.name for column in Event.__table__.columns]
DETAIL_COLUMNS = ["site_id", "number", "salt", "entered"]
GRAM_COLUMNS = ["site_id", "kind", "gram", "subject_id"]


@dataclass(frozen=True)
class Made:
    """What the cases need to know of the data set."""

    site_id: int
    visits: int
    people: dict[str, int]


def make(url: str, visits: int, *, hosts: int = HOSTS) -> Made:
    """Fill the migrated, empty database of the current app context."""
    now, chance = clock.now(), Random(1)
    begin = now - timedelta(days=visits // A_DAY + 30)
    with writing():
        building = Building(
            open_site(begin, name="测量大厦", name_en="Bench Tower", zone=ZONE, opening=ALWAYS_OPEN, directions={})
        )
        other = Building(open_site(begin, name="别处", name_en="Elsewhere", zone=ZONE, opening={}, directions={}))
        give_purposes(building, begin)
        for name in ("一号大堂", "东门大堂"):
            place_kiosk(building, name, width_mm=600, label_mm=62, now=begin)
        for place in range(UNITS):
            company = names.COMPANIES[place % len(names.COMPANIES)]
            let_unit(building, f"{3 + place // 10}{place % 10 * 2 + 1:02d}", company, begin)
        fill_with_hosts(building, hosts, 50_000_000, chance, begin)
        people = {login: person.id for login, person in staff.hire(building, other, now=begin).items()}
        pair_kiosks(building, now=begin)
    desk = Actor("staff", people["lisi"], "李四", building.site.id)
    made = pool(min(VISITORS, max(visits // 4, 3_000)), first_phone=60_000_000, chance=chance)
    chronicle = Chronicle(building, made, desk=desk, chance=chance)
    _load(url, chronicle, visits, now)
    keyroom.furnish(url, building.site.id, desk, visits, now=now)
    meetingroom.furnish(url, building.site.id, desk, visits, now=now)
    with writing():
        _present(building, desk, now)
    return Made(building.site.id, visits, people)


def _load(url: str, chronicle: Chronicle, visits: int, now: datetime) -> None:
    site_id = chronicle.building.site.id
    # A session that rolls back forgets what the building is made of.
    db.session.remove()
    with db.engine.connect() as connection:
        number = connection.scalar(select(Counter.value).where(Counter.site_id == site_id)) or 0
    last = clock.local_date(now, ZONE) - timedelta(days=1)
    first = last - timedelta(days=-(-visits // A_DAY) - 1)
    every_day = days(chronicle, first, last, workday=(A_DAY, A_DAY), weekend=(A_DAY, A_DAY))
    stays = islice((stay for day in every_day for stay in day), visits)
    loader = Loader(url)
    badges: dict[date, int] = {}
    by_name: dict[str, set[str]] = {}
    written = 0
    while batch := list(islice(stays, BATCH)):
        loader.load(Visit.__table__, VISIT_COLUMNS, _visits(batch, written))  # type: ignore[arg-type]
        loader.load(SearchGram.__table__, GRAM_COLUMNS, sorted(_grams(batch, written, site_id, by_name)))  # type: ignore[arg-type]
        history, details = _history(batch, written, site_id, number)
        loader.load(Event.__table__, EVENT_COLUMNS, history)  # type: ignore[arg-type]
        loader.load(EventDetail.__table__, DETAIL_COLUMNS, details)  # type: ignore[arg-type]
        number += len(history)
        written += len(batch)
        for stay in batch:
            badges[stay.row["badge_day"]] = stay.row["badge_number"]
        print(f"  {written:,} of {visits:,} visits", flush=True)
    numbers = [(site_id, "badges", day, n) for day, n in badges.items()] + [(site_id, "visits", ALWAYS, written)]
    loader.load(DailyNumber.__table__, ["site_id", "series", "day", "last"], numbers)  # type: ignore[arg-type]
    loader.finish("visits")
    with writing():
        db.session.execute(text("UPDATE counters SET value = :n WHERE site_id = :s"), {"n": number, "s": site_id})
    db.session.remove()


def _visits(batch: list[Stay], before: int) -> Iterator[list[Any]]:
    for place, stay in enumerate(batch, before + 1):
        row = stay.row | {"id": place}
        yield [row[name] for name in VISIT_COLUMNS]


def _grams(
    batch: list[Stay], before: int, site_id: int, by_name: dict[str, set[str]]
) -> Iterator[tuple[int, int, str, int]]:
    """As `domain.visits.arrivals.grams_of` finds them; names come again, so each is spelt once."""
    for place, stay in enumerate(batch, before + 1):
        entered = stay.entered
        if entered.name not in by_name:
            by_name[entered.name] = grams.grams_of_name(entered.name)
        found_by = by_name[entered.name] | grams.grams_of_digits(entered.phone) | {last_four(entered.phone)}
        if entered.plate:
            found_by = found_by | grams.grams_of_text(entered.plate)
        for gram in found_by:
            yield site_id, VISIT, gram, place


def _history(batch: list[Stay], before: int, site_id: int, number: int) -> tuple[list[list[Any]], list[list[Any]]]:
    """Lines in order of time, numbered on from `number`, in the shape of `domain.events`."""
    lines = [(line, place) for place, stay in enumerate(batch, before + 1) for line in stay.lines]
    lines.sort(key=lambda item: item[0].at)
    history, details = [], []
    for n, (line, visit_id) in enumerate(lines, number + 1):
        entered = {name: value for name, value in line.entered.items() if value not in (None, "")}
        salt = new_ref() if entered else ""
        row = {
            "site_id": site_id,
            "number": n,
            "kind": line.kind,
            "subject": "visit",
            "subject_id": visit_id,
            "actor_kind": line.actor.kind,
            "actor_id": line.actor.id,
            "at": line.at,
            "facts": line.facts,
            "digest": events.digest_of(salt, entered),
        }
        history.append([row[name] for name in EVENT_COLUMNS])
        if entered:
            details.append([site_id, n, salt, entered])
    return history, details


def _present(building: Building, desk: Actor, now: datetime) -> None:
    """Today: the demo's scene and so many more that 27 visits are inside, as on the drawing of the desk."""
    scene.play(building, desk=desk, now=now)
    chance = Random(2)
    for n in range(INSIDE):
        host = chance.choice(building.hosts)
        unit = next(unit for unit in building.units if unit.id == host.unit_id)
        sign_in(
            site=building.site,
            purpose=building.purposes[0],
            whom=Whom(unit, host),
            entered=Entered(name=names.person_name(chance), phone=names.mobile(95_000_000 + n), companions=n % 3),
            language="zh_Hans",
            source="desk",
            actor=desk,
            now=now - timedelta(minutes=70 - 4 * n),
        )


def tidy() -> None:
    """Put the lobby back: sign out whom an earlier run left inside, and make this morning's visitors today's."""
    now = clock.now()
    present = select(Visit).where(Visit.state.in_(PRESENT)).order_by(Visit.arrived_at)
    with writing():
        own = [visit for visit in db.session.scalars(present) if not visit.phone.startswith(LEFT_BEHIND)]
        later = now - timedelta(minutes=3) - max((visit.arrived_at for visit in own), default=now)
        for visit in own:
            visit.arrived_at += later
            visit.due_at += later
        for visit in db.session.scalars(present):
            if visit.phone.startswith(LEFT_BEHIND):
                visit.state, visit.left_at, visit.left_how = VisitState.LEFT, max(now, visit.arrived_at), "desk"
    give_up_letters()


def give_up_letters() -> None:
    """Forget what no mail server took: a worker busy with it would be stopped in the midst of a transaction, and would
    write without a pause when it goes on.
    """
    with writing():
        db.session.execute(delete(Notice).where(Notice.state == NoticeState.PENDING))
    db.session.remove()


def known(url: str) -> Made | None:
    """What was made before in this database, or None when it is empty."""
    with reading():
        site_id = db.session.scalar(text("SELECT min(id) FROM sites"))
        if site_id is None:
            return None
        count = db.session.scalar(select(func.count()).select_from(Visit)) or 0
        people = {row.login: row.id for row in db.session.execute(select(Person.login, Person.id))}
    return Made(site_id, count, people)
