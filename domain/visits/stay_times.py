"""When a visitor came and left, put right afterwards: what may be written, and what follows from it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from domain import clock
from domain.database import db
from domain.errors import DomainError
from domain.events import Event
from domain.registers import handed_out
from domain.reports.counting import must_count_anew
from domain.sites.models import Site
from domain.text import N_
from domain.visits.models import Visit, VisitState

MOST_BEFORE = timedelta(days=7)
"""So long before its entry was written somebody may have come: a weekend on paper, and no slip in the year."""
TIMES = ("arrived_at", "left_at")


@dataclass(frozen=True)
class StayTimes:
    """When somebody came and left as the desk corrects it, and why; `left_at` None: not said."""

    arrived_at: datetime
    left_at: datetime | None = None
    why: str = ""


def corrected(visit: Visit, times: StayTimes, *, now: datetime) -> dict[str, datetime]:
    """The times that change, by name. A departure is corrected only of who was seen leaving (V9).

    Raises DomainError for a time to come, an order that cannot be, a departure before something was handed out or an
    arrival after it, an arrival long before the entry, a change without a reason.
    """
    arrived_at, left_at = times.arrived_at, visit.left_at
    if visit.state == VisitState.LEFT and times.left_at:
        left_at = times.left_at
    if left_at and timedelta() < arrived_at - left_at < timedelta(minutes=1):
        left_at = arrived_at  # people write minutes: the same one is no departure before the arrival
    said = {"arrived_at": arrived_at, "left_at": left_at}
    changed = {name: at for name, at in said.items() if at and at != getattr(visit, name)}
    if changed:
        _check(visit, arrived_at, left_at, changed, now)
        if not times.why:
            raise DomainError(N_("Say why the times are corrected: it is written into the history."), field="times_why")
    return changed


def _check(
    visit: Visit, arrived_at: datetime, left_at: datetime | None, changed: dict[str, datetime], now: datetime
) -> None:
    for name, at in changed.items():
        if at > now:
            raise DomainError(N_("This time is still to come."), field=name)
    if left_at and left_at < arrived_at:
        raise DomainError(N_("The departure lies before the arrival."), field="left_at" if visit.left_at else None)
    lent = handed_out(site_id=visit.site_id, visit_id=visit.id)
    # People write minutes: in the same one the key may have come first.
    if left_at and "left_at" in changed and lent and lent[-1].at >= left_at + timedelta(minutes=1):
        raise DomainError(
            N_("At %(time)s %(what)s was handed out to this visitor. Enter a later departure."),
            field="left_at",
            time=lent[-1].at,
            what=lent[-1].what,
        )
    if "arrived_at" in changed:
        if lent and lent[0].at < arrived_at:
            raise DomainError(
                N_("At %(time)s %(what)s was handed out to this visitor. Enter an earlier arrival."),
                field="arrived_at",
                time=lent[0].at,
                what=lent[0].what,
            )
        if visit.answered_at and visit.answered_at < arrived_at:
            raise DomainError(N_("The host’s answer was there before. Enter an earlier arrival."), field="arrived_at")
        if arrived_at < _written_at(visit) - MOST_BEFORE:
            raise DomainError(N_("That is more than a week before the entry. Check the day."), field="arrived_on")


def _written_at(visit: Visit) -> datetime:
    """When the entry was written, which no correction changes."""
    its = Event.site_id == visit.site_id, Event.subject == "visit", Event.subject_id == visit.id
    written = db.session.scalar(select(Event.at).where(*its, Event.kind == "visit.signed_in").limit(1))
    return written or visit.arrived_at


def count_anew(visit: Visit, came_before: datetime | None) -> None:
    """The figures of the day on which the visitor came, and of the one that was thought to be it, are counted anew."""
    zone = db.session.get_one(Site, visit.site_id).zone
    must_count_anew(visit.site_id, {clock.local_date(at, zone) for at in (visit.arrived_at, came_before) if at})
