"""Rows of a file: each is checked in words, and all of them are entered or none."""

import pytest
from flask import Flask
from sqlalchemy import select

from domain import clock
from domain.database import db, reading, writing
from domain.errors import DomainError
from domain.keys.finding import keys_found
from domain.keys.models import Key
from domain.keys.queries import find_tag
from domain.keys.uploads import Row, check, enter
from domain.sites.models import Site
from tests import cabinet as shelf
from tests import factories as make
from tests.cabinet import Stock
from tests.cast import Cast

FINE = {
    "tag": "nb-01",
    "opens": "北门",
    "cabinet": "2",
    "hook": "9",
    "class": "public",
    "unit": "1806",
    "copies": "",
}


def said(cast: Cast, *rows: Row) -> list[list[str]]:
    """What is wrong with each row."""
    with reading():
        check(rows, site_id=cast.site_id, actor=shelf.actor_of(cast, "zhou"))
        return [[sentence % values for sentence, values in row.problems] for row in rows]


def test_rows_in_order_become_keys_that_are_found(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        rows, zhou = [Row(2, FINE), Row(3, FINE | {"tag": "nb-02", "unit": ""})], shelf.actor_of(cast, "zhou")
        with writing():
            assert enter(rows, site_id=cast.site_id, actor=zhou, now=clock.now()) == 2
        with reading():
            key = db.session.scalars(select(Key).where(Key.tag == "NB-01")).one()
            assert (key.copies, key.unit_id) == (1, cast.unit_id)
            assert find_tag("NB-02", actor=zhou).opens == "北门"
            assert [row.tag for row in keys_found("北门", actor=zhou, now=clock.now(), most=5)] == ["NB-01", "NB-02"]


def test_one_bad_row_keeps_all_of_them_out(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        rows, zhou = [Row(2, FINE), Row(3, FINE | {"tag": "GG-01"})], shelf.actor_of(cast, "zhou")
        with writing(), pytest.raises(DomainError, match="Rows with problems are not entered"):
            enter(rows, site_id=cast.site_id, actor=zhou, now=clock.now())
        with reading():
            assert db.session.scalars(select(Key).where(Key.tag == "NB-01")).first() is None


def test_a_row_tells_everything_that_is_wrong_with_it(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        bad = Row(2, {"tag": "", "opens": "", "cabinet": "9", "hook": "x", "class": "?", "unit": "0", "copies": "-1"})
        (problems,) = said(cast, bad)
        assert len(problems) == 6


def test_wide_letters_and_digits_mean_the_narrow_ones(app: Flask, cast: Cast, stock: Stock) -> None:
    wide = {"tag": "ｎｂ－０１", "cabinet": "２", "hook": "９", "unit": "１８０６", "copies": "３"}
    with app.app_context():
        rows = [Row(2, FINE | wide)]
        assert said(cast, *rows) == [[]]
        assert {name: rows[0].values[name] for name in ("tag", "hook", "copies")} == {
            "tag": "NB-01",
            "hook": 9,
            "copies": 3,
        }
        assert rows[0].values["unit"].id == cast.unit_id
        assert said(cast, Row(2, FINE | {"copies": "＝３"})) == [
            ["A cell of this line holds a formula. Paste what it comes to in its place."]
        ]


def test_where_there_is_one_cabinet_it_need_not_be_named(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        assert said(cast, Row(2, FINE | {"cabinet": ""})) == [[]]


def test_a_unit_with_two_companies_is_told_by_the_company(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            make.make_unit(db.session.get_one(Site, cast.site_id), company="样本设计")
        asked = said(cast, Row(2, FINE), Row(3, FINE | {"tag": "NB-02", "unit": "1806 样本设计"}))
        assert asked == [["Several are in 1806. Write the company after the number, with a blank between."], []]
