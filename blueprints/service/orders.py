"""Ordering the service of a meeting (M3): from the catalogue, with templates, now or later."""

from collections.abc import Sequence
from typing import Any, cast

from flask import flash, g, request, url_for
from flask_babel import lazy_gettext as _
from flask_babel import ngettext

from blueprints.service import blueprint
from domain import clock
from domain.database import db
from domain.errors import DomainError
from domain.meetings.changes import WHICH_NAMES, Which, meant
from domain.meetings.models import Reservation, Room
from domain.meetings.orders import EVERY, NUMBER, Line, Short, proposal, write_orders
from domain.meetings.phases import CATEGORY_NAMES, Category
from domain.meetings.queries import get_reservation
from domain.meetings.service_models import LONGEST_INTERVAL, MOST, SHORTEST_INTERVAL, ServiceItem, ServiceOrder
from domain.meetings.service_queries import items_of, lines_of, lines_of_templates, order_of, promised, templates_of
from domain.permissions import Permission
from domain.text import N_
from web.at_site import at_a_site
from web.edits import AmountField, EditForm, PlainArea, draw, settled
from web.fields import BooleanField, ChoiceField
from web.forms import refusals
from web.htmx import done
from web.i18n import say
from web.permissions import actor, allow
from web.transactions import writes

FREE = N_("%(free)d are free in the store.")
REFILLED = (Category.DRINK, Category.TOWEL)


class OrderForm(EditForm):
    """The order of one meeting; the fields of the items are added for each site."""

    notes = PlainArea(_("What else matters"), rows=2, max_length=500, hint=_("optional"))
    despite = BooleanField(_("Order it all the same: the store is filled before the meeting"))
    which = ChoiceField(_("Which of the repeat"))

    @property
    def meant(self) -> Which:
        """Which meetings of the repeat."""
        return Which(self.which.data) if "which" in self else Which.ONE

    def lines(self, items: Sequence[ServiceItem]) -> list[Line]:
        """What is wanted: items with a number. An interval alone orders nothing."""
        found = []
        for item in items:
            number = self[NUMBER + item.ref].data
            every = self[EVERY + item.ref].data if EVERY + item.ref in self else None
            if number:
                found.append(Line(item, number, every))
        return found


def form_class(items: Sequence[ServiceItem]) -> type[OrderForm]:
    """The form with a field for each item of the catalogue."""
    fields: dict[str, Any] = {}
    for item in items:
        fields[NUMBER + item.ref] = AmountField(item.name, min=0, max=MOST, hint=item.unit or _("how many"))
        if item.category in REFILLED:
            fields[EVERY + item.ref] = AmountField(
                _("Again every … minutes"), min=SHORTEST_INTERVAL, max=LONGEST_INTERVAL, hint=item.name
            )
    return cast(type[OrderForm], type("SiteOrderForm", (OrderForm,), fields))


def _current(order: ServiceOrder | None, items: Sequence[ServiceItem]) -> dict[str, Any]:
    """What is ordered, as the fields hold it."""
    lines = {row.ServiceItem.id: row.OrderLine for row in lines_of(order.id)} if order else {}
    values: dict[str, Any] = {"notes": order.notes if order else ""}
    for item in items:
        line = lines.get(item.id)
        values[NUMBER + item.ref] = line.number if line else None
        if item.category in REFILLED:
            values[EVERY + item.ref] = line.every_minutes if line else None
    return values


def _items(order: ServiceOrder | None) -> list[ServiceItem]:
    """The catalogue, and what is ordered of items that are off it by now."""
    items = list(items_of(g.site.id))
    known = {item.id for item in items}
    gone = [row.ServiceItem for row in lines_of(order.id) if row.ServiceItem.id not in known] if order else []
    return items + gone


def _fill(form: OrderForm, reservation: Reservation, items: Sequence[ServiceItem]) -> None:
    """Propose what the template of the address orders, in the place of what stands there."""
    chosen = next((one for one in templates_of(g.site.id) if one.ref == request.args.get("template")), None)
    if chosen is None:
        return
    proposed = proposal(lines_of_templates([chosen])[chosen.id], people=reservation.people)
    for item in items:
        number, every = proposed.get(item.id, (None, None))
        form[NUMBER + item.ref].data = number
        if item.category in REFILLED:
            form[EVERY + item.ref].data = (every or item.every_minutes) if number else None


@blueprint.route("/<ref>/order", methods=["GET", "POST"])
@allow(Permission.MEETINGS_WRITE)
@writes
def order(ref: str) -> Any:
    """Order the service, or change it; the sheet follows."""
    at_a_site()
    reservation = get_reservation(ref, actor=actor())
    found = order_of(reservation.id)
    items = _items(found)
    form = form_class(items)(_current(found, items), endpoint="service.order")
    form.which.choices = [(which.value, say(words)) for which, words in WHICH_NAMES.items()]
    form.which.data = form.which.data or Which.ONE.value
    if reservation.series is None:
        del form.which
    if request.method == "GET":
        _fill(form, reservation, items)
    if request.method == "POST" and form.validate():
        with refusals(form):
            return done(_write(form, reservation, items))
    settled(form)
    return draw("service/order.html", form=form, ref=ref, **_context(ref, items))


def _write(form: OrderForm, reservation: Reservation, items: Sequence[ServiceItem]) -> str:
    meetings = meant(reservation, form.meant, now=clock.now())
    try:
        made = write_orders(
            meetings or [reservation],
            lines=form.lines(items),
            notes=form.notes.data or "",
            despite=bool(form.despite.data),
            actor=actor(),
            now=clock.now(),
        )
    except Short as error:
        for item, free in error.missing.items():
            form.blame(DomainError(FREE, field=NUMBER + item.ref, free=max(0, free)))
        raise
    said = ngettext("The service is ordered.", "The service of %(num)d meetings is ordered.", len(made))
    flash(said, "ok")
    return url_for("reservations.entry", ref=reservation.ref)


def _context(ref: str, items: Sequence[ServiceItem]) -> dict[str, Any]:
    reservation = get_reservation(ref, actor=actor())
    found, told = order_of(reservation.id), promised(g.site.id)
    own = {row.ServiceItem.id: row.OrderLine.number for row in lines_of(found.id)} if found else {}
    if found and found.goods_at is None:
        told = {item_id: number - own.get(item_id, 0) for item_id, number in told.items()}
    kinds = [
        (say(words), [item for item in items if item.category == category])
        for category, words in CATEGORY_NAMES.items()
    ]
    return {
        "reservation": reservation,
        "room": db.session.get_one(Room, reservation.room_id),
        "found": found,
        "kinds": [(words, own_items) for words, own_items in kinds if own_items],
        "free": {item.id: item.stock - told.get(item.id, 0) for item in items if item.stock is not None},
        "templates": templates_of(g.site.id),
        "number": NUMBER,
        "every": EVERY,
        "may_manage": actor().may(Permission.SERVICE_MANAGE),
    }
