"""A plate is taken as people type it, and what none has is named (V2)."""

import pytest
from flask import Flask

from domain.database import db, writing
from domain.sites.models import Site
from tests.blueprints.kiosk.test_sign_in import visits, walk
from tests.cast import Cast, at_kiosk
from tests.client import FoyerClient

TOO_SHORT = "A plate has 3 to 15 letters and digits."


@pytest.fixture
def kiosk(app: Flask, cast: Cast) -> FoyerClient:
    with app.app_context(), writing():
        db.session.get_one(Site, cast.site_id).fields = {"plate": "ask"}
    return at_kiosk(app, cast)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("<script>", "Leave out < >: a plate has letters and digits."),
        ("=1+1", "Leave out = +: a plate has letters and digits."),
        ("苏E12345!!", "Leave out !: a plate has letters and digits."),
        ("苏E", TOO_SHORT),
        ("1" * 16, TOO_SHORT),
    ],
)
def test_what_is_no_plate_is_refused_with_its_reason(
    app: Flask, cast: Cast, kiosk: FoyerClient, typed: str, sentence: str
) -> None:
    answer = walk(kiosk, cast, plate=typed)
    assert answer.status_code == 422
    assert sentence in answer.page.get_text()
    assert visits(app) == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("苏Ｅ１２３４５", "苏E12345"),
        ("苏e\u3000123 45", "苏E12345"),
        ("京A·12345", "京A·12345"),
        ("AB-123.C", "AB-123.C"),
    ],
)
def test_full_width_letters_and_digits_are_written_narrow(
    app: Flask, cast: Cast, kiosk: FoyerClient, typed: str, kept: str
) -> None:
    assert walk(kiosk, cast, plate=typed).status_code == 303
    assert visits(app)[0].plate == kept
