"""The desk's search box knows keys: by tag, hook, unit and borrower, out or on their hooks, each with its deed."""

from typing import Any

import pytest
from flask import Flask

from domain.database import db, reading, writing
from domain.keys.models import Key, KeySet
from domain.keys.tags import key_qr
from tests.cabinet import Stock, hand_out, key, key_set, person_of, worker
from tests.cast import Cast, at_desk
from tests.client import FoyerClient


def ref_of(app: Flask, thing_id: int, model: Any = Key) -> str:
    with app.app_context(), reading():
        return str(db.session.get_one(model, thing_id).ref)


@pytest.mark.parametrize("typed", ["GG-0", "天台", "2-1", "２－１", "tiantai"])
def test_a_key_on_its_hook_is_found_and_can_be_lent(app, stock, desk: FoyerClient, typed: str) -> None:
    page = desk.htmx("/desk/search?q=" + typed).page
    assert page.select_one(f"a[href='/keys/{ref_of(app, stock.roof)}/loans/new']")


def test_a_key_that_is_out_is_found_by_its_borrower_and_taken_back_from_there(app, cast, stock, desk) -> None:
    with app.app_context(), writing():
        hand_out(key(stock.roof), worker("王小明"), cast)
    page = desk.get("/desk/search?q=wxm")
    assert "王*明 has it until 10:30" in page.words
    assert "王小明" not in page.text
    back = desk.submit("/desk/search?q=wxm", form="form[action$='/returns']")
    assert back.location == "/desk"
    assert "GG-01 is back on hook 2-1." in desk.get(back.location).words


@pytest.mark.parametrize("typed", ["GG-01", "gg-01", "ＧＧ－01"])
def test_a_tag_that_is_scanned_opens_its_key(app: Flask, stock: Stock, desk: FoyerClient, typed: str) -> None:
    answer = desk.get("/desk/search", query_string={"q": typed})
    assert answer.location == f"/keys/{ref_of(app, stock.roof)}"


def test_a_set_s_tag_and_a_label_of_ours_open_it_too_also_when_it_is_out(app, cast, stock, desk) -> None:
    with app.app_context(), writing():
        hand_out(key_set(stock.plant_set), person_of(cast, "chen"), cast)
    ref = ref_of(app, stock.plant_set, KeySet)
    assert desk.get("/desk/search?q=JF-B1").location == f"/keys/{ref}"
    assert desk.get("/desk/search", query_string={"q": key_qr(ref)}).location == f"/keys/{ref}"


def test_who_works_elsewhere_finds_no_key_of_this_house(app: Flask, cast: Cast, stock: Stock) -> None:
    answer = at_desk(app, cast, "qian").get("/desk/search?q=GG-01")
    assert answer.status_code == 200
    assert "天台门" not in answer.words
