"""Files of exports hold personal data: they are gone after a day, and before that with every night's erasing, so that
no file outlives what it was made of (P2). The line that there was one stays, without what was typed.
"""

import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select, tuple_, update

from domain.database import db, reading, writing
from domain.events import Event, EventDetail
from domain.exports.models import Export, ExportState
from domain.sites.models import Site

KEPT = timedelta(hours=24)
BATCH = 500
NOTHING = {"synchronize_session": False}


def clear_old(*, folder: Path, now: datetime) -> int:
    """Remove files of a day ago, and what belongs to no export any more; returns how many exports lost their file."""
    return _clear(folder, before=now - KEPT, now=now)


def clear_all(*, folder: Path, now: datetime, site_id: int | None = None) -> int:
    """Remove every finished file, or those with entries of one site: something that may be in them was erased."""
    return _clear(folder, before=now, now=now, site_id=site_id)


def _clear(folder: Path, *, before: datetime, now: datetime, site_id: int | None = None) -> int:
    with reading():
        done = db.session.execute(
            select(Export.id, Export.ref, Export.format, Export.site_ids).where(
                Export.state == ExportState.DONE, Export.finished_at <= before
            )
        ).all()
        kept = set(
            db.session.scalars(
                select(Export.ref).where(Export.state.in_((ExportState.WAITING, ExportState.RUNNING, ExportState.DONE)))
            )
        )
    old = [row for row in done if site_id is None or site_id in row.site_ids]
    # The files before the rows: killed in between, the next round finds the rows again and nothing to remove.
    kept -= {row.ref for row in old}
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name.partition(".")[0] not in kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for start in range(0, len(old), BATCH):
        with writing():
            db.session.execute(
                update(Export)
                .where(Export.id.in_([row.id for row in old[start : start + BATCH]]))
                .values(state=ExportState.REMOVED, typed=None),
                execution_options=NOTHING,
            )
    return len(old)


def drop_at(site_id: int, *, folder: Path, now: datetime) -> None:
    """Remove every file with entries of that site, and stop what is under way, in the transaction at hand: somebody's
    data was erased on request (P3).
    """
    alive = (ExportState.WAITING, ExportState.RUNNING, ExportState.DONE)
    for export in db.session.scalars(select(Export).where(Export.state.in_(alive))):
        if site_id in export.site_ids:
            (folder / export.file_name).unlink(missing_ok=True)
            done = export.state == ExportState.DONE
            export.state = ExportState.REMOVED if done else ExportState.CANCELLED
            export.typed, export.claimed_until, export.finished_at = None, None, export.finished_at or now
    db.session.flush()


def forget_reasons(*, now: datetime) -> None:
    """Erase why and with which words exports were asked for, once the site's days are over."""
    with reading():
        sites = db.session.execute(select(Site.id, Site.retention_days).order_by(Site.id)).all()
    for site in sites:
        _forget(site.id, now - timedelta(days=site.retention_days))


def _forget(site_id: int, before: datetime) -> None:
    with reading():
        about = (
            select(Event.number)
            .join(EventDetail, (EventDetail.site_id == Event.site_id) & (EventDetail.number == Event.number))
            .where(Event.subject == "export", Event.site_id == site_id, Event.at < before)
        )
        numbers: Sequence[int] = db.session.scalars(about).all()
    for start in range(0, len(numbers), BATCH):
        of = [(site_id, number) for number in numbers[start : start + BATCH]]
        with writing():
            db.session.execute(
                delete(EventDetail).where(tuple_(EventDetail.site_id, EventDetail.number).in_(of)),
                execution_options=NOTHING,
            )
