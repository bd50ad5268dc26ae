"""Approvals: asked from the form, granted or refused on a phone, valid for that one loan (K4)."""

from typing import Any

import pytest
from flask import Flask

from domain.database import db, reading, writing
from domain.keys.loan_models import KeyApproval, Loan
from tests.blueprints.keys.borrowing import CONTRACTOR, FORM, at_field, drawn, ref_of, refusal
from tests.cabinet import STROKES, Stock, approved, key, person_of, worker
from tests.cast import Cast, at_desk
from tests.client import FoyerClient, _filled

GRANT = "form[action$='/grants']"
REFUSE = "form[action$='/refusals']"


@pytest.fixture
def pool(app: Flask, stock: Stock) -> str:
    return ref_of(app, stock.pool)


def ask(desk: FoyerClient, ref: str, **fields: Any) -> Any:
    values = drawn(desk, ref, borrower="contractor") | CONTRACTOR | fields
    return desk.post(f"/keys/{ref}/loans", data=values | {"ask": "1"})


def the_one(app: Flask) -> str:
    with app.app_context(), reading():
        return str(db.session.scalars(db.select(KeyApproval.ref)).one())


def test_a_key_that_needs_an_approval_is_asked_for_granted_and_handed_out(app, cast, pool, desk) -> None:
    asked = ask(desk, pool)
    waiting = desk.get(asked.location)
    assert "It stays here until it is approved." in waiting.words
    assert waiting.page.select_one("button[data-k=main][disabled]")
    boss = at_desk(app, cast, "wu")
    assert "冯样" in boss.get("/keys/approvals").words
    boss.submit("/keys/approvals", form=GRANT)
    assert "Nothing waits for your approval." in boss.get("/keys/approvals").words
    ready = desk.get(asked.location)
    assert "Granted." in ready.words
    assert "冯样" not in ready.text
    lent = desk.submit(asked.location, {"signature": STROKES}, form=FORM)
    assert lent.status_code == 303
    with app.app_context(), reading():
        loan = db.session.scalars(db.select(Loan)).one()
        assert (loan.name, loan.purpose, loan.approval_id is not None) == ("冯样", "换灯", True)


def test_a_page_that_waits_asks_for_itself_and_shows_the_answer(app: Flask, cast: Cast, pool: str, desk) -> None:
    asked = ask(desk, pool)
    region = desk.get(asked.location).page.select_one("#lending")
    assert region["hx-trigger"] == "every 4s"
    assert desk.htmx(region["hx-get"]).page.select_one("[disabled]")
    at_desk(app, cast, "wu").submit("/keys/approvals", form=GRANT)
    after = desk.htmx(region["hx-get"]).page
    assert after.select_one("#lending").get("hx-trigger") is None
    assert after.select_one("[data-sign]")
    assert desk.get(region["hx-get"]).status_code == 303


def test_a_refusal_needs_a_reason_and_the_desk_reads_it(app: Flask, cast: Cast, pool: str, desk: FoyerClient) -> None:
    asked = ask(desk, pool)
    boss = at_desk(app, cast, "wu")
    page = f"/keys/approvals/{the_one(app)}"
    assert "Say why" in at_field(boss.submit(page, {"reason": ""}, form=REFUSE), "reason")
    assert boss.submit(page, {"reason": "泳池正在放水"}, form=REFUSE).status_code == 303
    answer = desk.get(asked.location)
    assert "Refused: the key stays here." in answer.words
    assert "泳池正在放水" in answer.words


def test_without_an_approval_the_key_stays(app: Flask, pool: str, desk: FoyerClient) -> None:
    values = drawn(desk, pool, borrower="contractor") | CONTRACTOR | {"signature": STROKES}
    answer = desk.post(f"/keys/{pool}/loans", data=values)
    assert "This needs an approval first." in refusal(answer)
    assert answer.page.select_one("button[name=ask]")


def test_what_is_asked_twice_is_said(app: Flask, pool: str, desk: FoyerClient) -> None:
    ask(desk, pool)
    assert "This was asked at 09:30" in refusal(ask(desk, pool), 409)


def test_the_purpose_is_asked_for_because_the_approver_decides_by_it(pool: str, desk: FoyerClient) -> None:
    assert "the approver decides by it" in at_field(ask(desk, pool, purpose=""), "purpose")


def test_an_approval_serves_one_loan_of_that_key(app: Flask, cast: Cast, stock: Stock, pool: str, desk) -> None:
    with app.app_context(), writing():
        other = approved(key(stock.pool), worker(), cast).ref
    wrong = f"/keys/{ref_of(app, stock.roof)}/loans/new?approval={other}"
    assert desk.get(wrong).status_code == 404
    here = f"/keys/{pool}/loans/new?approval={other}"
    values = _filled(desk.get(here).page.select_one(FORM)) | {"signature": STROKES}
    again = _filled(desk.get(here).page.select_one(FORM)) | {"signature": STROKES}
    assert desk.post(f"/keys/{pool}/loans", data=values).status_code == 303
    desk.submit(f"/keys/{pool}", form="form[action$='/returns']")
    used = desk.post(f"/keys/{pool}/loans", data=again)
    assert "This approval was used for another loan." in refusal(used, 409)


def test_nobody_approves_the_own_loan_and_the_wrong_role_sees_no_button(app, cast, stock, desk) -> None:
    with app.app_context(), writing():
        own = approved(key(stock.pool), person_of(cast, "wu"), cast, by=()).ref
    boss = at_desk(app, cast, "wu")
    assert "Nothing waits" in boss.get("/keys/approvals").words
    page = boss.get(f"/keys/approvals/{own}")
    assert "You are the borrower here." in page.words
    assert page.page.select_one(GRANT) is None
    lead = at_desk(app, cast, "zhou").get(f"/keys/approvals/{own}")
    assert "There is nothing for you to answer here." in lead.words
    assert desk.get(f"/keys/approvals/{own}").status_code == 403


def test_an_answer_that_comes_late_is_said_in_words(app: Flask, cast: Cast, pool: str, desk: FoyerClient) -> None:
    ask(desk, pool)
    page = f"/keys/approvals/{the_one(app)}"
    boss, manager = at_desk(app, cast, "wu"), at_desk(app, cast, "he")
    refusing = _filled(manager.get(page).page.select_one(REFUSE)) | {"reason": "不行"}
    granting = _filled(manager.get(page).page.select_one(GRANT))
    boss.submit(page, {"reason": "改期"}, form=REFUSE)
    assert "Somebody else has refused this." in refusal(manager.post(f"{page}/grants", data=granting), 409)
    assert "Somebody else has refused this." in refusal(manager.post(f"{page}/refusals", data=refusing), 409)


def test_the_desk_withdraws_what_it_no_longer_needs(app: Flask, cast: Cast, pool: str, desk: FoyerClient) -> None:
    asked = ask(desk, pool)
    gone = desk.submit(asked.location, form="form[action$='/withdrawals']")
    assert "This is no longer asked." in desk.get(gone.location).words
    assert "Nothing waits" in at_desk(app, cast, "wu").get("/keys/approvals").words


def test_an_inbox_costs_the_same_however_much_waits(app: Flask, cast: Cast, stock: Stock) -> None:
    from functools import partial

    from tests.blueprints.admin.test_every_page import MOST_STATEMENTS, statements

    boss = at_desk(app, cast, "wu")
    ask_for = partial(boss.get, "/keys/approvals")
    with app.app_context(), writing():
        approved(key(stock.pool), worker(), cast, by=())
    few = statements(app, ask_for)
    with app.app_context(), writing():
        for number in range(8):
            approved(key(stock.pool), worker(f"冯{number}", f"+861390000{number:04d}"), cast, by=())
    assert statements(app, ask_for) == few <= MOST_STATEMENTS
