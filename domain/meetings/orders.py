"""Ordering the service of a meeting (M3), and what it takes from the store.

The store is counted by what lies in it. What is ordered is promised, and leaves the store with the first step of the
preparation that is done. Whoever orders more than is free is warned and may order all the same: meetings are ordered
weeks ahead and the store is filled meanwhile; the lead sees what is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain.database import db
from domain.errors import Conflict, DomainError
from domain.identity import Actor
from domain.meetings import history
from domain.meetings.changes import GONE, OVER
from domain.meetings.models import Reservation, ReservationState
from domain.meetings.queries import hold
from domain.meetings.runs import lay_out
from domain.meetings.service_models import CLOSED, MOST, OrderLine, ServiceItem, ServiceOrder, ServiceTemplate
from domain.meetings.service_queries import hold_order, lines_of, order_of, promised
from domain.text import N_

NUMBER, EVERY = "number_", "every_"
"""How the fields of an item begin; its ref follows."""


@dataclass(frozen=True)
class Line:
    """One item that is wanted: how many, and every how many minutes it is refilled."""

    item: ServiceItem
    number: int
    every_minutes: int | None = None


class Short(DomainError):
    """Less is free in the store than is ordered: `missing` says for each item how much is free."""

    def __init__(self, missing: dict[ServiceItem, int]) -> None:
        first = next(iter(missing))
        super().__init__(
            N_("The store is short of %(item)s: %(free)d are free. Order less, or tick that it is ordered anyway."),
            field="despite",
            item=first.name,
            free=max(0, missing[first]),
        )
        self.missing = missing


def hold_items(ids: Sequence[int]) -> dict[int, ServiceItem]:
    """The items as they stand now, kept from others until the commit."""
    rows = db.session.scalars(
        select(ServiceItem)
        .where(ServiceItem.id.in_(ids))
        .order_by(ServiceItem.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {item.id: item for item in rows}


def write_orders(
    reservations: Sequence[Reservation],
    *,
    lines: Sequence[Line],
    template: ServiceTemplate | None = None,
    notes: str = "",
    despite: bool = False,
    actor: Actor,
    now: datetime,
) -> list[ServiceOrder]:
    """Order, or change what is ordered, for each of these meetings; their sheets follow.

    Raises Conflict for a meeting that is closed, over or called off, DomainError for numbers that make no sense, and
    Short unless `despite` says that the store will be filled.
    """
    for line in lines:
        if not 1 <= line.number <= MOST:
            raise DomainError(N_("Enter a number from 1 to %(most)d."), field=NUMBER + line.item.ref, most=MOST)
    held = hold([one.id for one in reservations])
    orders = [_order_for(one, template, notes, actor=actor, now=now) for one in held]
    items = hold_items([line.item.id for line in lines] + _item_ids(orders))
    if not despite:
        _must_be_free(orders, lines, items)
    for order, reservation in zip(orders, held, strict=True):
        _set_lines(order, lines, items)
        lay_out(order, reservation, now=now)
        facts = {
            "items": {line.item.name: line.number for line in lines},
            "template": template.name if template else "",
        }
        history.record("ordered", reservation, actor=actor, now=now, facts=facts, entered={"order_notes": notes})
    return orders


def _order_for(
    reservation: Reservation, template: ServiceTemplate | None, notes: str, *, actor: Actor, now: datetime
) -> ServiceOrder:
    found = order_of(reservation.id)
    if found is None:
        if reservation.state == ReservationState.ENDED or reservation.ends_at <= now:
            raise Conflict(OVER)
        if reservation.state != ReservationState.HELD or reservation.has_lapsed(now):
            raise Conflict(GONE)
        order = ServiceOrder(
            site_id=reservation.site_id,
            reservation_id=reservation.id,
            template_id=template.id if template else None,
            notes=notes,
            ordered_by_id=actor.id if actor.kind == "staff" else None,
            ordered_at=now,
        )
        db.session.add(order)
        db.session.flush()
        return order
    order = hold_order(found.id)
    must_be_open(order)
    if reservation.state not in (ReservationState.HELD, ReservationState.ENDED):
        raise Conflict(GONE)
    order.template_id, order.notes = template.id if template else order.template_id, notes
    db.session.flush()
    return order


def must_be_open(order: ServiceOrder) -> None:
    """Raise Conflict for a closed one."""
    if order.closed_at is not None:
        raise Conflict(CLOSED)


def _item_ids(orders: Sequence[ServiceOrder]) -> list[int]:
    of_these = OrderLine.order_id.in_([order.id for order in orders])
    return list(db.session.scalars(select(OrderLine.item_id).where(of_these)))


def _must_be_free(orders: Sequence[ServiceOrder], lines: Sequence[Line], items: dict[int, ServiceItem]) -> None:
    """Raise Short for what is wanted beyond what is free; an order that asks for no more than before is not asked."""
    site_id = orders[0].site_id
    before: dict[int, int] = {}
    for order in orders:
        for row in lines_of(order.id):
            before[row.ServiceItem.id] = before.get(row.ServiceItem.id, 0) + row.OrderLine.number
    told = promised(site_id)
    missing = {}
    for line in lines:
        item = items[line.item.id]
        more = line.number * len(orders) - before.get(item.id, 0)
        if item.stock is not None and more > 0 and more > (free := item.stock - told.get(item.id, 0)):
            missing[item] = free + before.get(item.id, 0)
    if missing:
        raise Short(missing)


def _set_lines(order: ServiceOrder, lines: Sequence[Line], items: dict[int, ServiceItem]) -> None:
    there = {row.OrderLine.item_id: row.OrderLine for row in lines_of(order.id)}
    for line in lines:
        known = there.pop(line.item.id, None)
        if known is None:
            known = OrderLine(order_id=order.id, item_id=line.item.id, number=line.number, taken=0)
            db.session.add(known)
        item = items[line.item.id]
        if order.goods_at is not None:
            _fetch(known, item, line.number)
        known.number, known.every_minutes = line.number, line.every_minutes
    for gone in there.values():
        _fetch(gone, items[gone.item_id], 0)
        db.session.delete(gone)
    db.session.flush()


def _fetch(line: OrderLine, item: ServiceItem, number: int) -> None:
    """Take so many from the store altogether, or put back what is too many; never more than lies there."""
    if item.stock is None:
        return
    more = min(number - line.taken, item.stock)
    line.taken += more
    item.stock = item.stock - more


def take_goods(order: ServiceOrder, *, now: datetime) -> None:
    """What is ordered leaves the store; a store that was counted wrongly stops nobody. The order is held."""
    if order.goods_at is not None:
        return
    rows = lines_of(order.id)
    items = hold_items([row.ServiceItem.id for row in rows])
    for row in rows:
        _fetch(row.OrderLine, items[row.ServiceItem.id], row.OrderLine.number)
    order.goods_at = now
    db.session.flush()


def low(item: ServiceItem, told: dict[int, int]) -> bool:
    """Whether less is free than the site wants to have."""
    return item.stock is not None and item.stock - told.get(item.id, 0) <= item.low_at


def proposal(lines: Sequence[Any], *, people: int) -> dict[int, tuple[int, int | None]]:
    """What a template orders for so many people: (number, every so many minutes) by item."""
    return {line.item_id: (line.number or people, line.every_minutes) for line in lines}
