"""Two people have the correction of one entry open: whoever saves last overwrites nothing unread."""

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from domain.database import db, reading
from domain.occupants.models import Host, Unit
from domain.visits.models import Visit
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.stays import arrive


@pytest.fixture
def desk(app: Flask, cast: Cast, clock: time_machine.Traveller) -> FoyerClient:
    return at_desk(app, cast)


def opened(desk: FoyerClient, ref: str) -> dict[str, str]:
    """What stands in the form of corrections."""
    page = desk.submit(f"/visits/{ref}", form=f"form[action='/visits/{ref}/corrections/looks']").page
    found = page.select_one(f"form[action='/visits/{ref}/corrections']").select("input[name]")
    return {one["name"]: one.get("value", "") for one in found if one.get("type") != "radio" or one.has_attr("checked")}


def sent_again(refused: object, typed: dict[str, str]) -> dict[str, str]:
    """The refused form as its page gives it back."""
    found = refused.page.select("form[action$='/corrections'] input[name]")  # type: ignore[attr-defined]
    return typed | {
        one["name"]: one.get("value", "") for one in found if one.get("type") != "radio" or one.has_attr("checked")
    }


def stands(app: Flask, ref: str) -> tuple[str, str]:
    with app.app_context(), reading():
        visit = db.session.scalars(select(Visit).where(Visit.ref == ref)).one()
        return visit.name, visit.organisation


def test_a_field_that_was_left_alone_takes_over_what_stands_now(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = arrive(app, cast, name="王小名").ref
    first, second = opened(desk, ref), opened(desk, ref)
    assert desk.post(f"/visits/{ref}/corrections", data=first | {"name": "王小明"}).status_code == 303
    late = desk.post(f"/visits/{ref}/corrections", data=second | {"organisation": "示例科技"})
    assert late.status_code == 409
    assert "Somebody changed “Name” meanwhile. It is now: 王小明" in late.words
    assert stands(app, ref)[0] == "王小明"
    again = sent_again(late, second)
    assert (again["name"], again["organisation"]) == ("王小明", "示例科技")
    assert desk.post(f"/visits/{ref}/corrections", data=again).status_code == 303
    assert stands(app, ref) == ("王小明", "示例科技")


def test_a_field_that_both_changed_keeps_what_was_typed_and_says_what_stands(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    ref = arrive(app, cast, name="王小名").ref
    first, second = opened(desk, ref), opened(desk, ref)
    desk.post(f"/visits/{ref}/corrections", data=first | {"name": "王小明"})
    late = desk.post(f"/visits/{ref}/corrections", data=second | {"name": "王晓明"})
    assert "Somebody changed “Name” meanwhile. It is now: 王小明" in late.words
    assert late.page.select_one("[name=name]")["value"] == "王晓明"


def test_whom_somebody_chose_meanwhile_is_offered_and_named(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = arrive(app, cast).ref
    first, second = opened(desk, ref), opened(desk, ref)
    with app.app_context(), reading():
        unit, host = db.session.get_one(Unit, cast.unit_id), db.session.get_one(Host, cast.host_id)
        at_unit, at_host, called = f"unit:{unit.ref}", f"host:{host.ref}", unit.company or unit.number
    assert second["whom"] == at_host
    desk.post(f"/visits/{ref}/corrections", data=first | {"whom": at_unit})
    late = desk.post(f"/visits/{ref}/corrections", data=second)
    assert f"Somebody changed “Whom to see” meanwhile. It is now: {called}" in late.words
    assert [one["value"] for one in late.page.select("[name=whom]") if one.has_attr("checked")] == [at_unit]


def test_only_who_opened_the_entry_is_told_what_stands_in_it(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref, other = arrive(app, cast, name="王小名").ref, arrive(app, cast, name="赵六", phone="+8613800138001").ref
    typed = opened(desk, other)
    for version in ("", typed["version"]):
        refused = desk.post(f"/visits/{ref}/corrections", data=typed | {"version": version})
        assert refused.status_code == 422
        assert "open for too long" in refused.words
        assert "王小名" not in refused.words
    assert stands(app, ref)[0] == "王小名"
