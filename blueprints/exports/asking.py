"""Asking for a file of what a register shows: as which kind, masked or in full with a reason (P2, R4)."""

from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _

from blueprints.exports import blueprint
from blueprints.exports.files import STATES
from blueprints.exports.narrowed import Narrowed, narrowed
from domain import clock, pages, registers
from domain.exports import asking
from domain.exports.models import ExportState
from domain.permissions import Permission
from web.fields import BooleanField, ChoiceField, TextField
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse, render
from web.i18n import language
from web.permissions import actor, allow
from web.registers import is_office
from web.transactions import read_only, writes

FORMATS = (
    ("xlsx", _("Workbook (XLSX)"), "", _("For a spreadsheet: every cell is text or a time")),
    ("csv", "CSV", "", _("For other programs; the smallest file")),
)


class ExportForm(FoyerForm):
    """As which file, and whether in full."""

    format = ChoiceField(_("File"), choices=FORMATS, default="xlsx")
    full = BooleanField(
        _("In full, nothing masked"), description=_("Only where the work needs it. Who, when and why is written down.")
    )
    reason = TextField(_("Why in full?"), max_length=200, description=_("Needed for a file in full."))


def _form(what: Narrowed) -> ExportForm:
    form = ExportForm()
    sites = what.wanted.sites
    if not all(actor().may(what.register.unmask, site_id) for site_id in sites):
        del form.full, form.reason
    return form


def _context(what: Narrowed) -> dict[str, Any]:
    found = pages.read(what.register, what.wanted, now=clock.now())
    return {
        "register": what.register,
        "said": what.in_words,
        "found": found,
        "back": what.back,
        "office": is_office(actor()),
        "action": url_for("exports.make", register=what.register.name, **what.asked),  # type: ignore[arg-type]
    }


@blueprint.get("/new")
@allow(Permission.EXPORTS_MAKE)
def ask() -> Any:
    """Show what the file will hold, and ask how."""
    what = narrowed()
    return render("exports/new.html", form=_form(what), **_context(what))


@blueprint.post("/new")
@allow(Permission.EXPORTS_MAKE)
@writes
def make() -> Any:
    """Ask for the file; the worker makes it."""
    what = narrowed()
    form = _form(what)
    if form.validate():
        with refusals(form):
            full = bool("full" in form and form.full.data)
            export = asking.ask(
                what.register,
                what.wanted,
                kind=form.format.data or "xlsx",
                full=full,
                reason=form.reason.data if full else "",
                language=language(),
                actor=actor(),
                now=clock.now(),
            )
            return done(url_for("exports.show", ref=export.ref))
    read_only()
    return refuse("exports/new.html", form=form, **_context(narrowed()))


@blueprint.get("")
@allow(Permission.EXPORTS_MAKE)
def mine() -> Any:
    """The reader's own exports."""
    lines = [
        (export, registers.get(export.register).title, STATES[ExportState(export.state)])
        for export in asking.mine(actor())
    ]
    return render("exports/list.html", office=is_office(actor()), lines=lines)
