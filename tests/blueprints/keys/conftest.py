"""The filled cabinet, and the tablet of Li Si, the receptionist."""

import pytest
from flask import Flask

from domain.database import writing
from tests.cabinet import Stock, fill
from tests.cast import Cast, at_desk
from tests.client import FoyerClient


@pytest.fixture
def stock(app: Flask, cast: Cast, clock: object) -> Stock:
    """The cabinet of tests/cabinet.py; the clock stands still."""
    with app.app_context(), writing():
        return fill(cast)


@pytest.fixture
def desk(app: Flask, cast: Cast, stock: Stock) -> FoyerClient:
    """Li Si at the desk, before the filled cabinet."""
    return at_desk(app, cast)
