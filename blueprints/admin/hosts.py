"""Hosts: all of the site, those of a unit; entered, changed, gone; phone and mail in full only when asked for (P4)."""

from datetime import date, time
from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext as _

from blueprints.admin import blueprint
from blueprints.admin.occupant_forms import HostForm, shown_contacts
from blueprints.admin.units import asked_for, find_unit
from domain import clock
from domain.channels import mask_channels
from domain.database import db
from domain.errors import NotFound
from domain.names import clean_name
from domain.occupants import managed, operations
from domain.occupants.models import Host, Unit
from domain.occupants.namesakes import told_apart
from domain.occupants.uploads import is_silent
from domain.permissions import Permission
from web.at_site import at_a_site
from web.edits import ActionForm, draw
from web.forms import refusals
from web.htmx import done, render
from web.permissions import actor, allow
from web.registers import LookForm
from web.transactions import writes


def _find(ref: str) -> Host:
    statement = managed.host_visible_to(actor(), ref)
    host = db.session.scalar(
        statement.with_for_update(of=Host, key_share=True) if request.method == "POST" else statement
    )
    if host is None:
        raise NotFound
    return host


@blueprint.get("/hosts")
@allow(Permission.OCCUPANTS_MANAGE)
def hosts() -> Any:
    """All hosts of the site by name, or those that were searched for."""
    at_a_site()
    asked, site_id = asked_for(), actor().site_id or 0
    query = asked.pop("q")
    listed = managed.find_hosts(query, site_id=site_id) if query else managed.hosts_page(site_id, **asked)
    return render("admin/hosts.html", listed=listed, query=query, gone=asked["gone"])


def _form(host: Host | None, unit: Unit, *, masked: bool = True, fresh: bool = False) -> HostForm:
    """The form of a host; its list of deputies holds who is in the unit, who is it now, and who was found or chosen."""
    endpoint = "admin.change_host" if host else "admin.add_host"
    if host is None:
        form = HostForm(endpoint=endpoint)
    else:
        deputy = db.session.get(Host, host.deputy_id) if host.deputy_id else None
        current = {
            "name": host.name,
            "language": host.language,
            **shown_contacts(host, masked=masked),
            "contact": host.contact,
            "back_on": _back_on(host),
            "deputy": deputy.ref if deputy else None,
            "channels": mask_channels(host.channels),
        }
        truth = {"phone": host.phone, "email": host.email, "channels": host.channels}
        form = HostForm(current, truth=truth, endpoint=endpoint, fresh=fresh)
    _offer_deputies(form, host, unit)
    return form


def _back_on(host: Host) -> date | None:
    still_away = host.away_until and host.away_until > clock.now()
    return clock.local_date(host.away_until, g.site.zone) if host.away_until and still_away else None


def _offer_deputies(form: HostForm, host: Host | None, unit: Unit) -> None:
    present = db.session.scalars(managed.present_hosts(unit.id).limit(100))
    offered = {one.ref: (one.name, one.phone, one.email) for one in present}
    known = {str(ref) for ref in (form.current.get("deputy"), form["deputy"].data) if ref} - set(offered)
    for row in (*db.session.execute(managed.named(known, unit.site_id)), *_found(form, unit)):
        offered.setdefault(row.ref, (managed.called(row), row.phone, row.email))
    marks = told_apart(offered.values())
    form["deputy"].choices = [
        (ref, " · ".join(filter(None, (name, mark))))
        for (ref, (name, *_contact)), mark in zip(offered.items(), marks, strict=True)
        if host is None or ref != host.ref
    ]


def _found(form: HostForm, unit: Unit) -> list[Any]:
    typed = form["deputy_search"].data
    return list(managed.find_hosts(typed, site_id=unit.site_id, most=8).rows) if typed else []


def _searched(form: HostForm, unit: Unit) -> bool:
    """Whether a deputy was searched for: the form is then drawn again with who was found, and saves nothing."""
    if not form["deputy_search"].data:
        return False
    found = _found(form, unit)
    if not found:
        form["deputy_search"].errors = [_("Nobody in this building is found by that. Type two characters or more.")]
        form.status = 422
        return True
    form["deputy"].data, form["deputy_search"].data = found[0].ref, ""
    form["deputy"].description = _("%(n)d found: choose one here, then save.", n=len(found))
    return True


def _values(form: HostForm) -> dict[str, Any]:
    """What was typed into a checked form, as the domain takes it."""
    back_on = form["back_on"].data
    deputy = db.session.scalar(managed.host_visible_to(actor(), form["deputy"].data or ""))
    return {
        **form.given,
        "name": clean_name(form["name"].data),
        "language": form["language"].data,
        "contact": form["contact"].data,
        "away_until": clock.at_local(back_on, time.min, g.site.zone) if back_on else None,
        "deputy_id": deputy.id if deputy else None,
    }


@blueprint.route("/units/<ref>/hosts/new", methods=["GET", "POST"])
@allow(Permission.OCCUPANTS_MANAGE)
@writes
def add_host(ref: str) -> Any:
    """Enter a host of the unit."""
    unit, back = find_unit(ref), url_for("admin.unit", ref=ref)
    form = _form(None, unit)
    if request.method == "POST" and not _searched(form, unit) and form.validate():
        with refusals(form):
            host = operations.add_host(unit=unit, **_values(form), actor=actor(), now=clock.now())
            flash(_("%(host)s is entered.", host=host.name), "ok")
            if is_silent(form.given):
                flash(_("There is neither phone nor mail nor chat channel: the desk can only go and tell."), "wait")
            return done(back)
    return draw("admin/host_form.html", form=form, title=_("Add host"), unit=unit, host=None, back=back)


@blueprint.route("/hosts/<ref>", methods=["GET", "POST"])
@allow(Permission.OCCUPANTS_MANAGE)
@writes
def change_host(ref: str) -> Any:
    """Change what is known of a host; phone and mail are masked, and kept unless typed anew."""
    host = _find(ref)
    unit = host.unit
    form, back = _form(host, unit), url_for("admin.unit", ref=unit.ref)
    if request.method == "POST" and not _searched(form, unit) and form.validate():
        with refusals(form):
            operations.change_host(host, **_values(form), actor=actor(), now=clock.now())
            return done(back)
    return _draw(form, host, unit, back)


def _draw(form: Any, host: Host, unit: Unit, back: str, *, masked: bool = True, asked: LookForm | None = None) -> Any:
    may_look = masked and actor().may(Permission.OCCUPANTS_UNMASK) and bool(host.phone or host.email)
    look = (asked or LookForm(endpoint="admin.show_host")) if may_look else None
    title = _("Change host")
    return draw("admin/host_form.html", form=form, title=title, unit=unit, host=host, back=back, look=look)


@blueprint.post("/hosts/<ref>/looks")
@allow(Permission.OCCUPANTS_UNMASK)
@writes
def show_host(ref: str) -> Any:
    """The same form with phone and mail in full; the look is logged with its reason (P4)."""
    host = _find(ref)
    unit, asked = host.unit, LookForm()
    back = url_for("admin.unit", ref=unit.ref)
    g.subject_url = url_for("admin.change_host", ref=ref)
    if asked.validate():
        operations.unmask(host, reason=asked.reason.data, actor=actor(), now=clock.now())
        return _draw(_form(host, unit, masked=False, fresh=True), host, unit, back, masked=False)
    form = _form(host, unit, fresh=True)
    form.problems, form.status = asked.problems, asked.status
    return _draw(form, host, unit, back, asked=asked)


@blueprint.route("/hosts/<ref>/departure", methods=["GET", "POST"])
@allow(Permission.OCCUPANTS_MANAGE)
@writes
def host_left(ref: str) -> Any:
    """The host is no longer in the building; asked first."""
    host, form = _find(ref), ActionForm()
    unit = host.unit
    back = url_for("admin.unit", ref=unit.ref)
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.host_left(host, actor=actor(), now=clock.now())
            return done(back)
    return draw("admin/host_left.html", form=form, host=host, unit=unit, back=back)


@blueprint.route("/hosts/<ref>/return", methods=["GET", "POST"])
@allow(Permission.OCCUPANTS_MANAGE)
@writes
def host_back(ref: str) -> Any:
    """The host is in the unit after all, or again."""
    host, form = _find(ref), ActionForm()
    unit = host.unit
    back = url_for("admin.unit", ref=unit.ref)
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.host_is_back(host, actor=actor(), now=clock.now())
            return done(back)
    return draw("admin/host_back.html", form=form, host=host, unit=unit, back=back)
