"""The forms of a site and of its purposes."""

from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext, lazy_pgettext
from flask_babel import lazy_gettext as _l
from wtforms import Form
from wtforms.validators import StopValidation

from blueprints.admin.forms import language_choices
from domain.errors import DomainError
from domain.sites import operations
from domain.sites.fields import FIELD_NAMES, NEEDS_CONSENT, Asked
from domain.sites.hours import LONGEST_TYPED, parse_spans, write_spans
from domain.sites.models import Site
from domain.sites.operations import REASON_BEYOND_DAYS
from domain.text import N_
from web.edits import AmountField, EditForm, PlainArea, PlainField, filled
from web.fields import BooleanField, ChoiceField, ColourField, MultiChoice, SelectField, TextField
from web.forms import refusals

ASKED = {Asked.NO: _l("Not asked"), Asked.ASK: _l("Asked, may stay empty"), Asked.MUST: _l("Required")}
DAYS = {
    "1": _l("Monday"),
    "2": _l("Tuesday"),
    "3": _l("Wednesday"),
    "4": _l("Thursday"),
    "5": _l("Friday"),
    "6": _l("Saturday"),
    "7": _l("Sunday"),
}
ICONS = {
    "handshake": _l("Hands"),
    "case": _l("Case"),
    "meeting": _l("Board"),
    "truck": _l("Lorry"),
    "parcel": _l("Parcel"),
    "works": _l("Works"),
    "repair": _l("Tool"),
    "key": _l("Key"),
    "building": _l("House"),
    "users": _l("People"),
    "more": _l("Dots"),
}


@lru_cache(maxsize=1)
def zones() -> list[str]:
    """Zones of places, for the list under the field; abbreviations and offsets are left out."""
    return sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))


class SiteForm(EditForm):
    """Names, zone, languages, periods and colour."""

    name = PlainField(lazy_pgettext("thing", "Name"), [filled(_l("Enter the name of the site."))], max_length=80)
    name_en = PlainField(
        _l("English name"),
        max_length=80,
        hint=_l("optional"),
        description=_l(
            "For everybody who reads no Chinese: at the kiosk, on badges, in letters and calendars. Empty: they read "
            "the name."
        ),
        attrs={"lang": "en"},
    )
    zone = PlainField(
        _l("Time zone"),
        [filled(_l("Choose the zone whose clock hangs in the lobby."))],
        max_length=60,
        attrs={"list": "zones", "spellcheck": "false", "autocapitalize": "off"},
    )
    brand = ColourField(
        _l("Colour"), [filled(_l("Choose a colour."))], description=_l("Foyer takes its shades from it.")
    )
    language = SelectField(
        _l("Language that a kiosk starts in"), [filled(_l("Choose a language."))], choices=language_choices()
    )
    languages = MultiChoice(
        _l("Languages offered at the kiosk"), [filled(_l("Choose at least one."))], choices=language_choices()
    )
    default_stay_minutes = AmountField(
        _l("Usual stay, in minutes"),
        [filled(_l("Enter the minutes."))],
        min=5,
        max=1440,
        description=_l("A visit that is over it shows as overstaying, unless its purpose says otherwise."),
    )
    deputy_after_minutes = AmountField(
        _l("Minutes until the deputy is told"),
        min=0,
        max=240,
        blank=0,
        description=_l("When the host has not answered. 0: at once."),
    )
    retention_days = AmountField(
        _l("Days that visitors' data are kept"),
        [filled(_l("Enter the days."))],
        min=1,
        max=3650,
        description=_l(
            "Erased afterwards; the figures stay. More than %(days)d days need a reason.", days=REASON_BEYOND_DAYS
        ),
    )
    retention_reason = PlainField(_l("Why they are kept so long"), max_length=200)
    badge_for_each = BooleanField(
        _l("A badge for each companion"), description=_l("Otherwise one badge stands for the group.")
    )
    door_titles = BooleanField(
        _l("Door displays say what a meeting is about"),
        description=_l("Otherwise they, and the calendars of rooms, say “reserved”."),
        default=True,
    )
    door_frames = PlainField(
        _l("Pages that may frame door displays"),
        max_length=300,
        hint=_l("optional"),
        description=_l("Such as https://signs.example.com; several with blanks between them."),
        attrs={"spellcheck": "false", "autocapitalize": "off"},
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Beside a field that cannot be read, whatever the domain refuses of the others is said at once."""
        good = super().validate(extra_validators)
        read = {field.name: field.data for field in self if not field.errors}
        if not good and len(read) < len(list(self)):
            kept_days, reason = self.current.get("retention_days"), read.get("retention_reason") or ""
            with refusals(self):
                operations.check_site(read, reason=reason, kept_days=kept_days)
        return good


def of_site(site: Site) -> dict[str, Any]:
    """The values of a site as `SiteForm` holds them."""
    names = (
        "name", "name_en", "zone", "brand", "language", "languages", "default_stay_minutes", "deputy_after_minutes",
        "retention_days", "badge_for_each", "door_titles", "door_frames",
    )  # fmt: skip
    return {name: getattr(site, name) for name in names}


class HoursField(TextField):
    """The spans of one day; each day says for itself what is wrong with it."""

    def pre_validate(self, form: Form) -> None:
        """Refuse what is no list of spans."""
        super().pre_validate(form)
        try:
            parse_spans(self.data or "")
        except DomainError as error:
            raise StopValidation(gettext(error.sentence, **error.values)) from error


class HoursForm(EditForm):
    """The opening hours of a week; the fields are day_1 to day_7."""


for _day, _word in DAYS.items():
    setattr(HoursForm, f"day_{_day}", HoursField(_word, max_length=LONGEST_TYPED, attrs={"spellcheck": "false"}))


def of_hours(site: Site) -> dict[str, str]:
    """The opening hours as they are typed."""
    return {f"day_{day}": write_spans(site.opening.get(day, [])) for day in DAYS}


NOTICE = (PlainArea, N_("Notice in %(language)s"), {"max_length": 4000, "rows": 4})


class NoticeForm(EditForm):
    """What a visitor accepts, and the way from the lobby; one field of each for each language."""


class FieldsForm(EditForm):
    """Which optional fields are asked (V2)."""


class PurposeForm(EditForm):
    """Why somebody comes; names and fields are added for each language and each optional field."""

    icon = ChoiceField(
        _l("Icon"), [filled(_l("Choose an icon."))], choices=[(name, word, name) for name, word in ICONS.items()]
    )
    waits_for_host = BooleanField(
        _l("Waits for the host's answer"), description=_l("The visitor waits in the lobby until the host has answered.")
    )
    stay_minutes = AmountField(_l("Usual stay, in minutes"), min=5, max=1440, hint=_l("empty: as the site"))


PURPOSE_NAME = (PlainField, N_("Name in %(language)s"), {"max_length": 40})

for _name, _word in FIELD_NAMES.items():
    _offered = [
        (str(asked), word) for asked, word in ASKED.items() if asked != Asked.MUST or _name not in NEEDS_CONSENT
    ]
    setattr(FieldsForm, _name, SelectField(_l(_word), [filled(_l("Choose one of those shown."))], choices=_offered))
    setattr(PurposeForm, f"field_{_name}", SelectField(_l(_word), blank=_l("As the site"), choices=_offered))


class ChannelsForm(EditForm):
    """Over what hosts are told."""

    mail_enabled = BooleanField(_l("Mail to hosts"), description=_l("Each host may have chat channels besides."))
    channels = PlainArea(
        _l("Chat channels of the site"),
        max_length=6000,
        rows=5,
        hint=_l("one address a line"),
        description=_l(
            "They hear of every visitor. An address is shown masked once it is saved: leave the line as it is to keep "
            "it, replace or remove it to change it."
        ),
        attrs={"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"},
    )
