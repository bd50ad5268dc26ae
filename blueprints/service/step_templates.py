"""The steps of the site's run sheets: what is done, how long before or after, and when at all (M4)."""

from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from blueprints.service import blueprint
from blueprints.service.words import step_words
from domain import clock
from domain.meetings import catalogue as operations
from domain.meetings.phases import ANCHOR_NAMES, CATEGORY_NAMES, DUTY_NAMES, PHASE_NAMES
from domain.meetings.runs import house_steps
from domain.meetings.service_models import LONGEST_INTERVAL, SHORTEST_INTERVAL, StepTemplate
from domain.meetings.service_queries import get_of_site, step_templates_of
from domain.permissions import Permission
from web.at_site import at_a_site
from web.edits import ActionForm, AmountField, EditForm, PlainField, draw, filled, settled
from web.fields import SelectField
from web.forms import refusals
from web.htmx import done, render
from web.i18n import say
from web.permissions import actor, allow
from web.transactions import writes

FIELDS = ("name", "phase", "anchor", "minutes", "every_minutes", "category", "longer_than")
ALWAYS = _("Always")


class StepTemplateForm(EditForm):
    """A step. What it means for closing stays as it is: the house's steps carry it."""

    name = PlainField(_("What is done"), max_length=60)
    phase = SelectField(_("Part of the service"), [filled(_("Choose one of those shown."))])
    minutes = AmountField(
        _("Minutes"), min=-240, max=240, blank=0, hint=_("before is negative: −30 is half an hour before")
    )
    anchor = SelectField(_("Counted from"), [filled(_("Choose one of those shown."))])
    every_minutes = AmountField(
        _("Again every … minutes"), min=SHORTEST_INTERVAL, max=LONGEST_INTERVAL, hint=_("empty: once only")
    )
    category = SelectField(_("Only where this is ordered"), blank=ALWAYS)
    longer_than = AmountField(_("Only when it takes longer than minutes"), min=0, max=1440, blank=0)

    def offer(self) -> "StepTemplateForm":
        """Offer what can be chosen; returns the form."""
        self.phase.choices = [(code, say(words)) for code, words in PHASE_NAMES.items()]
        self.anchor.choices = [(code, say(words)) for code, words in ANCHOR_NAMES.items()]
        self.category.choices = [(code, say(words)) for code, words in CATEGORY_NAMES.items()]
        return self

    def columns(self) -> dict[str, Any]:
        """The values as StepTemplate keeps them."""
        return self.values | {"category": self.category.data or ""}


@blueprint.get("/service/steps")
@allow(Permission.SERVICE_MANAGE)
def sheet_steps() -> Any:
    """The steps of every sheet; a site that has none of its own has the house's as soon as it changes one."""
    at_a_site()
    return render(
        "service/sheet_steps.html",
        steps=step_templates_of(g.site.id, retired=True),
        adopt=ActionForm(endpoint="service.adopt_steps"),
        anchors=ANCHOR_NAMES,
        categories=CATEGORY_NAMES,
        duties=DUTY_NAMES,
        office=True,
    )


@blueprint.post("/service/steps/adoptions")
@allow(Permission.SERVICE_MANAGE)
@writes
def adopt_steps() -> Any:
    """Begin with the house's steps."""
    at_a_site()
    form = ActionForm()
    if form.validate():
        with refusals(form):
            house_steps(g.site.id)
            return done(url_for("service.sheet_steps"))
    settled(form)
    return draw(
        "service/sheet_steps.html",
        form=form,
        steps=step_templates_of(g.site.id, retired=True),
        adopt=form,
        anchors=ANCHOR_NAMES,
        categories=CATEGORY_NAMES,
        duties=DUTY_NAMES,
        office=True,
    )


def _draw(form: Any, title: str, **more: Any) -> Any:
    context = {"title": title, "back": url_for("service.sheet_steps"), "save": gettext("Save"), "office": True}
    return draw("service/list_form.html", form=form, **context | more)


@blueprint.route("/service/steps/new", methods=["GET", "POST"])
@allow(Permission.SERVICE_MANAGE)
@writes
def add_step() -> Any:
    """Add a step to the sheets that are laid out from now on."""
    at_a_site()
    form = StepTemplateForm(endpoint="service.add_step").offer()
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.add_step(site_id=g.site.id, actor=actor(), now=clock.now(), **form.columns())
            flash(gettext("The step is on every sheet that is laid out from now on."), "ok")
            return done(url_for("service.sheet_steps"))
    settled(form)
    return _draw(form, gettext("Add step"))


@blueprint.route("/service/steps/<ref>/edit", methods=["GET", "POST"])
@allow(Permission.SERVICE_MANAGE)
@writes
def change_step(ref: str) -> Any:
    """Change a step; sheets that exist stay until their order or their meeting changes."""
    at_a_site()
    step = get_of_site(StepTemplate, ref, actor=actor())
    current = {name: getattr(step, name) for name in FIELDS} | {"category": step.category or None}
    form = StepTemplateForm(current, endpoint="service.change_step").offer()
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.change(step, actor=actor(), now=clock.now(), **form.columns())
            flash(gettext("The step is changed for sheets that are laid out from now on."), "ok")
            return done(url_for("service.sheet_steps"))
    settled(form)
    step = get_of_site(StepTemplate, ref, actor=actor())
    title = gettext("Change %(item)s", item=step_words(step))
    retire = None if step.retired_at else url_for("service.retire_step", ref=ref)
    return _draw(
        form, title, retire=retire, said=gettext("An empty name keeps the house's words.") if step.code else ""
    )


@blueprint.route("/service/steps/<ref>/retirement", methods=["GET", "POST"])
@allow(Permission.SERVICE_MANAGE)
@writes
def retire_step(ref: str) -> Any:
    """Take a step off the sheets that are laid out from now on."""
    at_a_site()
    step, form = get_of_site(StepTemplate, ref, actor=actor()), ActionForm(endpoint="service.retire_step")
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.retire(step, actor=actor(), now=clock.now())
            return done(url_for("service.sheet_steps"))
    settled(form)
    step = get_of_site(StepTemplate, ref, actor=actor())
    title = gettext("Take %(item)s off the list", item=step_words(step))
    said = gettext("Sheets that are laid out from now on do without it.")
    return _draw(form, title, said=said, save=gettext("Take it off"))
