"""Three rooms, and the tablet of Li Si, the receptionist."""

import pytest
from flask import Flask

from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.rooms import Rooms, furnish_rooms
from tests.scenes import Scenes, written


@pytest.fixture
def rooms(app: Flask, cast: Cast, clock: object, scenes: Scenes) -> Rooms:
    """The rooms of tests/rooms.py; the clock stands still on Monday at 9:30."""
    return scenes.stand(app, "rooms", written(furnish_rooms, cast))


@pytest.fixture
def desk(app: Flask, cast: Cast, rooms: Rooms) -> FoyerClient:
    """Li Si at the desk."""
    return at_desk(app, cast)
