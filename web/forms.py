"""Forms: one-time tokens (web/tokens.py), refusals at their fields, what was typed kept."""

from typing import Any, ClassVar

from flask import current_app, g, request
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException
from wtforms import Form, HiddenField
from wtforms.csrf.core import CSRF, CSRFTokenField
from wtforms.meta import DefaultMeta
from wtforms.validators import ValidationError

from domain.database import refusal
from domain.errors import Conflict, DomainError
from domain.modes import mode
from domain.text import N_
from web.held import CHOOSE_AGAIN, NOT_SAVED
from web.here import request_here
from web.i18n import say, tell
from web.tokens import TOKEN_FIELD, form_token, nonce_of, spend_token


def _posted_here() -> str:
    """The endpoint that takes a POST to the address of this page."""
    if request.method == "POST":
        return request.endpoint or ""
    adapter = current_app.create_url_adapter(request)
    try:
        endpoint, _arguments = adapter.match(method="POST")  # type: ignore[union-attr]
    except HTTPException as error:
        raise RuntimeError(f"Nothing takes a POST at {request.path}: give the form its endpoint.") from error
    return str(endpoint)


class TokenField(CSRFTokenField):
    """The hidden field of the token, which is made when the field is drawn."""

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Take what was sent."""
        HiddenField.process(self, *args, **kwargs)

    def _value(self) -> str:
        self.current_token: str = self.current_token or self.csrf_impl.generate_csrf_token(self)
        return self.current_token


class FormToken(CSRF):
    """WTForms' extension point for tokens, filled with ours."""

    field_class = TokenField

    def setup_form(self, form: "FoyerForm") -> Any:
        self.endpoint = form.endpoint or _posted_here()
        return super().setup_form(form)

    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:
        return form_token(self.endpoint)

    def validate_csrf_token(self, form: Any, field: CSRFTokenField) -> None:
        nonce = nonce_of(field.data or "", request.endpoint or "")
        if nonce is None:
            current_app.logger.warning("A form without a token of its browser: %s", request.endpoint)
            raise ValidationError(
                gettext("This page was open for too long, or in another window. Check it and send it again.")
            )
        g.form_nonce = nonce


class FoyerForm(Form):
    """Mother of all forms that change something.

    `endpoint` is where the form posts to (default: what takes a POST at the address of the page). After `validate()`
    the token is spent; `problems` holds sentences of the form as a whole, `status` the HTTP status of the refusal.
    """

    endpoint: str | None = None
    patterns: ClassVar[dict[Any, Any]]
    """The fields as they are before a form has anything in them. What a form sets on its own (choices, hint, data) it
    sets anew: nothing within a field is changed in place.
    """

    class Meta(DefaultMeta):
        csrf = True
        csrf_class = FormToken
        csrf_field_name = TOKEN_FIELD
        locales = ("en",)  # our own sentences are translated by Flask-Babel

        def get_translations(self, form: Any) -> Any:
            return _TRANSLATIONS

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """A field, made once for the class of its form and copied for each form."""
            if unbound_field.field_class is TokenField:  # which knows its form
                return super().bind_field(form, unbound_field, options)
            kind = type(form)
            if "patterns" not in kind.__dict__:
                kind.patterns = {}
            key = unbound_field, options["prefix"]
            if (pattern := kind.patterns.get(key)) is None:
                pattern = kind.patterns[key] = super().bind_field(form, unbound_field, options)
                if not callable(default := pattern.default):  # WTForms calls it to see, and an exception tells it
                    pattern.default = lambda: default
            field = object.__new__(type(pattern))
            field.__dict__ = copied = pattern.__dict__.copy()
            copied["_form"], copied["meta"] = form, self
            return field

    def __init__(self, formdata: Any = None, *args: Any, endpoint: str | None = None, **kwargs: Any) -> None:
        if endpoint:
            self.endpoint = endpoint
        self.problems: list[str] = []
        self.status = 200
        asked = request_here()
        if formdata is None and asked.method == "POST":
            formdata = asked.form
        super().__init__(formdata, *args, **kwargs)

    @property
    def token(self) -> CSRFTokenField:
        """The hidden field that every template of a form prints first."""
        return self[TOKEN_FIELD]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, then spend the token; on refusal `status` is 422."""
        if g.get("not_saved_yet"):  # it was sent before a locked screen: web/held.py
            self.problems.append(tell(NOT_SAVED, {}))
            for field in self:
                if field.name in g.choose_again:
                    field.errors = [tell(CHOOSE_AGAIN, {})]
            self.status = 422
            return False
        good = super().validate(extra_validators)
        for field in self:
            if field.errors and not hasattr(field, "anchor"):  # nobody sees the field, so its words stand on the form
                self.problems += [str(error) for error in field.errors]
        if good and mode.get() == "write":
            try:
                spend_token()
            except DomainError as error:
                self.blame(error)
                good = False
        if not good:
            self.status = max(self.status, 422)
        return good

    def blame(self, error: DomainError) -> None:
        """Put a refusal at its field, or on the form when it has none here; what else was refused likewise."""
        if error.besides:
            self.blame(error.besides)
        sentence = tell(error.sentence, error.values)
        field = self[error.field] if error.field and error.field in self else None
        if field is not None and hasattr(field, "anchor"):
            field.errors = [*field.errors, sentence]
        else:
            self.problems.append(sentence)
        self.status = error.status

    def as_a_whole(self) -> None:
        """The fields are not drawn any more: what was wrong with them stands on the form."""
        self.problems += [str(error) for field in self if hasattr(field, "anchor") for error in field.errors]
        for field in self:
            field.errors = []

    def all_problems(self) -> list[tuple[str | None, str]]:
        """(id of the field or None, sentence) of every problem, in the order of the fields."""
        listed: list[tuple[str | None, str]] = [(None, problem) for problem in self.problems]
        for field in self:
            if field.name != self.token.name:
                listed += [(field.id, str(error)) for error in field.errors]
        return listed


class _Translations:
    def gettext(self, text: str) -> str:
        return say(text)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return say(singular if n == 1 else plural)


_TRANSLATIONS = _Translations()


class refusals:  # noqa: N801 -- read as the word it is: `with refusals(form):`
    """Turn what the domain or the database refuses into sentences on the form; the view then answers `refuse(…)`."""

    def __init__(self, form: FoyerForm) -> None:
        self.form = form

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        """Whether the error was a refusal and is on the form now."""
        if isinstance(error, IntegrityError):
            error = refusal(error) or Conflict(
                N_("Somebody changed this in the same moment. Look again and repeat it.")
            )
        if not isinstance(error, DomainError):
            return False
        self.form.blame(error)
        return True
