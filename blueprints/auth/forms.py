"""The forms of the way in."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.validators import DataRequired, ValidationError

from domain.people.sign_in import LONGEST_LOGIN
from web.fields import BooleanField, ChoiceField, CodeField, PasswordField, SelectField, TextField
from web.forms import FoyerForm

RECOVERY_DIGITS = (24, 12)
"""The codes of today, and those that were made before."""


def _password(words: Any, **given: Any) -> PasswordField:
    return PasswordField(words, [DataRequired(_("Enter the password."))], **given)


class SignInForm(FoyerForm):
    """User name, password, and whose device this is."""

    login = TextField(
        _("User name"),
        [DataRequired(_("Enter the user name."))],
        max_length=LONGEST_LOGIN,
        autocomplete="username",
        attrs={"spellcheck": "false", "autocapitalize": "off"},
    )
    password = _password(_("Password"))
    shared_device = BooleanField(
        _("This device is shared at the desk"),
        description=_(
            "When nobody touches it, it locks instead of logging out, and every page has “Lock”. "
            "Log out at the handover."
        ),
    )


class OwnPasswordForm(FoyerForm):
    """The own password once more: of who locked the screen, or ends sessions."""

    password = _password(_("Password"), autofocus=True)


class CodeForm(FoyerForm):
    """The figures of the authenticator app."""

    code = CodeField(_("Code"), [DataRequired(_("Enter the code."))], digits=6, autofocus=True)


class RecoveryForm(FoyerForm):
    """One of the codes that were written down."""

    code = CodeField(
        _("Recovery code"),
        [DataRequired(_("Enter the code."))],
        digits=RECOVERY_DIGITS,
        letters=True,
        autocomplete="off",
        autofocus=True,
    )


class SetUpForm(FoyerForm):
    """A code that proves that the app holds the secret, and the password of who wants it."""

    password = _password(_("Your password"))
    code_old = CodeField(
        _("Code of the app until now, or a recovery code"),
        [DataRequired(_("Enter the code."))],
        digits=(6, *RECOVERY_DIGITS),
        letters=True,
    )
    code = CodeField(_("Code"), [DataRequired(_("Enter the code."))], digits=6)


OLD_PASSWORD = _password(_("Password until now"))  # made before the new ones: fields stand in the order of their making


class NewPasswordForm(FoyerForm):
    """A password that is being chosen, twice, because it is not shown."""

    password_new = PasswordField(
        _("New password"),
        [DataRequired(_("Enter the password."))],
        new=True,
        description=_("At least 12 characters. Several words together are good; any signs and blanks are taken."),
    )
    password_again = PasswordField(_("New password again"), [DataRequired(_("Enter the password."))], new=True)

    def validate_password_again(self, field: PasswordField) -> None:
        """The two are one."""
        if field.data != self.password_new.data:
            raise ValidationError(str(_("The two are not the same. Type both again.")))


class ChangePasswordForm(NewPasswordForm):
    """The old password too."""

    password = OLD_PASSWORD


class SiteForm(FoyerForm):
    """Where somebody works from now on."""

    site = SelectField(_("Site"), [DataRequired(_("Choose one of those shown."))])


class LanguageForm(FoyerForm):
    """The language of the account."""

    language = ChoiceField(_("Language"), [DataRequired(_("Choose one of those shown."))])


class ActionForm(FoyerForm):
    """A button alone."""
