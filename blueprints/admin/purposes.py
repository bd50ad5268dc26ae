"""The purposes of a site's visits: in order, added, changed, moved, retired."""

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from blueprints.admin import blueprint
from blueprints.admin.forms import NOT_NAMED, by_language, in_languages, of_language, said_otherwise, spoken
from blueprints.admin.site_forms import PURPOSE_NAME, PurposeForm
from blueprints.admin.sites import find_site
from domain import clock
from domain.database import db
from domain.errors import NotFound
from domain.permissions import Permission
from domain.sites import operations, queries
from domain.sites.fields import DEFAULTS
from domain.sites.models import Purpose, Site
from web.edits import ActionForm, EditForm, draw
from web.forms import refusals
from web.htmx import done
from web.i18n import VISITOR_LANGUAGES
from web.permissions import actor, allow
from web.transactions import writes


def _find(site: Site, ref: str) -> Purpose:
    purpose = db.session.scalar(queries.purposes_of(site.id).where(Purpose.ref == ref))
    if purpose is None:
        raise NotFound
    return purpose


def _form(current: dict[str, Any] | None = None) -> EditForm:
    return in_languages(PurposeForm, list(VISITOR_LANGUAGES), name=PURPOSE_NAME)(current)


def _values(form: EditForm) -> dict[str, Any]:
    values = form.values
    return {
        "names": of_language(values, "name"),
        "fields": of_language(values, "field"),
        "icon": values["icon"],
        "waits_for_host": values["waits_for_host"],
        "stay_minutes": values["stay_minutes"],
    }


def _page(form: EditForm, site: Site, title: str) -> Any:
    return draw(
        "admin/purpose_form.html",
        form=form,
        title=title,
        back=url_for("admin.purposes", ref=site.ref),
        optional=list(DEFAULTS),
        every_name=[f"name_{language}" for language in VISITOR_LANGUAGES],
        named=[f"name_{language}" for language in spoken(site.languages, dict.fromkeys(("zh_Hans", "en")))],
    )


def _list(site: Site, form: ActionForm | None = None) -> Any:
    listed = db.session.scalars(queries.purposes_of(site.id)).all()
    most = operations.MOST_PURPOSES
    return draw(
        "admin/purposes.html",
        form=form or ActionForm(endpoint="admin.move_purpose"),
        shown=site,
        purposes=listed,
        otherwise={purpose.ref: said_otherwise(site, NOT_NAMED, purpose.names) for purpose in listed},
        most=most,
    )


@blueprint.get("/sites/<ref>/purposes")
@allow(Permission.SITES_MANAGE)
def purposes(ref: str) -> Any:
    """The purposes of a site, in the order in which a kiosk offers them."""
    return _list(find_site(ref))


@blueprint.route("/sites/<ref>/purposes/new", methods=["GET", "POST"])
@allow(Permission.SITES_MANAGE)
@writes
def add_purpose(ref: str) -> Any:
    """A new purpose at the end of the list."""
    site, form, back = find_site(ref), _form(), url_for("admin.purposes", ref=ref)
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.add_purpose(site, **_values(form), actor=actor(), now=clock.now())
            return done(back)
    return _page(form, site, _("Add purpose"))


@blueprint.route("/sites/<ref>/purposes/<purpose_ref>", methods=["GET", "POST"])
@allow(Permission.SITES_MANAGE)
@writes
def change_purpose(ref: str, purpose_ref: str) -> Any:
    """Change a purpose."""
    site = find_site(ref)
    purpose = _find(site, purpose_ref)
    current: dict[str, Any] = {name: getattr(purpose, name) for name in ("icon", "waits_for_host", "stay_minutes")}
    current |= by_language(purpose.names, "name", list(VISITOR_LANGUAGES))
    current |= {f"field_{name}": purpose.fields.get(name) for name in DEFAULTS}
    form, back = _form(current), url_for("admin.purposes", ref=ref)
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.change_purpose(purpose, **_values(form), actor=actor(), now=clock.now())
            return done(back)
    return _page(form, site, _("Change purpose"))


@blueprint.post("/sites/<ref>/purposes/<purpose_ref>/moves")
@allow(Permission.SITES_MANAGE)
@writes
def move_purpose(ref: str, purpose_ref: str) -> Any:
    """One place up or down."""
    site, form = find_site(ref), ActionForm()
    purpose = _find(site, purpose_ref)
    if form.validate():
        with refusals(form):
            up = request.form.get("to") == "up"
            operations.move_purpose(purpose, up=up, actor=actor(), now=clock.now())
            return done(url_for("admin.purposes", ref=ref))
    return _list(site, form)


@blueprint.route("/sites/<ref>/purposes/<purpose_ref>/retirement", methods=["GET", "POST"])
@allow(Permission.SITES_MANAGE)
@writes
def retire_purpose(ref: str, purpose_ref: str) -> Any:
    """Offer a purpose no more; asked first."""
    purpose, form = _find(find_site(ref), purpose_ref), ActionForm()
    back = url_for("admin.purposes", ref=ref)
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.retire_purpose(purpose, actor=actor(), now=clock.now())
            return done(back)
    return draw("admin/retire_purpose.html", form=form, purpose=purpose, back=back)
