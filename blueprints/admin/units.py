"""Units of the site: the list with its search, one unit with its hosts, entered, changed, left."""

from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext as _

from blueprints.admin import blueprint
from blueprints.admin.forms import DIRECTIONS, by_language, in_languages, of_language, spoken
from blueprints.admin.occupant_forms import UnitForm
from domain import clock
from domain.database import db
from domain.errors import NotFound
from domain.occupants import managed, operations
from domain.occupants.models import Unit
from domain.occupants.queries import unit_name
from domain.permissions import Permission
from web.at_site import at_a_site
from web.edits import ActionForm, draw
from web.fields import clean_text
from web.forms import refusals
from web.htmx import done, render
from web.permissions import actor, allow
from web.transactions import writes

LONGEST_QUERY = 80


def find_unit(ref: str) -> Unit:
    """The unit, at the site where the actor works; held until the commit when it is about to be changed."""
    statement = managed.unit_visible_to(actor(), ref)
    unit = db.session.scalar(statement.with_for_update(key_share=True) if request.method == "POST" else statement)
    if unit is None:
        raise NotFound
    return unit


def asked_for() -> dict[str, Any]:
    """What of a list was asked for: typed text, those who left, the page before or after a row."""
    asked = request.args
    return {
        "q": clean_text(asked.get("q", ""))[:LONGEST_QUERY],
        "gone": asked.get("gone") == "1",
        "before": asked.get("before", "")[:20],
        "after": asked.get("after", "")[:20],
    }


@blueprint.get("/units")
@allow(Permission.OCCUPANTS_MANAGE)
def units() -> Any:
    """Units by number, or those that were searched for, the hosts of that name with them."""
    at_a_site()
    asked, site_id = asked_for(), actor().site_id or 0
    query = asked.pop("q")
    listed = managed.find_units(query, site_id=site_id) if query else managed.units_page(site_id, **asked)
    hosts = managed.find_hosts(query, site_id=site_id) if query else None
    return render("admin/units.html", listed=listed, hosts=hosts, query=query, gone=asked["gone"])


def _form(unit: Unit | None) -> UnitForm:
    at_a_site()
    languages = spoken(g.site.languages, unit.directions if unit else {})
    made = in_languages(UnitForm, languages, directions=DIRECTIONS)
    if unit is None:
        return made()
    current = {name: getattr(unit, name) for name in ("number", "company", "floor")}
    return made(current | by_language(unit.directions, "directions", languages))


def _values(form: UnitForm) -> dict[str, Any]:
    values = form.values
    own = {name: values[name] for name in ("number", "company", "floor", "shared")}
    return own | {"directions": of_language(values, "directions")}


@blueprint.route("/units/new", methods=["GET", "POST"])
@allow(Permission.OCCUPANTS_MANAGE)
@writes
def add_unit() -> Any:
    """Enter a unit."""
    form = _form(None)
    if request.method == "POST" and form.validate():
        with refusals(form):
            unit = operations.add_unit(site_id=g.site.id, **_values(form), actor=actor(), now=clock.now())
            flash(_("%(unit)s is entered. Now add its hosts.", unit=unit_name(unit.number, unit.company)), "ok")
            return done(url_for("admin.unit", ref=unit.ref))
    return draw("admin/unit_form.html", form=form, title=_("Add unit"), back=url_for("admin.units"))


@blueprint.get("/units/<ref>")
@allow(Permission.OCCUPANTS_MANAGE)
def unit(ref: str) -> Any:
    """One unit and who is in it."""
    found = find_unit(ref)
    hosts = db.session.scalars(managed.present_hosts(found.id)).all()
    past = db.session.scalars(managed.past_hosts(found.id)).all()
    return render("admin/unit.html", unit=found, hosts=hosts, past=past, form=ActionForm(endpoint="admin.unit_back"))


@blueprint.route("/units/<ref>/edit", methods=["GET", "POST"])
@allow(Permission.OCCUPANTS_MANAGE)
@writes
def change_unit(ref: str) -> Any:
    """Change what is known of a unit."""
    found, back = find_unit(ref), url_for("admin.unit", ref=ref)
    form = _form(found)
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.change_unit(found, **_values(form), actor=actor(), now=clock.now())
            return done(back)
    return draw("admin/unit_form.html", form=form, title=_("Change unit"), back=back)


@blueprint.route("/units/<ref>/departure", methods=["GET", "POST"])
@allow(Permission.OCCUPANTS_MANAGE)
@writes
def unit_left(ref: str) -> Any:
    """Nobody is in the unit any more; asked first, because its hosts leave with it."""
    found, form = find_unit(ref), ActionForm()
    back = url_for("admin.unit", ref=ref)
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.unit_left(found, actor=actor(), now=clock.now())
            return done(back)
    hosts = db.session.scalars(managed.present_hosts(found.id)).all()
    return draw("admin/unit_left.html", form=form, unit=found, hosts=hosts, back=back)


@blueprint.post("/units/<ref>/return")
@allow(Permission.OCCUPANTS_MANAGE)
@writes
def unit_back(ref: str) -> Any:
    """The unit is occupied after all, or again."""
    found, form = find_unit(ref), ActionForm()
    if form.validate():
        with refusals(form):
            operations.unit_is_back(found, actor=actor(), now=clock.now())
            return done(url_for("admin.unit", ref=ref))
    past = db.session.scalars(managed.past_hosts(found.id)).all()
    return draw("admin/unit.html", form=form, unit=found, hosts=[], past=past)
