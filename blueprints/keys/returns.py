"""Taking keys back (K6): never refused, in part where a part is here, by whoever brought them."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import StopValidation

from blueprints.keys import blueprint
from blueprints.keys.cabinet import around
from domain import clock
from domain.database import db
from domain.keys.models import Cabinet, Key
from domain.keys.queries import Thing, get_thing, hook_label, keys_of, open_lines
from domain.keys.returns import LONGEST_NOTE, WORDS, Kind, Return, return_keys
from domain.keys.rules import rules_of
from domain.permissions import Permission
from web.at_site import at_a_site
from web.fields import BooleanField, HiddenField, MultiChoice, TextField
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse, render
from web.i18n import tell
from web.permissions import actor, allow
from web.transactions import read_only, writes

TO = {"desk": "desk.board", "keys": "keys.cabinet"}


def onward(then: str | None, otherwise: str, *, ref: str) -> str:
    """Where the deed began, when it is one of those places; otherwise the page of that ref."""
    return url_for(TO[then]) if then in TO else url_for(otherwise, ref=ref)


class KeysHere(MultiChoice):
    """The keys of a set that are here; at least one of them is."""

    def pre_validate(self, form: Any) -> None:
        """Ask for at least one of those shown."""
        super().pre_validate(form)
        if self.options and not self.data and not form.all.data:
            raise StopValidation(gettext("Tick the keys that are here."))


class ReturnForm(FoyerForm):
    """What is here and how; `all` stands for everything of a set that is out, `then` says where to go on."""

    keys = KeysHere(_("What is here"))
    condition = TextField(_("Condition"), max_length=LONGEST_NOTE, hint=_("where something is wrong"))
    brought_by = TextField(_("Brought by somebody else"), max_length=LONGEST_NOTE, hint=_("name and phone"))
    confirmed = BooleanField(_("Whoever brought it confirms"), description=_("Not for keys found in the letter box"))
    all = HiddenField()
    then = HiddenField()


def waited_for(thing: Thing) -> list[Key]:
    """The keys that a return of the thing may mean: of a set those that are out or lost, else all of them."""
    keys = keys_of(thing)
    if isinstance(thing, Key):
        return keys
    out = open_lines(keys)
    return [key for key in keys if key.id in out or key.lost_at] or keys


def return_form(thing: Thing, **initial: Any) -> ReturnForm:
    """The form for that thing; a set's keys are ticked one by one, all of them beforehand."""
    form = ReturnForm(endpoint="keys.take_back", **initial)
    form.waited = waited_for(thing)
    form.asks = rules_of(keys_of(thing), site_id=thing.site_id).asks_who_brings
    if not isinstance(thing, Key):
        form.keys.choices = [(key.ref, f"{key.tag} {key.opens}", "key") for key in form.waited]
        if request.method == "GET":
            form.keys.data = [key.ref for key in form.waited]
    return form


@blueprint.get("/<ref>/returns")
@allow(Permission.KEYS_LEND)
def ask_return(ref: str) -> Any:
    """The form on a page of its own, for a key that hangs here by the books or was lost."""
    at_a_site()
    thing = get_thing(ref, actor=actor())
    return render("keys/return.html", form=return_form(thing), thing=thing, **around())


@blueprint.post("/<ref>/returns")
@allow(Permission.KEYS_LEND)
@writes
def take_back(ref: str) -> Any:
    """Take what is here; the rest of a set stays out."""
    at_a_site()
    thing = get_thing(ref, actor=actor())
    form = return_form(thing)
    if form.validate():
        with refusals(form):
            chosen = set(form.keys.data or ())
            keys = [key for key in form.waited if form.all.data or isinstance(thing, Key) or key.ref in chosen]
            taken = return_keys(
                keys,
                actor=actor(),
                now=clock.now(),
                condition=form.condition.data,
                brought_by=form.brought_by.data,
                confirmed=bool(form.confirmed.data),
            )
            say_taken(taken)
            loan = next((one.loan for one in taken if one.loan), None)
            if loan and form.asks and form.all.data:  # by one touch, where nobody was asked yet
                return done(url_for("loans.entry", ref=loan.ref, then=form.then.data or None))
            return done(onward(form.then.data, "keys.thing", ref=ref))
    read_only()
    thing = get_thing(ref, actor=actor())
    return refuse("keys/return.html", form=form, thing=thing, **around())


def say_taken(taken: list[Return]) -> None:
    """What each return was, in words, and what is still out."""
    for one in taken:
        cabinet = db.session.get_one(Cabinet, one.key.cabinet_id)
        values = {"tag": one.key.tag, "hook": hook_label(cabinet.name, one.key.hook)}
        flash(tell(WORDS[one.kind], values), "ok" if one.kind is Kind.RETURNED else "info")
    for loan in {one.loan.id: one for one in taken if one.loan and one.left}.values():
        flash(gettext("%(left)d of this loan are still out.", left=loan.left), "wait")
