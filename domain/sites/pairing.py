"""Pairing a kiosk as RFC 8628 pairs a device: it shows eight consonants, an admin enters them within ten minutes."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select

from domain import events
from domain.codes import new_pairing_code, new_ref, new_token, normalise_pairing_code
from domain.database import db
from domain.errors import DomainError
from domain.identity import Actor
from domain.sites.models import Kiosk, Pairing
from domain.text import N_

LASTS = timedelta(minutes=10)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def start(*, now: datetime) -> tuple[str, Pairing]:
    """A device asks to be paired: its secret, and the pairing whose code it shows."""
    device_secret = new_token()
    pairing = Pairing(code=new_pairing_code(), device_hash=_hash(device_secret), created_at=now, expires_at=now + LASTS)
    db.session.add(pairing)
    db.session.flush()
    return device_secret, pairing


def find(device_secret: str, *, now: datetime) -> Pairing | None:
    """The pairing of that device while it lasts."""
    return db.session.scalar(
        select(Pairing).where(Pairing.device_hash == _hash(device_secret), Pairing.expires_at > now)
    )


def approve(code: str, *, kiosk: Kiosk, actor: Actor, now: datetime) -> None:
    """An admin entered the code that the device shows; raises DomainError for a wrong or expired one."""
    pairing = db.session.scalar(
        select(Pairing).where(
            Pairing.code == normalise_pairing_code(code), Pairing.kiosk_id.is_(None), Pairing.expires_at > now
        )
    )
    if pairing is None:
        raise DomainError(N_("No device shows this code now. Look at its screen again."), field="code")
    pairing.kiosk_id = kiosk.id
    kiosk.token_hash, kiosk.revoked_at, kiosk.paired_at = None, None, None
    _line("kiosk.approved", kiosk, actor, now)


def collect(pairing: Pairing, *, actor: Actor, now: datetime) -> tuple[Kiosk, str]:
    """The approved device takes its token, once; raises DomainError when it is not approved or was collected."""
    kiosk = db.session.get(Kiosk, pairing.kiosk_id) if pairing.kiosk_id else None
    if kiosk is None or kiosk.paired_at is not None:
        raise DomainError(N_("This code is no longer valid."))
    token = new_token()
    kiosk.token_hash, kiosk.paired_at, pairing.expires_at = _hash(token), now, now
    _line("kiosk.paired", kiosk, actor, now)
    return kiosk, token


def add_kiosk(
    *, site_id: int, name: str, width_mm: int, label_mm: int, help_text: dict[str, str], actor: Actor, now: datetime
) -> Kiosk:
    """Enter a kiosk that is to be paired."""
    kiosk = Kiosk(
        site_id=site_id,
        ref=new_ref(),
        name=name,
        width_mm=width_mm,
        label_mm=label_mm,
        help=help_text,
        own_code=secrets.token_urlsafe(9),
    )
    db.session.add(kiosk)
    db.session.flush()
    _line("kiosk.entered", kiosk, actor, now)
    return kiosk


def add_door(*, site_id: int, room_id: int, name: str, actor: Actor, now: datetime) -> Kiosk:
    """Enter the display at the door of a meeting room, which is to be paired."""
    display = Kiosk(
        site_id=site_id, room_id=room_id, ref=new_ref(), name=name, own_code=secrets.token_urlsafe(9), help={}
    )
    db.session.add(display)
    db.session.flush()
    _line("kiosk.entered", display, actor, now)
    return display


def give_token(kiosk: Kiosk, *, actor: Actor, now: datetime) -> str:
    """A token without the pairing screen: for the demo and for tests of the console."""
    token = new_token()
    kiosk.token_hash, kiosk.paired_at, kiosk.revoked_at = _hash(token), now, None
    _line("kiosk.paired", kiosk, actor, now)
    return token


def cut_off(kiosk: Kiosk, *, actor: Actor, now: datetime) -> None:
    """A lost kiosk is shut out at once; its phone code is void too."""
    kiosk.token_hash, kiosk.revoked_at, kiosk.own_code = None, now, secrets.token_urlsafe(9)
    _line("kiosk.cut_off", kiosk, actor, now)


def _line(kind: str, kiosk: Kiosk, actor: Actor, now: datetime) -> None:
    events.record(kind, site_id=kiosk.site_id, subject="kiosk", subject_id=kiosk.id, actor=actor, now=now)
