"""Li Si's browser at the desk, on a Monday morning."""

import pytest
import time_machine
from flask import Flask

from tests.cast import Cast, at_desk
from tests.client import FoyerClient


@pytest.fixture
def desk(app: Flask, cast: Cast, clock: time_machine.Traveller) -> FoyerClient:
    """The receptionist's tablet."""
    return at_desk(app, cast)
