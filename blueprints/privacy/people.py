"""A person asks at the desk what is kept of them (P3): found by phone or name, the identity checked, then shown in full
on one page that prints, taken along as a file, or erased. What was typed never stands in an address.
"""

import csv
import io
from typing import Any

from flask import flash, g, make_response, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict

from blueprints.privacy import blueprint
from domain import clock, subjects
from domain.errors import DomainError
from domain.exports import clearing
from domain.permissions import Permission
from domain.phones import PhoneProblem, parse_phone
from domain.subjects import IDENTITY, Found
from web.at_site import at_a_site
from web.fields import ChoiceField, HiddenField, PhoneField, TextField
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse, render
from web.i18n import say
from web.permissions import actor, allow
from web.register_words import words_of
from web.spreadsheets import export_folder, plain
from web.transactions import read_only, writes


class LookForm(FoyerForm):
    """Who asks."""

    phone = PhoneField(_("Phone"), autocomplete="off")
    name = TextField(_("Name, as it was entered"), autocomplete="off", max_length=80)


class PersonForm(FoyerForm):
    """The same, carried on, and how the identity was checked."""

    phone = HiddenField()
    name = HiddenField()
    identity = ChoiceField(
        _("How was the identity checked?"), choices=[(key, _(words)) for key, words in IDENTITY.items()]
    )


def _find(form: Any) -> list[Found]:
    typed = form.phone.data or ""
    try:
        phone = parse_phone(typed) if typed else ""
    except PhoneProblem as problem:
        raise DomainError(problem.sentence, field="phone", **problem.values) from problem
    return subjects.find(phone=phone, name=form.name.data or "", actor=actor())


def _lines(found: list[Found], *, full: bool) -> list[dict[str, Any]]:
    return [
        {
            "title": say(one.register.one, number=words_of(one.register.columns[0], one.row)),
            "kept": say(one.kept) if one.kept else "",
            "pairs": [
                (say(column.label), words_of(column, one.row, full=full))
                for column in (*one.register.columns[1:], *one.register.details)
                if column.kind != "state"
            ],
        }
        for one in found
    ]


def _carried(form: LookForm) -> PersonForm:
    """The second form with what was typed into the first."""
    typed = MultiDict({"phone": form.phone.data or "", "name": form.name.data or ""})
    return PersonForm(typed, endpoint="privacy.serve_person")


@blueprint.get("/privacy/people")
@allow(Permission.PRIVACY_SERVE)
def ask_person() -> Any:
    """Ask who it is."""
    at_a_site()
    return render("privacy/ask.html", form=LookForm())


@blueprint.post("/privacy/people")
@allow(Permission.PRIVACY_SERVE)
@writes
def find_person() -> Any:
    """List what is kept, masked; nothing is written but that the form was spent."""
    at_a_site()
    form = LookForm()
    if form.validate():
        with refusals(form):
            return render("privacy/found.html", person=_carried(form), lines=_lines(_find(form), full=False))
    return refuse("privacy/ask.html", form=form)


@blueprint.post("/privacy/people/services")
@allow(Permission.PRIVACY_SERVE)
@writes
def serve_person() -> Any:
    """Show the own data in full, give it along as a file, or erase it; which of them, the button says."""
    at_a_site()
    form, deed = PersonForm(), request.form.get("deed", "show")
    if form.validate():
        with refusals(form):
            found, identity, now = _find(form), form.identity.data or "", clock.now()
            if deed == "erase":
                count = subjects.erase(found, identity=identity, actor=actor(), now=now)
                clearing.drop_at(g.site.id, folder=export_folder(), now=now)
                flash(
                    gettext("Erased: %(count)d entries. What stays, and why, is found by asking again.", count=count),
                    "ok",
                )
                return done(url_for("privacy.ask_person"))
            subjects.show(found, identity=identity, actor=actor(), now=now)
            if deed == "file":
                return _file(found)
            return render("privacy/shown.html", lines=_lines(found, full=True), at=now)
    read_only()
    return render(
        "privacy/found.html", status=form.status, form=form, person=form, lines=_lines(_again(form), full=False)
    )


def _again(form: Any) -> list[Found]:
    """What was found, for a form that is shown again; nothing where it does not hold any more."""
    try:
        return _find(form)
    except DomainError:
        return []


def _file(found: list[Found]) -> Any:
    """Entries, words and values as CSV: read by people and programs alike."""
    text = io.StringIO()
    lines = csv.writer(text)
    for line in _lines(found, full=True):
        lines.writerows([plain(line["title"]), plain(word), plain(value)] for word, value in line["pairs"] if value)
    response = make_response(text.getvalue().encode("utf-8-sig"))
    response.mimetype = "text/csv"
    response.headers.set("Content-Disposition", "attachment", filename="personal-data.csv")
    return response
