"""Visits, read: names that read aloud, limited to what the actor may see.

What the desk asks for every few seconds is built once (`_present` and its kin): building a statement costs more than
asking it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ScalarSelect, bindparam, func, select

from domain.database import db
from domain.errors import NotFound
from domain.identity import Actor
from domain.occupants.models import Host, Unit
from domain.people.models import Person
from domain.sites.models import Kiosk, Purpose
from domain.visits.models import PRESENT, ReceptionCall, Visit, VisitState

MOST_ON_BOARD = 200


def get_visible(ref: str, *, actor: Actor) -> Visit:
    """The visit of that ref at a site where the actor works now; raises NotFound, also for what is hidden."""
    visit = db.session.scalar(select(Visit).where(Visit.ref == ref, Visit.site_id == actor.site_id))
    if visit is None:
        raise NotFound
    return visit


def hold(visit: Visit) -> Visit:
    """The visit as it stands now, kept from others until the commit: of two who are as fast, one comes second."""
    db.session.refresh(visit, with_for_update=True)
    return visit


@cache
def lines() -> Any:
    """The columns that lists of visits draw, with names of host, unit and purpose."""
    return (
        select(
            Visit.id,
            Visit.ref,
            Visit.site_id,
            Visit.number,
            Visit.state,
            Visit.badge_number,
            Visit.badge_check,
            Visit.name,
            Visit.phone,
            Visit.organisation,
            Visit.companions,
            Visit.plate,
            Visit.source,
            Visit.arrived_at,
            Visit.arrived_at.label("at"),
            Visit.due_at,
            Visit.left_at,
            Visit.left_how,
            Visit.answer,
            Visit.answered_at,
            Visit.answer_told_at,
            Visit.deputy_told_at,
            Visit.linger_note,
            Visit.erased_at,
            Host.name.label("host_name"),
            Unit.number.label("unit_number"),
            Unit.company.label("company"),
            Unit.floor.label("floor"),
            Purpose.names.label("purpose_names"),
        )
        .join(Unit, Unit.id == Visit.unit_id)
        .join(Purpose, Purpose.id == Visit.purpose_id)
        .outerjoin(Host, Host.id == Visit.host_id)
    )


@cache
def whole() -> Any:
    """The columns of `lines`, and what the page of one visit needs besides."""
    return (
        lines()
        .add_columns(
            Visit.badge_day,
            Visit.goods,
            Visit.document,
            Visit.answered_by,
            Person.name.label("entered_by"),
            Kiosk.name.label("kiosk_name"),
        )
        .outerjoin(Person, Person.id == Visit.entered_by_id)
        .outerjoin(Kiosk, Kiosk.id == Visit.kiosk_id)
    )


@cache
def _present() -> Any:
    here = Visit.site_id == bindparam("site_id")
    return lines().where(here, Visit.state.in_(PRESENT)).order_by(Visit.due_at, Visit.id).limit(bindparam("most"))


def present_at(site_id: int, *, most: int = MOST_ON_BOARD) -> Sequence[Any]:
    """Who is in the building or waits, those due first on top."""
    return db.session.execute(_present(), {"site_id": site_id, "most": most}).all()


def present_among(refs: Sequence[str], *, actor: Actor) -> Sequence[Visit]:
    """Those of the refs who are still there at the actor's site, kept from others until the commit."""
    return db.session.scalars(
        select(Visit)
        .where(Visit.ref.in_(refs), Visit.site_id == actor.site_id, Visit.state.in_(PRESENT))
        .order_by(Visit.id)
        .with_for_update()
    ).all()


@cache
def _untold() -> Any:
    return (
        lines()
        .where(
            Visit.site_id == bindparam("site_id"),
            Visit.arrived_at >= bindparam("since"),
            Visit.answered_at.is_not(None),
            Visit.answer_told_at.is_(None),
            Visit.state.in_((VisitState.INSIDE, VisitState.REFUSED)),
        )
        .order_by(Visit.state == VisitState.INSIDE, Visit.answered_at)
        .limit(50)
    )


def untold_at(site_id: int, since: datetime) -> Sequence[Any]:
    """Answers of hosts that the visitor has not been told yet, refusals first; those who left need no word."""
    return db.session.execute(_untold(), {"site_id": site_id, "since": since}).all()


@dataclass(frozen=True)
class Figures:
    """What the desk counts: who waits, who overstays, how many people are in (V12a), how many visits began today."""

    waiting: int
    overstaying: int
    heads: int
    today: int
    present: int


def _count(*where: Any) -> ScalarSelect[int]:
    return select(func.count(Visit.id)).where(*where).scalar_subquery()


@cache
def _figures() -> Any:
    here, inside = Visit.site_id == bindparam("site_id"), Visit.state == VisitState.INSIDE
    today = select(Visit.id).where(here, Visit.arrived_at >= bindparam("since")).limit(1001).subquery()
    heads = select(func.coalesce(func.sum(Visit.companions + 1), 0)).where(here, inside).scalar_subquery()
    return select(
        _count(here, Visit.state == VisitState.WAITING).label("waiting"),
        _count(here, inside, Visit.due_at < bindparam("now")).label("overstaying"),
        heads.label("heads"),
        select(func.count()).select_from(today).scalar_subquery().label("today"),
        _count(here, Visit.state.in_(PRESENT)).label("present"),
    )


def figures_of(site_id: int, *, since: datetime, now: datetime) -> Figures:
    """The figures of the site in one statement; today's visits are counted to 1,000."""
    row = db.session.execute(_figures(), {"site_id": site_id, "since": since, "now": now}).one()
    return Figures(row.waiting, row.overstaying, int(row.heads), row.today, row.present)


@cache
def _ringing() -> Any:
    return (
        select(ReceptionCall.ref, ReceptionCall.step, ReceptionCall.called_at, ReceptionCall.language, Kiosk.name)
        .join(Kiosk, Kiosk.id == ReceptionCall.kiosk_id)
        .where(ReceptionCall.site_id == bindparam("site_id"), ReceptionCall.answered_at.is_(None))
        .order_by(ReceptionCall.called_at)
    )


def ringing_at(site_id: int) -> Sequence[Any]:
    """Calls from kiosks that nobody has answered yet, oldest first."""
    return db.session.execute(_ringing(), {"site_id": site_id}).all()


def get_call(ref: str, *, actor: Actor) -> ReceptionCall:
    """The call of that ref at the actor's site, kept from others until the commit; raises NotFound."""
    call = db.session.scalar(
        select(ReceptionCall).where(ReceptionCall.ref == ref, ReceptionCall.site_id == actor.site_id).with_for_update()
    )
    if call is None:
        raise NotFound
    return call
