"""A meeting with its service in the cast's building, Chen's phone and Li Si's tablet."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask

from domain.database import db, writing
from tests import cabinet as shelf
from tests import rooms as house
from tests import service
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.rooms import Rooms, book, furnish_rooms
from tests.service import Catalogue


@dataclass(frozen=True)
class Served:
    """Ids and addresses of a meeting from ten to eleven in Pine, which has a key; Chen serves it."""

    meeting: int
    order: int
    ref: str
    run: str
    goods: Catalogue
    rooms: Rooms


@pytest.fixture
def served(app: Flask, cast: Cast, clock) -> Served:
    """It is 9:50 on Monday."""
    with app.app_context(), writing():
        rooms, stock, goods = furnish_rooms(cast), shelf.fill(cast), service.fill_catalogue(cast)
        house.room(rooms.pine).key_id = stock.room
        db.session.flush()
        (one,) = book(rooms.pine, cast, "10:00", "11:00")
        order = service.order(one, cast, (goods.tea, 5, 20), (goods.water, 6, None))
        service.give_to(one, cast)
        found = Served(one.id, order.id, one.ref, f"/meetings/{one.ref}/run", goods, rooms)
    clock.shift(timedelta(minutes=20))
    return found


@pytest.fixture
def phone(app: Flask, cast: Cast, served: Served) -> FoyerClient:
    """Chen's phone."""
    return at_desk(app, cast, "chen")


@pytest.fixture
def desk(app: Flask, cast: Cast, served: Served) -> FoyerClient:
    """Li Si's tablet."""
    return at_desk(app, cast)


@pytest.fixture
def lead(app: Flask, cast: Cast, served: Served) -> FoyerClient:
    """Zhou's desktop."""
    return at_desk(app, cast, "zhou")
