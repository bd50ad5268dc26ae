"""What tests of meetings share: three rooms."""

import pytest
from flask import Flask

from tests.cast import Cast
from tests.rooms import Rooms, furnish_rooms
from tests.scenes import Scenes, written


@pytest.fixture
def rooms(app: Flask, cast: Cast, clock: object, scenes: Scenes) -> Rooms:
    """The rooms of tests/rooms.py; the clock stands still on Monday at 9:30."""
    return scenes.stand(app, "rooms", written(furnish_rooms, cast))
