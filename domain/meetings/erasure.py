"""Who organised a meeting, and in which words, is erased once it is over and the site's days are past (P4).

The reservation stays, with room, unit, time and number of people. In batches: call outside of any transaction.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, select, tuple_, update

from domain import events, search
from domain.database import db, reading, writing
from domain.events import Event, EventDetail
from domain.identity import Actor
from domain.meetings.history import grams_of
from domain.meetings.models import Reservation
from domain.meetings.queries import listed
from domain.meetings.service_models import Confirmation, ServiceOrder, ServiceStep
from domain.meetings.wish_models import RoomWish
from domain.sites.models import Site

BATCH = 500
NOTHING = {"synchronize_session": False}
BRIEF = timedelta(hours=72)
NO_WORDS = "–"
"""In the place of a reason that a skipped step must have."""


def erase_meetings(*, actor: Actor, now: datetime) -> int:
    """Make meetings anonymous after the site's days; returns how many."""
    with reading():
        sites = db.session.execute(select(Site.id, Site.retention_days).order_by(Site.id)).all()
    return sum(
        _erase_at(site.id, before, actor, now) + _erase_wishes(site.id, before, now)
        for site in sites
        for before in (now - timedelta(days=site.retention_days),)
    )


def _erase_wishes(site_id: int, before: datetime, now: datetime) -> int:
    """Who waited for a room, and in which words."""
    due = select(RoomWish.id).where(
        RoomWish.site_id == site_id,
        RoomWish.erased_at.is_(None),
        RoomWish.ends_at < before,
        RoomWish.state != "waiting",
    )
    with reading():
        ids = db.session.scalars(due.limit(BATCH * 10)).all()
    if ids:
        gone = {"title": "", "notes": "", "host_id": None, "person_id": None, "erased_at": now}
        with writing():
            db.session.execute(update(RoomWish).where(RoomWish.id.in_(ids)).values(gone), execution_options=NOTHING)
    return len(ids)


def _erase_at(site_id: int, before: datetime, actor: Actor, now: datetime) -> int:
    due = select(Reservation.id).where(
        Reservation.site_id == site_id, Reservation.erased_at.is_(None), Reservation.ends_at < before
    )
    count = 0
    while True:
        with reading():
            ids = db.session.scalars(due.order_by(Reservation.ends_at, Reservation.id).limit(BATCH)).all()
            rows = db.session.execute(listed().where(Reservation.id.in_(ids))).all()
        if not ids:
            return count
        # Spelling names takes its time: done before anybody has to wait for the transaction.
        found_by = {
            row.id: grams_of(
                row.title, row.host_name or row.person_name or "", row.unit_number or "", row.company or ""
            )
            for row in rows
        }
        with writing():
            _erase(ids, now)
            for meeting_id, known in found_by.items():
                search.forget(site_id=site_id, kind=search.MEETING, subject_id=meeting_id, known=known)
            events.record(
                "meetings.erased",
                site_id=site_id,
                subject="site",
                subject_id=site_id,
                actor=actor,
                now=now,
                facts={"count": len(ids)},
            )
        count += len(ids)


def _erase(ids: Sequence[int], now: datetime) -> None:
    gone = {"title": "", "notes": "", "reason": "", "host_id": None, "person_id": None, "erased_at": now}
    db.session.execute(update(Reservation).where(Reservation.id.in_(ids)).values(gone), execution_options=NOTHING)
    _erase_service(ids)
    about = select(Event.site_id, Event.number).where(Event.subject == "meeting", Event.subject_id.in_(ids))
    db.session.execute(
        delete(EventDetail).where(tuple_(EventDetail.site_id, EventDetail.number).in_(about)), execution_options=NOTHING
    )


def _erase_service(ids: Sequence[int]) -> None:
    """Notes of orders, reasons of skipped steps, words and signatures of organisers."""
    orders = select(ServiceOrder.id).where(ServiceOrder.reservation_id.in_(ids))
    emptied: tuple[Any, ...] = (
        update(ServiceOrder).where(ServiceOrder.reservation_id.in_(ids)).values(notes=""),
        update(ServiceStep).where(ServiceStep.order_id.in_(orders), ServiceStep.reason != "").values(reason=NO_WORDS),
        update(Confirmation).where(Confirmation.order_id.in_(orders)).values(comment="", signature=None),
    )
    for statement in emptied:
        db.session.execute(statement, execution_options=NOTHING)


def erase_signatures(*, actor: Actor, now: datetime) -> int:
    """Erase organisers' signatures after 72 hours; returns how many."""
    due = and_(Confirmation.signature.is_not(None), Confirmation.said_at < now - BRIEF)
    with reading():
        rows = db.session.execute(select(Confirmation.id, Confirmation.site_id).where(due)).all()
    if rows:
        with writing():
            ids = [row.id for row in rows]
            gone = update(Confirmation).where(Confirmation.id.in_(ids)).values(signature=None)
            db.session.execute(gone, execution_options=NOTHING)
            for site_id in sorted({row.site_id for row in rows}):
                events.record(
                    "meetings.erased",
                    site_id=site_id,
                    subject="site",
                    subject_id=site_id,
                    actor=actor,
                    now=now,
                    facts={"what": "signatures", "count": sum(row.site_id == site_id for row in rows)},
                )
    return len(rows)
