"""What tests of keys share: the filled cabinet."""

import pytest
from flask import Flask

from tests.cabinet import Stock, fill
from tests.cast import Cast
from tests.scenes import Scenes, written


@pytest.fixture
def stock(app: Flask, cast: Cast, clock: object, scenes: Scenes) -> Stock:
    """The cabinet of tests/cabinet.py; the clock stands still."""
    return scenes.stand(app, "stock", written(fill, cast))
