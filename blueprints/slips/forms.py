"""The form of a slip on one page: the matter first, then who told of it, then until when (C2)."""

from datetime import datetime, timedelta
from typing import Any

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import DataRequired, ValidationError

from domain import clock
from domain.database import db
from domain.names import clean_name, name_problem
from domain.occupants.directory import unit_meant
from domain.occupants.models import Unit
from domain.phones import PhoneProblem, parse_phone
from domain.slips.models import NATURE_NAMES, SOURCE_NAMES, Nature, Source
from domain.slips.queries import departments_of, kinds_of, staff_at
from web.edits import facts
from web.fields import BooleanField, ChoiceField, DateField, PhoneField, SelectField, TextArea, TextField, TimeField
from web.forms import FoyerForm
from web.i18n import moment, say, span

ICONS = {
    Nature.ENQUIRY: "phone",
    Nature.COMPLAINT: "flag",
    Nature.SUGGESTION: "note",
    Nature.REPAIR: "repair",
    Nature.LOST_FOUND: "search",
    Nature.FOLLOW_UP: "log",
}
HELP = {
    Nature.COMPLAINT: _("First thank them, and say that we are sorry"),
    Nature.REPAIR: _("Urgent: somebody comes within 30 minutes"),
}
USUAL = "usual"
MINUTES = (30, 120, 24 * 60)
LAST_YEAR = 2100


class SlipForm(FoyerForm):
    """One matter; `prepare` offers what the site has."""

    matter = TextArea(_("What is it about?"), [DataRequired(_("Say what it is about."))], rows=2, autofocus=True)
    nature = ChoiceField(_("Kind of matter"))
    kind = SelectField(_("Kind at this site"), blank=_("Another kind"))
    urgent = BooleanField(_("Urgent"))
    source = SelectField(_("Came in by"), [DataRequired(_("Choose one of those shown."))])
    name = TextField(_("Name"), max_length=200, hint=_("optional"), autocomplete="off")
    phone = PhoneField(_("Mobile phone"), hint=_("optional"), autocomplete="off")
    unit = TextField(_("Unit"), max_length=40, hint=_("number or company, optional"), autocomplete="off")
    promise = SelectField(_("Promised for"))
    promise_on = DateField(_("Or on another day"), hint=_("optional"))
    promise_at = TimeField(_("At the time"), hint=_("optional"))
    department = SelectField(_("Send it at once to"), blank=_("Nobody yet"))
    against = SelectField(_("The complaint is about"), blank=_("Nobody of the staff"))
    outcome = TextField(
        _("Answered at once"),
        max_length=500,
        hint=_("optional"),
        description=_("What you write here closes the slip with it."),
    )

    class Meta:
        autocomplete = "off"

    unit_found: Unit | None = None
    e164 = ""

    def prepare(self) -> "SlipForm":
        """Offer the site's kinds, departments and staff, and times that count from now; returns the form."""
        kinds = list(db.session.scalars(kinds_of(g.site.id)))
        departments = list(db.session.scalars(departments_of(g.site.id)))
        people = list(db.session.scalars(staff_at(g.site.id)))
        self.kinds = {one.ref: one for one in kinds}
        self.departments = {one.ref: one for one in departments}
        self.people = {one.ref: one for one in people}
        self.nature.choices = [(one.value, say(NATURE_NAMES[one]), ICONS[one], HELP.get(one)) for one in Nature]
        self.kind.choices = [(one.ref, f"{say(NATURE_NAMES[Nature(one.nature)])} · {one.name}") for one in kinds]
        self.department.choices = [(one.ref, one.name) for one in departments]
        self.against.choices = [(one.ref, one.name) for one in people]
        own = (Source.DESK, Source.TELEPHONE, Source.KIOSK, Source.INSPECTION, Source.MEETING, Source.HANDOVER)
        self.source.choices = [(one.value, say(SOURCE_NAMES[one])) for one in own]
        self.source.data = self.source.data or Source.DESK.value
        self._offer_times(clock.now())
        for name, there in (("kind", kinds), ("department", departments)):
            if not there:
                del self[name]
        return self

    def _offer_times(self, now: datetime) -> None:
        later = [(each, now + timedelta(minutes=each)) for each in MINUTES]
        usual = gettext("As usual for the kind")
        times = [
            (str(each), f"{moment(until)} · {gettext('in %(span)s', span=span(each * 60))}") for each, until in later
        ]
        self.promise.choices = [(USUAL, usual), *times]
        self.promise.data = self.promise.data or USUAL

    def chosen(self, name: str) -> Any:
        """The record that a list stands for, or None."""
        records: dict[str, Any] = {"kind": self.kinds, "department": self.departments, "against": self.people}
        return records[name].get(self[name].data or "") if name in self else None

    @property
    def nature_chosen(self) -> Nature:
        """The kind of matter; the site's kind implies it. Call after `validate()`."""
        kind = self.chosen("kind")
        return Nature(kind.nature if kind else self.nature.data)

    def promised(self, now: datetime) -> datetime | None:
        """The instant that was promised, None for the usual one; a typed day or time counts before a chosen one."""
        if self.promise_at.data:
            day = self.promise_on.data or clock.local_date(now, g.site.zone)
            return clock.at_local(day, self.promise_at.data, g.site.zone)
        return None if self.promise.data == USUAL else now + timedelta(minutes=int(self.promise.data))

    def validate_nature(self, field: Any) -> None:
        """One is needed, unless the site's kind says it."""
        if not field.data and not self.chosen("kind"):
            raise ValidationError(gettext("Choose the kind of matter."))

    def validate_kind(self, field: Any) -> None:
        """It belongs to what is chosen above."""
        kind = self.chosen("kind")
        if kind and self.nature.data and kind.nature != self.nature.data:
            nature = say(NATURE_NAMES[Nature(kind.nature)])
            raise ValidationError(
                gettext("“%(kind)s” belongs to %(nature)s: choose that above, or none.", kind=kind.name, nature=nature)
            )

    def validate_name(self, field: Any) -> None:
        """A name that can be read, or none."""
        field.data = clean_name(field.data or "")
        if field.data and (problem := name_problem(field.data)):
            raise ValidationError(gettext(problem))

    def validate_phone(self, field: Any) -> None:
        """A number that exists, or none."""
        if field.data:
            try:
                self.e164 = parse_phone(field.data)
            except PhoneProblem as problem:
                raise ValidationError(gettext(problem.sentence, **problem.values)) from None

    def validate_unit(self, field: Any) -> None:
        """The unit of that number, or the only one that matches."""
        if not field.data:
            return
        found = unit_meant(field.data, site_id=g.site.id)
        if len(found) != 1:
            numbers = facts(unit.number for unit in found)
            raise ValidationError(
                gettext("Several fit: %(numbers)s. Type the whole number.", numbers=numbers)
                if found
                else gettext("There is no such unit here. Type its number, or leave it empty.")
            )
        self.unit_found = found[0]

    def validate_promise_on(self, field: Any) -> None:
        """A day of this century, with its time."""
        if field.data and field.data.year > LAST_YEAR:
            raise ValidationError(gettext("Choose a year up to %(year)d.", year=LAST_YEAR))
        if field.data and self.promise_at.data is None:
            raise ValidationError(gettext("Say the time too."))

    def validate_outcome(self, field: Any) -> None:
        """What is closed goes nowhere."""
        if field.data and self.chosen("department"):
            raise ValidationError(gettext("Either it is answered, or it goes to a department."))
