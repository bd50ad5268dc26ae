"""Looking somebody up reads the newest of that name first, and goes on where they are not who was meant."""

import pytest
from flask import Flask
from sqlalchemy import event, update

from domain import clock as house_clock
from domain import search
from domain.database import db, reading, writing
from domain.occupants.models import Host, Unit
from domain.occupants.queries import look_up
from domain.sites.models import Site
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


def names_found(typed: str, site_id: int) -> list[str]:
    return [match.name for match in look_up(typed, site_id=site_id)]


def test_a_rare_reading_takes_nobodys_place(app: Flask, cast: Cast) -> None:
    meant = ["王安", "王子刚", "汪伯然", "王立", "王敏"]
    with app.app_context(), writing():
        unit = db.session.get_one(Unit, cast.unit_id)
        for name in meant:
            make.make_host(unit, name)
        for number in range(search.BATCH):
            make.make_host(unit, f"方乐磊{number}")
        site = db.session.get_one(Site, cast.site_id)
        for company in ("方塘印务", "小方教育"):
            make.make_unit(site, f"22{company}", company)
    with app.app_context(), reading():
        assert sorted(names_found("wang", cast.site_id)) == sorted(meant)
        assert "方塘印务" in names_found("wangtang", cast.site_id)


@pytest.mark.parametrize(
    "typed", ["王先生", "王总", "Mr Wang", "Ms. Wang", "王 老師", "Sr. Wang", "Г-жа Wang", "王さん", "wang laoshi"]
)
def test_a_title_beside_a_surname_finds_who_is_called_so(app: Flask, cast: Cast, typed: str) -> None:
    with app.app_context(), writing():
        unit = db.session.get_one(Unit, cast.unit_id)
        make.make_host(unit, "王子刚")
        make.make_host(unit, "张旺")
        make.make_host(unit, "汪伯然")
    with app.app_context(), reading():
        found = names_found(typed, cast.site_id)
    assert "王子刚" in found
    assert ("汪伯然" in found) == ("王" not in typed)


@pytest.mark.parametrize("typed", ["王", "先生", "Mr", "Mr. W"])
def test_neither_a_title_alone_nor_one_character_finds_anybody(app: Flask, cast: Cast, typed: str) -> None:
    with app.app_context(), writing():
        make.make_host(db.session.get_one(Unit, cast.unit_id), "王子刚")
    with app.app_context(), reading():
        assert names_found(typed, cast.site_id) == []


def test_a_company_that_is_called_like_a_title_comes_first(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        unit = db.session.get_one(Unit, cast.unit_id)
        make.make_host(unit, "马建国")
        make.make_unit(db.session.get_one(Site, cast.site_id), "2201", "马先生茶饮")
    with app.app_context(), reading():
        assert names_found("马先生", cast.site_id) == ["马先生茶饮", "马建国"]
