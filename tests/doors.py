"""A paired display at the door of a room."""

from flask import Flask

from domain import clock
from domain.identity import SYSTEM
from domain.meetings.models import Room
from domain.sites import pairing
from domain.sites.models import Kiosk
from tests.client import FoyerClient
from web import devices


def hang_display(room: Room, name: str = "松厅门口") -> tuple[Kiosk, str]:
    """A display of that room and the token of its cookie; call inside `writing()`."""
    now = clock.now()
    display = pairing.add_door(site_id=room.site_id, room_id=room.id, name=name, actor=SYSTEM, now=now)
    return display, pairing.give_token(display, actor=SYSTEM, now=now)


def at_door(app: Flask, token: str) -> FoyerClient:
    """The browser of the display."""
    client = app.test_client()
    client.set_cookie(devices.KIOSK_COOKIE, token)
    return client  # type: ignore[return-value]
