"""The kinds of slips of the site: listed, added, changed, retired (C2)."""

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from blueprints.admin import blueprint
from blueprints.admin.departments import site_id
from blueprints.admin.slip_forms import KindForm
from domain import clock
from domain.database import db
from domain.errors import NotFound
from domain.permissions import Permission
from domain.slips import operations
from domain.slips.models import NATURE_NAMES, Nature, SlipKind
from domain.slips.queries import departments_of, kinds_of
from web.edits import ActionForm, draw
from web.forms import refusals
from web.htmx import done, render
from web.permissions import actor, allow
from web.transactions import writes


def _find(ref: str) -> SlipKind:
    kind = db.session.scalar(kinds_of(site_id()).where(SlipKind.ref == ref))
    if kind is None:
        raise NotFound
    return kind


def _form(found: SlipKind | None = None) -> KindForm:
    departments = list(db.session.scalars(departments_of(site_id())))
    current: dict[str, Any] = {}
    if found is not None:
        usual = next((one.ref for one in departments if one.id == found.department_id), None)
        current = {"name": found.name, "nature": found.nature, "promise_minutes": found.promise_minutes}
        current["department"] = usual
    return KindForm(current).offer(departments)


@blueprint.get("/slip-kinds")
@allow(Permission.SLIPS_MANAGE)
def slip_kinds() -> Any:
    """The kinds in their order."""
    kinds = db.session.scalars(kinds_of(site_id())).all()
    departments = {one.id: one.name for one in db.session.scalars(departments_of(site_id()))}
    return render("admin/slip_kinds.html", kinds=kinds, departments=departments, natures=NATURE_NAMES)


@blueprint.route("/slip-kinds/new", methods=["GET", "POST"])
@allow(Permission.SLIPS_MANAGE)
@writes
def add_slip_kind() -> Any:
    """A new kind at the end of the list."""
    form, back = _form(), url_for("admin.slip_kinds")
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.add_kind(
                site_id=site_id(),
                nature=Nature(form.nature.data),
                name=form.name.data,
                promise_minutes=form.promise_minutes.data,
                department=form.departments.get(form.department.data or ""),
                actor=actor(),
                now=clock.now(),
            )
            return done(back)
    return draw("admin/slip_kind_form.html", form=form, title=_("Add kind of slips"), back=back)


@blueprint.route("/slip-kinds/<ref>", methods=["GET", "POST"])
@allow(Permission.SLIPS_MANAGE)
@writes
def change_slip_kind(ref: str) -> Any:
    """Change a kind; slips of the past keep it."""
    found, back = _find(ref), url_for("admin.slip_kinds")
    form = _form(found)
    if request.method == "POST" and form.validate():
        with refusals(form):
            values = {name: form[name].data for name in ("name", "nature", "promise_minutes")}
            department = form.departments.get(form.department.data or "")
            values["department_id"] = department.id if department else None
            operations.change_listed(found, **values, actor=actor(), now=clock.now())
            return done(back)
    return draw("admin/slip_kind_form.html", form=form, title=_("Change kind of slips"), back=back)


@blueprint.route("/slip-kinds/<ref>/retirement", methods=["GET", "POST"])
@allow(Permission.SLIPS_MANAGE)
@writes
def retire_slip_kind(ref: str) -> Any:
    """Offer the kind no more; asked first."""
    found, form, back = _find(ref), ActionForm(), url_for("admin.slip_kinds")
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.retire_listed(found, actor=actor(), now=clock.now())
            return done(back)
    return draw("admin/retire_listed.html", form=form, listed=found, title=_("Retire kind of slips"), back=back)
