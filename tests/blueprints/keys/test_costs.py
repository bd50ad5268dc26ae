"""What a page of the room costs: at most eight statements, and the same at any number of keys and loans."""

from datetime import timedelta
from functools import partial

import pytest
from flask import Flask

from domain import clock as time
from domain.database import db, reading, writing
from domain.keys import cabinet as deeds
from domain.keys.classes import KeyClass
from domain.keys.loan_models import Loan
from domain.keys.models import Key, KeySet
from domain.keys.returns import return_keys
from tests.blueprints.admin.test_every_page import MOST_STATEMENTS, statements
from tests.cabinet import Stock, actor_of, cabinet_of, hand_out, key, key_set, person_of, worker
from tests.cast import Cast
from tests.client import FoyerClient


def more(app: Flask, cast: Cast, stock: Stock) -> None:
    """Thirty keys more, half of them out, and a past for the roof's key."""
    with app.app_context(), writing():
        zhou, now = actor_of(cast, "zhou"), time.now()
        cabinet = cabinet_of(stock)
        for number in range(30):
            one = deeds.add_key(
                cabinet=cabinet,
                hook=1 + number % 12,
                tag=f"XX-{number}",
                opens="信箱",
                class_code=KeyClass.PUBLIC,
                actor=zhou,
                now=now,
            )
            if number % 2:
                hand_out(one, worker(), cast)
        for days in range(8, 1, -1):
            roof, then = key(stock.roof), now - timedelta(days=days)
            hand_out(roof, worker(), cast, now=then)
            return_keys([roof], actor=actor_of(cast, "lisi"), now=then + timedelta(minutes=30))


@pytest.mark.parametrize("page", ["cabinet", "out", "lost", "found", "key", "set", "lend", "lend a set", "loan"])
def test_a_page_costs_the_same_at_any_number(
    app: Flask, cast: Cast, stock: Stock, desk: FoyerClient, page: str
) -> None:
    with app.app_context(), writing():
        hand_out(key(stock.unit), person_of(cast, "chen"), cast)
    with app.app_context(), reading():
        roof, plant = key(stock.roof).ref, key_set(stock.plant_set).ref
        loan = db.session.scalars(db.select(Loan.ref)).one()
        assert isinstance(key(stock.roof), Key)
        assert isinstance(key_set(stock.plant_set), KeySet)
    address = {
        "cabinet": "/keys",
        "out": "/keys?show=out",
        "lost": "/keys?show=lost",
        "found": "/keys?q=XX",
        "key": f"/keys/{roof}",
        "set": f"/keys/{plant}",
        "lend": f"/keys/{roof}/loans/new",
        "lend a set": f"/keys/{plant}/loans/new",
        "loan": f"/loans/{loan}",
    }[page]
    ask = partial(desk.get, address)
    few = statements(app, ask)
    more(app, cast, stock)
    many = statements(app, ask)
    assert many == few
    assert many <= MOST_STATEMENTS, many
