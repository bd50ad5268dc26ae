"""What tests of keys share: the filled cabinet."""

import pytest
from flask import Flask

from domain.database import writing
from tests.cabinet import Stock, fill
from tests.cast import Cast


@pytest.fixture
def stock(app: Flask, cast: Cast, clock: object) -> Stock:
    """The cabinet of tests/cabinet.py; the clock stands still."""
    with app.app_context(), writing():
        return fill(cast)
