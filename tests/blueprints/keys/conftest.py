"""The filled cabinet, and the tablet of Li Si, the receptionist."""

import pytest
from flask import Flask

from tests.cabinet import Stock, fill
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.scenes import Scenes, written


@pytest.fixture
def stock(app: Flask, cast: Cast, clock: object, scenes: Scenes) -> Stock:
    """The cabinet of tests/cabinet.py; the clock stands still."""
    return scenes.stand(app, "stock", written(fill, cast))


@pytest.fixture
def desk(app: Flask, cast: Cast, stock: Stock) -> FoyerClient:
    """Li Si at the desk, before the filled cabinet."""
    return at_desk(app, cast)
