"""The forms of a kiosk."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import Form
from wtforms.validators import StopValidation

from domain.codes import normalise_pairing_code
from domain.text import N_
from web.edits import AmountField, EditForm, PlainField, filled
from web.fields import ChoiceField, TextField
from web.forms import FoyerForm

HELP = (PlainField, N_("Where the reception is, in %(language)s"), {"max_length": 120})


class KioskForm(EditForm):
    """Name, width of the screen, label printer; a sentence of help is added for each language."""

    name = PlainField(
        lazy_pgettext("thing", "Name"),
        [filled(_l("Enter the name of the kiosk."))],
        max_length=40,
        description=_l("Where it stands: Main lobby."),
    )
    width_mm = AmountField(
        _l("Width of its screen, in mm"),
        min=0,
        max=3000,
        blank=0,
        description=_l("Measured with a ruler: buttons are made 20 mm high by it. 0 when it is not known."),
    )
    label_mm = ChoiceField(
        _l("Badge printer"),
        [filled(_l("Choose what the kiosk prints."))],
        choices=[("0", _l("No printer")), ("62", _l("Labels of 62 mm")), ("80", _l("Labels of 80 mm"))],
        default="0",
    )


class CodeField(TextField):
    """The eight consonants that a kiosk shows, however they are grouped."""

    def pre_validate(self, form: Form) -> None:
        """Refuse what cannot be a code."""
        super().pre_validate(form)
        if normalise_pairing_code(self.data or "") is None:
            raise StopValidation(_l("Enter the eight letters that the kiosk shows."))


class PairForm(FoyerForm):
    """The code of a kiosk that waits to be paired."""

    code = CodeField(
        _l("Letters on the kiosk"),
        max_length=40,
        autocomplete="off",
        autofocus=True,
        attrs={"spellcheck": "false", "autocapitalize": "characters", "placeholder": "WDJB-MJHT"},
    )

    def is_code(self) -> bool:
        """Whether what was typed may be a code, so that it counts as a try."""
        return normalise_pairing_code(self["code"].data or "") is not None
