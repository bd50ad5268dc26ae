"""Ticks over HTTP, made with or without a network: one protocol for run sheet, roll call and inspection.

A form that carries `data-outbox` (static/js/outbox.js) is kept by the browser until it was answered. It is sent as the
plain form it is, with `X-Outbox: 1`, the device's own `tick` id, and its `age` in seconds by the device's clock. The
answer is JSON: `outcome` is "taken", "late" (the matter had moved on) or "refused" (nothing was kept), `words` says so.
Without scripts the same form is an ordinary one whose id the server made.

A form's one-time token would be dead when a tick comes hours later, from another session of the same person. So the id
is what makes it count once (domain/ticks.py), and the token against forgery is bound to person and endpoint, for as
long as a device may keep a tick.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

from flask import Response, current_app, flash, jsonify, request
from flask_babel import gettext
from wtforms import Form
from wtforms.csrf.core import CSRFTokenField
from wtforms.validators import ValidationError

from domain import clock
from domain.ticks import KEPT_OFFLINE, TAKEN, Answer, Sent
from web.fields import HiddenField, TextField
from web.forms import FormToken, FoyerForm
from web.htmx import done
from web.i18n import tell
from web.permissions import actor
from web.transactions import read_only

LASTS = KEPT_OFFLINE + timedelta(hours=12)


def _mac(*parts: str) -> str:
    secret = str(current_app.secret_key).encode()
    key = hmac.digest(secret, b"tick token", "sha256")
    return urlsafe_b64encode(hmac.digest(key, "|".join(parts).encode(), "sha256")[:18]).decode()


def tick_token(endpoint: str) -> str:
    """A token for forms of ticks: when it was made, and the MAC of that with person and endpoint."""
    made = f"{int(clock.now().timestamp()):x}"
    return f"{made}.{_mac(made, str(actor().id), endpoint)}"


def tick_owner() -> str:
    """The name under which a device keeps the ticks of this person apart from a colleague's."""
    return _mac("owner", str(actor().id))[:12]


def new_tick() -> str:
    """An id for a form that is sent without scripts."""
    return f"house-{secrets.token_urlsafe(16)}"


def from_outbox() -> bool:
    """Whether the outbox asks, and takes its answer as JSON."""
    return request.headers.get("X-Outbox") == "1"


class TickToken(FormToken):
    """In the place of the token that is spent once."""

    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:
        return tick_token(self.endpoint)

    def validate_csrf_token(self, form: Any, field: CSRFTokenField) -> None:
        made, _dot, mac = (field.data or "").partition(".")
        good = _mac(made, str(actor().id), request.endpoint or "")
        if not hmac.compare_digest(mac.encode(), good.encode()) or not _is_young(made):
            raise ValidationError(
                gettext("This tick was made by somebody else, or too long ago. Look at the sheet and tick again.")
            )


def _is_young(made: str) -> bool:
    return 0 <= clock.now().timestamp() - int(made, 16) <= LASTS.total_seconds()


class TickForm(FoyerForm):
    """Mother of the forms of ticks: the device's id of the tick, and how long ago it was made."""

    tick = HiddenField()
    age = HiddenField()

    class Meta:
        csrf_class = TickToken

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field; there is no token to spend."""
        good = Form.validate(self, extra_validators)
        for field in self:
            if field.errors and not hasattr(field, "anchor"):
                self.problems += [str(error) for error in field.errors]
        if not good:
            self.status = 422
        return good

    def sent(self) -> Sent:
        """What the device says of the tick."""
        age = str(self.age.data or "0")
        seconds = int(age) if age.isascii() and age.isdecimal() and len(age) < 10 else 0
        return Sent(str(self.tick.data or ""), timedelta(seconds=seconds))


class ReasonField(TextField):
    """One line, drawn by the sheet itself."""


def answered(answer: Answer, location: str) -> Any:
    """What became of the tick: JSON for the outbox, else back to the page, which says it."""
    words = tell(answer.sentence, answer.values)
    if from_outbox():
        return jsonify(outcome=answer.outcome, words=words)
    flash(words, "ok" if answer.outcome == TAKEN else "wait")
    return done(location)


def refused(form: TickForm) -> Response:
    """The refusal of a tick for the outbox: nothing of it is kept."""
    read_only()
    words = " ".join(sentence for _field, sentence in form.all_problems())
    response = jsonify(outcome="refused", words=words)
    response.status_code = form.status
    return response
