"""V11: however many devices sign one telephone in at once, it is inside once; who comes second is told so in words."""

from flask import Flask
from sqlalchemy import func, select

from domain.database import db, reading, writing
from domain.visits.models import Visit
from tests import cabinet
from tests.cast import Cast
from tests.races import visits
from tests.races.race import race

CLIENTS, TRIES = 8, 300


def test_no_telephone_is_inside_twice_and_no_badge_given_twice(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        pool = visits.fill(cast.site_id)
        actor = cabinet.actor_of(cast, "lisi")
    outcome = race(app, visits.client(pool, actor), clients=CLIENTS, tries=TRIES)
    assert outcome.broken == []
    assert outcome.tries == TRIES
    assert 0 < outcome.won < TRIES
    with app.app_context(), reading():
        assert visits.violations(pool) == []
        assert db.session.scalar(select(func.count()).select_from(Visit)) == outcome.won
