"""Keys uploaded as a file: a template to fill in, a preview that saves nothing, and the confirmation."""

from typing import Any

from flask import Response, flash, g, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from blueprints.keys import blueprint
from domain import clock
from domain.database import db
from domain.keys.classes import CLASS_NAMES
from domain.keys.queries import cabinets_of
from domain.keys.uploads import REQUIRED, Row, check, enter
from domain.permissions import Permission
from domain.text import N_
from domain.widths import plain_digits
from web.at_site import at_a_site
from web.edits import draw, settled
from web.forms import FoyerForm, refusals
from web.htmx import done
from web.i18n import say
from web.permissions import actor, allow
from web.transactions import takes, writes
from web.upload_pages import empty_file, packed, previewed, rows_of
from web.uploads import MOST_BYTES, MOST_ROWS, UploadField, in_every_language, unpack

LABELS = {
    "tag": N_("Tag"),
    "opens": N_("Opens"),
    "cabinet": N_("Cabinet"),
    "hook": N_("Hook"),
    "class": N_("Class"),
    "unit": N_("Unit"),
    "copies": N_("Copies kept"),
}


class TableForm(FoyerForm):
    """A file with keys."""

    table = UploadField(
        _("File"),
        accept=".xlsx,.csv,text/csv",
        description=_("XLSX or CSV (UTF-8 or GB18030), at most 5,000 rows. Nothing is saved before you confirm it."),
    )

    def rows(self) -> list[Row]:
        """The rows of the file; raises DomainError (field "table") for none and for what is no such file."""
        return [Row(line, cells) for line, cells in rows_of(self.table, LABELS, required=REQUIRED)]


def _coded(rows: list[Row]) -> list[Row]:
    """The rows with their classes as codes, whatever language they are written in."""
    codes = in_every_language({code.value: words for code, words in CLASS_NAMES.items()})
    for row in rows:
        typed = row.cells["class"].strip()
        row.cells["class"] = codes.get(plain_digits(typed).casefold(), typed)
    return rows


def _purpose() -> str:
    """What was previewed for one site is entered at no other."""
    return f"keys {g.site.id}"


def _page(form: FoyerForm, rows: list[Row] | None = None, ready: str = "") -> Any:
    return draw(
        "keys/upload.html",
        form=form,
        file_form=form if isinstance(form, TableForm) else TableForm(endpoint="keys.preview_upload"),
        packed=ready,
        labels=LABELS,
        classes=CLASS_NAMES,
        most=MOST_ROWS,
        office=True,
        **previewed(rows),
    )


@blueprint.get("/upload")
@allow(Permission.KEYS_MANAGE)
def upload() -> Any:
    """Choose a file."""
    at_a_site()
    return _page(TableForm(endpoint="keys.preview_upload"))


@blueprint.post("/upload")
@allow(Permission.KEYS_MANAGE)
@takes(MOST_BYTES + 100_000)
def preview_upload() -> Any:
    """What stands in the file, and what is wrong with it; nothing is saved."""
    at_a_site()
    form = TableForm()
    if form.validate():
        with refusals(form):
            rows = _coded(form.rows())
            check(rows, site_id=g.site.id, actor=actor())
            return _page(form, rows, packed(rows, purpose=_purpose()))
    return _page(form)


@blueprint.post("/upload/rows")
@allow(Permission.KEYS_MANAGE)
@writes
def enter_upload() -> Any:
    """Enter what was previewed: all of it, or nothing."""
    at_a_site()
    form, rows = FoyerForm(), None
    if form.validate():
        with refusals(form):
            sent = request.form.get("rows", "")
            rows = [Row(line, cells) for line, cells in unpack(sent, purpose=_purpose())]
            entered = enter(rows, site_id=g.site.id, actor=actor(), now=clock.now())
            flash(ngettext("%(num)d key is entered.", "%(num)d keys are entered.", entered), "ok")
            return done(url_for("keys.cabinets"))
    settled(form)
    return _page(form, rows)


@blueprint.get("/upload/template")
@allow(Permission.KEYS_MANAGE)
def upload_template() -> Response:
    """An empty file with the columns, and a sheet that says what goes into them."""
    at_a_site()
    cabinets = ", ".join(one.name for one in db.session.scalars(cabinets_of(g.site.id)))
    notes = (
        ("cabinet", cabinets),
        ("class", ", ".join(say(words) for words in CLASS_NAMES.values())),
        ("unit", gettext("Its number, where this is a key of a unit; with the company where several are in it.")),
        ("copies", gettext("1 where nothing is written")),
    )
    return empty_file(LABELS, notes, title=gettext("Keys"), filename="keys.xlsx")
