"""Who told of a matter, and in which words, is erased once the slip is closed and the site's days are over (P4).

The slip stays, with number, kind, department and times. In batches: call outside of any transaction.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, tuple_, update

from domain import events, search
from domain.database import db, reading, writing
from domain.events import Event, EventDetail
from domain.identity import Actor
from domain.sites.models import Site
from domain.slips.models import Slip, SlipStep
from domain.slips.operations import grams_of
from domain.slips.queries import lines

BATCH = 500
NOTHING = {"synchronize_session": False}


def erase_slips(*, actor: Actor, now: datetime) -> int:
    """Make closed slips anonymous after the site's days; returns how many."""
    with reading():
        sites = db.session.execute(select(Site.id, Site.retention_days).order_by(Site.id)).all()
    return sum(_erase_at(site.id, now - timedelta(days=site.retention_days), actor, now) for site in sites)


def _erase_at(site_id: int, before: datetime, actor: Actor, now: datetime) -> int:
    due = select(Slip.id).where(Slip.site_id == site_id, Slip.erased_at.is_(None), Slip.closed_at < before)
    count = 0
    while True:
        with reading():
            ids = db.session.scalars(due.order_by(Slip.closed_at, Slip.id).limit(BATCH)).all()
            rows = db.session.execute(lines().where(Slip.id.in_(ids))).all()
        if not ids:
            return count
        # Spelling names takes its time: done before anybody has to wait for the transaction.
        found_by = {row.id: grams_of(row, row.unit_number or "") for row in rows}
        with writing():
            _erase(ids, now)
            for slip_id, known in found_by.items():
                search.forget(site_id=site_id, kind=search.SLIP, subject_id=slip_id, known=known)
            events.record(
                "slips.erased",
                site_id=site_id,
                subject="site",
                subject_id=site_id,
                actor=actor,
                now=now,
                facts={"count": len(ids)},
            )
        count += len(ids)


def _erase(ids: Sequence[int], now: datetime) -> None:
    gone = {"name": "", "phone": "", "matter": "", "outcome": "", "erased_at": now}
    db.session.execute(update(Slip).where(Slip.id.in_(ids)).values(gone), execution_options=NOTHING)
    db.session.execute(update(SlipStep).where(SlipStep.slip_id.in_(ids)).values(text=""), execution_options=NOTHING)
    about = select(Event.site_id, Event.number).where(Event.subject == "slip", Event.subject_id.in_(ids))
    db.session.execute(
        delete(EventDetail).where(tuple_(EventDetail.site_id, EventDetail.number).in_(about)), execution_options=NOTHING
    )
