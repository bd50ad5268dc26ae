"""Templates of orders: VIP, training, video conference."""

from collections.abc import Sequence
from typing import Any, cast

from flask import flash, g, request, url_for
from flask_babel import gettext, lazy_pgettext
from flask_babel import lazy_gettext as _

from blueprints.service import blueprint
from domain import clock
from domain.meetings import catalogue as operations
from domain.meetings.orders import EVERY, NUMBER
from domain.meetings.service_models import LONGEST_INTERVAL, MOST, SHORTEST_INTERVAL, ServiceItem, ServiceTemplate
from domain.meetings.service_queries import get_of_site, items_of, lines_of_templates, templates_of
from domain.permissions import Permission
from web.at_site import at_a_site
from web.edits import ActionForm, AmountField, EditForm, PlainField, draw, filled, settled
from web.fields import MultiChoice
from web.forms import refusals
from web.htmx import done, render
from web.permissions import actor, allow
from web.transactions import writes


class TemplateForm(EditForm):
    """A template; the fields of the items are added for each site."""

    name = PlainField(lazy_pgettext("thing", "Name"), [filled(_("Enter a name."))], max_length=40)
    items = MultiChoice(_("Items"))


def _form_class(items: Sequence[ServiceItem]) -> type[TemplateForm]:
    fields: dict[str, Any] = {}
    for item in items:
        fields[NUMBER + item.ref] = AmountField(
            gettext("How many: %(item)s", item=item.name), min=1, max=MOST, hint=_("empty: one for each person")
        )
        if item.every_minutes:
            fields[EVERY + item.ref] = AmountField(
                gettext("Every … minutes: %(item)s", item=item.name), min=SHORTEST_INTERVAL, max=LONGEST_INTERVAL
            )
    return cast(type[TemplateForm], type("SiteTemplateForm", (TemplateForm,), fields))


def _current(template: ServiceTemplate | None, items: Sequence[ServiceItem]) -> dict[str, Any] | None:
    if template is None:
        return None
    lines = {line.item_id: line for line in lines_of_templates([template])[template.id]}
    values: dict[str, Any] = {"name": template.name, "items": [item.ref for item in items if item.id in lines]}
    for item in items:
        line = lines.get(item.id)
        values[NUMBER + item.ref] = line.number if line else None
        if item.every_minutes:
            values[EVERY + item.ref] = line.every_minutes if line else None
    return values


@blueprint.get("/service/templates")
@allow(Permission.SERVICE_MANAGE)
def order_templates() -> Any:
    """Every template with what it orders."""
    at_a_site()
    found = templates_of(g.site.id, retired=True)
    names = {item.id: item.name for item in items_of(g.site.id, retired=True)}
    lines = {
        template_id: [names[line.item_id] for line in own] for template_id, own in lines_of_templates(found).items()
    }
    return render("service/order_templates.html", templates=found, lines=lines, office=True)


def _edit(template: ServiceTemplate | None, endpoint: str, title: str) -> Any:
    items = items_of(g.site.id)
    form = _form_class(items)(_current(template, items), endpoint=endpoint)
    form.items.choices = [(item.ref, item.name) for item in items]
    if request.method == "POST" and form.validate():
        with refusals(form):
            lines = [
                (item, form[NUMBER + item.ref].data, form[EVERY + item.ref].data if EVERY + item.ref in form else None)
                for item in items
                if item.ref in (form.items.data or ())
            ]
            made = operations.save_template(
                template, site_id=g.site.id, name=form.name.data, lines=lines, actor=actor(), now=clock.now()
            )
            flash(gettext("The template %(name)s is kept.", name=made.name), "ok")
            return done(url_for("service.order_templates"))
    settled(form)
    retire = url_for("service.retire_template", ref=request.view_args["ref"]) if request.view_args else None
    names = {"number": NUMBER, "every": EVERY}
    return draw("service/template_form.html", form=form, items=items, title=title, retire=retire, office=True, **names)


@blueprint.route("/service/templates/new", methods=["GET", "POST"])
@allow(Permission.SERVICE_MANAGE)
@writes
def add_template() -> Any:
    """Make a template."""
    at_a_site()
    return _edit(None, "service.add_template", gettext("Add template"))


@blueprint.route("/service/templates/<ref>/edit", methods=["GET", "POST"])
@allow(Permission.SERVICE_MANAGE)
@writes
def change_template(ref: str) -> Any:
    """Change a template; what was ordered with it stays."""
    at_a_site()
    template = get_of_site(ServiceTemplate, ref, actor=actor())
    return _edit(template, "service.change_template", gettext("Change %(item)s", item=template.name))


@blueprint.route("/service/templates/<ref>/retirement", methods=["GET", "POST"])
@allow(Permission.SERVICE_MANAGE)
@writes
def retire_template(ref: str) -> Any:
    """Take it off the list."""
    at_a_site()
    template, form = get_of_site(ServiceTemplate, ref, actor=actor()), ActionForm(endpoint="service.retire_template")
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.retire(template, actor=actor(), now=clock.now())
            return done(url_for("service.order_templates"))
    settled(form)
    template = get_of_site(ServiceTemplate, ref, actor=actor())
    return draw(
        "service/list_form.html",
        form=form,
        title=gettext("Take %(item)s off the list", item=template.name),
        said=gettext("Nobody orders it any more. What is ordered already stays."),
        back=url_for("service.order_templates"),
        save=gettext("Take it off"),
        office=True,
    )
