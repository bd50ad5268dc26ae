"""Units and hosts uploaded as a file: a template to fill in, a preview that saves nothing, and the confirmation."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Response, current_app, flash, g, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from blueprints.admin import blueprint
from blueprints.admin.forms import own_hosts
from domain import clock
from domain.channels import lines_of, mask_channels
from domain.emails import mask_email
from domain.errors import DomainError
from domain.masking import mask_phone
from domain.occupants.matching import check
from domain.occupants.uploads import REQUIRED, Row, Tally, enter, plan, tally
from domain.permissions import Permission
from domain.text import N_
from domain.widths import plain_digits
from web.at_site import at_a_site
from web.edits import TURNING, draw, facts, settled
from web.forms import FoyerForm, refusals
from web.htmx import done
from web.i18n import STAFF_LANGUAGES, say, tell
from web.permissions import actor, allow
from web.transactions import takes, writes
from web.upload_pages import empty_file, previewed, rows_of
from web.uploads import MOST_BYTES, UploadField, in_every_language, pack, unpack

LABELS = {
    "unit": N_("Unit"),
    "company": N_("Company"),
    "floor": N_("Floor"),
    "name": N_("Name"),
    "phone": N_("Mobile phone"),
    "email": N_("Mail address"),
    "language": N_("Language of the notices"),
    "contact": N_("Contact of the unit"),
    "deputy": N_("Deputy"),
    "channels": N_("Chat channels"),
    "shared": N_("Another company in the same unit"),
}
WORDS = {"yes": N_("Yes"), "no": N_("No")}
LANGUAGES = {words.casefold(): code for code, words in STAFF_LANGUAGES.items()} | {
    "zh": "zh_Hans", "zh_hans": "zh_Hans", "chinese": "zh_Hans", "en": "en", "英文": "en", "英语": "en",
}  # fmt: skip
MOST_PACKED = 900_000
"""A form carries a little more; only thousands of long addresses of channels come near it."""


class TableForm(FoyerForm):
    """A file with units and hosts."""

    endpoint = "admin.preview_upload"
    table = UploadField(
        _("File"),
        accept=".xlsx,.csv,text/csv",
        description=_(
            "XLSX or CSV (UTF-8 or GB18030), at most 5,000 rows. A row is a host, or a unit where no name is written. "
            "An empty cell keeps what stands. Nothing is saved before you confirm it."
        ),
    )

    def rows(self) -> list[Row]:
        """The rows of the file; raises DomainError (field "table") for none and for what is no such file."""
        return [Row(line, _coded(cells)) for line, cells in rows_of(self.table, LABELS, required=REQUIRED)]


def _coded(cells: dict[str, str]) -> dict[str, str]:
    """The cells without marks that turn the page around, languages and yes and no as codes."""
    words = g.setdefault("yes_or_no", in_every_language(WORDS) | {"1": "yes", "0": "no"})
    for name, text in cells.items():
        cells[name] = TURNING.sub("", text)
    for name, codes in (("language", LANGUAGES), ("contact", words), ("shared", words)):
        if text := cells.get(name, ""):
            cells[name] = codes.get(plain_digits(text).casefold(), text)
    return cells


def _check(rows: Sequence[Row], *, held: bool = False) -> None:
    check(rows, site_id=g.site.id, actor=actor(), own_hosts=own_hosts(), held=held)


def _purpose() -> str:
    """What was previewed for one site is entered at no other."""
    return f"occupants {g.site.id}"


def _mark(rows: Sequence[Row]) -> str:
    """By what it is known whether still the same would happen; tells nothing of it."""
    secret = (current_app.secret_key or "").encode()  # type: ignore[union-attr]
    return hmac.new(secret, repr(plan(rows)).encode(), hashlib.sha256).hexdigest()


def _packed(rows: Sequence[Row]) -> str:
    """The rows for the form that confirms them, with the mark; "" where one has a problem, or nothing would happen.
    Raises DomainError (field "table") for more than a form carries.
    """
    if any(row.problems for row in rows) or tally(rows).is_empty:
        return ""
    packed = pack([_mark(rows), [[row.line, row.cells] for row in rows]], purpose=_purpose())
    if len(packed) > MOST_PACKED:
        raise DomainError(N_("This file is too large. Divide it."), field="table")
    return packed


def _page(form: FoyerForm, rows: list[Row] | None = None, packed: str = "") -> Any:
    in_order = sorted(rows, key=_weight) if rows else rows
    return draw(
        "admin/upload.html",
        form=form,
        file_form=form if isinstance(form, TableForm) else TableForm(),
        packed=packed,
        columns=[name for name in LABELS if any(row.cells.get(name) for row in rows or ())],
        labels=LABELS,
        shown=_shown,
        happens=_happens,
        counted=_counted(tally(rows)) if rows else [],
        **previewed(in_order),
    )


def _weight(row: Row) -> tuple[bool, ...]:
    """What is to be looked at stands first, because not all rows are drawn: remarks, changes, what is new."""
    return () if row.problems else (not row.remarks, not row.alters, not row.makes)


def _shown(name: str, text: str) -> str:
    """A cell as it is drawn: codes in words, channels masked."""
    if name == "language":
        return STAFF_LANGUAGES.get(text, text)
    if name in ("contact", "shared"):
        return say(WORDS[text]) if text in WORDS else text
    return " ".join(lines_of(mask_channels("\n".join(text.split())))) if name == "channels" else text


def _happens(row: Row) -> dict[str, Any]:
    """What a row without a problem does: state, word, and each change and remark as a sentence."""
    made, alters = row.makes, row.alters
    said = [
        gettext(
            "%(field)s: %(before)s → %(after)s",
            field=say(LABELS[name]),
            before=_worth(name, before) or "–",
            after=_worth(name, after) or "–",
        )
        for name, before, after in alters
    ]
    said += [tell(*remark) for remark in row.remarks]
    if "host" in made:
        words = gettext("New unit and host") if "unit" in made else gettext("New host")
    elif made:
        words = gettext("New unit")
    elif row.has_left:
        words = gettext("Has left, is left out")
    else:
        words = gettext("Changes") if alters else gettext("There already")
    state = "ok" if made else "info" if alters else "wait" if row.has_left else "idle"
    return {"s": state, "words": words, "said": said}


def _worth(name: str, value: Any) -> str:
    """A value before or after a change; what stands is masked as everywhere (P4)."""
    if isinstance(value, bool):
        return say(WORDS["yes" if value else "no"])
    masks: dict[str, Any] = {"phone": mask_phone, "email": mask_email}
    return str(masks[name](value)) if name in masks else _shown(name, value)


def _counted(found: Tally) -> list[str]:
    """What the rows come to, a phrase each."""
    return [
        said
        for count, said in (
            (found.units, ngettext("%(num)d new unit", "%(num)d new units", found.units)),
            (found.hosts, ngettext("%(num)d new host", "%(num)d new hosts", found.hosts)),
            (found.changed, ngettext("%(num)d row with changes", "%(num)d rows with changes", found.changed)),
            (found.left, ngettext("%(num)d row left out", "%(num)d rows left out", found.left)),
            (found.same, ngettext("%(num)d row that stands already", "%(num)d rows that stand already", found.same)),
        )
        if count
    ]


@blueprint.get("/hosts/upload")
@allow(Permission.OCCUPANTS_MANAGE)
def upload() -> Any:
    """Choose a file."""
    at_a_site()
    return _page(TableForm())


@blueprint.post("/hosts/upload")
@allow(Permission.OCCUPANTS_MANAGE)
@takes(MOST_BYTES + 100_000)
def preview_upload() -> Any:
    """What stands in the file, what would happen, and what is wrong; nothing is saved."""
    at_a_site()
    form = TableForm()
    if form.validate():
        with refusals(form):
            rows = form.rows()
            _check(rows)
            return _page(form, rows, _packed(rows))
    return _page(form)


@blueprint.post("/hosts/upload/rows")
@allow(Permission.OCCUPANTS_MANAGE)
@writes
def enter_upload() -> Any:
    """Enter and change what was previewed: all of it, or nothing, and nothing else."""
    at_a_site()
    form, rows = FoyerForm(), None
    if form.validate():
        with refusals(form):
            mark, packed = unpack(request.form.get("rows", ""), purpose=_purpose())
            rows = [Row(line, cells) for line, cells in packed]
            _check(rows, held=True)
            found = enter(
                rows,
                site_id=g.site.id,
                actor=actor(),
                now=clock.now(),
                is_as_seen=lambda: hmac.compare_digest(mark, _mark(rows)),
            )
            return _entered(found)
    settled(form)
    if rows is None:
        return _page(form)
    _check(rows)
    return _page(form, rows, _packed(rows))


def _entered(found: Tally) -> Any:
    flash(gettext("Saved: %(what)s.", what=facts(_counted(replace(found, same=0, left=0)))), "ok")
    if found.silent:
        flash(
            ngettext(
                "%(num)d new host has neither phone nor mail nor chat channel: the desk can only go and tell.",
                "%(num)d new hosts have neither phone nor mail nor chat channel: the desk can only go and tell.",
                found.silent,
            ),
            "wait",
        )
    return done(url_for("admin.hosts" if found.hosts else "admin.units"))


@blueprint.get("/hosts/upload/template")
@allow(Permission.OCCUPANTS_MANAGE)
def upload_template() -> Response:
    """An empty file with the columns, and a sheet that says what goes into them."""
    at_a_site()
    yes, no = (say(words) for words in WORDS.values())
    notes = (
        ("unit", gettext("The number on the door. A row for each host, or one for the unit alone.")),
        ("company", gettext("May be empty where there is one company in the unit.")),
        ("language", ", ".join(STAFF_LANGUAGES.values())),
        (
            "contact",
            gettext("%(yes)s or %(no)s: is told of visitors who name only the unit or the company.", yes=yes, no=no),
        ),
        ("deputy", gettext("The name of another host; of another unit: the name, a comma, the unit.")),
        ("channels", gettext("Addresses of chat services, with a blank between.")),
        ("shared", gettext("%(yes)s where the unit has a company already and this is one more.", yes=yes)),
    )
    texts = ("unit", "floor", "phone")
    return empty_file(LABELS, notes, title=gettext("Occupants"), filename="occupants.xlsx", texts=texts)
