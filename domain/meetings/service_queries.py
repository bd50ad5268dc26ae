"""Catalogue and orders, read, and who may serve: limited to the site where the actor works."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import func, or_, select

from domain.database import db
from domain.errors import NotFound
from domain.identity import Actor
from domain.meetings.models import Reservation, ReservationState
from domain.meetings.queries import get_reservation
from domain.meetings.service_models import (
    OrderLine,
    ServiceItem,
    ServiceOrder,
    ServiceTemplate,
    StepTemplate,
    TemplateLine,
)
from domain.people.models import Grant, Person
from domain.permissions import GRANTS, Permission

Listed = TypeVar("Listed", ServiceItem, ServiceTemplate, StepTemplate)


def items_of(site_id: int, *, retired: bool = False) -> Sequence[ServiceItem]:
    """The catalogue of the site, in its order."""
    here = select(ServiceItem).where(ServiceItem.site_id == site_id)
    if not retired:
        here = here.where(ServiceItem.retired_at.is_(None))
    order = (ServiceItem.retired_at.is_not(None), ServiceItem.position, ServiceItem.id)
    return db.session.scalars(here.order_by(*order)).all()


def promised(site_id: int, *, but: int | None = None) -> dict[int, int]:
    """How much of each item is promised to meetings that lie ahead and lies in the store still."""
    asked = (
        select(OrderLine.item_id, func.sum(OrderLine.number).label("number"))
        .join(ServiceOrder, ServiceOrder.id == OrderLine.order_id)
        .join(Reservation, Reservation.id == ServiceOrder.reservation_id)
        .where(
            ServiceOrder.site_id == site_id,
            ServiceOrder.goods_at.is_(None),
            ServiceOrder.closed_at.is_(None),
            Reservation.state == ReservationState.HELD,
        )
        .group_by(OrderLine.item_id)
    )
    if but is not None:
        asked = asked.where(ServiceOrder.id != but)
    return {row.item_id: int(row.number) for row in db.session.execute(asked)}


def templates_of(site_id: int, *, retired: bool = False) -> Sequence[ServiceTemplate]:
    """The templates of the site, by name."""
    here = select(ServiceTemplate).where(ServiceTemplate.site_id == site_id)
    if not retired:
        here = here.where(ServiceTemplate.retired_at.is_(None))
    return db.session.scalars(here.order_by(ServiceTemplate.name, ServiceTemplate.id)).all()


def lines_of_templates(templates: Sequence[ServiceTemplate]) -> dict[int, list[TemplateLine]]:
    """What each of these templates orders."""
    found: dict[int, list[TemplateLine]] = {template.id: [] for template in templates}
    for line in db.session.scalars(select(TemplateLine).where(TemplateLine.template_id.in_(found))):
        found[line.template_id].append(line)
    return found


def step_templates_of(site_id: int, *, retired: bool = False) -> Sequence[StepTemplate]:
    """The steps of the site's sheets, in their order."""
    here = select(StepTemplate).where(StepTemplate.site_id == site_id)
    if not retired:
        here = here.where(StepTemplate.retired_at.is_(None))
    order = (StepTemplate.retired_at.is_not(None), StepTemplate.position, StepTemplate.id)
    return db.session.scalars(here.order_by(*order)).all()


def get_of_site(model: type[Listed], ref: str, *, actor: Actor) -> Listed:
    """The item, template or step of that ref at the actor's site; raises NotFound."""
    found = db.session.scalar(select(model).where(model.ref == ref, model.site_id == actor.site_id))
    if found is None:
        raise NotFound
    return found


def order_of(reservation_id: int) -> ServiceOrder | None:
    """The order of a reservation, if there is one."""
    return db.session.scalar(select(ServiceOrder).where(ServiceOrder.reservation_id == reservation_id))


def served(ref: str, *, actor: Actor) -> tuple[Reservation, ServiceOrder]:
    """The reservation of that ref with its order; raises NotFound where no service was ordered."""
    reservation = get_reservation(ref, actor=actor)
    order = order_of(reservation.id)
    if order is None:
        raise NotFound
    return reservation, order


def hold_order(order_id: int) -> ServiceOrder:
    """The order as it stands now, kept from others until the commit: ticks, changes and the closing wait for it."""
    return db.session.scalars(
        select(ServiceOrder)
        .where(ServiceOrder.id == order_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def lines_of(order_id: int) -> Sequence[Any]:
    """What is ordered, with the items, in the order of the catalogue: rows of (OrderLine, ServiceItem)."""
    return db.session.execute(
        select(OrderLine, ServiceItem)
        .join(ServiceItem, ServiceItem.id == OrderLine.item_id)
        .where(OrderLine.order_id == order_id)
        .order_by(ServiceItem.position, ServiceItem.id)
    ).all()


def attendants_at(site_id: int) -> Sequence[Person]:
    """Who may serve meetings at the site, by name."""
    roles = GRANTS[Permission.MEETINGS_SERVE][0]
    here = select(Grant.person_id).where(
        Grant.role.in_(sorted(roles)), or_(Grant.site_id == site_id, Grant.site_id.is_(None))
    )
    return db.session.scalars(
        select(Person).where(Person.left_at.is_(None), Person.id.in_(here)).order_by(Person.name, Person.id)
    ).all()
