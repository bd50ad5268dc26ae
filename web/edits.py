"""What forms over records share: plain text without direction marks, numbers that are typed, and edits that notice when
somebody else was faster.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable
from typing import Any

from flask import current_app, request
from flask_babel import gettext
from markupsafe import Markup
from wtforms import Field
from wtforms.validators import ValidationError

from web.fields import BooleanField, ChoiceField, Component, HiddenField, NumberField, TextArea, TextField
from web.forms import FoyerForm
from web.htmx import refuse, render
from web.i18n import language
from web.transactions import read_only

MASK = "****"
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of what follows; in a name they would turn the page around it."""


def _comma() -> str:
    return "，" if language().startswith("zh") else ", "


def facts(parts: Iterable[str]) -> str:
    """Facts in one line: a comma separates them, in Chinese the wide one."""
    return _comma().join(parts)


def drawn_facts(parts: Iterable[str]) -> Markup:
    """The same in a template, where a translated sentence is markup already: what is none is escaped, once."""
    return Markup(_comma()).join(parts)  # noqa: S704


def filled(sentence: Any) -> Any:
    """Validator: something must be typed; otherwise the sentence says what."""

    def check(_form: Any, field: Field) -> None:
        if not field.data:
            raise ValidationError(sentence)

    check.field_flags = {"required": True}  # type: ignore[attr-defined]
    return check


class PlainField(TextField):
    """One line that will stand beside other text."""

    def clean(self, text: str) -> str:
        """Clean, and take the turning marks away."""
        return super().clean(TURNING.sub("", text))


class PlainArea(TextArea):
    """Several lines, likewise."""

    def clean(self, text: str) -> str:
        """Clean, and take the turning marks away."""
        return super().clean(TURNING.sub("", text))


class AmountField(NumberField):
    """A whole number that is typed: admins know what they want, and a form without steppers needs no second button."""

    widget = Component("field")


class ActionForm(FoyerForm):
    """A button: no field but the token."""


class EditForm(FoyerForm):
    """A form over a record. It carries a mark of each value that it showed, and is refused when one has changed since.

    `current` holds the values as the fields hold them, `truth` what stands behind a masked one. After a refusal the
    fields that were left alone show what stands now, the others keep what was typed, and each change is told.
    """

    version = HiddenField()

    def __init__(
        self,
        current: dict[str, Any] | None = None,
        *,
        truth: dict[str, Any] | None = None,
        endpoint: str | None = None,
        fresh: bool = False,
    ) -> None:
        """`fresh`: show the record, whatever this request sent (it asked for something else than to change it)."""
        self.current = current or {}
        self.truth = {**self.current, **(truth or {})}
        super().__init__(data=self.current, endpoint=endpoint)
        if fresh:
            self.process(data=self.current)
            for name, value in self.current.items():
                self._show(self[name], value)
        if fresh or request.method != "POST":
            self.version.data = self._marks()

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, spend the token, then look whether the record is still what was shown."""
        good = super().validate(extra_validators)
        if not good or not self.current:
            return good
        changed, shown = self.changed_meanwhile(), self._shown_marks()
        for name in changed:
            self._tell(name, left_alone=_mark(name, self[name].data) == shown.get(name))
        if changed:
            self.version.data, self.status = self._marks(), 409
        return not changed

    def changed_meanwhile(self) -> list[str]:
        """The names of the values that are no longer what the form showed; what it does not ask stays as it stands."""
        shown = self._shown_marks()
        return [name for name, value in self.truth.items() if name in self and _mark(name, value) != shown.get(name)]

    def was_shown(self, name: str) -> bool:
        """Whether the form, as it was sent, carries the mark of this value as it stands."""
        return self._shown_marks().get(name) == _mark(name, self.truth[name])

    def _shown_marks(self) -> dict[str, str]:
        return dict(part.partition(":")[::2] for part in (self.version.data or "").split(","))

    def _tell(self, name: str, *, left_alone: bool) -> None:
        field, typed = self[name], self[name].data
        self._show(field, self.current[name])
        self.problems.append(
            gettext(
                "Somebody changed “%(field)s” meanwhile. It is now: %(value)s",
                field=self._called(field),
                value=_words(field),
            )
        )
        if not left_alone and MASK not in str(typed):
            self._show(field, typed)

    def _called(self, field: Field) -> str:
        return str(field.label.text)

    @staticmethod
    def _show(field: Field, value: Any) -> None:
        field.data = value
        if hasattr(field, "typed"):
            field.typed = None

    def _marks(self) -> str:
        return ",".join(f"{name}:{_mark(name, value)}" for name, value in self.truth.items())

    @property
    def values(self) -> dict[str, Any]:
        """What the fields hold, by name, without token and version."""
        return {field.name: field.data for field in self if field.name not in (self.token.name, "version")}


def _mark(name: str, value: Any) -> str:
    """Eight digits that tell one value from another and nothing about it."""
    said = json.dumps([name, value], ensure_ascii=False, sort_keys=True, default=str)
    return hmac.new((current_app.secret_key or "").encode(), said.encode(), hashlib.sha256).hexdigest()[:8]  # type: ignore[union-attr]


def _words(field: Field) -> str:
    """The value of a field as people read it."""
    if isinstance(field, ChoiceField):
        return facts(str(option.label) for option in field.options if field.has(option.value)) or "–"
    if isinstance(field, BooleanField):
        return gettext("Yes") if field.data else gettext("No")
    return str(field.shown) or "–"


def settled(form: FoyerForm) -> None:
    """Give up what a refused form began to write: from here on records are read as they stand."""
    if form.status >= 400:
        read_only()


def draw(page: str, *, form: Any, **context: Any) -> Any:
    """The page of a form: as it is, or refused with its sentences after a roll-back."""
    return refuse(page, form=form, **context) if form.status >= 400 else render(page, form=form, **context)
