"""R4, P1, P2: the register of keys lists, finds, filters and masks, and keeps classes from who may not see them."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from domain import clock, pages, registers
from domain.database import db, reading, writing
from domain.errors import NotFound
from domain.events import Event, EventDetail
from domain.keys.classes import KeyClass
from domain.keys.loan_queries import past_of
from domain.keys.losses import report_lost
from domain.keys.register import KEYS
from domain.keys.returns import return_keys
from domain.keys.rules import set_rules
from domain.pages import Wanted
from domain.permissions import Role
from tests import cabinet as shelf
from tests.cabinet import Stock
from tests.cast import Cast


@pytest.fixture
def loans(app: Flask, cast: Cast, stock: Stock) -> None:
    """Three loans: the roof with a contractor, a room that is back, the plant room's set with Chen, partly back."""
    with app.app_context(), writing():
        lisi, now = shelf.actor_of(cast, "lisi"), clock.now()
        shelf.hand_out(shelf.key(stock.roof), shelf.worker("冯样样"), cast)
        shelf.hand_out(shelf.key(stock.room), shelf.host_of(cast), cast)
        shelf.hand_out(shelf.key_set(stock.plant_set), shelf.person_of(cast, "chen"), cast, minutes=30)
        return_keys([shelf.key(stock.room), shelf.key(stock.plant[0])], actor=lisi, now=now)


def listed(cast: Cast, *, login: str = "lisi", **values: Any) -> list[str]:
    """Tags of the rows that somebody sees."""
    wanted = Wanted(site_id=cast.site_id, actor=shelf.actor_of(cast, login), **values)
    return [row.tag for row in pages.read(KEYS, wanted, now=clock.now() + timedelta(minutes=31)).rows]


def test_loans_are_listed_newest_first_and_filtered(app: Flask, cast: Cast, loans: None) -> None:
    with app.app_context(), reading():
        assert listed(cast) == ["JF-B1", "HY-03", "GG-01"]
        for state, tags in (
            ("out", ["JF-B1", "GG-01"]),
            ("overdue", ["JF-B1"]),
            ("partly", ["JF-B1"]),
            ("back", ["HY-03"]),
            ("lost", []),
        ):
            assert listed(cast, chosen=(("state", state),)) == tags, state
        assert listed(cast, chosen=(("borrower", "contractor"),)) == ["GG-01"]
        assert listed(cast, chosen=(("class", "plant_room"),)) == ["JF-B1"]
        for text, tags in (
            ("冯样", ["GG-01"]),
            ("天台", ["GG-01"]),
            ("2", ["HY-03"]),
            ("JF-B1", ["JF-B1"]),
            ("无此", []),
        ):
            assert listed(cast, text=text) == tags, text


def test_the_search_box_finds_what_is_out_first(app: Flask, cast: Cast, stock: Stock, loans: None) -> None:
    with app.app_context():
        lisi = shelf.actor_of(cast, "lisi")
        with reading():
            for text, tag in (("冯样", "GG-01"), ("fengyang", "GG-01"), ("JF-B1-07", "JF-B1"), ("chen", "JF-B1")):
                assert pages.found(KEYS, text, actor=lisi, most=5)[0].tag == tag, text
            assert pages.found(KEYS, "x", actor=lisi, most=5) == []


def test_outsiders_are_masked_and_staff_are_not(app: Flask, cast: Cast, loans: None) -> None:
    column = next(one for one in KEYS.columns if one.name == "name")
    assert column.mask is not None
    with app.app_context(), reading():
        rows = pages.read(KEYS, Wanted(site_id=cast.site_id), now=clock.now()).rows
        assert [column.mask(column.value(row)) for row in rows] == ["Chen", "张*", "冯*样"]


def test_states_are_words_computed_at_the_instant(app: Flask, cast: Cast, stock: Stock, loans: None) -> None:
    with app.app_context():
        with writing():
            report_lost(shelf.key(stock.roof), note="", actor=shelf.actor_of(cast, "lisi"), now=clock.now())
        with reading():
            rows = pages.read(KEYS, Wanted(site_id=cast.site_id), now=clock.now()).rows
            assert [KEYS.state(row, clock.now()).word for row in rows] == ["Partly back", "Returned", "Lost"]
            later = clock.now() + timedelta(minutes=31)
            assert KEYS.state(rows[0], later).word == "Overdue"


def test_a_class_that_the_site_hides_is_in_no_list_page_or_search(
    app: Flask, cast: Cast, stock: Stock, loans: None
) -> None:
    with app.app_context():
        with writing():
            set_rules(
                site_id=cast.site_id,
                code=KeyClass.PLANT_ROOM,
                seen_by=frozenset({Role.LEAD}),
                actor=shelf.actor_of(cast, "he"),
                now=clock.now(),
            )
        with reading():
            assert listed(cast) == ["HY-03", "GG-01"]
            assert listed(cast, login="zhou") == ["JF-B1", "HY-03", "GG-01"]
            lisi, zhou = shelf.actor_of(cast, "lisi"), shelf.actor_of(cast, "zhou")
            assert pages.found(KEYS, "chen", actor=lisi, most=5) == []
            (row,) = pages.found(KEYS, "chen", actor=zhou, most=5)
            assert pages.entry(KEYS, row.ref, site_id=cast.site_id, actor=zhou).tag == "JF-B1"
            with pytest.raises(NotFound):
                pages.entry(KEYS, row.ref, site_id=cast.site_id, actor=lisi)


def test_who_had_a_key_before_is_known_of_keys_and_of_sets(app: Flask, cast: Cast, stock: Stock, loans: None) -> None:
    with app.app_context(), reading():
        (room,) = past_of([shelf.key(stock.room)])
        assert (room.name, room.ended_how, room.lent, room.left) == ("张三", "returned", 1, 0)
        rows = past_of([shelf.key(key_id) for key_id in stock.plant])
        assert {(row.key_id, row.ended_how) for row in rows} == {
            (stock.plant[0], "returned"),
            (stock.plant[1], None),
            (stock.plant[2], None),
        }
        assert {(row.lent, row.left) for row in rows} == {(3, 2)}


def test_every_line_of_history_has_words(app: Flask, cast: Cast, stock: Stock, loans: None) -> None:
    with app.app_context():
        with writing():
            report_lost(shelf.key(stock.roof), note="掉了", actor=shelf.actor_of(cast, "lisi"), now=clock.now())
        with reading():
            lines = db.session.execute(
                select(Event.kind, Event.facts, EventDetail.entered).outerjoin(
                    EventDetail, (EventDetail.site_id == Event.site_id) & (EventDetail.number == Event.number)
                )
            ).all()
            for line in lines:
                if line.kind.split(".")[0] in ("loan", "key", "key_set", "key_approval"):
                    words = KEYS.happened(line)
                    assert words.sentence % words.values, line.kind
                    assert words.sentence != "Changed", line.kind


def test_a_message_about_a_loan_that_failed_is_named() -> None:
    line = SimpleNamespace(kind="notice.failed", facts={"notice": "key.due"})
    assert KEYS.happened(line).sentence == "A message could not be delivered"


def test_the_table_has_both_registers(app: Flask) -> None:
    assert [registers.get(name).name for name in ("keys", "slips")] == ["keys", "slips"]
