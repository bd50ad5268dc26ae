"""The filters of a register: a span of time and typed text for all, and the register's own choices (R4)."""

from datetime import date, timedelta
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_babel import lazy_gettext as _
from wtforms import Form
from wtforms.validators import ValidationError

from domain.registers import Register
from web.fields import DateField, SelectField, TextField

SPANS = (("today", _("Today")), ("week", _("This week")), ("month", _("This month")), ("own", _("From … to …")))
YEARS = range(2000, 2101)


class FilterForm(Form):
    """What every register can be narrowed by; `filter_form` adds the register's own choices. Changes nothing."""

    span = SelectField(_("Time"), choices=SPANS, blank=_("Any time"))
    since = DateField(_("From"))
    until = DateField(_("To"))
    text = TextField(_("Text"), max_length=80, type="search", autocomplete="off")

    def validate_since(self, field: Any) -> None:
        """A day of this century."""
        if field.data and field.data.year not in YEARS:
            raise ValidationError(gettext("Choose a year from %(first)d to %(last)d.", first=YEARS[0], last=YEARS[-1]))

    def validate_until(self, field: Any) -> None:
        """A day of this century, not before the first."""
        self.validate_since(field)
        if self.since.data and field.data and field.data < self.since.data:
            raise ValidationError(
                gettext(
                    "The end lies before the beginning: choose %(date)s or later.", date=self.since.data.isoformat()
                )
            )

    def days(self, today: date) -> tuple[date | None, date | None]:
        """First and last day that are asked for, both included."""
        match self.span.data:
            case "today":
                return today, today
            case "week":
                monday = today - timedelta(days=today.weekday())
                return monday, monday + timedelta(days=6)
            case "month":
                return today.replace(day=1), (today.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(1)
            case _:
                return self.since.data, self.until.data


def filter_form(register: Register) -> type[FilterForm]:
    """The form of a register's filters."""
    own = {
        one.name: SelectField(
            lazy_gettext(one.label),
            choices=[(value, lazy_gettext(words)) for value, words in one.choices],
            blank=_("All"),
        )
        for one in register.filters
    }
    return type("FilterForm", (FilterForm,), own)
