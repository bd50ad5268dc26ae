"""The catalogue of the service and its stock, for the lead and the admin (M3)."""

from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext, lazy_pgettext
from flask_babel import lazy_gettext as _

from blueprints.service import blueprint
from domain import clock
from domain.meetings import catalogue as operations
from domain.meetings.orders import low
from domain.meetings.phases import CATEGORY_NAMES
from domain.meetings.service_models import LONGEST_INTERVAL, MOST_STOCK, SHORTEST_INTERVAL, ServiceItem
from domain.meetings.service_queries import get_of_site, items_of, promised
from domain.permissions import Permission
from web.at_site import at_a_site
from web.edits import ActionForm, AmountField, EditForm, PlainField, draw, filled, settled
from web.fields import BooleanField, SelectField
from web.forms import FoyerForm, refusals
from web.htmx import done, render
from web.i18n import say
from web.permissions import access_of, actor, allow
from web.transactions import writes


class ItemForm(EditForm):
    """An item of the catalogue."""

    name = PlainField(lazy_pgettext("thing", "Name"), [filled(_("Enter a name."))], max_length=40)
    category = SelectField(_("Kind"), [filled(_("Choose one of those shown."))])
    unit = PlainField(_("Counted in"), max_length=12, hint=_("such as cups; may be empty"))
    every_minutes = AmountField(
        _("Again every … minutes"), min=SHORTEST_INTERVAL, max=LONGEST_INTERVAL, hint=_("empty: once only")
    )
    low_at = AmountField(_("Warn when so few are free"), min=0, max=MOST_STOCK, blank=0)
    stock = AmountField(_("In the store now"), min=0, max=MOST_STOCK, hint=_("empty: it is not counted"))
    per_person = BooleanField(_("Usually one for each person"))

    def offer(self) -> "ItemForm":
        """Offer the kinds; returns the form."""
        self.category.choices = [(code, say(words)) for code, words in CATEGORY_NAMES.items()]
        return self


class StockForm(FoyerForm):
    """What was counted in the store, what was bought included."""

    number = AmountField(_("In the store now"), [filled(_("Enter how many lie in the store."))], min=0, max=MOST_STOCK)


@blueprint.before_request
def _room() -> None:
    """Keeping the lists is a room of its own on the rail of those who may."""
    access = access_of(request.endpoint or "")
    if access and access.permission == Permission.SERVICE_MANAGE:
        g.room = "service.catalogue"
    elif access and access.permission == Permission.MEETINGS_WRITE:
        g.room = "meetings.day"
    elif request.endpoint != "service.catalogue":
        g.room = "service.runs"


@blueprint.get("/service")
@allow(Permission.SERVICE_MANAGE)
def catalogue() -> Any:
    """Every item with what lies in the store, what of it is promised, and what is free."""
    at_a_site()
    told = promised(g.site.id)
    rows = [
        (item, told.get(item.id, 0), low(item, told) and item.retired_at is None)
        for item in items_of(g.site.id, retired=True)
    ]
    return render(
        "service/catalogue.html",
        rows=rows,
        names=CATEGORY_NAMES,
        begin=ActionForm(endpoint="service.begin") if not rows else None,
        office=True,
    )


@blueprint.post("/service/beginnings")
@allow(Permission.SERVICE_MANAGE)
@writes
def begin() -> Any:
    """Enter what most catalogues begin with."""
    at_a_site()
    form = ActionForm()
    if form.validate():
        with refusals(form):
            words = {part for name, _category, unit, _values in operations.USUAL for part in (name, unit) if part}
            names = {one: say(one) for one in words}
            operations.begin_with(names, site_id=g.site.id, actor=actor(), now=clock.now())
            return done(url_for("service.catalogue"))
    settled(form)
    return draw("service/catalogue.html", form=form, rows=[], names=CATEGORY_NAMES, begin=form, office=True)


@blueprint.route("/service/items/new", methods=["GET", "POST"])
@allow(Permission.SERVICE_MANAGE)
@writes
def add_item() -> Any:
    """Put an item into the catalogue."""
    at_a_site()
    form = ItemForm(endpoint="service.add_item").offer()
    if request.method == "POST" and form.validate():
        with refusals(form):
            made = operations.add_item(site_id=g.site.id, actor=actor(), now=clock.now(), **form.values)
            flash(gettext("%(item)s is in the catalogue.", item=made.name), "ok")
            return done(url_for("service.catalogue"))
    settled(form)
    return _draw(form, gettext("Add item"))


def _draw(form: FoyerForm, title: str, **more: Any) -> Any:
    context = {"title": title, "back": url_for("service.catalogue"), "save": gettext("Save"), "office": True}
    return draw("service/list_form.html", form=form, **context | more)


@blueprint.route("/service/items/<ref>/edit", methods=["GET", "POST"])
@allow(Permission.SERVICE_MANAGE)
@writes
def change_item(ref: str) -> Any:
    """Change an item; what is ordered already stays."""
    at_a_site()
    item = get_of_site(ServiceItem, ref, actor=actor())
    names = ("name", "category", "unit", "every_minutes", "low_at", "stock", "per_person")
    form = ItemForm({name: getattr(item, name) for name in names}, endpoint="service.change_item").offer()
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.change(item, actor=actor(), now=clock.now(), **form.values)
            flash(gettext("%(item)s is changed.", item=item.name), "ok")
            return done(url_for("service.catalogue"))
    settled(form)
    item = get_of_site(ServiceItem, ref, actor=actor())
    retire = None if item.retired_at else url_for("service.retire_item", ref=ref)
    return _draw(form, gettext("Change %(item)s", item=item.name), retire=retire)


@blueprint.route("/service/items/<ref>/stock", methods=["GET", "POST"])
@allow(Permission.SERVICE_MANAGE)
@writes
def count_stock(ref: str) -> Any:
    """Enter what was counted in the store."""
    at_a_site()
    item, form = get_of_site(ServiceItem, ref, actor=actor()), StockForm(endpoint="service.count_stock")
    if request.method == "GET" and item.stock is not None:
        form.number.data = item.stock
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.count_stock(item, number=form.number.data, actor=actor(), now=clock.now())
            flash(gettext("The store of %(item)s is counted.", item=item.name), "ok")
            return done(url_for("service.catalogue"))
    settled(form)
    return _draw(form, gettext("Count %(item)s", item=get_of_site(ServiceItem, ref, actor=actor()).name))


@blueprint.route("/service/items/<ref>/retirement", methods=["GET", "POST"])
@allow(Permission.SERVICE_MANAGE)
@writes
def retire_item(ref: str) -> Any:
    """Take it off the catalogue."""
    at_a_site()
    item, form = get_of_site(ServiceItem, ref, actor=actor()), ActionForm(endpoint="service.retire_item")
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.retire(item, actor=actor(), now=clock.now())
            return done(url_for("service.catalogue"))
    settled(form)
    item = get_of_site(ServiceItem, ref, actor=actor())
    said = gettext("Nobody orders it any more. What is ordered already stays.")
    return _draw(form, gettext("Take %(item)s off the list", item=item.name), said=said, save=gettext("Take it off"))
