"""K1: a key is found by its tag however it is typed, and by everything that the desk may know of it."""

import pytest
from flask import Flask

from domain import clock
from domain.database import reading, writing
from domain.errors import DomainError
from domain.keys.cabinet import change_key
from domain.keys.classes import KeyClass
from domain.keys.finding import keys_found
from domain.keys.queries import find_tag
from domain.keys.rules import set_rules
from domain.keys.tags import key_qr
from domain.permissions import Role
from tests import cabinet as shelf
from tests.cast import Cast


@pytest.mark.parametrize("typed", ["GG-01", " gg-01\n", "ＧＧ－０１", "gg‐01"])
def test_a_tag_is_found_however_it_is_typed(app: Flask, cast: Cast, stock: shelf.Stock, typed: str) -> None:
    with app.app_context(), reading():
        assert find_tag(typed, actor=shelf.actor_of(cast, "lisi")).id == stock.roof


def test_our_own_label_is_found_too(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context(), reading():
        code = key_qr(shelf.key_set(stock.plant_set).ref)
        found = find_tag(f"{code.lower()}\r\n", actor=shelf.actor_of(cast, "lisi"))
        assert found == shelf.key_set(stock.plant_set)


def test_unknown_foreign_and_empty_tags_are_refused_in_words(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context(), reading():
        for typed in ("GG-99", "FOYER:K:0123456789AB", "6901234567892"):
            with pytest.raises(DomainError, match="not known here"):
                find_tag(typed, actor=shelf.actor_of(cast, "lisi"))
        with pytest.raises(DomainError, match="not known here"):
            find_tag("GG-01", actor=shelf.actor_of(cast, "qian"))
        with pytest.raises(DomainError, match="belongs to 青屿中心"):
            find_tag("GG-01", actor=shelf.actor_of(cast, "xu", site_id=cast.other_site_id))
        for typed, words in (("", "Scan or enter"), ("x" * 41, "at most"), ("\x00\x07\x01", "cannot be read")):
            with pytest.raises(DomainError, match=words):
                find_tag(typed, actor=shelf.actor_of(cast, "lisi"))


def test_a_class_that_the_site_hides_is_not_there(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with writing():
            set_rules(
                site_id=cast.site_id,
                code=KeyClass.RESTRICTED,
                seen_by=frozenset({Role.SUPERVISOR}),
                actor=shelf.actor_of(cast, "he"),
                now=clock.now(),
            )
        with reading():
            with pytest.raises(DomainError, match="not known here"):
                find_tag("SK-01", actor=shelf.actor_of(cast, "lisi"))
            assert find_tag("SK-01", actor=shelf.actor_of(cast, "wu")).id == stock.pool


def test_keys_are_found_by_tag_hook_unit_and_borrower(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with writing():
            shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
        with reading():
            for typed, found in (
                ("天台", stock.roof),
                ("GG-01", stock.roof),
                ("1806", stock.unit),
                ("示例科技", stock.unit),
                ("冯样", stock.roof),
                ("feng", stock.roof),
                ("0017", stock.roof),
            ):
                rows = keys_found(typed, actor=shelf.actor_of(cast, "lisi"), now=clock.now(), most=5)
                assert found in [row.id for row in rows], typed


def test_changing_what_a_key_opens_changes_what_it_is_found_by(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with writing():
            change_key(shelf.key(stock.roof), opens="水箱间", actor=shelf.actor_of(cast, "zhou"), now=clock.now())
        with reading():
            lisi = shelf.actor_of(cast, "lisi")
            assert keys_found("天台", actor=lisi, now=clock.now(), most=5) == []
            assert [row.id for row in keys_found("水箱", actor=lisi, now=clock.now(), most=5)] == [stock.roof]
