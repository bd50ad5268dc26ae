"""How often a week the registers are to be checked, and whether they were (R1): computed from the signatures when it is
asked, no timer has to have run."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from domain import clock, events
from domain.database import db, dialect, upsert
from domain.errors import DomainError
from domain.identity import Actor
from domain.permissions import Permission
from domain.review.models import Duty
from domain.sites.models import Site
from domain.text import N_

USUAL = 2
WEEK = timedelta(days=7)
Standing = Literal["met", "open", "missed"]


@dataclass(frozen=True)
class Week:
    """One week of one register: on how many days it was signed, of how many; `standing` says what that means."""

    done: int
    wanted: int
    standing: Standing


def week_of(now: datetime, zone: str) -> tuple[datetime, datetime]:
    """The instants at which this week at the site began and will end; it begins on Monday."""
    today = clock.local_date(now, zone)
    monday = today - timedelta(days=today.weekday())
    return clock.day_span(monday, zone)[0], clock.day_span(monday + timedelta(days=6), zone)[1]


def days_signed(signatures: Iterable[Any], zone: str) -> dict[tuple[str, date], int]:
    """On how many days of a week each register was signed, by its name and the week's Monday."""
    days: dict[tuple[str, date], set[date]] = defaultdict(set)
    for row in signatures:
        day = clock.local_date(row.signed_at, zone)
        days[row.register, day - timedelta(days=day.weekday())].add(day)
    return Counter({key: len(value) for key, value in days.items()})


def this_week(done: int, wanted: int, *, waits: bool) -> Week:
    """How this week stands: met once signed often enough, or while there is nothing to sign."""
    return Week(done, wanted, "met" if done >= wanted or not waits else "open")


def last_week(done: int, wanted: int, *, waited: bool) -> Week:
    """How the week before ended: missed where it was signed too seldom and entries of then still wait."""
    return Week(done, wanted, "met" if done >= wanted or not waited else "missed")


def set_duty(site: Site, *, times: int, actor: Actor, now: datetime) -> None:
    """Say how often a week the registers of the site are checked; raises DomainError beyond seven."""
    actor.must(Permission.REVIEW_MANAGE, site.id)
    if not 0 <= times <= 7:
        raise DomainError(N_("Choose a number from 0 to 7."), field="times")
    table: Any = Duty.__table__
    statement = upsert(table, dialect()).values(site_id=site.id, times=times)
    db.session.execute(statement.on_conflict_do_update(index_elements=["site_id"], set_={"times": times}))
    events.record(
        "review.duty_set",
        site_id=site.id,
        subject="site",
        subject_id=site.id,
        actor=actor,
        now=now,
        facts={"times": times},
    )


def duty_of(site_id: int) -> int:
    """How often a week."""
    found = db.session.get(Duty, site_id)
    return found.times if found else USUAL
