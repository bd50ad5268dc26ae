"""Somebody overstays: what was done about it, and until when the visit may last now (V12)."""

from datetime import datetime, timedelta
from typing import Any

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import DataRequired

from blueprints.visits import blueprint
from blueprints.visits.deeds import DeedForm, after, find
from domain import clock, pages
from domain.permissions import Permission
from domain.visits.corrections import note_lingering
from domain.visits.register import VISITS, whom
from web.fields import ChoiceField, TextField, TimeField
from web.forms import refusals
from web.htmx import refuse, render
from web.i18n import clock_time, span
from web.permissions import actor, allow
from web.transactions import read_only, writes

MINUTES = (30, 60, 120)


class LingerForm(DeedForm):
    """What was done, and the new expected end: one of three, or a time of today."""

    note = TextField(_("What was done"), [DataRequired(_("Say in a few words what was done."))], max_length=300)
    minutes = ChoiceField(_("New expected end"), wide=True)
    until = TimeField(_("Or at another time today"))

    def offer(self, now: datetime) -> "LingerForm":
        """Offer ends that count from now; returns the form."""
        self.minutes.choices = [
            (str(each), clock_time(now + timedelta(minutes=each)), None, gettext("in %(span)s", span=span(each * 60)))
            for each in MINUTES
        ]
        if self.minutes.data is None and self.until.data is None:
            self.minutes.data = str(MINUTES[0])
        return self

    def due_at(self, now: datetime) -> datetime:
        """The new expected end; a typed time counts before a chosen one."""
        if self.until.data:
            return clock.at_local(clock.local_date(now, g.site.zone), self.until.data, g.site.zone)
        return now + timedelta(minutes=int(self.minutes.data))


def _context(ref: str) -> dict[str, Any]:
    row = pages.entry(VISITS, ref, site_id=actor().site_id)
    return {"row": row, "whom": whom(row)}


@blueprint.get("/<ref>/lingering")
@allow(Permission.VISITS_WRITE)
def ask_lingering(ref: str) -> Any:
    """Ask for a note and a new end."""
    form = LingerForm(endpoint="visits.note_lingerer").offer(clock.now())
    return render("visits/linger.html", form=form, **_context(ref))


@blueprint.post("/<ref>/lingering")
@allow(Permission.VISITS_WRITE)
@writes
def note_lingerer(ref: str) -> Any:
    """Keep the note, move the expected end."""
    visit, now = find(ref), clock.now()
    form = LingerForm().offer(now)
    if form.validate():
        with refusals(form):
            note_lingering(visit, note=form.note.data, due_at=form.due_at(now), actor=actor(), now=now)
            said = gettext("%(name)s stays until %(time)s.", name=visit.name, time=clock_time(visit.due_at))
            return after(ref, form, said)
    read_only()
    return refuse("visits/linger.html", form=form, **_context(ref))
