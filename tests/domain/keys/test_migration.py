"""The step to keys and slips can be taken back with data in it, and taken again; what was before it stays."""

import flask_migrate
from flask import Flask
from sqlalchemy import func, select, text

from domain import clock
from domain.database import db, reading, writing
from domain.keys.losses import report_lost
from domain.people.models import Person
from tests import cabinet as shelf
from tests.cabinet import Stock
from tests.cast import Cast


def test_down_and_up_again_with_loans_and_slips(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            shelf.hand_out(shelf.key_set(stock.plant_set), shelf.person_of(cast, "chen"), cast)
            shelf.approved(shelf.key(stock.pool), shelf.worker(), cast)
            report_lost(shelf.key(stock.roof), note="", actor=shelf.actor_of(cast, "lisi"), now=clock.now())
        with reading():
            people = db.session.scalar(select(func.count()).select_from(Person))
        flask_migrate.downgrade(revision="0001")
        flask_migrate.upgrade()
        db.session.expunge_all()
        with reading():
            assert db.session.scalar(select(func.count()).select_from(Person)) == people
            assert db.session.scalar(text("SELECT count(*) FROM search_grams WHERE kind > 3")) == 0
        with writing():
            again = shelf.fill(cast)
            assert shelf.hand_out(shelf.key(again.roof), shelf.worker(), cast).number == 1
