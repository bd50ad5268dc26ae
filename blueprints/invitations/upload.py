"""Invitations uploaded as a file: a template to fill in, a preview that sends nothing, and the confirmation (V5)."""

from typing import Any

from flask import Response, flash, g, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from blueprints.invitations import blueprint
from domain import clock
from domain.database import db
from domain.errors import DomainError
from domain.permissions import Permission
from domain.sites.models import Purpose
from domain.sites.queries import purposes_of
from domain.text import N_
from domain.visits.invitation_uploads import REQUIRED, Row, check, enter
from web.at_site import at_a_site
from web.edits import draw, settled
from web.forms import FoyerForm, refusals
from web.htmx import done
from web.permissions import actor, allow
from web.transactions import takes, writes
from web.upload_pages import empty_file, packed, previewed, rows_of
from web.uploads import MOST_BYTES, UploadField, unpack

LABELS = {
    "name": N_("Name"),
    "phone": N_("Mobile phone"),
    "email": N_("Mail"),
    "organisation": N_("Organisation"),
    "whom": N_("Whom to see"),
    "unit": N_("Unit"),
    "day": N_("Day"),
    "since": N_("From"),
    "until": N_("To"),
    "entries": N_("Entries"),
}


class TableForm(FoyerForm):
    """A file with guests."""

    endpoint = "invitations.preview_upload"
    table = UploadField(
        _("File"),
        accept=".xlsx,.csv,text/csv",
        description=_(
            "XLSX or CSV (UTF-8 or GB18030), at most 5,000 rows. Nobody is written to before you confirm it."
        ),
    )

    def rows(self) -> list[Row]:
        """The rows of the file; raises DomainError (field "table") for none and for what is no such file."""
        return [Row(line, cells) for line, cells in rows_of(self.table, LABELS, required=REQUIRED)]


def _packed_for() -> str:
    """What was previewed for one site is entered at no other."""
    return f"invitations {g.site.id}"


def _purpose() -> Purpose:
    """Guests of a file come for the site's first purpose."""
    found = db.session.scalars(purposes_of(g.site.id)).first()
    if found is None:
        raise DomainError(N_("This site has no purposes yet. An admin enters them."))
    return found


def _page(form: FoyerForm, rows: list[Row] | None = None, ready: str = "") -> Any:
    return draw(
        "invitations/upload.html",
        form=form,
        file_form=form if isinstance(form, TableForm) else TableForm(),
        packed=ready,
        labels=LABELS,
        office=True,
        **previewed(rows),
    )


@blueprint.get("/upload")
@allow(Permission.INVITATIONS_WRITE)
def upload() -> Any:
    """Choose a file."""
    at_a_site()
    return _page(TableForm())


@blueprint.post("/upload")
@allow(Permission.INVITATIONS_WRITE)
@takes(MOST_BYTES + 100_000)
def preview_upload() -> Any:
    """Who stands in the file, and what is wrong with it; nothing is sent."""
    at_a_site()
    form = TableForm()
    if form.validate():
        with refusals(form):
            rows = form.rows()
            check(rows, site=g.site, purpose=_purpose(), now=clock.now())
            return _page(form, rows, packed(rows, purpose=_packed_for()))
    return _page(form)


@blueprint.post("/upload/rows")
@allow(Permission.INVITATIONS_WRITE)
@writes
def enter_upload() -> Any:
    """Invite everybody who was previewed: all of them, or nobody."""
    at_a_site()
    form, rows = FoyerForm(), None
    if form.validate():
        with refusals(form):
            sent = request.form.get("rows", "")
            rows = [Row(line, cells) for line, cells in unpack(sent, purpose=_packed_for())]
            count = enter(rows, site=g.site, purpose=_purpose(), actor=actor(), now=clock.now())
            flash(ngettext("%(num)d guest is invited.", "%(num)d guests are invited.", count), "ok")
            return done(url_for("invitations.register"))
    settled(form)
    return _page(form, rows)


@blueprint.get("/upload/template")
@allow(Permission.INVITATIONS_WRITE)
def upload_template() -> Response:
    """An empty file with the columns, and a sheet that says what goes into them."""
    at_a_site()
    notes = (
        ("whom", gettext("The name of the host, or the company or room where nobody is named.")),
        ("unit", gettext("The room, where several hosts have the same name.")),
        ("day", "2026-03-09"),
        ("since", "09:30"),
        ("entries", gettext("1 where nothing is written")),
    )
    return empty_file(LABELS, notes, title=gettext("Guests"), filename="guests.xlsx")
