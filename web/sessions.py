"""Signed-in staff: one row a browser, its token in the cookie, flask-login around it.

A session ends after twelve hours, and after thirty idle minutes; on a shared tablet the idle one is locked instead, so
that what stood on the screen is there again after the password.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Response, current_app, g, session
from flask_login import LoginManager, UserMixin, login_user
from sqlalchemy import Select, bindparam, select, update

from domain import clock, events
from domain.codes import new_token
from domain.database import db, writing
from domain.events import Counter
from domain.identity import Actor
from domain.modes import mode
from domain.people import sign_in
from domain.people.models import Grant, Person, StaffSession
from domain.people.queries import IDLE, LASTS
from domain.permissions import SECOND_FACTOR, Role
from domain.sites import as_stored
from domain.sites.models import Site
from domain.statements import Ready

begin, token_hash = sign_in.begin, sign_in.token_hash
SEEN_EVERY = timedelta(minutes=1)


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
FOR_PAGE = Ready(_of_token().add_columns(*as_stored.COLUMNS).outerjoin(Site, Site.id == StaffSession.site_id))
FOR_POLL = Ready(_of_token())


def load(token: str) -> SignedIn | None:
    """The signed-in person of a token, with the grants and what is needed of the site, in one statement; None when the
    session ended.
    """
    now, polling = clock.now(), g.get("polling", False)
    rows = (FOR_POLL if polling else FOR_PAGE).rows(token_hash=token_hash(token))
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


class Staff(LoginManager):
    """Who is signed in stands in the session alone, and the row in the database decides. flask-login also looks for a
    cookie to be remembered by, and at what the browser calls itself, which took half as long as asking the database.
    """

    def _load_user(self) -> None:
        token = session.get("_user_id")
        self._update_request_context_with_user(load(token) if token else None)

    def _update_remember_cookie(self, response: Response) -> Response:
        return response


def signed_in() -> SignedIn | None:
    """Who is signed in in this browser: `current_user`, without the way through a proxy."""
    here = g._get_current_object()
    if "_login_user" not in here:
        current_app.login_manager._load_user()  # type: ignore[attr-defined]
    user = here._login_user
    return user if isinstance(user, SignedIn) else None


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
    here = g._get_current_object()
    user: SignedIn | None = here.get("_login_user")
    if not isinstance(user, SignedIn) or user.gate or here.get("polling"):
        return
    now = clock.now()
    if now - user.seen_at >= SEEN_EVERY:
        with writing():
            db.session.execute(update(StaffSession).where(StaffSession.id == user.session_id).values(seen_at=now))


def init_app(app: Flask) -> None:
    """Set up flask-login."""
    Staff(app)
