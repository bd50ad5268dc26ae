"""The forms of review."""

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _
from wtforms.validators import DataRequired, Optional

from domain.errors import DomainError
from domain.review.comments import LONGEST
from domain.review.signing import LONGEST_REMARK, Shown
from domain.text import N_
from web.edits import PlainArea
from web.fields import HiddenField, PasswordField, SelectField, TextField
from web.forms import FoyerForm

MOST_DIGITS = 15


class SignForm(FoyerForm):
    """What was shown and ticked, a remark, and the own password."""

    first, last, up_to = HiddenField(), HiddenField(), HiddenField()
    remark = PlainArea(_("Remark"), [Optional()], max_length=LONGEST_REMARK, rows=1)
    password = PasswordField(_("Your password"), [DataRequired(_("Enter the password."))])

    @property
    def ticked(self) -> tuple[str, ...]:
        """The refs of the entries that were ticked."""
        return tuple(dict.fromkeys(request.form.getlist("entry")))

    def shown(self) -> Shown:
        """What the page showed; raises DomainError for what no page of ours sent."""
        numbers = [field.data or "" for field in (self.first, self.last, self.up_to)]
        if not all(number.isascii() and number.isdecimal() and len(number) <= MOST_DIGITS for number in numbers):
            raise DomainError(
                N_("This span does not fit the register. Open the register again and sign what it shows.")
            )
        first, last, up_to = map(int, numbers)
        return Shown(first, last, up_to, self.ticked)


class ReadForm(FoyerForm):
    """So far I have read."""

    last = HiddenField()


class CommentForm(FoyerForm):
    """Words on an entry, and whom they ask for a correction, if anybody."""

    # An id of its own: the filters of the page beside which it stands have a text too.
    text = PlainArea(_("Comment"), [DataRequired(_("Write what is to be said."))], max_length=LONGEST, id="said")
    to = SelectField(_("Ask for a correction"), [Optional()], blank=_("No, only a comment"))

    def offer(self, people: list[tuple[str, str]]) -> Any:
        """Fill in who can be asked."""
        self.to.choices = people
        return self


class AgainForm(FoyerForm):
    """Why the answer is not enough."""

    missing = PlainArea(_("What is still missing"), [DataRequired(_("Write what is to be said."))], max_length=LONGEST)


class AnswerForm(FoyerForm):
    """The answer of who was asked; empty where the entry was corrected."""

    text = PlainArea(_("Answer"), [Optional()], max_length=LONGEST)


class DutyForm(FoyerForm):
    """How often a week."""

    times = SelectField(
        _("Times a week"),
        [DataRequired(_("Choose one of those shown."))],
        choices=[(str(number), str(number)) for number in range(8)],
        description=_("With 0 nothing is asked for."),
    )


class HeadForm(FoyerForm):
    """A head from paper; asked by GET."""

    class Meta(FoyerForm.Meta):
        csrf = False

    head = TextField(_("Head from a printed page"), [Optional()], max_length=120, autocomplete="off")
