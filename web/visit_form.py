"""The fields of a visit: the same at kiosk, own phone and desk (V1), asked as site and purpose say (V2)."""

import re
import unicodedata
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from domain.names import LONGEST_NAME, clean_name, name_problem
from domain.phones import PhoneProblem, parse_phone
from domain.sites.fields import Asked
from domain.visits.arrivals import Entered
from domain.widths import plain_digits
from web.fields import NumberField, PhoneField, TextField
from web.forms import FoyerForm

MOST_COMPANIONS = 50
MISSING = _("Enter this, please.")
NO_PHONE = _("Enter your number. Without a phone the reception signs you in.")
PLATE_LENGTH = range(3, 16)
NO_PLATE_SIGN = re.compile(r"[^\w\-·.]")


class VisitForm(FoyerForm):
    """Every field a visit may have; call `ask` to leave those that are asked."""

    phone = PhoneField(_("Mobile phone"))
    name = TextField(_("Name"), autocomplete="name", max_length=LONGEST_NAME)
    organisation = TextField(_("Organisation"), autocomplete="organization")
    companions = NumberField(
        _("Companions"), hint=_("not counting yourself"), min=0, max=MOST_COMPANIONS, blank=0, default=0
    )
    plate = TextField(_("Vehicle plate"), max_length=20, autocomplete="off")
    goods = TextField(_("What you bring in"), max_length=200, autocomplete="off")
    document = TextField(_("Last 4 digits of your ID document"), max_length=20, autocomplete="off", inputmode="numeric")

    optional: frozenset[str] = frozenset()

    def ask(self, asked: dict[str, Asked], *, phone_optional: bool = False) -> "VisitForm":
        """Leave only the fields that are asked, and mark the optional ones; returns the form."""
        self.optional = frozenset(
            name for name, how in asked.items() if how is Asked.ASK or (name == "phone" and phone_optional)
        )
        for name, how in asked.items():
            if name not in self:
                continue
            if how is Asked.NO and not (name == "phone" and phone_optional):
                del self[name]
            elif name in self.optional and name != "companions":
                self[name].hint = _("optional")
        return self

    @property
    def hints_optional(self) -> bool:
        """Whether any field on the page is marked so."""
        return any(name in self for name in self.optional - {"companions"})

    def _is_blank(self, name: str, field: Any, problem: Any = MISSING) -> bool:
        if field.data:
            return False
        if name not in self.optional:
            raise ValidationError(str(problem))
        return True

    def validate_name(self, field: Any) -> None:
        """A name that can be read and printed."""
        field.data = clean_name(field.data)
        if problem := name_problem(field.data):
            raise ValidationError(gettext(problem))

    def validate_phone(self, field: Any) -> None:
        """A number that exists, in any country; kept as E.164 beside what was typed."""
        if self._is_blank("phone", field, NO_PHONE):
            self.e164 = ""
            return
        try:
            self.e164 = parse_phone(field.data)
        except PhoneProblem as problem:
            raise ValidationError(gettext(problem.sentence, **problem.values)) from None

    def validate_organisation(self, field: Any) -> None:
        """Any text."""
        self._is_blank("organisation", field)

    def validate_goods(self, field: Any) -> None:
        """Any text."""
        self._is_blank("goods", field)

    def validate_plate(self, field: Any) -> None:
        """Letters, characters and digits."""
        if not self._is_blank("plate", field):
            field.data = "".join(plain_digits(field.data).upper().split())
            if foreign := dict.fromkeys(NO_PLATE_SIGN.findall(field.data)):
                signs = " ".join(foreign)
                raise ValidationError(gettext("Leave out %(signs)s: a plate has letters and digits.", signs=signs))
            if len(field.data) not in PLATE_LENGTH:
                raise ValidationError(gettext("A plate has 3 to 15 letters and digits."))

    def validate_document(self, field: Any) -> None:
        """The last four of an identity document, full width made half."""
        field.data = unicodedata.normalize("NFKC", field.data or "")
        if not self._is_blank("document", field) and not re.fullmatch(r"[0-9A-Za-z]{4}", field.data):
            if len(field.data) == 4:
                raise ValidationError(gettext("Only digits and letters."))
            raise ValidationError(gettext("4 digits, now %(n)d.", n=len(field.data)))

    def validate_companions(self, field: Any) -> None:
        """A number is asked for even where it may be nought."""
        if field.data is None:
            field.data = 0

    def entered(self) -> Entered:
        """What was typed, clean; call after `validate()`."""
        given = {
            name: self[name].data for name in ("name", "organisation", "plate", "goods", "document") if name in self
        }
        return Entered(
            **{"name": ""} | {name: value or "" for name, value in given.items()},
            phone=getattr(self, "e164", ""),
            companions=(self["companions"].data or 0) if "companions" in self else 0,
        )
