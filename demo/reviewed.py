"""The review of the demo: three weeks of signatures, what was left, comments, corrections that wait and came back.

In a transaction of its own after the building's: a signature ends at the number of an event, which a commit gives.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from domain import clock, registers
from domain.database import db
from domain.events import Event
from domain.identity import Actor
from domain.people.models import Person
from domain.permissions import Role
from domain.registers import Register
from domain.review import comments, signing
from domain.review.entries import happened_to
from domain.review.models import Comment, Review, Waiting
from domain.review.signing import MOST, Shown
from domain.sites.models import Site

WEEKS = 3
DAYS = (1, 4)
"""Wu Fan signs on Tuesdays and Fridays."""
REMARKS = ("已核对", "已核对，晚间离开请看到人再确认", "已核对，单位名称请写全称")


def is_missing() -> bool:
    """Whether nothing was signed yet."""
    return db.session.scalar(select(func.count()).select_from(Review)) == 0


def play(*, now: datetime) -> None:
    """Sign the registers of the first site as a supervisor does who comes twice a week, the last time a while ago."""
    site = db.session.scalars(select(Site).order_by(Site.id)).first()
    people = {person.login: person for person in db.session.scalars(select(Person))}
    if site is None or "wufan" not in people:
        return
    wu = Actor("staff", people["wufan"].id, people["wufan"].name, site.id, ((Role.SUPERVISOR, site.id),))
    lisi = Actor("staff", people["lisi"].id, people["lisi"].name, site.id, ((Role.RECEPTIONIST, site.id),))
    mornings = _mornings(site, now)
    signed = [one for one in registers.everyone() if one.lasting and wu.may(one.read)]
    through = {
        one.name: signing.begin_with(one, site, mornings[0] - timedelta(days=4), actor=wu, now=mornings[0])
        for one in signed
    }
    for nth, then in enumerate(mornings):
        for one in signed:
            through[one.name] = _sign(one, site, through[one.name], wu, then, REMARKS[nth % len(REMARKS)])
    _talk(site, wu, lisi, people["lisi"], now)


def _mornings(site: Site, now: datetime) -> list[datetime]:
    """When it was signed: at four in the afternoon of those days, but not today."""
    today = clock.local_date(now, site.zone)
    days = [today - timedelta(days=back) for back in range(WEEKS * 7, 0, -1)]
    return [clock.day_span(day, site.zone)[0] + timedelta(hours=16) for day in days if day.weekday() in DAYS]


def _sign(register: Register, site: Site, through: int, wu: Actor, then: datetime, remark: str) -> int:
    """Sign what there was then; gives the number of the last entry."""
    up_to = db.session.scalar(select(func.max(Event.number)).where(Event.site_id == site.id, Event.at <= then))
    made_by = select(register.number, register.by_ref, register.id).where(
        register.site == site.id, register.number > through, register.at <= then, ~register.still_open(then)
    )
    rows = db.session.execute(made_by.order_by(register.number).limit(MOST)).all()
    if not rows or not up_to:
        return through
    last = min(rows[-1][0], through + MOST)
    earlier = (
        select(register.number, register.by_ref, register.id)
        .join(Waiting, Waiting.entry_id == register.id)
        .where(Waiting.site_id == site.id, Waiting.register == register.name)
    )
    seen = [row for row in rows if row[0] <= last] + list(db.session.execute(earlier))
    moved = happened_to(register, site.id, [row[2] for row in seen], after=up_to)
    refs = tuple(row[1] for row in seen if row[2] not in moved)
    if not refs:
        return through
    shown = Shown(through + 1, last, up_to, refs)
    signing.sign(register, site, shown, remark=remark, actor=wu, now=then)
    return last


def _talk(site: Site, wu: Actor, lisi: Actor, asked: Person, now: datetime) -> None:
    """On the visits that are not signed yet: a remark, a correction that came back, and one that waits."""
    visits = registers.get("visits")
    rows: list[Any] = list(
        db.session.execute(
            select(visits.id, visits.by_ref.label("ref"), visits.number, visits.site)
            .where(visits.site == site.id, ~visits.still_open(now))
            .order_by(visits.number.desc())
            .limit(6)
        )
    )
    if len(rows) < 6:
        return
    said: dict[str, Any] = {"actor": wu}
    comments.comment(visits, rows[5], text="陪同人数与监控一致", now=now - timedelta(hours=2), **said)
    back = comments.comment(
        visits, rows[4], text="单位只写了简称，请写全称", ask=asked.ref, now=now - timedelta(hours=2), **said
    )
    _answer(back, "已电话核实，简称就是登记名称", lisi, now - timedelta(minutes=70))
    comments.comment(
        visits, rows[2], text="谁看见访客离开？请更正离开时间", ask=asked.ref, now=now - timedelta(minutes=50), **said
    )


def _answer(comment: Comment, text: str, lisi: Actor, then: datetime) -> None:
    comments.answer(comment, text=text, actor=lisi, now=then)
