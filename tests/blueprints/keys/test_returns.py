"""Taking back: in parts, late, by somebody else, a key that was never out; never refused (K6)."""

from datetime import timedelta

import pytest
from flask import Flask
from time_machine import Traveller

from domain import clock as time
from domain.database import writing
from domain.keys.losses import report_lost
from domain.keys.models import KeySet
from tests.blueprints.keys.borrowing import loans, ref_of
from tests.cabinet import Stock, actor_of, hand_out, key, key_set, person_of, worker
from tests.cast import Cast
from tests.client import FoyerClient


@pytest.fixture
def roof(app: Flask, stock: Stock) -> str:
    return ref_of(app, stock.roof)


def test_part_of_a_set_comes_back_and_the_rest_stays_out(app, cast, stock, desk) -> None:
    with app.app_context(), writing():
        hand_out(key_set(stock.plant_set), person_of(cast, "chen"), cast)
    ref, first = ref_of(app, stock.plant_set, KeySet), ref_of(app, stock.plant[0])
    none = desk.submit(f"/keys/{ref}", {"keys": []}, form="form[action$='/returns']")
    assert "Tick the keys that are here." in none.words
    part = desk.submit(f"/keys/{ref}", {"keys": [first], "condition": "齿磨损"}, form="form[action$='/returns']")
    page = desk.get(part.location)
    assert "JF-B1-06 is back on hook 2-4." in page.words
    assert "2 of this loan are still out." in page.words
    assert "Partly out" in page.words
    loan = loans(app)[0]
    assert loan.ended_at is None
    assert "齿磨损" in desk.get(f"/loans/{loan.ref}").words
    rest = desk.submit(f"/loans/{loan.ref}", form=f"form[action='/keys/{ref}/returns']")
    assert rest.status_code == 303
    assert loans(app)[0].ended_at is not None


def test_a_return_is_never_refused(app: Flask, cast: Cast, stock: Stock, roof: str, desk: FoyerClient) -> None:
    on_hook = desk.submit(f"/keys/{roof}/returns", form="main form")
    assert "GG-01 was not out." in desk.get(on_hook.location).words
    with app.app_context(), writing():
        report_lost(key(stock.roof), note="", actor=actor_of(cast, "lisi"), now=time.now())
    found = desk.submit(f"/keys/{roof}/returns", {"brought_by": "保洁员"}, form="main form")
    assert "was lost and is here again" in desk.get(found.location).words
    with app.app_context(), writing():
        hand_out(key(stock.roof), worker(), cast)
    late = desk.submit(f"/keys/{roof}", {"brought_by": "赵六"}, form="form[action$='/returns']")
    assert late.status_code == 303
    assert "confirmed" not in desk.get(f"/loans/{loans(app)[0].ref}").words, "the desk took it: that is its word"


def test_what_the_desk_lends_by_itself_comes_back_by_one_touch(app: Flask, cast: Cast, stock: Stock, desk) -> None:
    with app.app_context(), writing():
        hand_out(key(stock.roof), worker(), cast)
    back = desk.submit("/keys?show=out", form="form[action$='/returns']")
    assert back.location == "/keys"
    loan = desk.get(f"/loans/{loans(app)[0].ref}")
    assert "confirm" not in loan.words
    assert loan.page.select("form[action$='/confirmations']") == []


def test_who_brings_a_key_that_others_answer_for_confirms_it_in_a_second_step(
    app: Flask, cast: Cast, stock: Stock, desk: FoyerClient
) -> None:
    with app.app_context(), writing():
        hand_out(key_set(stock.plant_set), person_of(cast, "chen"), cast)
    taken = desk.submit("/keys?show=out", form="form[action$='/returns']")
    loan = loans(app)[0]
    assert loan.ended_at is not None, "it is taken, whether somebody confirms it or not"
    assert taken.location == f"/loans/{loan.ref}?then=keys"
    assert "not confirmed by who brought it" in desk.get(taken.location).words
    confirmed = desk.submit(taken.location, form="form[action$='/confirmations']")
    assert confirmed.location == "/keys", "on where it began"
    page = desk.get(f"/loans/{loan.ref}")
    assert "· confirmed by who brought it" in page.words
    assert "Who brought it confirmed the return" in page.words
    assert page.page.select("form[action$='/confirmations']") == []


def test_where_it_was_asked_at_once_no_second_step_follows_and_after_an_hour_none_is_offered(
    app: Flask, cast: Cast, stock: Stock, desk: FoyerClient, clock: Traveller
) -> None:
    ref = ref_of(app, stock.plant_set, KeySet)
    for ticked in ({"confirmed": "1"}, {}):
        with app.app_context(), writing():
            hand_out(key_set(stock.plant_set), person_of(cast, "chen"), cast)
        assert desk.submit(f"/keys/{ref}", ticked, form="form[action$='/returns']").location == f"/keys/{ref}"
    first, second = (f"/loans/{loan.ref}" for loan in loans(app))
    assert "not confirmed" not in desk.get(first).words
    stale = desk.get(second).page.select_one("form[action$='/confirmations'] [name=form_token]")["value"]
    for offered in (1, 1, 0):
        assert "not confirmed by who brought it" in desk.get(second).words
        clock.shift(timedelta(minutes=20))
        assert len(desk.get(second).page.select("form[action$='/confirmations']")) == offered
    late = desk.post(f"{second}/confirmations", data={"form_token": stale})
    assert late.status_code == 409, "nor taken from a page that was open all the while"
    assert "not confirmed by who brought it" in desk.get(second).words
