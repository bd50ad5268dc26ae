"""Who serves a meeting: taken, assigned by the lead, or handed to a colleague who agrees (M4)."""

from datetime import datetime

from domain.database import db
from domain.errors import Conflict, DomainError
from domain.identity import Actor
from domain.meetings import history, service_notices
from domain.meetings.models import Reservation
from domain.meetings.orders import must_be_open
from domain.meetings.service_models import ServiceOrder
from domain.meetings.service_queries import attendants_at, hold_order
from domain.people.models import Person
from domain.permissions import Permission
from domain.text import N_


def _hold(order: ServiceOrder) -> Reservation:
    hold_order(order.id)
    must_be_open(order)
    return db.session.get_one(Reservation, order.reservation_id)


def _must_serve(person: Person, order: ServiceOrder) -> None:
    if person.id not in {one.id for one in attendants_at(order.site_id)}:
        raise DomainError(N_("This person does not serve meetings here. Choose somebody else."), field="who")


def assign(order: ServiceOrder, person: Person, *, actor: Actor, now: datetime) -> None:
    """The lead says who serves; that person is told. What was asked of a colleague is no longer asked."""
    reservation = _hold(order)
    _must_serve(person, order)
    if order.attendant_id == person.id and order.offered_to_id is None:
        return
    before, order.attendant_id, order.offered_to_id = order.attendant_id, person.id, None
    db.session.flush()
    history.record("assigned", reservation, actor=actor, now=now, facts={"to_id": person.id, "before_id": before})
    if person.id != actor.id:
        service_notices.tell_attendant(order, "service.assigned", now=now, again=now.isoformat())


def take(order: ServiceOrder, *, actor: Actor, now: datetime) -> None:
    """Serve what nobody serves yet. Raises Conflict when somebody else was faster."""
    reservation = _hold(order)
    person = db.session.get_one(Person, actor.id)
    _must_serve(person, order)
    if order.attendant_id == person.id:
        return
    if order.attendant_id is not None:
        other = db.session.get_one(Person, order.attendant_id)
        raise Conflict(N_("%(name)s serves this meeting already."), name=other.name)
    order.attendant_id = person.id
    db.session.flush()
    history.record("taken", reservation, actor=actor, now=now, facts={"to_id": person.id})


def offer(order: ServiceOrder, to: Person, *, actor: Actor, now: datetime) -> None:
    """Ask a colleague to serve instead; until that person agrees, the attendant stays the attendant."""
    reservation = _hold(order)
    _must_serve(to, order)
    if order.attendant_id != actor.id:
        raise Conflict(N_("You do not serve this meeting any more."))
    if to.id == actor.id:
        raise DomainError(N_("Choose a colleague."), field="who")
    order.offered_to_id = to.id
    db.session.flush()
    history.record("offered", reservation, actor=actor, now=now, facts={"to_id": to.id})
    service_notices.tell_attendant(order, "service.offered", to=to.id, now=now, again=now.isoformat())


def answer(order: ServiceOrder, agreed: bool, *, actor: Actor, now: datetime) -> None:
    """Who was asked agrees, or not. Raises Conflict when it is no longer asked. The lead may agree for nobody."""
    reservation = _hold(order)
    if order.offered_to_id is None or order.offered_to_id != actor.id:
        raise Conflict(N_("You are no longer asked to serve this meeting."))
    before = order.attendant_id
    if agreed:
        order.attendant_id = order.offered_to_id
    order.offered_to_id = None
    db.session.flush()
    kind = "agreed" if agreed else "declined"
    history.record(kind, reservation, actor=actor, now=now, facts={"before_id": before})


def may_assign(actor: Actor) -> bool:
    """Whether the actor says who serves."""
    return actor.may(Permission.SERVICE_ASSIGN)
