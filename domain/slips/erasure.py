"""Who told of a matter, and in which words, is erased once the slip is closed and the site's days are over (P4).

The slip stays, with number, kind, department and times. In batches: call outside of any transaction.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, tuple_, update

from domain import events, search, subjects
from domain.database import db, reading, writing
from domain.events import Event, EventDetail
from domain.identity import Actor
from domain.sites.models import Site
from domain.slips.models import Slip, SlipStep
from domain.slips.operations import grams_of
from domain.slips.queries import lines
from domain.text import N_

BATCH = 500
NOTHING = {"synchronize_session": False}


def erase_slips(*, actor: Actor, now: datetime, pictures: Path | None = None) -> int:
    """Make closed slips anonymous after the site's days, the files of their pictures too; returns how many."""
    with reading():
        sites = db.session.execute(select(Site.id, Site.retention_days).order_by(Site.id)).all()
    return sum(_erase_at(site.id, now - timedelta(days=site.retention_days), pictures, actor, now) for site in sites)


def _erase_at(site_id: int, before: datetime, pictures: Path | None, actor: Actor, now: datetime) -> int:
    due = select(Slip.id).where(Slip.site_id == site_id, Slip.erased_at.is_(None), Slip.closed_at < before)
    count = 0
    while True:
        with reading():
            ids = db.session.scalars(due.order_by(Slip.closed_at, Slip.id).limit(BATCH)).all()
            rows = db.session.execute(lines().where(Slip.id.in_(ids))).all()
            files = db.session.scalars(select(Slip.photo).where(Slip.id.in_(ids), Slip.photo.is_not(None))).all()
        if not ids:
            return count
        # Spelling names takes its time: done before anybody has to wait for the transaction.
        found_by = {row.id: grams_of(row, row.unit_number or "") for row in rows}
        # Before the rows: killed in between, the next round finds the row again and nothing to remove.
        for name in files if pictures else ():
            (pictures / Path(str(name)).name).unlink(missing_ok=True)  # type: ignore[operator]
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


def _still_open(row: Any) -> str:
    return "" if row.closed_at else N_("The slip is still open.")


@subjects.erases("slips", _still_open)
def erase_asked(rows: Sequence[Any], actor: Actor, now: datetime) -> None:
    """Erase who told of these matters, in the transaction at hand, because that person asked (P3)."""
    _erase([row.id for row in rows], now)
    for row in rows:
        known = grams_of(row, row.unit_number or "")
        search.forget(site_id=row.site_id, kind=search.SLIP, subject_id=row.id, known=known)
    for site_id in sorted({row.site_id for row in rows}):
        events.record(
            "slips.erased", site_id=site_id, subject="site", subject_id=site_id, actor=actor, now=now,
            facts={"what": "asked", "count": len(rows)},
        )  # fmt: skip


def _erase(ids: Sequence[int], now: datetime) -> None:
    gone = {"name": "", "phone": "", "matter": "", "outcome": "", "photo": None, "erased_at": now}
    db.session.execute(update(Slip).where(Slip.id.in_(ids)).values(gone), execution_options=NOTHING)
    db.session.execute(update(SlipStep).where(SlipStep.slip_id.in_(ids)).values(text=""), execution_options=NOTHING)
    about = select(Event.site_id, Event.number).where(Event.subject == "slip", Event.subject_id.in_(ids))
    db.session.execute(
        delete(EventDetail).where(tuple_(EventDetail.site_id, EventDetail.number).in_(about)), execution_options=NOTHING
    )
