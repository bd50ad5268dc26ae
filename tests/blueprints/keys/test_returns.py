"""Taking back: in parts, late, by somebody else, a key that was never out; never refused (K6)."""

import pytest
from flask import Flask
from sqlalchemy import select

from domain import clock as time
from domain.database import db, writing
from domain.keys.loan_models import LoanLine
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
    assert "confirmed by nobody" in desk.get(f"/loans/{loans(app)[0].ref}").words


def test_a_confirmation_is_kept_only_when_somebody_ticked_it(
    app: Flask, cast: Cast, stock: Stock, roof: str, desk
) -> None:
    back, said = "form[action$='/returns']", []
    for page, ticked in ((f"/keys/{roof}", {}), (f"/keys/{roof}", {"confirmed": "1"}), ("/keys?show=out", {})):
        with app.app_context(), writing():
            hand_out(key(stock.roof), worker(), cast)
        assert desk.submit(page, ticked, form=back).status_code == 303
        with app.app_context():
            said.append(db.session.scalars(select(LoanLine.confirmed).order_by(LoanLine.id.desc())).first())
    assert said == [False, True, False]
