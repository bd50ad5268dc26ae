"""The details without a keyboard: one field at a time, with keys on the screen that are plain buttons of its form.

They write Latin letters and digits, as a passport does; who wants other characters is led to the own phone.
"""

from typing import Any

from flask import request

from blueprints.kiosk import arrival, aside, blueprint, journey
from blueprints.kiosk.whom import LETTERS
from web.fields import NumberField
from web.permissions import kiosk
from web.transactions import read_only, writes
from web.visit_form import VisitForm

DIGITS = "1234567890"
LONGEST = 120
NAMES = ("name", "organisation")


def _fields(form: VisitForm) -> list[str]:
    return [field.name for field in form if field.name != form.token.name and not isinstance(field, NumberField)]


def _asked_now(form: VisitForm) -> str:
    """The field of the address, else the first that is still empty, needed ones before others."""
    names = _fields(form)
    if (asked := request.args.get("field")) in names:
        return str(asked)
    empty = [name for name in names if not form[name].data]
    return next((name for name in empty if name not in form.optional), (empty or names)[0])


def _only(form: VisitForm, name: str) -> VisitForm:
    for other in [field.name for field in form]:
        if other not in (name, form.token.name):
            del form[other]
    return form


def _show(form: VisitForm, name: str, status: int = 200) -> Any:
    return journey.show(
        "kiosk/keys.html",
        step="details",
        back="details",
        status=status,
        form=form,
        field=form[name],
        steps=journey.steps(),
        digits=DIGITS,
        rows=() if name == "phone" else LETTERS[:3] if name == "name" else LETTERS,
        in_latin=name in NAMES,
    )


@blueprint.get("/details/keys")
@kiosk
def keys() -> Any:
    """The next field that is empty, or the one of the address; a phone has keys of its own."""
    if lost := arrival.missing():
        return lost
    if journey.device().own:
        return journey.to("kiosk.details")
    form = arrival.details_form()
    name = _asked_now(form)
    return _show(_only(form, name), name)


@blueprint.post("/details/keys")
@kiosk
@writes
def type_with_keys() -> Any:
    """Write the key that was touched, or keep the field and go on to the next one; after the last all of them show."""
    if lost := arrival.missing():
        return lost
    form = arrival.details_form()
    names, name = _fields(form), _asked_now(form)
    form = _only(form, name)
    if left := aside.leaves(form, step="details", page="keys"):
        return left
    if "key" in request.form:  # a blank at the end is one that was touched
        typed = request.form.get(name, "")[:LONGEST]
        form[name].data = journey.touched(typed, request.form["key"], "".join(LETTERS) + " -'")[:LONGEST]
        return _show(form, name)
    if form.validate():
        if name in NAMES and form[name].data.isascii() and form[name].data.islower():
            form[name].data = form[name].data.title()
        aside.keep(form, step="details")
        after = names[names.index(name) + 1 :]
        return journey.to("kiosk.keys", field=after[0]) if after else journey.to("kiosk.details")
    read_only()
    return _show(form, name, form.status)
