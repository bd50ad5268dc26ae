"""The promise: moved only after the person agreed (C5a), given anew when a slip is opened again."""

from datetime import datetime
from typing import Any, Self

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import DataRequired, ValidationError

from blueprints.slips import blueprint
from blueprints.slips.deeds import after, ask, find
from domain import clock
from domain.permissions import Permission
from domain.slips import operations
from web.fields import DateField, TextField, TimeField
from web.forms import FoyerForm, refusals
from web.i18n import moment
from web.permissions import actor, allow
from web.transactions import writes

LAST_YEAR = 2100


class PromiseFields(FoyerForm):
    """A day and a time of it; the day alone is never enough."""

    promise_on = DateField(_("Promised for the day"))
    promise_at = TimeField(_("Promised for the time"), [DataRequired(_("Enter a time such as 09:30."))])

    def prepare(self) -> Self:
        """Begin with today; returns the form."""
        if self.promise_on.data is None and not self.promise_on.typed:
            self.promise_on.data = clock.local_date(clock.now(), g.site.zone)
        return self

    def validate_promise_on(self, field: Any) -> None:
        """A day that somebody can mean."""
        if field.data and field.data.year > LAST_YEAR:
            raise ValidationError(gettext("Choose a year up to %(year)d.", year=LAST_YEAR))

    def until(self) -> datetime:
        """The instant that was promised."""
        return clock.at_local(self.promise_on.data, self.promise_at.data, g.site.zone)


class MoveForm(PromiseFields):
    """The new promise, who was told, and what that person said."""

    told = TextField(_("Who was told?"), [DataRequired(_("Say who was told."))], max_length=80)
    said = TextField(
        _("What was said?"),
        [DataRequired(_("Say what was agreed: without it the promise stays."))],
        max_length=300,
    )


class ReopenForm(PromiseFields):
    """Why, and until when now."""

    reason = TextField(_("Why is it opened again?"), [DataRequired(_("Say why it is opened again."))], max_length=300)


def _ask_move(ref: str, form: PromiseFields) -> Any:
    rule = gettext("A promise moves only after the person was told and agreed.")
    return ask(ref, form, title=gettext("Promise another time"), button_words=gettext("Move the promise"), rule=rule)


def _ask_reopening(ref: str, form: PromiseFields) -> Any:
    return ask(ref, form, title=gettext("Open again"), button_words=gettext("Open the slip again"))


@blueprint.get("/<ref>/promises")
@allow(Permission.SLIPS_WRITE)
def ask_promise(ref: str) -> Any:
    """Ask for the new time and for the person's word."""
    find(ref)
    return _ask_move(ref, MoveForm(endpoint="slips.promise_anew").prepare())


@blueprint.post("/<ref>/promises")
@allow(Permission.SLIPS_WRITE)
@writes
def promise_anew(ref: str) -> Any:
    """Promise another time."""
    slip, form = find(ref), MoveForm().prepare()
    if form.validate():
        with refusals(form):
            to, told, said = form.until(), form.told.data, form.said.data
            operations.move_promise(slip, to=to, told=told, said=said, actor=actor(), now=clock.now())
            return after(ref, gettext("Promised for %(until)s now.", until=moment(to)))
    return _ask_move(ref, form)


@blueprint.get("/<ref>/reopenings")
@allow(Permission.SLIPS_WRITE)
def ask_reopening(ref: str) -> Any:
    """Ask why, and for a new promise."""
    find(ref)
    return _ask_reopening(ref, ReopenForm(endpoint="slips.open_again").prepare())


@blueprint.post("/<ref>/reopenings")
@allow(Permission.SLIPS_WRITE)
@writes
def open_again(ref: str) -> Any:
    """Open a closed slip again."""
    slip, form = find(ref), ReopenForm().prepare()
    if form.validate():
        with refusals(form):
            until = form.until()
            operations.reopen(slip, reason=form.reason.data, promise_at=until, actor=actor(), now=clock.now())
            return after(ref, gettext("Open again, promised for %(until)s.", until=moment(until)))
    return _ask_reopening(ref, form)
