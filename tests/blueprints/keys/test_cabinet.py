"""The cabinet at a glance: every hook, who has what, the figures, and the box that opens a key by its tag."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from domain.database import writing
from tests.blueprints.desk.test_board import statements
from tests.cabinet import Stock, hand_out, key, key_set, person_of, worker
from tests.cast import Cast, at_desk
from tests.client import FoyerClient


def test_every_hook_is_drawn_with_what_belongs_there_and_an_empty_one_by_its_number(desk: FoyerClient) -> None:
    page = desk.get("/keys").page
    hooks = page.select(".hooks li")
    assert [hook.select_one("b").get_text() for hook in hooks] == [str(number) for number in range(1, 13)]
    assert hooks[0].select_one("a").get_text() == "GG-01"
    assert "JF-B1" in hooks[3].get_text()
    assert "×3" in hooks[3].get_text()
    assert "none" in hooks[11].classes


def test_what_is_out_says_with_whom_masked_and_until_when(app: Flask, cast: Cast, stock: Stock, desk) -> None:
    with app.app_context(), writing():
        hand_out(key(stock.roof), worker("王小明"), cast)
    page = desk.get("/keys")
    tile = page.page.select(".hooks li")[0]
    assert "王*明" in tile.get_text()
    assert "until 10:30" in tile.get_text()
    assert "王小明" not in page.text


def test_what_is_overdue_stands_out_and_is_counted(
    app: Flask, cast: Cast, stock: Stock, clock: time_machine.Traveller
) -> None:
    with app.app_context(), writing():
        hand_out(key(stock.roof), worker(), cast, minutes=30)
        hand_out(key_set(stock.plant_set), person_of(cast, "chen"), cast, minutes=90)
    clock.shift(timedelta(minutes=52))
    desk = at_desk(app, cast)
    page = desk.get("/keys").page
    assert page.select_one(".hooks li[data-s=late] a").get_text() == "GG-01"
    assert [figure.get_text() for figure in page.select(".figs a b")] == ["2", "1", "1", "0", "0"]
    overdue = desk.get("/keys?show=overdue")
    assert "22 min over" in overdue.words
    assert "JF-B1" not in overdue.words
    assert "3 of 3 keys out" in desk.get("/keys?show=soon").words


def test_a_scanned_tag_opens_the_key_at_once(stock: Stock, desk: FoyerClient) -> None:
    answer = desk.get("/keys", query_string={"q": "gg－01"})
    assert answer.status_code == 303
    assert "GG-01 天台门" in desk.get(answer.location).words


def test_what_is_no_tag_is_searched_for_and_a_tag_of_nobody_is_said(stock: Stock, desk: FoyerClient) -> None:
    assert "DY-1806" in desk.get("/keys", query_string={"q": "1806"}).words
    assert "This tag is not known here." in desk.get("/keys", query_string={"q": "QQ-77"}).words


def test_a_tag_of_another_site_names_it_to_who_works_there_too(app: Flask, cast: Cast, stock: Stock) -> None:
    far = at_desk(app, cast, "qian")
    assert "This tag is not known here." in far.get("/keys", query_string={"q": "GG-01"}).words


@pytest.mark.parametrize("show", ["out", "soon", "overdue", "reserved", "lost"])
def test_a_list_of_nothing_is_said_in_words(desk: FoyerClient, show: str) -> None:
    assert desk.get(f"/keys?show={show}").page.select_one(".card .pad.soft p").get_text().endswith(".")


def test_a_building_without_a_cabinet_is_told_what_comes_first(app: Flask, cast: Cast) -> None:
    assert "No cabinet is set up yet." in at_desk(app, cast).get("/keys").words


def test_the_cabinet_is_drawn_once_for_all_tablets_and_anew_when_something_happens(
    app: Flask, cast: Cast, stock: Stock
) -> None:
    first, second, other = at_desk(app, cast), at_desk(app, cast), at_desk(app, cast, "zhou")
    shown = first.get("/keys").page.select_one(".hooks")
    sent = statements(app)
    assert second.get("/keys").page.select_one(".hooks") == shown
    assert len(sent) == 1, "who it is"
    other.get("/keys")
    assert len(sent) > 2, "other roles see other keys"
    with app.test_request_context(), writing():  # within a request: what tests do by hand forgets all boards
        hand_out(key(stock.roof), worker("王小明"), cast)
    assert "王*明" in second.get("/keys").page.select(".hooks li")[0].get_text()
    page = second.get("/keys?show=out").page
    tokens = {field["value"] for field in page.select("main input[name=form_token]")}
    assert tokens.isdisjoint(
        {field["value"] for field in first.get("/keys?show=out").page.select("input[name=form_token]")}
    )
    assert second.submit("/keys?show=out", form="main form[method=post]").status_code == 303
