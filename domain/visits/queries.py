"""Visits, read: names that read aloud, limited to what the actor may see."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from domain.database import db
from domain.errors import NotFound
from domain.identity import Actor
from domain.occupants.models import Host, Unit
from domain.sites.models import Kiosk, Purpose
from domain.visits.models import PRESENT, ReceptionCall, Visit, VisitState

MOST_ON_BOARD = 200


def get_visible(ref: str, *, actor: Actor) -> Visit:
    """The visit of that ref at a site where the actor works now; raises NotFound, also for what is hidden."""
    visit = db.session.scalar(select(Visit).where(Visit.ref == ref, Visit.site_id == actor.site_id))
    if visit is None:
        raise NotFound
    return visit


def lines() -> Select[Any]:
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
            Visit.linger_note,
            Visit.erased_at,
            Host.name.label("host_name"),
            Unit.number.label("unit_number"),
            Unit.company.label("company"),
            Purpose.names.label("purpose_names"),
        )
        .join(Unit, Unit.id == Visit.unit_id)
        .join(Purpose, Purpose.id == Visit.purpose_id)
        .outerjoin(Host, Host.id == Visit.host_id)
    )


def present_at(site_id: int, *, most: int = MOST_ON_BOARD) -> Sequence[Any]:
    """Who is in the building or waits, those due first on top."""
    return db.session.execute(
        lines().where(Visit.site_id == site_id, Visit.state.in_(PRESENT)).order_by(Visit.due_at, Visit.id).limit(most)
    ).all()


def untold_at(site_id: int, since: datetime) -> Sequence[Any]:
    """Answers of hosts that the visitor has not been told yet, and refusals, of today."""
    return db.session.execute(
        lines()
        .where(
            Visit.site_id == site_id,
            Visit.answered_at >= since,
            Visit.answer_told_at.is_(None),
            Visit.arrived_at >= since,
        )
        .order_by(Visit.answered_at)
        .limit(50)
    ).all()


def heads_present(site_id: int) -> int:
    """How many people are in the building: visitors with their companions (V12a)."""
    return int(
        db.session.scalar(
            select(func.coalesce(func.sum(Visit.companions + 1), 0)).where(
                Visit.site_id == site_id, Visit.state == VisitState.INSIDE
            )
        )
        or 0
    )


def came_since(site_id: int, since: datetime) -> int:
    """How many visits began since then, counted to 1,000."""
    inner = select(Visit.id).where(Visit.site_id == site_id, Visit.arrived_at >= since).limit(1001).subquery()
    return db.session.scalar(select(func.count()).select_from(inner)) or 0


def ringing_at(site_id: int) -> Sequence[Any]:
    """Calls from kiosks that nobody has answered yet, oldest first."""
    return db.session.execute(
        select(ReceptionCall.ref, ReceptionCall.step, ReceptionCall.called_at, ReceptionCall.language, Kiosk.name)
        .join(Kiosk, Kiosk.id == ReceptionCall.kiosk_id)
        .where(ReceptionCall.site_id == site_id, ReceptionCall.answered_at.is_(None))
        .order_by(ReceptionCall.called_at)
    ).all()
