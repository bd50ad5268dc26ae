"""The forms of a department and of a kind of slips."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms.validators import ValidationError

from domain.emails import parse_email
from domain.errors import DomainError
from domain.slips.models import NATURE_NAMES, Department
from web.edits import AmountField, EditForm, PlainField, filled
from web.fields import ChoiceField, EmailField, SelectField
from web.i18n import say, tell


class DepartmentForm(EditForm):
    """A department that slips go to."""

    name = PlainField(
        lazy_pgettext("thing", "Name"), [filled(_l("Enter a name."))], max_length=40, attrs={"autocomplete": "off"}
    )
    email = EmailField(_l("Mail address"), hint=_l("optional"), autocomplete="off")

    def validate_email(self, field: Any) -> None:
        """An address, or none."""
        if field.data:
            try:
                field.data = parse_email(field.data)
            except DomainError as error:
                raise ValidationError(tell(error.sentence, error.values)) from error


class KindForm(EditForm):
    """A kind of the site's own: what matter it is, what is promised, and who usually gets it."""

    name = PlainField(
        lazy_pgettext("thing", "Name"), [filled(_l("Enter a name."))], max_length=40, attrs={"autocomplete": "off"}
    )
    nature = ChoiceField(_l("Kind of matter"), [filled(_l("Choose the kind of matter."))])
    promise_minutes = AmountField(
        _l("Promised within minutes"),
        min=1,
        max=527_040,
        hint=_l("empty: one day"),
        description=_l("An urgent repair is promised within 30 minutes all the same."),
    )
    department = SelectField(_l("Usual department"), blank=_l("Nobody in particular"))

    def offer(self, departments: list[Department]) -> "KindForm":
        """Offer the kinds of matter and the departments; returns the form."""
        self.departments = {one.ref: one for one in departments}
        self.nature.choices = [(one.value, say(name)) for one, name in NATURE_NAMES.items()]
        self.department.choices = [(one.ref, one.name) for one in departments]
        return self
