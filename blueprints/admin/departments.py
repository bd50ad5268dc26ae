"""The departments that slips go to: listed, added, changed, retired (C2)."""

from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _

from blueprints.admin import blueprint
from blueprints.admin.slip_forms import DepartmentForm
from domain import clock
from domain.database import db
from domain.errors import NotFound
from domain.permissions import Permission
from domain.slips import operations
from domain.slips.models import Department
from domain.slips.queries import departments_of
from web.at_site import at_a_site
from web.edits import ActionForm, draw
from web.forms import refusals
from web.htmx import done, render
from web.permissions import actor, allow
from web.transactions import writes


def site_id() -> int:
    """The site whose lists are shown; raises NoSite while none is chosen."""
    at_a_site()
    return int(g.site.id)


def _find(ref: str) -> Department:
    department = db.session.scalar(departments_of(site_id()).where(Department.ref == ref))
    if department is None:
        raise NotFound
    return department


@blueprint.get("/departments")
@allow(Permission.SLIPS_MANAGE)
def departments() -> Any:
    """The departments in their order."""
    return render("admin/departments.html", departments=db.session.scalars(departments_of(site_id())).all())


@blueprint.route("/departments/new", methods=["GET", "POST"])
@allow(Permission.SLIPS_MANAGE)
@writes
def add_department() -> Any:
    """A new department at the end of the list."""
    here, form, back = site_id(), DepartmentForm(), url_for("admin.departments")
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.add_department(
                site_id=here, name=form.name.data, email=form.email.data or "", actor=actor(), now=clock.now()
            )
            return done(back)
    return draw("admin/department_form.html", form=form, title=_("Add department"), back=back)


@blueprint.route("/departments/<ref>", methods=["GET", "POST"])
@allow(Permission.SLIPS_MANAGE)
@writes
def change_department(ref: str) -> Any:
    """Change a department; slips of the past keep it."""
    found, back = _find(ref), url_for("admin.departments")
    form = DepartmentForm({"name": found.name, "email": found.email})
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.change_listed(found, **form.values, actor=actor(), now=clock.now())
            return done(back)
    return draw("admin/department_form.html", form=form, title=_("Change department"), back=back)


@blueprint.route("/departments/<ref>/retirement", methods=["GET", "POST"])
@allow(Permission.SLIPS_MANAGE)
@writes
def retire_department(ref: str) -> Any:
    """Send nothing there any more; asked first."""
    found, form, back = _find(ref), ActionForm(), url_for("admin.departments")
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.retire_listed(found, actor=actor(), now=clock.now())
            return done(back)
    return draw("admin/retire_listed.html", form=form, listed=found, title=_("Retire department"), back=back)
