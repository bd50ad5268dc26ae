"""Find me a room: for so many people, at a time, set up and equipped like that."""

from datetime import timedelta
from typing import Any

from flask import g, request
from flask_babel import lazy_gettext as _
from wtforms import Form

from blueprints.meetings import blueprint
from blueprints.meetings.day import around
from domain import clock
from domain.errors import DomainError
from domain.meetings.free import Offer, find_rooms
from domain.meetings.models import EQUIPMENT_NAMES, LAYOUT_NAMES, MOST_SEATS
from domain.meetings.spans import length_of, minutes_of, time_of
from domain.permissions import Permission
from web.at_site import at_a_site
from web.edits import AmountField, filled
from web.fields import DateField, MultiChoice, SelectField, TimeField
from web.htmx import render
from web.i18n import say, tell
from web.permissions import allow


class FindForm(Form):
    """What is wanted; changes nothing."""

    people = AmountField(_("How many people"), [filled(_("Enter how many people come."))], min=1, max=MOST_SEATS)
    day = DateField(_("Day"), [filled(_("Enter a day."))])
    since = TimeField(_("From"), [filled(_("Enter a time."))], attrs={"step": "300"})
    until = TimeField(_("To"), [filled(_("Enter a time."))], attrs={"step": "300"})
    layout = SelectField(_("Layout"), blank=_("Any layout"))
    equipment = MultiChoice(_("Equipment"))

    def prepare(self) -> "FindForm":
        """Offer layouts and equipment; where nothing is asked yet, the next full hour for an hour. Returns the form."""
        self.layout.choices = [(code, say(words)) for code, words in LAYOUT_NAMES.items()]
        self.equipment.choices = [(code, say(words)) for code, words in EQUIPMENT_NAMES.items()]
        if "since" not in request.args:
            for field in (self.day, self.since, self.until, self.people):
                field.typed = field.typed or None  # what the address leaves out is not typed as nothing
            start = clock.local(clock.now(), g.site.zone).replace(minute=0, second=0, microsecond=0) + timedelta(
                hours=1
            )
            self.day.data = self.day.data or start.date()
            self.since.data, self.until.data = start.time(), (start + timedelta(hours=1)).time()
            self.people.data = self.people.data or 6
        return self

    def end_of(self, since: Any) -> Any:
        """When it ends that begins at another time instead."""
        return time_of(minutes_of(since) + length_of(self.since.data, self.until.data))


@blueprint.get("/find")
@allow(Permission.MEETINGS_READ)
def find() -> Any:
    """The form, and the rooms that suit."""
    at_a_site()
    form = FindForm(request.args).prepare()
    asked = "since" in request.args
    offers, status = _offers(form) if asked else ([], 200)
    page: dict[str, Any] = {"asked": asked and status == 200, "offers": offers}
    return render("meetings/find.html", status=status, form=form, **page, **around())


def _offers(form: FindForm) -> tuple[list[Offer], int]:
    if not form.validate():
        return [], 422
    try:
        return find_rooms(
            g.site,
            day=form.day.data,
            since=form.since.data,
            until=form.until.data,
            people=form.people.data,
            layout=form.layout.data or "",
            equipment=form.equipment.data,
            now=clock.now(),
        ), 200
    except DomainError as error:
        field = form[error.field] if error.field and error.field in form else form.since
        field.errors = [*field.errors, tell(error.sentence, error.values)]
        return [], 422
