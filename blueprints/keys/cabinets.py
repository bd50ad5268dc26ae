"""Cabinets, and the keys and sets in them, entered one by one."""

from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext

from blueprints.keys import blueprint
from blueprints.keys.key_forms import CabinetForm, NewKeyForm, NewSetForm, chosen_cabinet
from domain import clock
from domain.keys import cabinet as deeds
from domain.keys import sets
from domain.keys.classes import CLASS_NAMES, KeyClass
from domain.keys.managed import cabinets_with_counts, keys_by_refs, keys_in, unit_named
from domain.keys.models import Cabinet
from domain.keys.queries import get_cabinet
from domain.permissions import Permission
from web.at_site import at_a_site
from web.edits import draw, settled
from web.forms import refusals
from web.htmx import done, render
from web.permissions import access_of, actor, allow
from web.transactions import writes

HOOKS = 200
"""So many hooks are listed at once."""
MOST_CHOSEN = 200


@blueprint.before_request
def _room() -> None:
    """Entering keys is a room of its own on the rail of those who may."""
    access = access_of(request.endpoint or "")
    setting_up = access and access.permission in (Permission.KEYS_MANAGE, Permission.KEYS_RULES)
    g.room = "keys.cabinets" if setting_up and Permission.KEYS_MANAGE in actor().here else "keys.cabinet"


def chosen_refs() -> list[str]:
    """The keys that were ticked on the page before."""
    return [ref[:20] for ref in request.values.getlist("key")[:MOST_CHOSEN]]


@blueprint.get("/cabinets")
@allow(Permission.KEYS_MANAGE)
def cabinets() -> Any:
    """Every cabinet, and the ways to enter more."""
    at_a_site()
    return render("keys/cabinets.html", rows=cabinets_with_counts(g.site.id), office=True)


@blueprint.route("/cabinets/new", methods=["GET", "POST"])
@allow(Permission.KEYS_MANAGE)
@writes
def add_cabinet() -> Any:
    """Enter a cabinet."""
    at_a_site()
    form = CabinetForm()
    if request.method == "POST" and form.validate():
        with refusals(form):
            name, hooks = form.name.data, form.hooks.data
            made = deeds.add_cabinet(site_id=g.site.id, name=name, hooks=hooks, actor=actor(), now=clock.now())
            return done(url_for("keys.cabinet_contents", ref=made.ref))
    back = url_for("keys.cabinets")
    return draw("keys/deed.html", form=form, title=gettext("Add cabinet"), save=gettext("Save"), back=back, office=True)


@blueprint.route("/cabinets/<ref>/edit", methods=["GET", "POST"])
@allow(Permission.KEYS_MANAGE)
@writes
def change_cabinet(ref: str) -> Any:
    """Rename a cabinet, or give it hooks."""
    found, back = get_cabinet(ref, actor=actor()), url_for("keys.cabinet_contents", ref=ref)
    form = CabinetForm({"name": found.name, "hooks": found.hooks})
    if request.method == "POST" and form.validate():
        with refusals(form):
            deeds.change_cabinet(found, name=form.name.data, hooks=form.hooks.data, actor=actor(), now=clock.now())
            return done(back)
    settled(form)
    title = gettext("Change cabinet %(name)s", name=found.name)
    return draw("keys/deed.html", form=form, title=title, save=gettext("Save"), back=back, office=True)


def first_hook(cabinet: Cabinet) -> int:
    """The first hook of the page that is asked for."""
    asked = request.args.get("hook", "")
    hook = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1
    return (max(1, min(hook, cabinet.hooks)) - 1) // HOOKS * HOOKS + 1


@blueprint.get("/cabinets/<ref>")
@allow(Permission.KEYS_MANAGE)
def cabinet_contents(ref: str) -> Any:
    """What is entered in a cabinet, by hook."""
    found = get_cabinet(ref, actor=actor())
    first = first_hook(found)
    return render(
        "keys/contents.html",
        cabinet=found,
        rows=keys_in(found, first=first, hooks=HOOKS),
        classes=CLASS_NAMES,
        first=first,
        last=min(first + HOOKS - 1, found.hooks),
        pages=range(1, found.hooks + 1, HOOKS) if found.hooks > HOOKS else (),
        office=True,
    )


@blueprint.route("/cabinets/<ref>/keys/new", methods=["GET", "POST"])
@allow(Permission.KEYS_MANAGE)
@writes
def add_key(ref: str) -> Any:
    """Enter a key; afterwards the next one of this cabinet."""
    found = get_cabinet(ref, actor=actor())
    form = NewKeyForm()
    form.offer(found.site_id)
    if request.method == "GET":
        form.cabinet.data = found.ref
    if request.method == "POST" and form.validate():
        with refusals(form):
            key = _enter(form)
            flash(gettext("%(tag)s is entered.", tag=key.tag), "ok")
            again = url_for("keys.add_key", ref=ref)
            return done(again if "again" in request.form else url_for("keys.cabinet_contents", ref=ref))
    settled(form)
    return draw("keys/new_key.html", form=form, cabinet=found, office=True)


def _enter(form: NewKeyForm) -> Any:
    cabinet = chosen_cabinet(form, actor=actor())
    return deeds.add_key(
        cabinet=cabinet,
        hook=form.hook.data,
        tag=form.tag.data,
        opens=form.opens.data,
        class_code=KeyClass(form.class_code.data),
        unit=unit_named(form.unit.data, site_id=cabinet.site_id),
        copies=form.copies.data,
        actor=actor(),
        now=clock.now(),
    )


@blueprint.route("/cabinets/<ref>/sets/new", methods=["GET", "POST"])
@allow(Permission.KEYS_MANAGE)
@writes
def add_set(ref: str) -> Any:
    """Make a set of the keys that were ticked in the cabinet."""
    found = get_cabinet(ref, actor=actor())
    refs = request.form.getlist("keys")[:MOST_CHOSEN] if request.method == "POST" else chosen_refs()
    keys = keys_by_refs(refs, site_id=found.site_id)
    form = NewSetForm()
    form.offer(keys)
    back = url_for("keys.cabinet_contents", ref=ref)
    if request.method == "POST" and form.validate():
        with refusals(form):
            tag, opens = form.tag.data, form.opens.data
            made = sets.add_set(form.chosen, tag=tag, opens=opens, actor=actor(), now=clock.now())
            return done(url_for("keys.keep", ref=made.ref))
    settled(form)
    title = gettext("Make a set")
    said = "" if keys else gettext("Tick the keys in the list of the cabinet first.")
    return draw(
        "keys/deed.html", form=form, title=title, said=said, save=gettext("Make the set"), back=back, office=True
    )
