"""Writing a made-up history down, in the transaction that makes the demo."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import chain
from random import Random
from typing import Any

from sqlalchemy import insert, select

from demo.building import Building
from demo.history import Chronicle, Stay, days, pool
from domain import clock, events
from domain.codes import new_ref
from domain.database import db
from domain.identity import Actor
from domain.notices import Channel, Notice, NoticeState
from domain.search import VISIT, SearchGram
from domain.sites.models import DailyNumber
from domain.sites.numbers import ALWAYS
from domain.visits.arrivals import grams_of
from domain.visits.models import Visit

DAYS = 364


def live_through(
    building: Building,
    *,
    visitors: int,
    first_phone: int,
    workday: tuple[int, int],
    weekend: tuple[int, int],
    desk: Actor,
    now: datetime,
    chance: Random,
    until: datetime,
) -> int:
    """A year of visits, all over at `until`; returns how many."""
    today = clock.local_date(now, building.site.zone)
    people = pool(visitors, first_phone=first_phone, chance=chance)
    chronicle = Chronicle(building, people, desk=desk, chance=chance)
    year = days(chronicle, today - timedelta(days=DAYS), today, workday=workday, weekend=weekend, until=until)
    stays = list(chain.from_iterable(year))
    write(stays)
    _count(building.site.id, stays)
    return len(stays)


def write(stays: Sequence[Stay]) -> None:
    """Rows of the visits, what they are found by, who was told, and their lines of history in order of time."""
    if not stays:
        return
    site_id = stays[0].row["site_id"]
    db.session.execute(insert(Visit.__table__), [stay.row for stay in stays])  # type: ignore[arg-type]
    written = select(Visit.id).where(Visit.site_id == site_id, Visit.number >= stays[0].row["number"])
    ids = db.session.scalars(written.order_by(Visit.number)).all()
    lines = []
    grams: list[dict[str, Any]] = []
    for id_, stay in zip(ids, stays, strict=True):
        lines += [(line, id_) for line in stay.lines]
        grams += [
            {"site_id": site_id, "kind": VISIT, "gram": gram, "subject_id": id_} for gram in grams_of(stay.entered)
        ]
    db.session.execute(insert(SearchGram.__table__), sorted(grams, key=lambda row: row["gram"]))  # type: ignore[arg-type]
    told = [_notice(id_, stay) for id_, stay in zip(ids, stays, strict=True) if stay.row["host_id"]]
    db.session.execute(insert(Notice.__table__), told)  # type: ignore[arg-type]
    for line, id_ in sorted(lines, key=lambda item: item[0].at):
        events.record(
            line.kind,
            site_id=site_id,
            subject="visit",
            subject_id=id_,
            actor=line.actor,
            now=line.at,
            facts=line.facts,
            entered=line.entered,
        )


def _notice(visit_id: int, stay: Stay) -> dict[str, Any]:
    """The host's notice, delivered long ago."""
    host_id, at = stay.row["host_id"], stay.row["arrived_at"]
    return {
        "site_id": stay.row["site_id"],
        "kind": "visit.arrived",
        "recipient": "host",
        "recipient_id": host_id,
        "channel": Channel.MAIL,
        "subject": "visit",
        "subject_id": visit_id,
        "facts": {},
        "dedupe_key": f"visit.arrived:visit:{visit_id}:host:{host_id}:{Channel.MAIL}:",
        "message_id": new_ref(),
        "state": NoticeState.SENT,
        "tries": 1,
        "created_at": at,
        "due_at": at,
        "claimed_until": None,
        "sent_at": at + timedelta(seconds=2),
        "problem": "",
    }


def _count(site_id: int, stays: Sequence[Stay]) -> None:
    """The last number of the register and of each day's badges, so that the next visit goes on from there."""
    last_of_day: dict[date, int] = {}
    for stay in stays:
        last_of_day[stay.row["badge_day"]] = stay.row["badge_number"]
    rows = [DailyNumber(site_id=site_id, series="badges", day=day, last=last) for day, last in last_of_day.items()]
    if stays:
        rows.append(DailyNumber(site_id=site_id, series="visits", day=ALWAYS, last=stays[-1].row["number"]))
    db.session.add_all(rows)
    db.session.flush()


def in_order_of_time() -> None:
    """Put what the demo has told so far into the order in which it happened: lines are numbered as they are recorded,
    and the demo tells first of the visits, then of the keys.
    """
    db.session.flush()
    db.session().info["events"].sort(key=lambda line: line[0]["at"])
