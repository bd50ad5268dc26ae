"""Filters that somebody keeps under a name: made from what a list is narrowed by now, and removed again (R4)."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext, lazy_pgettext
from flask_babel import lazy_gettext as _
from wtforms.validators import DataRequired

from blueprints.exports import blueprint
from blueprints.exports.narrowed import Narrowed, narrowed
from domain import clock
from domain.exports import filters
from domain.exports.models import MOST_NAME
from domain.permissions import Permission
from web.errors import show
from web.fields import TextField
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse, render
from web.permissions import actor, allow
from web.registers import is_office
from web.transactions import read_only, writes


class FilterNameForm(FoyerForm):
    """How the kept filter is called."""

    name = TextField(
        lazy_pgettext("thing", "Name"),
        [DataRequired(_("Give the filter a name."))],
        max_length=MOST_NAME,
        autofocus=True,
    )


def _context(what: Narrowed) -> dict[str, Any]:
    return {
        "register": what.register,
        "said": [pair for pair in what.in_words if what.choices],
        "typed": "text" in what.asked,
        "back": what.back,
        "office": is_office(actor()),
        "action": url_for("exports.keep_filter", register=what.register.name, **what.asked),  # type: ignore[arg-type]
        "kept": filters.of(actor(), what.register),
    }


@blueprint.get("/filters")
@allow(Permission.SIGNED_IN)
def name_filter() -> Any:
    """Ask for a name of what the list shows now; beside it those that are kept."""
    what = narrowed()
    return render("exports/filters.html", form=FilterNameForm(), **_context(what))


@blueprint.post("/filters")
@allow(Permission.SIGNED_IN)
@writes
def keep_filter() -> Any:
    """Keep it."""
    what, form = narrowed(), FilterNameForm()
    if form.validate():
        with refusals(form):
            filters.keep(what.register, name=form.name.data, chosen=what.choices, actor=actor(), now=clock.now())
            flash(gettext("Kept. It stands over the list from now on."))
            return done(what.back)
    read_only()
    return refuse("exports/filters.html", form=form, **_context(narrowed()))


@blueprint.post("/filters/<ref>/removal")
@allow(Permission.SIGNED_IN)
@writes
def remove_filter(ref: str) -> Any:
    """Forget it."""
    kept, form = filters.one(ref, actor=actor()), FoyerForm()
    if form.validate():
        filters.remove(kept)
        flash(gettext("The filter is removed."))
        return done(url_for("exports.name_filter", register=kept.register))
    return show(form.status, form.problems[0])
