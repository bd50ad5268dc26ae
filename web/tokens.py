"""One-time tokens of forms: signed, bound to browser and endpoint, spent in the transaction of the change
(domain/once.py). They also are the protection against forged requests.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from itertools import count

from flask import g

from domain import clock, once
from domain.database import dialect
from domain.errors import DomainError
from domain.modes import mode
from domain.text import N_
from web.cookies import browser_id
from web.here import app_here, request_here

TOKEN_FIELD = "form_token"  # noqa: S105 -- the name of the field
TOKEN_LASTS = 12 * 3600
NUMBER = re.compile("[0-9]{1,4}")


class Replayed(Exception):
    """The same form was sent before and its answer stands at `location`."""

    def __init__(self, location: str) -> None:
        self.location = location


def _mac(nonce: str, endpoint: str, made: str) -> str:
    app = app_here()
    key = app.extensions.get("foyer.form_key")
    if key is None:
        secret = str(app.secret_key).encode()
        key = app.extensions["foyer.form_key"] = hmac.digest(secret, b"form token", "sha256")
    digest = hmac.digest(key, f"{nonce}|{browser_id()}|{endpoint}|{made}".encode(), "sha256")
    return urlsafe_b64encode(digest[:18]).decode()


def form_token(endpoint: str) -> str:
    """A fresh token for one form that posts to the endpoint."""
    if slot_of := g.get("slot_of"):  # on a board that is drawn for other browsers too (web/drawn.py)
        return str(slot_of(endpoint))
    return next(tokens_to(endpoint))


def tokens_to(endpoint: str) -> Iterator[str]:
    """Fresh tokens for the forms of this page that post to the endpoint: nonce, time and their MAC, tied to this
    browser, and which of the forms it is. They share the rest, because a MAC for each was a tenth of the desk.
    """
    begun = g.setdefault("form_tokens", {})
    key = browser_id(), endpoint
    if key not in begun:
        nonce, made = secrets.token_urlsafe(12), f"{int(clock.now().timestamp()):x}"
        shared = f"{nonce}.{made}.{_mac(nonce, endpoint, made)}"
        begun[key] = (f"{shared}.{number}" for number in count())
    tokens: Iterator[str] = begun[key]
    return tokens


def nonce_of(token: str, endpoint: str) -> str | None:
    """What is spent of a good token. The number of the form is the browser's to choose: a further page would give it as
    many.
    """
    known = g.setdefault("nonces", {})  # it is spent on the way already, and asked for again by its form
    key = token, endpoint, browser_id()  # a kiosk that was wiped in between is another browser
    if key not in known:
        known[key] = _nonce_of(token, endpoint)
    nonce: str | None = known[key]
    return nonce


def _nonce_of(token: str, endpoint: str) -> str | None:
    nonce, _dot, rest = token.partition(".")
    made, _dot, rest = rest.partition(".")
    mac, _dot, number = rest.partition(".")
    if not hmac.compare_digest(mac.encode(), _mac(nonce, endpoint, made).encode()) or not NUMBER.fullmatch(number):
        return None
    return f"{nonce}.{number}" if 0 <= clock.now().timestamp() - int(made, 16) <= TOKEN_LASTS else None


def _content_hash() -> str:
    asked = request_here()
    # A quick hash of a password, kept for a day, would undo what argon2 is for.
    content = [one for one in asked.form.lists() if one[0] != TOKEN_FIELD and not one[0].startswith("password")]
    said = asked.path + repr(sorted(content))
    return hmac.digest(str(app_here().secret_key).encode(), said.encode(), "sha256").hex()


def begin_spending() -> None:
    """On PostgreSQL, have the token of this request spent on the way of what is asked first, which is who asks. Where
    the form is not sent to change something after all, web/transactions.py gives it back.
    """
    if mode.get() != "write" or dialect() != "postgresql":
        return
    asked = request_here()
    if (token := asked.form.get(TOKEN_FIELD, "")) and (nonce := nonce_of(token, asked.endpoint or "")):
        g.spending = once.Spending(nonce, content_hash=_content_hash(), now=clock.now())


def spend_token() -> None:
    """Spend the token of this request; raises Replayed for the same form again, Conflict for other content."""
    here = g._get_current_object()
    nonce: str = here.form_nonce
    begun: once.Spending | None = here.pop("spending", None)
    if begun is None or begun.nonce != nonce or not begun.counts:
        begun = once.Spending(nonce, content_hash=_content_hash(), now=clock.now())
    spent = begun.before()
    if spent is None:
        here.spent_nonce = nonce
        return
    if spent.same_content:
        raise Replayed(spent.location)
    raise DomainError(
        N_("This form was sent before with other content, and that was saved. Look at the entry before you send again.")
    )
