"""Strangers in these tests read English: the sentences stand in the tests as they stand in the source."""

import pytest
from flask import Flask

from tests.blueprints.auth.browser import fresh
from tests.client import FoyerClient


@pytest.fixture
def client(app: Flask) -> FoyerClient:
    """A browser nobody has used."""
    return fresh(app)
