"""Whom to see, at the kiosk: nobody guesses between two of one name (V3)."""

import pytest
from flask import Flask
from sqlalchemy import select

from domain.database import db, reading, writing
from domain.occupants.models import Unit
from domain.visits.models import ReceptionCall
from tests import factories as make
from tests.cast import Cast, at_kiosk
from tests.client import FoyerClient


@pytest.fixture
def kiosk(app: Flask, cast: Cast) -> FoyerClient:
    with app.app_context(), writing():
        make.make_host(db.session.get_one(Unit, cast.unit_id), phone="+8613900131111")
    client = at_kiosk(app, cast)
    client.get("/kiosk?language=en")
    return client


def test_two_of_one_name_are_one_line_without_personal_data(kiosk: FoyerClient) -> None:
    found = kiosk.get("/kiosk/whom?q=zhang").page.select("#found .row")
    assert len(found) == 1
    assert "Several people have this name" in found[0].get_text()
    assert "139" not in found[0].get_text()


def test_touching_it_calls_the_reception_and_leads_back_to_the_search(app: Flask, kiosk: FoyerClient) -> None:
    kiosk.get("/kiosk/whom?q=zhang")
    called = kiosk.submit("/kiosk/whom?q=zhang", form="#found form")
    assert called.location == "/kiosk/called?step=whom"
    with app.app_context(), reading():
        assert db.session.scalars(select(ReceptionCall.step)).all() == ["whom"]
    assert kiosk.get("/kiosk/whom").page.select_one("#q")["value"] == "zhang"
