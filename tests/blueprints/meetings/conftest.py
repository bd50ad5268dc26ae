"""Three rooms, and the tablet of Li Si, the receptionist."""

import pytest
from flask import Flask

from domain.database import writing
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.rooms import Rooms, furnish_rooms


@pytest.fixture
def rooms(app: Flask, cast: Cast, clock: object) -> Rooms:
    """The rooms of tests/rooms.py; the clock stands still on Monday at 9:30."""
    with app.app_context(), writing():
        return furnish_rooms(cast)


@pytest.fixture
def desk(app: Flask, cast: Cast, rooms: Rooms) -> FoyerClient:
    """Li Si at the desk."""
    return at_desk(app, cast)
