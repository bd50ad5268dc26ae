"""What tests of lending do at the desk: the form filled in step by step, and what it answers."""

from typing import Any

from flask import Flask

from domain.database import db, reading
from domain.keys.loan_models import Loan
from domain.keys.models import Key
from tests.cabinet import STROKES
from tests.client import FoyerClient, _filled

FORM = "form[action$='/loans']"
CONTRACTOR = {"borrower": "contractor", "name": "冯样", "phone": "13900000017", "purpose": "换灯"}
SIGNED = CONTRACTOR | {"signature": STROKES}


def ref_of(app: Flask, thing_id: int, model: Any = Key) -> str:
    with app.app_context(), reading():
        return str(db.session.get_one(model, thing_id).ref)


def loans(app: Flask) -> list[Loan]:
    with app.app_context(), reading():
        found = list(db.session.scalars(db.select(Loan).order_by(Loan.id)))
        db.session.expunge_all()
        return found


def drawn(desk: FoyerClient, ref: str, **chosen: Any) -> dict[str, Any]:
    """The values of the form after the kind of borrower, and who was looked for, were chosen on the page."""
    page = desk.submit(f"/keys/{ref}/loans/new", {**chosen, "find": "1"}, form=FORM) if chosen else None
    answer = page or desk.get(f"/keys/{ref}/loans/new")
    form = answer.page.select_one(FORM)
    assert form is not None
    return _filled(form)


def lend(desk: FoyerClient, ref: str, **fields: Any) -> Any:
    """Choose the kind of borrower, fill in what the page then shows, and send it."""
    chosen = {name: fields[name] for name in ("borrower",) if name in fields}
    return desk.post(f"/keys/{ref}/loans", data=drawn(desk, ref, **chosen) | fields)


def refusal(answer: Any, status: int = 422) -> str:
    assert answer.status_code == status, answer.words
    return str(answer.page.select_one("[role=alert]").get_text(" ", strip=True))


def at_field(answer: Any, name: str) -> str:
    """The sentence that stands at that field."""
    return str(answer.page.select_one(f"#{name}-e").get_text(" ", strip=True))
