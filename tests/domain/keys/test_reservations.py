"""A key is kept for one person at a time, and whoever kept it finds it."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from domain import clock
from domain.database import db, reading, writing
from domain.errors import Conflict, DomainError
from domain.keys.borrowers import Who
from domain.keys.losses import report_lost
from domain.keys.models import KeyReservation
from domain.keys.queries import Thing
from domain.keys.reservations import cancel, reserve
from tests import cabinet as shelf
from tests.cabinet import Stock, refused
from tests.cast import Cast


def keep(thing: Thing, who: Who, cast: Cast, begin: int, end: int) -> list[KeyReservation]:
    """Reserve from so many minutes from now to so many."""
    now = clock.now()
    return reserve(
        thing,
        who=who,
        starts_at=now + timedelta(minutes=begin),
        ends_at=now + timedelta(minutes=end),
        purpose="会议",
        actor=shelf.actor_of(cast, "lisi"),
        now=now,
    )


@pytest.mark.parametrize(("begin", "end"), [(60, 120), (0, 61), (119, 200), (70, 80), (0, 240)])
def test_two_reservations_of_a_key_never_overlap(app: Flask, cast: Cast, stock: Stock, begin: int, end: int) -> None:
    with app.app_context():
        with writing():
            keep(shelf.key(stock.room), shelf.host_of(cast), cast, 60, 120)
        with pytest.raises(Conflict, match="is reserved from"), writing():
            keep(shelf.key(stock.room), shelf.person_of(cast, "chen"), cast, begin, end)
        behind_the_back = KeyReservation(
            site_id=cast.site_id,
            batch="x",
            key_id=stock.room,
            starts_at=clock.now() + timedelta(minutes=begin),
            ends_at=clock.now() + timedelta(minutes=end),
            made_at=clock.now(),
            **shelf.host_of(cast).columns(),
        )
        with pytest.raises(IntegrityError) as caught, writing():
            db.session.add(behind_the_back)
        assert "just reserved this key" in refused(caught)


def test_spans_that_touch_are_fine_and_an_edit_into_another_is_not(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            keep(shelf.key(stock.room), shelf.host_of(cast), cast, 60, 120)
            (after,) = keep(shelf.key(stock.room), shelf.person_of(cast, "chen"), cast, 120, 180)
        with pytest.raises(IntegrityError), writing():
            db.session.execute(
                update(KeyReservation)
                .where(KeyReservation.id == after.id)
                .values(starts_at=clock.now() + timedelta(minutes=119))
            )
        with writing():
            cancel(after, actor=shelf.actor_of(cast, "lisi"), now=clock.now())
            keep(shelf.key(stock.room), shelf.person_of(cast, "wu"), cast, 130, 170)
        with pytest.raises(IntegrityError), writing():
            db.session.execute(
                update(KeyReservation).where(KeyReservation.id == after.id).values(ended_at=None, ended_how=None)
            )


def test_what_somebody_else_has_reserved_is_lent_until_then_alone(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            keep(shelf.key(stock.room), shelf.host_of(cast), cast, 60, 120)
        with pytest.raises(DomainError, match="reserved from") as caught, writing():
            shelf.hand_out(shelf.key(stock.room), shelf.person_of(cast, "chen"), cast, minutes=61)
        assert caught.value.field == "due_at"
        assert caught.value.values["name"] == "张*"
        with writing():
            shelf.hand_out(shelf.key(stock.room), shelf.person_of(cast, "chen"), cast, minutes=60)


def test_whoever_reserved_it_gets_it_and_the_reservation_has_served(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            keep(shelf.key(stock.room), shelf.host_of(cast), cast, 10, 120)
            shelf.hand_out(shelf.key(stock.room), shelf.host_of(cast), cast, minutes=60)
        with reading():
            assert db.session.scalars(select(KeyReservation.ended_how)).all() == ["used"]


def test_a_set_is_reserved_whole_and_cancelled_whole(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            kept = keep(shelf.key_set(stock.plant_set), shelf.person_of(cast, "chen"), cast, 60, 120)
        assert len(kept) == 3
        with pytest.raises(Conflict, match="is reserved"), writing():
            keep(shelf.key(stock.plant[2]), shelf.person_of(cast, "chen"), cast, 60, 90)
        with writing():
            cancel(kept[1], actor=shelf.actor_of(cast, "lisi"), now=clock.now())
        with reading():
            assert set(db.session.scalars(select(KeyReservation.ended_how))) == {"cancelled"}
        with pytest.raises(Conflict, match="used or cancelled"), writing():
            cancel(kept[0], actor=shelf.actor_of(cast, "lisi"), now=clock.now())


def test_spans_that_make_no_sense_are_refused(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        for begin, end, words in (
            (60, 60, "before the beginning"),
            (90, 60, "before the beginning"),
            (-60, -1, "is over"),
            (60, 60 + 12 * 60 + 1, "at the latest"),
            (400 * 24 * 60, 400 * 24 * 60 + 60, "a year ahead"),
        ):
            with pytest.raises(DomainError, match=words), writing():
                keep(shelf.key(stock.room), shelf.host_of(cast), cast, begin, end)


def test_a_lost_key_is_kept_for_nobody(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            keep(shelf.key(stock.room), shelf.host_of(cast), cast, 60, 120)
            report_lost(shelf.key(stock.room), note="", actor=shelf.actor_of(cast, "lisi"), now=clock.now())
        with reading():
            assert db.session.scalars(select(KeyReservation.ended_how)).all() == ["lost"]
