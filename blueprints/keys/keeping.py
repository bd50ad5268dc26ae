"""One key or set as those see it who enter keys: changed, moved, hung to a set, photographed, retired."""

from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from blueprints.keys import blueprint
from blueprints.keys.key_forms import KeyForm, PlaceForm, SetChoiceForm, SetForm, chosen_cabinet, with_sets
from domain import clock
from domain.database import db
from domain.keys import cabinet as deeds
from domain.keys import sets
from domain.keys.classes import CLASS_NAMES, KeyClass
from domain.keys.managed import get_managed, get_managed_key, sets_of, unit_named
from domain.keys.models import Cabinet, Key, KeySet
from domain.keys.queries import Thing, hook_label, keys_of
from domain.occupants.models import Unit
from domain.permissions import Permission
from web.edits import draw, settled
from web.fields import TextField
from web.forms import FoyerForm, refusals
from web.htmx import done, render
from web.permissions import actor, allow
from web.transactions import writes


class RetirementForm(FoyerForm):
    """Why a key is taken off the register."""

    note = TextField(_("Why"), max_length=300, hint=_("optional"))


def _at(ref: str) -> str:
    return url_for("keys.keep", ref=ref)


def _place(thing: Thing) -> Cabinet | None:
    """The cabinet in which a key or the first key of a set hangs."""
    keys = keys_of(thing)
    return db.session.get_one(Cabinet, keys[0].cabinet_id) if keys else None


@blueprint.get("/<ref>/keeping")
@allow(Permission.KEYS_MANAGE)
def keep(ref: str) -> Any:
    """What is entered of a key or a set, and what can be changed."""
    thing = get_managed(ref, actor=actor())
    keys, cabinet, is_key = keys_of(thing), _place(thing), isinstance(thing, Key)
    unit = db.session.get(Unit, thing.unit_id) if isinstance(thing, Key) and thing.unit_id else None
    key_set = db.session.get(KeySet, thing.set_id) if isinstance(thing, Key) and thing.set_id else None
    return render(
        "keys/keep.html",
        thing=thing,
        is_key=is_key,
        keys=keys,
        cabinet=cabinet,
        hook=hook_label(cabinet.name, keys[0].hook) if cabinet else "",
        unit=unit,
        key_set=key_set,
        classes=CLASS_NAMES,
    )


@blueprint.route("/<ref>/edit", methods=["GET", "POST"])
@allow(Permission.KEYS_MANAGE)
@writes
def change_thing(ref: str) -> Any:
    """Change tag, what it opens, unit and class; of a set tag and what it opens."""
    thing = get_managed(ref, actor=actor())
    form = _details(thing)
    if request.method == "POST" and form.validate():
        with refusals(form):
            _change(thing, form)
            return done(_at(ref))
    settled(form)
    title = gettext("Change %(tag)s", tag=thing.tag)
    return draw("keys/deed.html", form=form, title=title, save=gettext("Save"), back=_at(ref))


def _details(thing: Thing) -> Any:
    if isinstance(thing, KeySet):
        return SetForm({"tag": thing.tag, "opens": thing.opens})
    unit = db.session.get(Unit, thing.unit_id) if thing.unit_id else None
    named = f"{unit.number} {unit.company}".strip() if unit else ""
    return KeyForm({"tag": thing.tag, "opens": thing.opens, "unit": named, "class_code": thing.class_code})


def _change(thing: Thing, form: Any) -> None:
    who, now = actor(), clock.now()
    deeds.change_tag(thing, form.tag.data, actor=who, now=now)
    if isinstance(thing, KeySet):
        sets.change_set(thing, opens=form.opens.data, photo=thing.photo, actor=who, now=now)
        return
    unit = unit_named(form.unit.data, site_id=thing.site_id)
    code = KeyClass(form.class_code.data)
    deeds.change_key(
        thing, opens=form.opens.data, unit_id=unit.id if unit else None, class_code=code, actor=who, now=now
    )


@blueprint.route("/<ref>/place", methods=["GET", "POST"])
@allow(Permission.KEYS_MANAGE)
@writes
def hang(ref: str) -> Any:
    """Give a key, or a set as a whole, another hook."""
    thing = get_managed(ref, actor=actor())
    place, keys = _place(thing), keys_of(thing)
    form = PlaceForm({"cabinet": place.ref if place else "", "hook": keys[0].hook if keys else 1})
    form.offer(g.site.id)
    if request.method == "POST" and form.validate():
        with refusals(form):
            cabinet = chosen_cabinet(form, actor=actor())
            deeds.move(thing, cabinet=cabinet, hook=form.hook.data, actor=actor(), now=clock.now())
            hook = hook_label(cabinet.name, form.hook.data)
            flash(gettext("%(tag)s belongs on hook %(hook)s now: hang it there.", tag=thing.tag, hook=hook), "ok")
            return done(_at(ref))
    settled(form)
    title = gettext("Another hook for %(tag)s", tag=thing.tag)
    return draw("keys/deed.html", form=form, title=title, save=gettext("Change the hook"), back=_at(ref))


@blueprint.route("/<ref>/membership", methods=["GET", "POST"])
@allow(Permission.KEYS_MANAGE)
@writes
def hang_to_set(ref: str) -> Any:
    """Hang a key to a set, or take it off."""
    key = get_managed_key(ref, actor=actor())
    offered = {one.ref: one for one in sets_of(key.site_id)}
    current = next((one.ref for one in offered.values() if one.id == key.set_id), None)
    form = with_sets(SetChoiceForm({"key_set": current}), list(offered.values()))
    if request.method == "POST" and form.validate():
        with refusals(form):
            if form.key_set.data != current:
                sets.take_out_of_set(key, actor=actor(), now=clock.now())
            if form.key_set.data:
                sets.put_into_set(key, offered[form.key_set.data], actor=actor(), now=clock.now())
            return done(_at(ref))
    settled(form)
    title = gettext("Set of %(tag)s", tag=key.tag)
    said = gettext("A key of a set goes out with it, and hangs on its hook.")
    return draw("keys/deed.html", form=form, title=title, said=said, save=gettext("Save"), back=_at(ref))


@blueprint.route("/<ref>/retirement", methods=["GET", "POST"])
@allow(Permission.KEYS_MANAGE)
@writes
def retire_thing(ref: str) -> Any:
    """Take a key or a set off the register; its history stays."""
    thing, form = get_managed(ref, actor=actor()), RetirementForm()
    cabinet = _place(thing)
    if request.method == "POST" and form.validate():
        with refusals(form):
            deeds.retire(thing, actor=actor(), now=clock.now(), note=form.note.data)
            flash(gettext("%(tag)s is retired. Its tag is free again.", tag=thing.tag), "ok")
            return done(url_for("keys.cabinet_contents", ref=cabinet.ref) if cabinet else url_for("keys.cabinets"))
    settled(form)
    said = (
        gettext("It is lent no more, and its tag is free for another key. Its history stays.")
        if isinstance(thing, Key)
        else gettext("The set is dissolved: its keys stay, each by itself.")
    )
    title = gettext("Retire %(tag)s", tag=thing.tag)
    return draw("keys/deed.html", form=form, title=title, said=said, save=gettext("Retire it"), back=_at(ref))
