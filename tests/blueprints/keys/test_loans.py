"""Lending at the desk: who, what for, until when, the borrower's word; and everything that may be wrong with it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from domain import clock as time
from domain.database import db, reading, writing
from domain.keys.loan_models import Loan
from domain.keys.models import Key, KeySet
from domain.occupants.models import Host, Unit
from domain.people.models import Person
from domain.sites.models import Purpose, Site
from domain.visits.departures import sign_out
from tests import factories as make
from tests.cabinet import STROKES, Stock, actor_of, approved, hand_out, key, key_set, person_of, worker
from tests.cast import Cast, at_desk
from tests.client import FoyerClient

CONTRACTOR = {"borrower": "contractor", "name": "冯样", "phone": "13900000017", "purpose": "换灯"}


def ref_of(app: Flask, thing_id: int, model: Any = Key) -> str:
    with app.app_context(), reading():
        return db.session.get_one(model, thing_id).ref


def loans(app: Flask) -> list[Loan]:
    with app.app_context(), reading():
        found = list(db.session.scalars(db.select(Loan).order_by(Loan.id)))
        db.session.expunge_all()
        return found


def lend(desk: FoyerClient, ref: str, **fields: Any) -> Any:
    """Choose the kind of borrower, then fill in what the page shows and send it."""
    page = desk.submit(f"/keys/{ref}/loans/new", {"borrower": fields.get("borrower", "contractor")}, form=FORM)
    assert page.status_code in (200, 422)
    drawn = page.page.select_one(FORM)
    from tests.client import _filled

    return desk.post(f"/keys/{ref}/loans", data={**_filled(drawn), **fields})


FORM = "form[action$='/loans']"
SIGNED = CONTRACTOR | {"signature": STROKES}


def test_a_key_is_scanned_lent_shows_as_out_and_comes_back(app: Flask, stock: Stock, desk: FoyerClient) -> None:
    page = desk.get("/keys?q=GG-01", follow_redirects=True).page
    ref = page.select_one("a[href$='/loans/new']")["href"].split("/")[2]
    answer = lend(desk, ref, **SIGNED)
    assert answer.status_code == 303
    out = desk.get(answer.location)
    assert "GG-01 goes out to 冯*." in out.words
    assert "冯*" in desk.get("/keys").page.select(".hooks li")[0].get_text()
    (loan,) = loans(app)
    assert (loan.borrower, loan.phone, loan.purpose, loan.acknowledged_how) == (
        "contractor",
        "+8613900000017",
        "换灯",
        "signature",
    )
    back = desk.submit(f"/keys/{ref}", form="form[action$='/returns']")
    assert "GG-01 is back on hook 2-1." in desk.get(back.location).words
    assert loans(app)[0].ended_at is not None
