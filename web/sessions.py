"""Signed-in staff: one row a browser, its token in the cookie, flask-login around it.

A session ends after twelve hours, and after thirty idle minutes; on a shared tablet the idle one is locked instead, so
that what stood on the screen is there again after the password.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from flask import Flask, Request, current_app, g, json, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, login_user
from itsdangerous import BadSignature, URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode
from sqlalchemy import Select, bindparam, select, update
from werkzeug.exceptions import SecurityError

from domain import clock, events
from domain.codes import new_token
from domain.database import db, writing
from domain.engines import mode
from domain.events import Counter
from domain.identity import Actor
from domain.people import sign_in
from domain.people.models import Grant, Person, StaffSession
from domain.people.queries import IDLE, LASTS
from domain.permissions import SECOND_FACTOR, Role
from domain.sites import as_stored
from domain.sites.models import Site

begin, token_hash = sign_in.begin, sign_in.token_hash
SEEN_EVERY = timedelta(minutes=1)
LOOPBACK = {"localhost", "127.0.0.1", "::1", "[::1]"}


@dataclass
class SignedIn(UserMixin):
    """Who is signed in in this browser, as the guard and the pages see it."""

    token: str
    session_id: int
    person_id: int
    name: str
    language: str
    shared_device: bool
    seen_at: datetime
    actor: Actor
    version: int = 0
    """The version of the boards of the site where the person works now: all that a poll asks when nothing changed."""
    site: Site | None = None
    """That site, for the page around everything; a poll draws none."""
    gate: str | None = None
    """The endpoint that must be passed first: a lock, a second factor, a password to change."""

    @property
    def gate_open_for(self) -> frozenset[str | None]:
        """What may be called before the gate is passed: the gate itself, and the way out."""
        locked = self.gate == "auth.unlock"
        return frozenset({self.gate, "auth.sign_out"} | (set() if locked else {"auth.language"}))

    def get_id(self) -> str:
        return self.token


def _of_token() -> Select[Any]:
    """Session, person and grants of a token, and the version of the boards of the site."""
    sessions, people, grants = StaffSession.__table__.c, Person.__table__.c, Grant.__table__.c
    counters = Counter.__table__
    return (
        select(
            sessions.id,
            sessions.person_id,
            sessions.site_id,
            sessions.shared_device,
            sessions.second_factor_at,
            sessions.created_at,
            sessions.seen_at,
            sessions.locked_at,
            people.name,
            people.language,
            people.must_change_password,
            people.totp_confirmed_at,
            grants.role,
            grants.site_id.label("granted_at"),
            counters.c.value.label("version"),
        )
        .select_from(
            StaffSession.__table__.join(Person.__table__, people.id == sessions.person_id)
            .outerjoin(Grant.__table__, grants.person_id == people.id)
            .outerjoin(counters, counters.c.site_id == sessions.site_id)
        )
        .where(sessions.token_hash == bindparam("token_hash"), sessions.ended_at.is_(None), people.left_at.is_(None))
    )


# Built once: every request asks one of them, and building costs more.
FOR_PAGE = _of_token().add_columns(*as_stored.COLUMNS).outerjoin(Site, Site.id == StaffSession.site_id)
FOR_POLL = _of_token()


def _of_poll(key: dict[str, str]) -> Sequence[Any]:
    """The rows of a poll. Most polls ask nothing else: a session of records around it would cost as much as asking."""
    with db.engine.connect() as connection:
        return connection.execute(FOR_POLL, key).all()


def load(token: str) -> SignedIn | None:
    """The signed-in person of a token, with the grants and what is needed of the site, in one statement; None when the
    session ended.
    """
    now, polling = clock.now(), g.get("polling", False)
    key = {"token_hash": token_hash(token)}
    rows = _of_poll(key) if polling else db.session.connection().execute(FOR_PAGE, key).all()
    if not rows or rows[0].created_at + LASTS <= now:
        return None
    first = rows[0]
    idle = first.seen_at + IDLE <= now
    if idle and not first.shared_device:
        return None
    grants = tuple((Role(row.role), row.granted_at) for row in rows if row.role)
    gate = None
    if first.locked_at or idle:
        gate = "auth.unlock"
    elif first.totp_confirmed_at and first.second_factor_at is None:
        gate = "auth.second_factor"
    elif any(role in SECOND_FACTOR for role, _ in grants) and first.second_factor_at is None:
        gate = "auth.set_up_second_factor"
    elif first.must_change_password:
        gate = "auth.change_password"
    return SignedIn(
        token=token,
        session_id=first.id,
        person_id=first.person_id,
        name=first.name,
        language=first.language,
        shared_device=first.shared_device,
        seen_at=first.seen_at,
        actor=Actor("staff", first.person_id, first.name, first.site_id, grants),
        site=None if polling else as_stored.site_of(first),
        version=first.version or 0,
        gate=gate,
    )


def enter(token: str) -> SignedIn:
    """Let this browser be the session of the token, just begun: nothing that it carried before counts any more."""
    user = load(token)
    if user is None:
        raise LookupError("the session ended in the moment it began")
    session.clear()
    session["sid"] = new_token()
    login_user(user)
    g.actor = user.actor
    return user


def renew() -> None:
    """Another token for the session of this browser: the one from before a proof opens nothing any more. Forms that are
    open elsewhere in the browser stay good.
    """
    user: SignedIn = g.get("_login_user")
    user.token = sign_in.renew(user.session_id)
    session["_user_id"] = user.token


def leave() -> None:
    """Let this browser be nobody's: its forms are worth nothing, and it gets another name."""
    session.clear()
    session["sid"] = new_token()


def version_here() -> int:
    """The version of the boards of the site where the signed-in person works now."""
    user = g.get("_login_user")
    if isinstance(user, SignedIn) and mode.get() == "read":  # what writes may have raised it
        return user.version
    return events.version(g.actor.site_id)


def arrive_at_site() -> None:
    """A poll that has something to draw needs the site, which it had not looked for."""
    if g.actor.site_id is not None:
        g.site = as_stored.read_site(g.actor.site_id)


def note_seen() -> None:
    """Remember that the signed-in person is active, at most once a minute and never for a poll."""
    user: SignedIn | None = g.get("_login_user")
    if not isinstance(user, SignedIn) or user.gate or g.get("polling"):
        return
    now = clock.now()
    if now - user.seen_at >= SEEN_EVERY:
        with writing():
            db.session.execute(update(StaffSession).where(StaffSession.id == user.session_id).values(seen_at=now))


class Plain(URLSafeTimedSerializer):
    """Writes the few words of a session as they are: to try whether they can be compressed takes 256 kB of memory, and
    what they hold is JSON without the types that Flask marks.
    """

    def dump_payload(self, obj: Any) -> bytes:
        """JSON, fit for a cookie."""
        return base64_encode(json.dumps(obj, separators=(",", ":")))


class Cookies(SecureCookieSessionInterface):
    """Two cookies that know nothing of each other: one for visitors under /kiosk, one for staff."""

    digest_method = staticmethod(hashlib.sha256)

    def __init__(self, app: Flask) -> None:
        """The signer is the same for every request: its keys are the settings'."""
        made: Any = super().get_signing_serializer(app)
        self._signer = Plain(made.secret_keys, made.salt, made.serializer, signer_kwargs=made.signer_kwargs)
        self._verified = lru_cache(maxsize=2048)(self._verify)

    def get_signing_serializer(self, app: Flask) -> Any:
        return self._signer

    def _verify(self, cookie: str) -> tuple[bytes, datetime]:
        """What was signed, and when; raises BadSignature."""
        error = BadSignature("no key")
        for signer in self._signer.iter_unsigners():
            try:
                return signer.unsign(cookie, return_timestamp=True)
            except BadSignature as refused:
                error = refused
        raise error

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        """As Flask does, but a cookie's signature is looked at once: a browser sends the same one with every request,
        and that was a twentieth of a page. How old it is counts each time.
        """
        cookie = request.cookies.get(self.get_cookie_name(app))
        try:
            content, signed_at = self._verified(cookie or "")
            if timedelta() <= clock.now() - signed_at <= app.permanent_session_lifetime:
                return self.session_class(self._signer.load_payload(content))
        except BadSignature:
            pass
        return self.session_class()

    def _visitor(self) -> bool:
        return request.path == "/kiosk" or request.path.startswith("/kiosk/")

    def get_cookie_name(self, app: Flask) -> str:
        if self._visitor():  # its path is narrower than __Host- allows
            return "__Secure-foyer_visitor" if secure_cookies(app) else "foyer_visitor"
        return cookie_name("foyer_staff")

    def get_cookie_path(self, app: Flask) -> str:
        return "/kiosk" if self._visitor() else "/"

    def get_cookie_secure(self, app: Flask) -> bool:
        return secure_cookies(app)


def secure_cookies(app: Flask) -> bool:
    """Cookies are Secure, but on loopback, or where plain http was switched on by name."""
    if request.is_secure:
        return True
    try:
        name = request.host.rsplit(":", 1)[0]
    except SecurityError:  # a name that nobody named: security.refuse_unknown_hosts says so in words
        return True
    return not (app.config["SETTINGS"].allow_plain_http or name in LOOPBACK)


def cookie_name(name: str) -> str:
    """The name of a cookie here. Where cookies are Secure the browser makes sure that this host alone has set it."""
    return f"__Host-{name}" if secure_cookies(current_app) else name


def browser_id() -> str:
    """The random name of this browser's session; form tokens are bound to it."""
    if "sid" not in session:
        session["sid"] = new_token()
    return str(session["sid"])


def init_app(app: Flask) -> None:
    """Set up flask-login and the two cookies."""
    app.session_interface = Cookies(app)
    manager = LoginManager(app)
    manager.session_protection = None  # the row in the database decides, not the user agent
    manager.user_loader(load)
