"""The service of a meeting in the cast's building: a catalogue, an order, and ticks as devices send them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from domain import clock
from domain.codes import new_token
from domain.database import db
from domain.identity import Actor
from domain.meetings import attendants, steps
from domain.meetings.catalogue import add_item
from domain.meetings.models import Reservation
from domain.meetings.orders import Line, write_orders
from domain.meetings.phases import Category
from domain.meetings.runs import house_steps
from domain.meetings.service_models import ServiceItem, ServiceOrder, ServiceStep, StepTemplate
from domain.meetings.service_queries import order_of
from domain.people.models import Person
from domain.ticks import Answer, Sent
from tests.cabinet import actor_of
from tests.cast import Cast

NUMBERS = count(1)


@dataclass(frozen=True)
class Catalogue:
    """Ids: tea is not counted, of water lie thirty bottles in the store, towels come every forty minutes."""

    tea: int
    water: int
    towels: int


def fill_catalogue(cast: Cast) -> Catalogue:
    """Enter the items; call inside `writing()`."""
    actor, now = actor_of(cast, "zhou"), clock.now()

    def enter(name: str, category: Category, **values: Any) -> int:
        return add_item(site_id=cast.site_id, name=name, category=category, actor=actor, now=now, **values).id

    return Catalogue(
        enter("绿茶", Category.DRINK, unit="小杯", per_person=True, every_minutes=20),
        enter("矿泉水", Category.DRINK, unit="小瓶", stock=30, low_at=10),
        enter("毛巾", Category.TOWEL, every_minutes=40),
    )


def step_templates(cast: Cast) -> list[StepTemplate]:
    """The steps of the site's sheets."""
    return house_steps(cast.site_id)


def item(item_id: int) -> ServiceItem:
    """The item, as it stands."""
    return db.session.get_one(ServiceItem, item_id)


def order(
    reservation: Reservation, cast: Cast, *lines: tuple[int, int, int | None], by: str = "lisi", **values: Any
) -> ServiceOrder:
    """Order (item, number, every so many minutes)."""
    wanted = [Line(item(item_id), number, every) for item_id, number, every in lines]
    return write_orders([reservation], lines=wanted, actor=actor_of(cast, by), now=clock.now(), **values)[0]


def give_to(reservation: Reservation, cast: Cast, login: str = "chen") -> ServiceOrder:
    """Let that person serve it."""
    found = order_of(reservation.id)
    assert found
    person = db.session.get_one(Person, cast.people[login])
    attendants.assign(found, person, actor=actor_of(cast, "zhou"), now=clock.now())
    return found


def steps_on(order_id: int, code: str = "") -> list[ServiceStep]:
    """The steps of a sheet that are asked for, by time; of one code alone."""
    asked = select(ServiceStep).where(ServiceStep.order_id == order_id, ServiceStep.void_at.is_(None))
    if code:
        asked = asked.where(ServiceStep.code == code)
    return list(db.session.scalars(asked.order_by(ServiceStep.due_at, ServiceStep.id)))


def sent(age: int = 0, device_id: str = "") -> Sent:
    """A tick that was made so many seconds ago."""
    return Sent(device_id or f"device-{next(NUMBERS)}-{new_token()}"[:60], timedelta(seconds=age))


def tick(
    order_id: int,
    code: str,
    cast: Cast,
    by: str = "chen",
    *,
    how: str = steps.DONE,
    reason: str = "",
    made: Sent | None = None,
    now: datetime | None = None,
) -> Answer:
    """Tick the first step of that code that waits, else the first."""
    own = steps_on(order_id, code)
    step = next((one for one in own if one.how is None), own[0])
    who: Actor = actor_of(cast, by)
    return steps.tick(step, made or sent(), how=how, reason=reason, actor=who, now=now or clock.now())
