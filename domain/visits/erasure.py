"""What is known of visitors is erased in time, and the statistics stay (P2): document and photo after 72 hours, the
rest after the site's days. Nobody who is in the building is erased.

In batches, each a short transaction of its own, so that the desk never waits for it; killed in between it goes on where
it stopped. Call outside of any transaction.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, or_, select, tuple_, update

from domain import events, search, subjects
from domain.database import db, reading, writing
from domain.events import Event, EventDetail
from domain.identity import Actor
from domain.notices import Notice, NoticeState
from domain.photos import held
from domain.sites.models import Site
from domain.text import N_
from domain.visits import drafts
from domain.visits.arrivals import Entered, grams_of
from domain.visits.models import PRESENT, Draft, Visit

BRIEF = timedelta(hours=72)
BATCH = 500
NOTHING = {"synchronize_session": False}


def _ended_before(instant: datetime) -> ColumnElement[bool]:
    """`Visit.ended_at()` for the database; what arrived later cannot have ended before, which an index knows."""
    ended = case((Visit.left_at.is_not(None), Visit.left_at), else_=func.coalesce(Visit.answered_at, Visit.arrived_at))
    return and_(Visit.arrived_at < instant, Visit.state.not_in(PRESENT), ended < instant)


def erase_brief(*, photos: Path, actor: Actor, now: datetime) -> int:
    """Erase document digits and photos, the files too, 72 hours after the departure; returns of how many visits."""
    due = and_(or_(Visit.document.is_not(None), Visit.photo.is_not(None)), _ended_before(now - BRIEF))
    count = 0
    for rows in _batches(select(Visit.id, Visit.photo, Visit.arrived_at).where(due)):
        _remove_files(rows, photos)
        with writing():
            count += len(_erase(rows, {"document": None, "photo": None}, due, what="brief", actor=actor, now=now))
    return count


def erase_visits(*, photos: Path, actor: Actor, now: datetime) -> int:
    """Erase what names the visitor once the site's days are over; returns how many visits were made anonymous."""
    with reading():
        sites = db.session.execute(select(Site.id, Site.retention_days).order_by(Site.id)).all()
    return sum(
        _erase_visits_of(site.id, now - timedelta(days=site.retention_days), photos, actor, now) for site in sites
    )


def _still_named(site_id: int, before: datetime) -> ColumnElement[bool]:
    return and_(Visit.site_id == site_id, Visit.erased_at.is_(None), _ended_before(before))


def still_named(site_id: int, before: datetime) -> Select[*tuple[Any, ...]]:
    """Visits of the site that ended before then and still name their visitor."""
    columns = (Visit.id, Visit.name, Visit.phone, Visit.plate, Visit.photo, Visit.arrived_at)
    return select(*columns).where(_still_named(site_id, before))


def _erase_visits_of(site_id: int, before: datetime, photos: Path, actor: Actor, now: datetime) -> int:
    due = _still_named(site_id, before)
    gone, count = _nameless(now), 0
    for rows in _batches(still_named(site_id, before)):
        _remove_files(rows, photos)
        # Spelling names takes its time: done before anybody has to wait for the transaction.
        found_by = {row.id: grams_of(Entered(row.name, row.phone, plate=row.plate)) for row in rows}
        with writing():
            erased = _erase(rows, gone, due, what="personal", actor=actor, now=now)
            for visit_id in erased:
                search.forget(site_id=site_id, kind=search.VISIT, subject_id=visit_id, known=found_by[visit_id])
            _forget_history(erased)
        count += len(erased)
    return count


def overdue_at(site: Site, *, now: datetime) -> int:
    """How many visits should have been erased by now and are not: a day of grace for the night's round."""
    late = still_named(site.id, now - timedelta(days=site.retention_days + 1))
    return db.session.scalar(select(func.count()).select_from(late.subquery())) or 0


def _nameless(now: datetime) -> dict[str, Any]:
    gone: dict[str, Any] = dict.fromkeys(("name", "phone", "organisation", "plate", "goods", "linger_note"), "")
    return gone | {"document": None, "photo": None, "presence_key": None, "erased_at": now}


def _kept(row: Any) -> str:
    return N_("The visitor is in the building.") if row.state in PRESENT else ""


@subjects.erases("visits", _kept)
def erase_asked(rows: Sequence[Any], actor: Actor, now: datetime) -> None:
    """Erase these visits in the transaction at hand, because the visitor asked (P3). A picture without a visit goes
    with the next round of `wipe_left_photos`.
    """
    due = and_(Visit.erased_at.is_(None), Visit.state.not_in(PRESENT))
    erased = _erase(rows, _nameless(now), due, what="asked", actor=actor, now=now)
    for row in rows:
        if row.id in erased:
            known = grams_of(Entered(row.name, row.phone, plate=row.plate))
            search.forget(site_id=row.site_id, kind=search.VISIT, subject_id=row.id, known=known)
    _forget_history(erased)


def wipe_left_photos(*, photos: Path, now: datetime) -> int:
    """Remove pictures of visitors who walked away before signing in: in no visit, and in no draft any more (V13)."""
    before = (now - drafts.KEPT).timestamp()
    old = {path.name: path for path in photos.glob("*") if path.stat().st_mtime < before} if photos.is_dir() else {}
    if not old:
        return 0
    with reading():
        kept = held()
        typed = "".join(db.session.scalars(select(Draft.content).where(Draft.expires_at > now)))
    left = [path for name, path in old.items() if name not in kept and name not in typed]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _remove_files(rows: Sequence[Any], photos: Path) -> None:
    """Before the rows: killed in between, the next round finds the row again and nothing to remove."""
    for row in rows:
        if row.photo:
            (photos / Path(row.photo).name).unlink(missing_ok=True)


def _batches(statement: Select[*tuple[Any, ...]]) -> Iterator[Sequence[Any]]:
    """What the statement finds, oldest first; after each batch it is asked again from there on."""
    after: tuple[datetime, int] | None = None
    while True:
        asked = statement.order_by(Visit.arrived_at, Visit.id).limit(BATCH)
        if after:
            asked = asked.where(tuple_(Visit.arrived_at, Visit.id) > tuple_(*after))
        with reading():
            rows = db.session.execute(asked).all()
        if not rows:
            return
        yield rows
        after = (rows[-1].arrived_at, rows[-1].id)


def _erase(
    rows: Sequence[Any], values: dict[str, Any], due: ColumnElement[bool], *, what: str, actor: Actor, now: datetime
) -> list[int]:
    """Write the values over the rows that are still due, give their ids; one line of history for each site."""
    statement = update(Visit).where(Visit.id.in_([row.id for row in rows]), due).values(values)
    erased = db.session.execute(statement.returning(Visit.id, Visit.site_id), execution_options=NOTHING).all()
    for site_id, count in sorted(Counter(row.site_id for row in erased).items()):
        events.record(
            "visits.erased",
            site_id=site_id,
            subject="site",
            subject_id=site_id,
            actor=actor,
            now=now,
            facts={"what": what, "count": count},
        )
    return [row.id for row in erased]


def _forget_history(ids: Sequence[int]) -> None:
    """Remove the personal part of the history and what the notices knew; events and their digests stay."""
    about = select(Event.site_id, Event.number).where(Event.subject == "visit", Event.subject_id.in_(ids))
    db.session.execute(
        delete(EventDetail).where(tuple_(EventDetail.site_id, EventDetail.number).in_(about)), execution_options=NOTHING
    )
    told = update(Notice).where(Notice.subject == "visit", Notice.subject_id.in_(ids))
    db.session.execute(told.values(facts={}, problem=""), execution_options=NOTHING)
    waiting = told.where(Notice.state == NoticeState.PENDING)
    db.session.execute(waiting.values(state=NoticeState.DROPPED), execution_options=NOTHING)
