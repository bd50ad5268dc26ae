"""The forms of a unit and of a host."""

from collections.abc import Callable
from typing import Any

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms.validators import ValidationError

from blueprints.admin.forms import own_hosts
from domain import clock
from domain.channels import read_channels
from domain.emails import mask_email, parse_email
from domain.errors import DomainError
from domain.masking import mask_phone
from domain.names import name_problem
from domain.occupants.models import LONGEST_COMPANY, LONGEST_FLOOR, LONGEST_NUMBER, Host
from domain.phones import parse_phone
from web.edits import EditForm, PlainArea, PlainField, filled
from web.fields import BooleanField, DateField, EmailField, PhoneField, SelectField
from web.i18n import STAFF_LANGUAGES, tell


class UnitForm(EditForm):
    """A flat, shop or office; the way there is added for each language."""

    number = PlainField(
        _l("Number"),
        [filled(_l("Enter the number on the door."))],
        max_length=LONGEST_NUMBER,
        attrs={"autocomplete": "off"},
    )
    company = PlainField(_l("Company"), max_length=LONGEST_COMPANY, hint=_l("optional"))
    floor = PlainField(_l("Floor"), max_length=LONGEST_FLOOR, hint=_l("optional"))
    shared = BooleanField(_l("Another company in the same unit"))


def _a_name(_form: Any, field: Any) -> None:
    if problem := name_problem(field.data or ""):
        raise ValidationError(gettext(problem))


class HostForm(EditForm):
    """Somebody whom visitors come to see (V4). Phone and mail are masked until they are asked for (P4).

    `given` holds phone, mail and channels of a checked form as the domain takes them.
    """

    name = PlainField(_l("Name"), [_a_name], max_length=80, attrs={"autocomplete": "off"})
    language = SelectField(
        _l("Language of the notices"),
        [filled(_l("Choose a language."))],
        choices=list(STAFF_LANGUAGES.items()),
        default="zh_Hans",
    )
    phone = PhoneField(_l("Mobile phone"), autocomplete="off", hint=_l("optional"))
    email = EmailField(_l("Mail address"), autocomplete="off", hint=_l("optional"), attrs={"inputmode": "email"})
    contact = BooleanField(
        _l("Contact of the unit"), description=_l("Is told of visitors who name only the unit or the company.")
    )
    back_on = DateField(
        _l("Away, back on"),
        hint=_l("empty: here"),
        description=_l("Until that day the deputy is told at the same time."),
    )
    deputy = SelectField(_l("Deputy"), blank=_l("Nobody"), description=_l("Answers when the host is away or silent."))
    deputy_search = PlainField(
        _l("Deputy from another unit"),
        max_length=80,
        hint=_l("name or pinyin, then Find"),
        attrs={"autocomplete": "off"},
    )
    channels = PlainArea(
        _l("Chat channels"),
        max_length=6000,
        rows=3,
        hint=_l("one address a line, optional"),
        description=_l("Shown masked once saved: leave a line as it is to keep it."),
        attrs={"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.given: dict[str, str] = {}
        super().__init__(*args, **kwargs)

    def validate_phone(self, field: Any) -> None:
        """A number that exists, or the mask of the one that stands."""
        self._read("phone", lambda typed: parse_phone(typed) if typed else "")

    def validate_email(self, field: Any) -> None:
        """An address, or the mask of the one that stands."""
        self._read("email", parse_email)

    def validate_channels(self, field: Any) -> None:
        """Addresses of channels, a line each; a masked one is the one that stands."""
        kept = self.truth.get("channels", "")
        self._read("channels", lambda typed: "\n".join(read_channels(typed, kept=kept, own_hosts=own_hosts())))

    def validate_back_on(self, field: Any) -> None:
        """A day to come."""
        if field.data and field.data <= clock.local_date(clock.now(), g.site.zone):
            raise ValidationError(gettext("This day has come. Leave it empty for somebody who is here."))

    def _read(self, name: str, read: Callable[[str], str]) -> None:
        """Keep in `given` what was typed as the domain takes it. Here and not when it is saved, so that everything that
        cannot be is said at once. What somebody changed meanwhile is not read: its mask may be an older one.
        """
        if self.current and name in self.changed_meanwhile():
            return
        typed = self[name].data or ""
        try:
            self.given[name] = self.truth[name] if typed and typed == self.current.get(name) else read(typed)
        except DomainError as problem:
            raise ValidationError(tell(problem.sentence, problem.values)) from None


def shown_contacts(host: Host, *, masked: bool) -> dict[str, str]:
    """Phone and mail of a host as the form shows them."""
    if masked:
        return {"phone": mask_phone(host.phone), "email": mask_email(host.email)}
    return {"phone": host.phone, "email": host.email}
