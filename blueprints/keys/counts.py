"""Counting the cabinet (K7): begun, hook by hook or by ticks, left and taken up again, finished once."""

from typing import Any

from flask import flash, request
from flask_babel import gettext, ngettext

from blueprints.keys import blueprint
from blueprints.keys.counting import LOOKS, HookForm, address, chosen_place, context, place_after, place_at
from blueprints.keys.differences import record_context
from domain import clock
from domain.errors import DomainError, NotFound
from domain.keys.comparison import Seen
from domain.keys.count_models import KeyCount
from domain.keys.count_queries import counts_of, get_count, places_of, under_way
from domain.keys.counts import begin, finish, record, record_looks
from domain.keys.queries import get_cabinet
from domain.permissions import Permission
from domain.text import N_
from web.fields import ChoiceField
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse, render
from web.permissions import actor, allow
from web.transactions import read_only, writes


def _site_id() -> int:
    site_id = actor().site_id
    if site_id is None:
        raise NotFound
    return site_id


def _listed() -> dict[str, Any]:
    return {"rows": counts_of(_site_id()), "going": under_way(_site_id())}


@blueprint.get("/counts")
@allow(Permission.KEYS_READ)
def counts() -> Any:
    """The latest counts, and the way to the next one."""
    return render("keys/counts.html", form=FoyerForm(endpoint="keys.begin_count"), **_listed())


@blueprint.post("/counts")
@allow(Permission.KEYS_LEND)
@writes
def begin_count() -> Any:
    """Begin a count, or take up the one that somebody left."""
    form = FoyerForm()
    if form.validate():
        with refusals(form):
            return done(address(begin(site_id=_site_id(), actor=actor(), now=clock.now()), None))
    read_only()
    return refuse("keys/counts.html", form=form, **_listed())


@blueprint.get("/counts/<ref>")
@allow(Permission.KEYS_READ)
def count(ref: str) -> Any:
    """A count: under way the hook that is next, afterwards the record."""
    found = get_count(ref, actor=actor())
    if found.finished_at:
        return render("keys/count.html", **record_context(found, request.args.get("difference", "")))
    places = places_of(found)
    place = chosen_place(places, request.args.get("cabinet", ""), request.args.get("hook", ""))
    form = HookForm(endpoint="keys.count_hook")
    return render("keys/counting.html", form=form.at(place) if place else form, **context(found, place, places))


@blueprint.post("/counts/<ref>/hooks")
@allow(Permission.KEYS_LEND)
@writes
def count_hook(ref: str) -> Any:
    """Note what hangs on a hook, and go to the next that nobody has looked at."""
    found, form = get_count(ref, actor=actor()), HookForm()
    places = places_of(found)
    place = place_at(places, form.cabinet.data, form.hook.data)
    if place is None:
        form.blame(DomainError(N_("Choose one of those shown.")))
    elif form.at(place).validate():
        with refusals(form):
            _note(found, form)
            more = request.form.get("look") == "more"
            return done(address(found, place if more else place_after(places, place)))
    return _refused(ref, form)


def _note(found: KeyCount, form: HookForm) -> None:
    """Note the hook of the form as its button says."""
    seen = LOOKS.get(request.form.get("look", ""), Seen.TAGS)
    cabinet = get_cabinet(form.cabinet.data, actor=actor())
    record(found, cabinet, int(form.hook.data), seen=seen, tags=form.tags, actor=actor(), now=clock.now())


def _refused(ref: str, form: HookForm) -> Any:
    """The count as it stands now, with what was refused."""
    read_only()
    found = get_count(ref, actor=actor())
    if found.finished_at:
        return refuse("keys/count.html", form=form, **record_context(found, ""))
    places = places_of(found)
    place = chosen_place(places, form.cabinet.data, form.hook.data)
    return refuse("keys/counting.html", form=form.at(place) if place else form, **context(found, place, places))


class TicksForm(FoyerForm):
    """Of each hook of a cabinet whether something hangs there; what is not chosen is not counted yet."""


def _ticks_form(places: list[Any], **options: Any) -> FoyerForm:
    hooks = {
        f"hook_{one.hook}": ChoiceField(
            one.label, choices=[("something", gettext("Hangs")), ("empty", gettext("Empty"))], wide=False
        )
        for one in places
    }
    seen = {f"hook_{one.hook}": "empty" if one.seen == Seen.EMPTY else "something" for one in places if one.seen}
    return type("TicksForm", (TicksForm,), hooks)(data=seen, **options)


@blueprint.route("/counts/<ref>/ticks", methods=["GET", "POST"])
@allow(Permission.KEYS_LEND)
@writes
def count_ticks(ref: str) -> Any:
    """A whole cabinet at one go: a touch for each hook."""
    found = get_count(ref, actor=actor())
    if found.finished_at:
        return done(address(found, None))
    every = places_of(found)
    first = next((one.cabinet_ref for one in every if one.seen is None), "")
    cabinet = get_cabinet(request.args.get("cabinet") or first or every[0].cabinet_ref, actor=actor())
    places = [one for one in every if one.cabinet_ref == cabinet.ref]
    form = _ticks_form(places)
    if request.method == "POST" and form.validate():
        looks = {one.hook: LOOKS[chosen] for one in places if (chosen := form[f"hook_{one.hook}"].data)}
        with refusals(form):
            record_looks(found, cabinet, looks, actor=actor(), now=clock.now())
            return done(address(found, None))
    page: dict[str, Any] = {"count": found, "cabinet": cabinet, "counted": sum(one.seen is not None for one in places)}
    if form.status >= 400:
        read_only()
        return refuse("keys/count_ticks.html", form=form, **page)
    return render("keys/count_ticks.html", form=form, **page)


@blueprint.post("/counts/<ref>/completion")
@allow(Permission.KEYS_LEND)
@writes
def finish_count(ref: str) -> Any:
    """Finish the count and say what differs."""
    found, form = get_count(ref, actor=actor()), HookForm()
    if form.validate():
        with refusals(form):
            found_out = len(finish(found, actor=actor(), now=clock.now()))
            said = ngettext("%(num)d difference: explain it.", "%(num)d differences: explain each.", found_out)
            flash(said if found_out else gettext("Every key is where it should be."), "wait" if found_out else "ok")
            return done(address(found, None))
    return _refused(ref, form)
