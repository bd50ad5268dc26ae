"""Looking somebody up reads the newest of that name first, and goes on where they are not who was meant."""

import pytest
from flask import Flask
from sqlalchemy import event, update

from domain import clock as house_clock
from domain import search
from domain.database import db, reading, writing
from domain.occupants.models import Host, Unit
from domain.occupants.queries import look_up
from tests import factories as make
from tests.cast import Cast


def test_whoever_is_meant_is_found_behind_many_of_the_same_name(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        unit = db.session.get_one(Unit, cast.unit_id)
        meant = make.make_host(unit, "王小明 Anna").ref
        for number in range(search.BATCH + 5):
            make.make_host(unit, f"王小明 {number}")
    with app.app_context(), reading():
        assert [match.ref for match in look_up("王小明 an", site_id=cast.site_id)] == [meant]


def test_those_who_left_take_nobodys_place(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        unit = db.session.get_one(Unit, cast.unit_id)
        here = make.make_host(unit, "王小明").ref
        for _ in range(search.BATCH + 5):
            make.make_host(unit, "王小明")
        # Whoever leaves is taken out of the index; one who is still in it is not shown either.
        left = update(Host).where(Host.name == "王小明", Host.ref != here).values(left_at=house_clock.now())
        db.session.execute(left)
    with app.app_context(), reading():
        assert [match.ref for match in look_up("wxm", site_id=cast.site_id)] == [here]


@pytest.mark.parametrize("typed", ["王小明", "wxm", "1806", "示例"])
def test_hosts_and_units_are_looked_up_in_one_statement(app: Flask, cast: Cast, typed: str) -> None:
    with app.app_context(), writing():
        make.make_host(db.session.get_one(Unit, cast.unit_id), "王小明")
    sent: list[str] = []
    with app.app_context(), reading():
        event.listen(db.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
        assert look_up(typed, site_id=cast.site_id)
    assert len(sent) == 1, "\n".join(sent)
