"""The form of the host's answer: three buttons."""

from flask_babel import gettext as _
from wtforms.fields import StringField
from wtforms.validators import ValidationError

from domain.visits.models import HostAnswer
from web.forms import FoyerForm


class AnswerForm(FoyerForm):
    """`answer` is the value of the button that was pressed."""

    answer = StringField()

    def validate_answer(self, field: StringField) -> None:
        """Take none but the three; nobody sees this who uses the buttons."""
        if field.data not in set(HostAnswer):
            self.problems.append(sentence := _("Choose one of the three answers."))
            raise ValidationError(sentence)

    @property
    def what(self) -> HostAnswer:
        """The answer, after `validate()`."""
        return HostAnswer(self.answer.data)
