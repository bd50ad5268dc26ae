"""What the log says of a refusal by the database."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from domain import clock
from domain.database import db, writing
from domain.people.models import Person
from tests.cast import Cast, at_desk, at_kiosk
from tests.stays import arrive
from web.errors import _named


def test_a_broken_rule_is_named_in_one_line_without_what_was_entered(app: Flask, cast: Cast) -> None:
    taken = insert(Person).values(ref="r", login="lisi", name="geheim\nzwei", created_at=clock.now())
    with app.app_context(), pytest.raises(DBAPIError) as refused, writing():
        db.session.execute(taken)
    said = _named(refused.value)
    assert "geheim" not in said
    assert "\n" not in said
    assert said.removesuffix(" 23502") in ("NOT NULL constraint failed: people.password_hash", "NotNullViolation")


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_value_that_does_not_fit_is_not_repeated(app: Flask) -> None:
    with app.app_context(), pytest.raises(DBAPIError) as refused, writing():
        db.session.execute(text("SELECT CAST('geheim' AS INTEGER)"))
    assert "geheim" in str(refused.value.orig), "PostgreSQL repeats what was entered."
    assert _named(refused.value) == "InvalidTextRepresentation 22P02"


def test_an_address_that_takes_forms_alone_leads_to_the_page_above_it(app: Flask, cast: Cast) -> None:
    ref = arrive(app, cast).ref
    desk = at_desk(app, cast)
    for deed in ("corrections", "corrections/looks", "departures"):
        opened = desk.get(f"/visits/{ref}/{deed}")
        assert (opened.status_code, opened.location) == (303, f"/visits/{ref}")
    assert desk.htmx(f"/visits/{ref}/corrections", target="problem").status_code == 405, "a region has no page above"
    at_the_kiosk = at_kiosk(app, cast).get("/kiosk/pair/token")
    assert (at_the_kiosk.status_code, at_the_kiosk.location) == (405, None), "nobody is led out of a visitor's way"
