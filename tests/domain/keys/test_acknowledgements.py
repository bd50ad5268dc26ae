"""K2: the borrower signs, or tells a code that was sent; the code is nowhere in the database."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from domain import clock
from domain.database import db, reading, writing
from domain.errors import Conflict, DomainError
from domain.keys.acknowledgements import (
    CODE_TRIES,
    WrongCode,
    acknowledge_by_code,
    acknowledge_by_signature,
    acknowledge_on_paper,
    clean_strokes,
    code_of,
    send_code,
)
from domain.keys.loan_models import Loan
from domain.keys.telling import telling
from domain.limits import TooMany
from domain.notices import Notice
from tests import cabinet as shelf
from tests.cabinet import Stock
from tests.cast import Cast


@pytest.fixture
def loan_id(app: Flask, cast: Cast, stock: Stock) -> int:
    """Zhang San has a key and has not acknowledged it."""
    with app.app_context(), writing():
        loan = shelf.hand_out(shelf.key(stock.room), shelf.host_of(cast), cast, acknowledged=None, signature="")
        return loan.id


def loan_of(loan_id: int) -> Loan:
    return db.session.get_one(Loan, loan_id)


def test_the_code_that_was_sent_acknowledges_the_loan_once(app: Flask, cast: Cast, loan_id: int) -> None:
    with app.app_context():
        lisi, now = shelf.actor_of(cast, "lisi"), clock.now()
        with writing():
            send_code(loan_of(loan_id), actor=lisi, now=now)
        with reading():
            letter = telling(db.session.scalars(select(Notice)).one(), now=now)
            assert letter is not None
            assert (len(letter.code), letter.addresses) == (6, ("zhangsan@example.com",))
            everything = db.session.execute(text("SELECT facts, dedupe_key FROM notices")).all()
            assert letter.code not in json.dumps([list(map(str, row)) for row in everything])
        with writing():
            acknowledge_by_code(loan_of(loan_id), f" {letter.code[:3]} {letter.code[3:]} ", actor=lisi, now=now)
        assert loan_of(loan_id).acknowledged_how == "code"
        with pytest.raises(Conflict, match="already"), writing():
            acknowledge_by_code(loan_of(loan_id), letter.code, actor=lisi, now=now)


def test_a_wrong_an_old_and_a_replaced_code_are_refused(app: Flask, cast: Cast, loan_id: int) -> None:
    with app.app_context():
        lisi, now = shelf.actor_of(cast, "lisi"), clock.now()
        with writing():
            send_code(loan_of(loan_id), actor=lisi, now=now)
        first = code_of(loan_of(loan_id), now=now)
        assert first is not None
        wrong = f"{(int(first) + 1) % 1_000_000:06d}"
        with pytest.raises(WrongCode, match="not the code"), writing():
            acknowledge_by_code(loan_of(loan_id), wrong, actor=lisi, now=now)
        with pytest.raises(DomainError, match="too old"), writing():
            acknowledge_by_code(loan_of(loan_id), first, actor=lisi, now=now + timedelta(minutes=15))
        with writing():
            send_code(loan_of(loan_id), actor=lisi, now=now)
        with reading():
            letters = [telling(one, now=now) for one in db.session.scalars(select(Notice).order_by(Notice.id))]
            assert [letter is None for letter in letters] == [True, False]
        if code_of(loan_of(loan_id), now=now) != first:
            with pytest.raises(WrongCode), writing():
                acknowledge_by_code(loan_of(loan_id), first, actor=lisi, now=now)


def test_tries_are_limited(app: Flask, cast: Cast, loan_id: int) -> None:
    with app.app_context():
        lisi, now = shelf.actor_of(cast, "lisi"), clock.now()
        with writing():
            send_code(loan_of(loan_id), actor=lisi, now=now)
        code, ref = code_of(loan_of(loan_id), now=now), loan_of(loan_id).ref
        assert code is not None
        for _ in range(CODE_TRIES.tries):
            with writing():
                CODE_TRIES.count(ref, now=now)
        with pytest.raises(TooMany), writing():
            acknowledge_by_code(loan_of(loan_id), code, actor=lisi, now=now)


def test_who_has_no_address_signs(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        lisi, now = shelf.actor_of(cast, "lisi"), clock.now()
        with writing():
            loan = shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast, acknowledged=None, signature="")
        with pytest.raises(DomainError, match="no address"), writing():
            send_code(loan, actor=lisi, now=now)
        with writing():
            acknowledge_by_signature(loan_of(loan.id), shelf.STROKES, actor=lisi, now=now)
        with pytest.raises(Conflict), writing():
            acknowledge_on_paper(loan_of(loan.id), actor=lisi, now=now)


@pytest.mark.parametrize(
    "drawn",
    ["", "M", "L10 10 20 20 30 30 40 40", '<script>alert(1)</script>"', "M1 1" + " L2 2" * 9000, "M1 1 url(#x) 22"],
)
def test_a_signature_is_strokes_and_nothing_else(drawn: str) -> None:
    with pytest.raises(DomainError) as caught:
        clean_strokes(drawn)
    assert caught.value.field == "signature"
