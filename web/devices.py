"""Kiosks and visitors' own phones: which device asks, and what it may see (V1, P1)."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request, session, url_for
from itsdangerous import BadSignature, TimestampSigner
from sqlalchemy import bindparam, select, update

from domain import clock
from domain.database import db, writing
from domain.identity import Actor
from domain.sites import as_stored
from domain.sites.models import Kiosk, Site
from domain.statements import Ready
from domain.visits import drafts
from web.cookies import cookie_name, secure_cookies
from web.sessions import token_hash

KIOSK_COOKIE = "foyer_kiosk"
OWN_COOKIE = "foyer_own"
SCRIPTS_COOKIE = "foyer_scripts"
"""Says that scripts run on this screen: static/js/idle.js."""
OWN_LASTS = timedelta(minutes=30)
SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class Device:
    """The kiosk that asks, with its columns; `own` when it is a visitor's phone that scanned the kiosk's code."""

    kiosk: Any
    site: Site
    own: bool

    @property
    def actor(self) -> Actor:
        """Who writes in the history."""
        return Actor("visitor" if self.own else "kiosk", self.kiosk.id, self.kiosk.name, self.site.id)

    @property
    def source(self) -> str:
        """The source noted in the visit."""
        return "own" if self.own else "kiosk"


def _own_signer() -> TimestampSigner:
    return TimestampSigner(current_app.secret_key or "", salt="own-phone", digest_method=hashlib.sha256)


def _serving(where: Any) -> Ready:
    """Kiosk and site where that holds, while both serve; as columns, because every touch at a kiosk asks for them."""
    kiosks, sites = Kiosk.__table__, Site.__table__
    return Ready(
        select(*kiosks.c, *as_stored.COLUMNS)
        .select_from(kiosks.join(sites, sites.c.id == kiosks.c.site_id))
        .where(where, Kiosk.revoked_at.is_(None), Kiosk.token_hash.is_not(None), Site.closed_at.is_(None))
    )


PAIRED = _serving((Kiosk.token_hash == bindparam("key")) & Kiosk.room_id.is_(None))
SCANNED = _serving((Kiosk.own_code == bindparam("key")) & Kiosk.room_id.is_(None))
AT_A_DOOR = _serving((Kiosk.token_hash == bindparam("key")) & Kiosk.room_id.is_not(None))


def carried(cookie: str) -> str | None:
    """What this browser carries under that name."""
    return request.cookies.get(cookie_name(cookie))


def _find() -> Device | None:
    if token := carried(KIOSK_COOKIE):
        statement, key, own = PAIRED, token_hash(token), False
    elif signed := carried(OWN_COOKIE):
        try:
            key = _own_signer().unsign(signed, max_age=int(OWN_LASTS.total_seconds())).decode()
        except BadSignature:
            return None
        statement, own = SCANNED, True
    else:
        return None
    return _serves(statement, key, own=own)


def _serves(statement: Ready, key: str, *, own: bool) -> Device | None:
    row = statement.first(key=key)
    site = as_stored.site_of(row) if row else None
    return Device(row, site, own) if row and site else None


def current_device() -> Device | None:
    """The kiosk or phone that asks, for a page that serves others too."""
    return _find()


def first_page_of_device() -> str | None:
    """Where a paired kiosk, the display at a door or a visitor's phone begins; None in any other browser."""
    token = carried(KIOSK_COOKIE)
    if token and _serves(AT_A_DOOR, token_hash(token), own=False):
        return url_for("meetings.own_door")
    return url_for("kiosk.welcome") if token or carried(OWN_COOKIE) else None


def guard_device() -> Any:
    """Let only a paired kiosk or a phone that scanned its code pass; a lost kiosk is told so in words."""
    if token := session.get("draft"):
        g.draft = drafts.ask(token, now=clock.now())  # on one way with the question for the device
    device = _find()
    if device is None:
        session.clear()
        if carried(KIOSK_COOKIE) or carried(OWN_COOKIE):
            return make_response(render_template("kiosk/cut_off.html", own=carried(KIOSK_COOKIE) is None), 403)
        return redirect(url_for("pairing.show"), 303)
    g.device, g.site, g.actor = device, device.site, device.actor
    return None


def guard_door() -> Any:
    """Let only the paired display of a meeting room pass; one that was cut off is told so in words."""
    token = carried(KIOSK_COOKIE)
    device = _serves(AT_A_DOOR, token_hash(token), own=False) if token else None
    if device is None:
        session.clear()
        if token:
            return make_response(render_template("kiosk/cut_off.html"), 403)
        return redirect(url_for("pairing.show"), 303)
    g.device, g.site, g.actor = device, device.site, device.actor
    return None


def note_kiosk_seen() -> None:
    """Remember that a kiosk is alive, at most once in five minutes."""
    device: Device | None = g.get("device")
    if device is None or device.own:
        return
    now = clock.now()
    if device.kiosk.seen_at is None or now - device.kiosk.seen_at >= SEEN_EVERY:
        with writing():
            db.session.execute(update(Kiosk).where(Kiosk.id == device.kiosk.id).values(seen_at=now))


def remember_kiosk(response: Response, token: str) -> None:
    """Give the paired device its revocable token."""
    response.set_cookie(
        cookie_name(KIOSK_COOKIE),
        token,
        max_age=timedelta(days=400),
        httponly=True,
        samesite="Lax",
        secure=secure_cookies(current_app),
    )


def remember_phone(response: Response, own_code: str) -> None:
    """Let a visitor's own phone use the kiosk's pages for half an hour."""
    response.set_cookie(
        cookie_name(OWN_COOKIE),
        _own_signer().sign(own_code).decode(),
        max_age=OWN_LASTS,
        httponly=True,
        samesite="Lax",
        secure=secure_cookies(current_app),
    )


def leaves_by_itself(response: Response, seconds: int, url: str) -> Response:
    """A page that leads there by itself and was drawn with `leave_url` and `leave_after`: where scripts run they count,
    and ask first whether the house is there; else the browser does, and ends on its own error page where it is not.
    """
    if not request.cookies.get(SCRIPTS_COOKIE):
        response.headers["Refresh"] = f"{seconds}; url={url}"
    return response


def init_app(app: Flask) -> None:
    """Register the guard of kiosk views."""
    app.extensions["foyer.kiosk_guard"] = guard_device
    app.extensions["foyer.door_guard"] = guard_door
