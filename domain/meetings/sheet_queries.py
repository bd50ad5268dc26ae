"""Run sheets, read: one with its steps, all of a day, and those where a step is late."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select
from sqlalchemy.orm import aliased

from domain.database import db
from domain.errors import NotFound
from domain.identity import Actor
from domain.meetings.models import Reservation, ReservationState, Room, lapsed
from domain.meetings.service_models import ServiceOrder, ServiceStep
from domain.occupants.models import Host, Unit
from domain.people.models import Person
from domain.slips.models import Slip
from domain.statements import in_full

PATIENCE = timedelta(minutes=3)
"""A step is late when it is not ticked so long after its time."""
LIVE = (ReservationState.HELD, ReservationState.ENDED)
Attendant, Offered = aliased(Person), aliased(Person)


def step_of(order: ServiceOrder, ref: str) -> ServiceStep:
    """The step of that ref on this sheet; raises NotFound."""
    found = db.session.scalar(select(ServiceStep).where(ServiceStep.ref == ref, ServiceStep.order_id == order.id))
    if found is None:
        raise NotFound
    return found


@cache
def _steps() -> Select[*tuple[Any, ...]]:
    return (
        select(ServiceStep, Person.name.label("by"))
        .outerjoin(Person, Person.id == ServiceStep.ticked_by_id)
        .where(ServiceStep.order_id == bindparam("order_id"))
        .order_by(ServiceStep.due_at, ServiceStep.id)
    )


def steps_of(order_id: int) -> Sequence[Any]:
    """The steps of a sheet by time, with who ticked them: rows of (ServiceStep, by). Void ones stand among them."""
    return db.session.execute(_steps(), {"order_id": order_id}).all()


def _waits() -> ColumnElement[bool]:
    return and_(ServiceStep.how.is_(None), ServiceStep.void_at.is_(None))


def _goes_on(now: Any) -> ColumnElement[bool]:
    """The meeting takes place, or took place, and is not closed."""
    return and_(
        ServiceOrder.closed_at.is_(None),
        Reservation.state.in_([in_full(state) for state in LIVE]),
        ~lapsed(now),
    )


@cache
def late() -> Select[*tuple[Any, ...]]:
    """Meetings of today with late steps: how many, and since when. The desk asks for it every four seconds."""
    return (
        select(
            Reservation.ref,
            Room.name.label("room_name"),
            Attendant.name.label("attendant"),
            func.count().label("count"),
            func.min(ServiceStep.due_at).label("since"),
        )
        .select_from(ServiceStep)
        .join(ServiceOrder, ServiceOrder.id == ServiceStep.order_id)
        .join(Reservation, Reservation.id == ServiceOrder.reservation_id)
        .join(Room, Room.id == Reservation.room_id)
        .outerjoin(Attendant, Attendant.id == ServiceOrder.attendant_id)
        .where(
            ServiceStep.site_id == bindparam("site_id"),
            _waits(),
            ServiceStep.due_at < bindparam("late_since"),
            ServiceStep.due_at > bindparam("midnight"),
            _goes_on(bindparam("now")),
        )
        .group_by(Reservation.id, Reservation.ref, Room.name, Attendant.name)
        .order_by(func.min(ServiceStep.due_at))
        .limit(bindparam("most"))
    )


def late_at(site_id: int, *, midnight: datetime, now: datetime, most: int = 20) -> Sequence[Any]:
    """Meetings of today with late steps; one statement."""
    return db.session.execute(late(), late_values(site_id, midnight=midnight, now=now, most=most)).all()


def late_values(site_id: int, *, midnight: datetime, now: datetime, most: int = 20) -> dict[str, Any]:
    """What is bound in `late`."""
    return {"site_id": site_id, "late_since": now - PATIENCE, "midnight": midnight, "now": now, "most": most}


@cache
def _sheets() -> Select[*tuple[Any, ...]]:
    late = and_(_waits(), ServiceStep.due_at < bindparam("late_since"))
    upcoming = func.min(ServiceStep.due_at).filter(_waits())
    return (
        select(
            Reservation.ref,
            Reservation.title,
            Reservation.people,
            Reservation.begins_at,
            Reservation.ends_at,
            Reservation.state,
            Room.name.label("room_name"),
            Room.floor,
            ServiceOrder.attendant_id,
            ServiceOrder.offered_to_id,
            ServiceOrder.closed_at,
            Attendant.name.label("attendant"),
            Offered.name.label("offered_to"),
            func.count(ServiceStep.id).filter(ServiceStep.void_at.is_(None)).label("all"),
            func.count(ServiceStep.id).filter(ServiceStep.how.is_not(None)).label("ticked"),
            func.count(ServiceStep.id).filter(late).label("late"),
            upcoming.label("next_at"),
        )
        .select_from(ServiceOrder)
        .join(Reservation, Reservation.id == ServiceOrder.reservation_id)
        .join(Room, Room.id == Reservation.room_id)
        .outerjoin(ServiceStep, ServiceStep.order_id == ServiceOrder.id)
        .outerjoin(Attendant, Attendant.id == ServiceOrder.attendant_id)
        .outerjoin(Offered, Offered.id == ServiceOrder.offered_to_id)
        .where(
            ServiceOrder.site_id == bindparam("site_id"),
            Reservation.site_id == bindparam("site_id"),
            Reservation.begins_at >= bindparam("since"),
            Reservation.begins_at < bindparam("until"),
        )
        .group_by(Reservation.id, Room.id, ServiceOrder.id, Attendant.name, Offered.name)
        .order_by(Reservation.begins_at, Reservation.id)
    )


def sheets_of(site_id: int, *, since: datetime, until: datetime, now: datetime) -> Sequence[Any]:
    """The run sheets of meetings that begin between two instants: how far each is, and when its next step is due."""
    values = {"site_id": site_id, "since": since, "until": until, "late_since": now - PATIENCE}
    return db.session.execute(_sheets(), values).all()


@cache
def _head() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Reservation,
            ServiceOrder,
            Room,
            Host.name.label("host_name"),
            Person.name.label("person_name"),
            Unit.company.label("company"),
            Attendant.name.label("attendant"),
            Offered.name.label("offered_to"),
        )
        .join(ServiceOrder, ServiceOrder.reservation_id == Reservation.id)
        .join(Room, Room.id == Reservation.room_id)
        .outerjoin(Host, Host.id == Reservation.host_id)
        .outerjoin(Person, Person.id == Reservation.person_id)
        .outerjoin(Unit, Unit.id == Reservation.unit_id)
        .outerjoin(Attendant, Attendant.id == ServiceOrder.attendant_id)
        .outerjoin(Offered, Offered.id == ServiceOrder.offered_to_id)
        .where(Reservation.site_id == bindparam("site_id"), Reservation.ref == bindparam("ref"))
    )


def head_of(ref: str, *, actor: Actor) -> Any:
    """What stands over a run sheet: reservation, order, room, and who serves; raises NotFound."""
    row = db.session.execute(_head(), {"site_id": actor.site_id, "ref": ref}).first()
    if row is None:
        raise NotFound
    return row


def slips_of(reservation_id: int, *, site_id: int) -> Sequence[Slip]:
    """Faults and lost property that were noted with a meeting."""
    return db.session.scalars(
        select(Slip)
        .where(Slip.about == "meeting", Slip.about_id == reservation_id, Slip.site_id == site_id)
        .order_by(Slip.id)
    ).all()
