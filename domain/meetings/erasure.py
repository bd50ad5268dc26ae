"""Who organised a meeting, and in which words, is erased once it is over and the site's days are past (P4).

The reservation stays, with room, unit, time and number of people. In batches: call outside of any transaction.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, tuple_, update

from domain import events, search
from domain.database import db, reading, writing
from domain.events import Event, EventDetail
from domain.identity import Actor
from domain.meetings.history import grams_of
from domain.meetings.models import Reservation
from domain.meetings.queries import listed
from domain.sites.models import Site

BATCH = 500
NOTHING = {"synchronize_session": False}


def erase_meetings(*, actor: Actor, now: datetime) -> int:
    """Make meetings anonymous after the site's days; returns how many."""
    with reading():
        sites = db.session.execute(select(Site.id, Site.retention_days).order_by(Site.id)).all()
    return sum(_erase_at(site.id, now - timedelta(days=site.retention_days), actor, now) for site in sites)


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
    about = select(Event.site_id, Event.number).where(Event.subject == "meeting", Event.subject_id.in_(ids))
    db.session.execute(
        delete(EventDetail).where(tuple_(EventDetail.site_id, EventDetail.number).in_(about)), execution_options=NOTHING
    )
