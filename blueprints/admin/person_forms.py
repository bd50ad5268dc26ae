"""The forms of an account."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms.validators import ValidationError

from domain.names import name_problem
from web.edits import EditForm, PlainField, filled
from web.fields import EmailField, MultiChoice, PhoneField, SelectField
from web.i18n import STAFF_LANGUAGES


def _a_name(_form: Any, field: Any) -> None:
    if problem := name_problem(field.data or ""):
        raise ValidationError(gettext(problem))


class PersonForm(EditForm):
    """Who somebody is, and how they sign in."""

    name = PlainField(_l("Name"), [_a_name], max_length=80, attrs={"autocomplete": "off"})
    login = PlainField(
        _l("User name"),
        [filled(_l("Enter the name to sign in with."))],
        max_length=64,
        attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"},
    )
    phone = PhoneField(_l("Mobile phone"), autocomplete="off", hint=_l("optional"))
    email = EmailField(_l("Mail address"), autocomplete="off", hint=_l("optional"))
    language = SelectField(
        _l("Language"),
        [filled(_l("Choose a language."))],
        choices=list(STAFF_LANGUAGES.items()),
        default="zh_Hans",
    )


class GrantsForm(EditForm):
    """Which roles somebody holds at which sites; drawn as a table, its choices are set by the view."""

    grants = MultiChoice(_l("Roles"))


class NewPersonForm(PersonForm):
    """An account with its first roles."""

    grants = MultiChoice(_l("Roles"))
