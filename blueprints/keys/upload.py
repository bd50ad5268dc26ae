"""Keys uploaded as a file: a template to fill in, a preview that saves nothing, and the confirmation."""

import io
from collections.abc import Sequence
from typing import Any

from flask import Response, flash, g, make_response, request, url_for
from flask_babel import force_locale, gettext, ngettext
from flask_babel import lazy_gettext as _

from blueprints.keys import blueprint
from blueprints.keys.cabinet import at_a_site
from domain import clock
from domain.database import db
from domain.errors import DomainError
from domain.keys.classes import CLASS_NAMES
from domain.keys.queries import cabinets_of
from domain.keys.uploads import REQUIRED, Row, check, enter
from domain.permissions import Permission
from domain.text import N_
from web.edits import draw, settled
from web.forms import FoyerForm, refusals
from web.htmx import done
from web.i18n import STAFF_LANGUAGES, say, tell
from web.permissions import actor, allow
from web.transactions import takes, writes
from web.uploads import MOST_BYTES, MOST_ROWS, UploadField, pack, read_table, unpack

SHOWN = 100
"""So many rows with problems, and so many without, are drawn; all are counted."""
LABELS = {
    "tag": N_("Tag"),
    "opens": N_("Opens"),
    "cabinet": N_("Cabinet"),
    "hook": N_("Hook"),
    "class": N_("Class"),
    "unit": N_("Unit"),
    "copies": N_("Copies kept"),
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TableForm(FoyerForm):
    """A file with keys."""

    table = UploadField(
        _("File"),
        accept=".xlsx,.csv,text/csv",
        description=_("XLSX or CSV (UTF-8 or GB18030), at most 5,000 rows. Nothing is saved before you confirm it."),
    )

    def rows(self) -> list[Row]:
        """The rows of the file; raises DomainError (field "table") for none and for what is no such file."""
        if self.table.data is None:
            raise DomainError(N_("Choose a file."), field="table")
        raw = self.table.read(MOST_BYTES)
        if raw is None:
            raise DomainError(N_("This file is too large. Divide it."), field="table")
        table = read_table(raw)
        columns = _columns(table.head)
        if not table.rows:
            raise DomainError(N_("This file has a head and no rows."), field="table")
        return [
            Row(line, {name: cells[at] if at < len(cells) else "" for name, at in columns.items()})
            for line, cells in table.rows
        ]


def _in_every_language(sentences: dict[str, str]) -> dict[str, str]:
    """What each sentence is called in the languages of the staff, in small letters, to the name that it stands for."""
    words: dict[str, str] = {}
    for language in STAFF_LANGUAGES:
        with force_locale(language):
            words |= {gettext(sentence).casefold(): name for name, sentence in sentences.items()}
    return words | {name: name for name in sentences}


def _columns(head: Sequence[str]) -> dict[str, int]:
    """Where each field stands; raises DomainError (field "table") for a head that lacks one, or has one twice."""
    words, found = _in_every_language(LABELS), {}
    for at, text in enumerate(head):
        name = words.get(text.strip().casefold())
        if name in found:
            raise DomainError(N_("The column “%(name)s” is there twice."), field="table", name=text)
        if name:
            found[name] = at
    missing = [say(LABELS[name]) for name in REQUIRED if name not in found]
    if missing:
        names = ", ".join(missing)
        raise DomainError(
            N_("These columns are missing: %(names)s. The first line names the columns, as in the template."),
            field="table",
            names=names,
        )
    return found


def _coded(rows: list[Row]) -> list[Row]:
    """The rows with their classes as codes, whatever language they are written in."""
    codes = _in_every_language({code.value: words for code, words in CLASS_NAMES.items()})
    for row in rows:
        typed = row.cells["class"].strip()
        row.cells["class"] = codes.get(typed.casefold(), typed)
    return rows


def _purpose() -> str:
    """What was previewed for one site is entered at no other."""
    return f"keys {g.site.id}"


def _page(form: FoyerForm, rows: list[Row] | None = None, packed: str = "") -> Any:
    wrong = [row for row in rows or () if row.problems]
    right = [row for row in rows or () if not row.problems]
    return draw(
        "keys/upload.html",
        form=form,
        file_form=form if isinstance(form, TableForm) else TableForm(endpoint="keys.preview_upload"),
        rows=rows,
        wrong=[{"row": row, "said": [tell(*problem) for problem in row.problems]} for row in wrong[:SHOWN]],
        right=right[:SHOWN],
        wrong_count=len(wrong),
        right_count=len(right),
        packed=packed,
        labels=LABELS,
        classes=CLASS_NAMES,
        most=MOST_ROWS,
        office=True,
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
            ready = not any(row.problems for row in rows)
            packed = pack([[row.line, row.cells] for row in rows], purpose=_purpose()) if ready else ""
            return _page(form, rows, packed)
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
            packed = request.form.get("rows", "")
            rows = [Row(line, cells) for line, cells in unpack(packed, purpose=_purpose())]
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
    import openpyxl

    book = openpyxl.Workbook()
    sheet, notes = book.worksheets[0], book.create_sheet(gettext("Notes"))
    sheet.title = gettext("Keys")
    sheet.append([say(words) for words in LABELS.values()])
    cabinets = ", ".join(one.name for one in db.session.scalars(cabinets_of(g.site.id)))
    for name, said in (
        ("cabinet", cabinets),
        ("class", ", ".join(say(words) for words in CLASS_NAMES.values())),
        ("unit", gettext("Its number, where this is a key of a unit; with the company where several are in it.")),
        ("copies", gettext("1 where nothing is written")),
    ):
        notes.append([say(LABELS[name]), said])
    out = io.BytesIO()
    book.save(out)
    answer = make_response(out.getvalue())
    answer.mimetype = XLSX
    answer.headers["Content-Disposition"] = "attachment; filename=keys.xlsx"
    return answer
