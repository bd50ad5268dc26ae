"""Fields that draw themselves: a form template is a list of `{{ form.name }}`.

Each class is a WTForms field whose widget calls the macro of the same job in `templates/components/`. What comes in is
cleaned the same way everywhere, what was typed is always shown again, and an error is one sentence at its field.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import date, time
from typing import Any, NamedTuple

from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import Form
from wtforms.fields import Field
from wtforms.fields import HiddenField as PlainHiddenField
from wtforms.validators import StopValidation

from domain.widths import plain_digits
from web.components import component

CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Blanks, and marks that show nothing: direction marks, zero-width space and joiners' neighbours, byte order mark.
EDGE = r"[\s\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+"
EDGES = re.compile(rf"^{EDGE}|{EDGE}$")


def clean_text(text: str, newlines: bool = False) -> str:
    """Take away what nobody typed on purpose: control characters, blanks and direction marks at the edges; NFC.

    A tab or a line break becomes a blank, so that words stay apart; with `newlines` line breaks stay, written as `\\n`.
    """
    if text.isascii() and text.isprintable():  # as most of what comes in
        return text.strip(" ")
    text = CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    if not newlines:
        text = text.replace("\n", " ")
    return EDGES.sub("", unicodedata.normalize("NFC", text))


class Component:
    """The widget of every field: the macro that has the name of its file in `templates/components/`."""

    def __init__(self, name: str) -> None:
        """Name the component."""
        self.name = name

    def __call__(self, field: Field, **given: Any) -> Markup:
        """Draw the field; what the macro does not know is an attribute of the input (`hx_get` is `hx-get`)."""
        macro = component(self.name)
        known = {key: value for key, value in given.items() if key in macro.arguments}
        attrs = {key.replace("_", "-"): value for key, value in given.items() if key not in macro.arguments}
        return macro(field, **known, attrs=attrs)


class DrawnField(Field):
    """What all fields share.

    hint          stands beside the label; "optional" by itself when the validators say Optional()
    description   stands under the control: a reason, a period, an example
    autocomplete  as HTML names it; `autocomplete` on the form's Meta wins, so that a shared kiosk says "off" once (V6)
    wide          over all columns of the form; icon: inside the control, at its start
    autofocus     at most one a form; attrs: further attributes of the control
    """

    widget = Component("field")
    control = "input"
    type_ = "text"
    wide = False
    data: Any

    def __init__(
        self,
        label: Any = None,
        validators: Sequence[Callable[..., Any]] | None = None,
        *,
        hint: Any = None,
        icon: str | None = None,
        autocomplete: str | None = None,
        autofocus: bool = False,
        wide: bool | None = None,
        attrs: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        """Take what WTForms takes, and the above."""
        super().__init__(label, validators, **kwargs)
        self.hint, self.icon, self.autofocus = hint, icon, autofocus
        self.autocomplete = getattr(self.meta, "autocomplete", None) or autocomplete
        self.wide = type(self).wide if wide is None else wide
        self.attrs = attrs or {}

    @property
    def hint_text(self) -> Any:
        """The word beside the label."""
        return self.hint if self.hint is not None else (_("optional") if self.flags.optional else "")

    @property
    def anchor(self) -> str:
        """The id that the error summary leads to."""
        return str(self.id)

    @property
    def described_by(self) -> str | None:
        """The ids of error and description, in this order."""
        ids = [f"{self.id}-e"] * bool(self.errors) + [f"{self.id}-d"] * bool(self.description)
        return " ".join(ids) or None

    @property
    def shown(self) -> str:
        """What stands in the control: what was typed, else the value."""
        return "" if self.data is None else str(self.data)

    @property
    def sent(self) -> str | None:
        """The `value` attribute; None for what has none."""
        return self.shown if self.control == "input" else None

    def attributes(self, given: dict[str, Any]) -> dict[str, Any]:
        """Give the attributes of the control; None leaves one out."""
        return {
            "id": self.id,
            "name": self.name,
            "type": self.type_ if self.control == "input" else None,
            "value": self.sent,
            "autocomplete": self.autocomplete,
            "autofocus": "" if self.autofocus else None,
            "aria-required": "true" if self.flags.required else None,
            "aria-invalid": "true" if self.errors else None,
            "aria-describedby": self.described_by,
            **self.attrs,
            **given,
        }


class TextField(DrawnField):
    """One line of text; its data is a clean string, "" when nothing was typed.

    max_length   in characters, after cleaning; type: search, email, url; inputmode as HTML names it
    """

    newlines = False

    def __init__(
        self,
        label: Any = None,
        validators: Sequence[Callable[..., Any]] | None = None,
        *,
        max_length: int = 120,
        type: str = "text",  # noqa: A002 - HTML's own word
        inputmode: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Take what a field takes, and the above."""
        super().__init__(label, validators, **kwargs)
        self.max_length = max_length
        if type != "text":
            self.type_ = type
        if inputmode:
            self.attrs = {"inputmode": inputmode, **self.attrs}

    def clean(self, text: str) -> str:
        """Clean what came in."""
        return clean_text(text, self.newlines)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the first value; none at all is an empty one."""
        self.data = self.clean(valuelist[0]) if valuelist else ""

    def pre_validate(self, form: Form) -> None:
        """Refuse what is too long before anything else looks at it."""
        now = len(self.data or "")
        if now > self.max_length:
            raise StopValidation(_("At most %(max)d characters, now %(n)d.", max=self.max_length, n=now))


class TextArea(TextField):
    """Several lines of text; `rows` high."""

    control = "textarea"
    newlines = True
    wide = True

    def __init__(self, *args: Any, rows: int = 3, max_length: int = 2000, **kwargs: Any) -> None:
        """Take what a TextField takes."""
        super().__init__(*args, max_length=max_length, **kwargs)
        self.attrs = {"rows": str(rows), **self.attrs}


class EmailField(TextField):
    """An address; whether it is one, the domain says."""

    def __init__(self, *args: Any, autocomplete: str = "email", **kwargs: Any) -> None:
        """Take what a TextField takes."""
        super().__init__(*args, type="email", max_length=254, autocomplete=autocomplete, **kwargs)
        self.attrs = {"spellcheck": "false", "autocapitalize": "off", **self.attrs}


class PhoneField(TextField):
    """A phone number as it was typed, digits of any script in ASCII; whether it is one, the domain says."""

    def __init__(self, *args: Any, autocomplete: str = "tel", max_length: int = 40, **kwargs: Any) -> None:
        """Take what a TextField takes."""
        super().__init__(*args, type="tel", inputmode="tel", max_length=max_length, autocomplete=autocomplete, **kwargs)

    def clean(self, text: str) -> str:
        """Clean, and write digits in ASCII."""
        return clean_text(plain_digits(text))


class CodeField(TextField):
    """A code of a known number of digits, or of one of several, blanks and hyphens left out; with `letters` capitals
    too.
    """

    def __init__(
        self,
        *args: Any,
        digits: int | tuple[int, ...] = 6,
        letters: bool = False,
        autocomplete: str = "one-time-code",
        **kwargs: Any,
    ) -> None:
        """Take what a TextField takes."""
        super().__init__(*args, inputmode="text" if letters else "numeric", autocomplete=autocomplete, **kwargs)
        self.digits, self.letters = digits if isinstance(digits, tuple) else (digits,), letters
        self.attrs = {"spellcheck": "false", "autocapitalize": "characters" if letters else "off", **self.attrs}

    def clean(self, text: str) -> str:
        """Clean, write digits in ASCII, leave out what groups them."""
        return re.sub(r"[\s\-\u2010-\u2015]", "", clean_text(plain_digits(text))).upper()

    def pre_validate(self, form: Form) -> None:
        """Say what is wrong with a code that cannot be one; an empty one is the validators' affair."""
        super().pre_validate(form)
        code = self.data or ""
        if not code:
            return
        if self.letters:
            if not re.fullmatch(r"[0-9A-Z]+", code):
                raise StopValidation(_("Only letters and digits."))
            if len(code) not in self.digits:
                raise StopValidation(_("%(want)d characters, now %(n)d.", want=self.digits[0], n=len(code)))
        else:
            if not code.isdigit():
                raise StopValidation(_("Only digits."))
            if len(code) not in self.digits:
                raise StopValidation(_("%(want)d digits, now %(n)d.", want=self.digits[0], n=len(code)))


class PasswordField(TextField):
    """A password, taken as it is but for NFC, and never shown again. `new` is for one that is being chosen."""

    type_ = "password"

    def __init__(self, *args: Any, new: bool = False, max_length: int = 256, **kwargs: Any) -> None:
        """Take what a TextField takes."""
        kwargs.setdefault("autocomplete", "new-password" if new else "current-password")
        super().__init__(*args, max_length=max_length, **kwargs)

    def clean(self, text: str) -> str:
        """Normalise alone: a blank at the end may be meant."""
        return unicodedata.normalize("NFC", text)

    @property
    def sent(self) -> None:
        """Nothing."""
        return


class ParsedField(DrawnField):
    """A field whose data is more than text: it keeps what was typed beside what it means."""

    typed: str | None = None

    def parse(self, text: str) -> Any:
        """Read the text; raise ValueError with a sentence."""
        raise NotImplementedError

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the first value; nothing typed is None."""
        self.typed = clean_text(plain_digits(valuelist[0])) if valuelist else ""
        self.data = None
        if self.typed:
            if len(self.typed) > 40:
                raise ValueError(_("At most %(max)d characters, now %(n)d.", max=40, n=len(self.typed)))
            self.data = self.parse(self.typed)

    @property
    def shown(self) -> str:
        """What was typed, else the value as the control writes it."""
        if self.typed is not None:
            return self.typed
        return "" if self.data is None else self.written()

    def attributes(self, given: dict[str, Any]) -> dict[str, Any]:
        """Give the attributes; what the browser's own control cannot hold is shown again as text."""
        unreadable = {"type": "text"} if self.typed and self.data is None else {}
        return super().attributes({**unreadable, **given})

    def written(self) -> str:
        """The value as the control writes it."""
        return str(self.data)


class NumberField(ParsedField):
    """A whole number between bounds, drawn as a stepper; `blank` is the data when nothing was typed."""

    widget = Component("stepper")
    type_ = "number"

    def __init__(
        self,
        label: Any = None,
        validators: Sequence[Callable[..., Any]] | None = None,
        *,
        min: int = 0,  # noqa: A002 - HTML's own words
        max: int = 99,  # noqa: A002
        blank: int | None = None,
        **kwargs: Any,
    ) -> None:
        """Take what a field takes, and the above."""
        super().__init__(label, validators, **kwargs)
        self.min, self.max, self.blank = min, max, blank
        self.was_stepped = False
        self.attrs = {"inputmode": "numeric", "min": str(min), "max": str(max), **self.attrs}

    def parse(self, text: str) -> int:
        """Read a whole number within the bounds."""
        if not re.fullmatch(r"[-+]?[0-9]{1,9}", text):
            raise ValueError(_("Enter a whole number."))
        number = int(text)
        if number < self.min:
            raise ValueError(_("At least %(min)d.", min=self.min))
        if number > self.max:
            raise ValueError(_("At most %(max)d.", max=self.max))
        return number

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the first value; nothing typed is `blank`."""
        super().process_formdata(valuelist)
        if not self.typed:
            self.data = self.blank

    def post_process(self, formdata: Any = None) -> None:
        """Apply a press on minus or plus: the form was sent to get one less or one more, not to be done."""
        super().post_process(formdata)
        pressed = formdata.getlist("step")[:1] if formdata is not None and "step" in formdata else []
        if pressed not in ([f"{self.name}:1"], [f"{self.name}:-1"]):
            return
        typed = self.typed or ""
        start = int(typed) if re.fullmatch(r"[-+]?[0-9]{1,9}", typed) else (self.blank or 0)
        number = start + (1 if pressed[0].endswith(":1") else -1)
        self.data = self.min if number < self.min else self.max if number > self.max else number
        self.was_stepped = True

    @property
    def shown(self) -> str:
        """The stepped number, else what was typed, else the value."""
        return str(self.data) if self.was_stepped else super().shown


def stepped(form: Iterable[Field]) -> bool:
    """Say whether a stepper was pressed: the view then draws the form again and validates nothing."""
    return any(getattr(field, "was_stepped", False) for field in form)


class DateField(ParsedField):
    """A day."""

    type_ = "date"

    def parse(self, text: str) -> date:
        """Read a day as HTML sends it."""
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError(_("Enter a date such as 2025-11-21.")) from None

    def written(self) -> str:
        """Write it as HTML wants it."""
        return str(self.data.isoformat())


class TimeField(ParsedField):
    """A time of day, to the minute."""

    type_ = "time"

    def parse(self, text: str) -> time:
        """Read a time as HTML sends it, seconds left out."""
        match = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::[0-5][0-9])?", text)
        if not match:
            raise ValueError(_("Enter a time such as 09:30."))
        return time(int(match[1]), int(match[2]))

    def written(self) -> str:
        """Write it as HTML wants it."""
        return str(self.data.strftime("%H:%M"))


class ColourField(ParsedField):
    """A colour, as `#1b5566`."""

    type_ = "color"

    def parse(self, text: str) -> str:
        """Read # and six digits."""
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
            raise ValueError(_("Enter a colour as # and six digits, such as #1b5566."))
        return text.lower()

    def attributes(self, given: dict[str, Any]) -> dict[str, Any]:
        """Give the attributes; the browser's own control would show none as black."""
        return super().attributes(given if self.data else {"type": "text", **given})


class Choice(NamedTuple):
    """One thing to choose: what is sent, the words, an icon, a second line."""

    value: str
    label: Any
    icon: str | None = None
    help: Any = None


class ChoiceField(DrawnField):
    """One of a few, drawn as large radio buttons. `choices` are `Choice`s or tuples, and may be set on the form."""

    widget = Component("choices")
    multiple = False
    wide = True

    def __init__(
        self,
        label: Any = None,
        validators: Sequence[Callable[..., Any]] | None = None,
        *,
        choices: Iterable[Choice | tuple[Any, ...]] = (),
        **kwargs: Any,
    ) -> None:
        """Take what a field takes, and the choices."""
        super().__init__(label, validators, **kwargs)
        self.choices: Iterable[Choice | tuple[Any, ...]] = list(choices)

    @property
    def options(self) -> list[Choice]:
        """The choices, all of one shape."""
        return [Choice(str(value), *rest) for value, *rest in self.choices]

    @property
    def anchor(self) -> str:
        """The id of the first choice."""
        return self.option_id(0)

    def option_id(self, index: int) -> str:
        """The id of a choice's input."""
        return f"{self.id}-{index}"

    def has(self, value: str) -> bool:
        """Say whether this one is chosen."""
        return self.data is not None and str(self.data) == value

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the first value; none or an empty one is None."""
        self.data = (clean_text(valuelist[0]) or None) if valuelist else None

    def pre_validate(self, form: Form) -> None:
        """Refuse what was not offered."""
        if self.data is not None and not any(str(choice[0]) == str(self.data) for choice in self.choices):
            raise StopValidation(_("Choose one of those shown."))


class SelectField(ChoiceField):
    """One of many, drawn as a list that opens. `blank` is the words of choosing none."""

    widget = Component("field")
    control = "select"
    wide = False

    def __init__(self, *args: Any, blank: Any = None, **kwargs: Any) -> None:
        """Take what a ChoiceField takes."""
        super().__init__(*args, **kwargs)
        self.blank = blank

    @property
    def options(self) -> list[Choice]:
        """The choices, the one of choosing none first."""
        return ([Choice("", self.blank)] if self.blank is not None else []) + super().options

    @property
    def anchor(self) -> str:
        """The id of the list."""
        return str(self.id)


class MultiChoice(ChoiceField):
    """Any of a few, drawn as large checkboxes; its data is a list."""

    multiple = True

    def has(self, value: str) -> bool:
        """Say whether this one is chosen."""
        return value in [str(chosen) for chosen in self.data or []]

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take all values, each once."""
        self.data = list(dict.fromkeys(filter(None, map(clean_text, valuelist))))

    def pre_validate(self, form: Form) -> None:
        """Refuse what was not offered."""
        offered = {choice.value for choice in self.options}
        if any(str(chosen) not in offered for chosen in self.data or []):
            raise StopValidation(_("Choose only from those shown."))


class BooleanField(DrawnField):
    """One thing that is so or not."""

    widget = Component("tick")
    type_ = "checkbox"
    sent = "1"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Ticked when anything but nothing was sent."""
        self.data = bool(valuelist) and valuelist[0] not in {"", "0", "false"}


class BooleanConsent(BooleanField):
    """One consent, never ticked beforehand. `must`: without it the form is refused, in the words of `problem`."""

    widget = Component("consent")
    wide = True

    def __init__(self, *args: Any, must: bool = False, problem: Any = None, **kwargs: Any) -> None:
        """Take what a field takes; `description` is purpose and period."""
        super().__init__(*args, **kwargs)
        self.must, self.problem = must, problem

    def pre_validate(self, form: Form) -> None:
        """Ask for what is required."""
        if self.must and not self.data:
            raise StopValidation(self.problem or _("Tick this to go on, or ask the reception."))


class HiddenField(PlainHiddenField):
    """A value that nobody sees; cleaned and limited like any other."""

    max_length = 2000

    def __init__(self, label: Any = "", *args: Any, **kwargs: Any) -> None:
        """Take what a field takes; nobody reads a label, so none is made of the name."""
        super().__init__(label, *args, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the first value, clean."""
        self.data = clean_text(valuelist[0]) if valuelist else ""

    def pre_validate(self, form: Form) -> None:
        """Refuse what is too long."""
        now = len(self.data or "")
        if now > self.max_length:
            raise StopValidation(_("At most %(max)d characters, now %(n)d.", max=self.max_length, n=now))
