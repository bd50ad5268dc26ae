"""A host who could not be told is called: the number in full, each look in the history, and that it was done (V4)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from domain import clock as time
from domain.database import db, reading, writing
from domain.events import Event, EventDetail
from domain.notices import Notice
from domain.occupants.models import Host, Unit
from domain.sites.models import Purpose, Site
from tests import factories as make
from tests.cast import Cast, at_desk
from tests.client import FoyerClient


@pytest.fixture
def desk(app: Flask, cast: Cast, clock: time_machine.Traveller) -> FoyerClient:
    return at_desk(app, cast)


def come(app: Flask, cast: Cast, *, unit_alone: bool = False, waits: bool = False) -> str:
    """Somebody signs in whose host no notice reached; gives the visit's ref."""
    with app.app_context(), writing():
        site, unit = db.session.get_one(Site, cast.site_id), db.session.get_one(Unit, cast.unit_id)
        purpose = db.session.get_one(Purpose, cast.waiting_purpose_id if waits else cast.purpose_id)
        host = None if unit_alone else db.session.get_one(Host, cast.host_id)
        ref = make.make_visit(site, purpose, unit, host, name="王小明").ref
        db.session.execute(update(Notice).values(state="failed", tries=1))
        return ref


def call(desk: FoyerClient, ref: str) -> Any:
    return desk.submit(f"/visits/{ref}", form=f"form[action='/visits/{ref}/calls']")


def looks(app: Flask) -> Sequence[Any]:
    """The hosts who were looked up, and why."""
    with app.app_context(), reading():
        beside = (Event.site_id == EventDetail.site_id) & (Event.number == EventDetail.number)
        found = select(Event.subject_id, EventDetail.entered).join(EventDetail, beside)
        return db.session.execute(found.where(Event.kind == "host.unmasked").order_by(Event.number)).all()


def test_the_number_is_shown_on_that_answer_alone_and_the_look_is_logged(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    ref = come(app, cast)
    assert "13900139000" not in desk.get(f"/visits/{ref}").text
    shown = call(desk, ref)
    assert shown.page.select_one("a[href='tel:+8613900139000']").get_text(strip=True) == "139 0013 9000"
    assert shown.headers["Cache-Control"] == "no-store"
    assert "13900139000" not in desk.get(f"/visits/{ref}").text
    host, why = looks(app)[0]
    assert host == cast.host_id
    assert why["reason"] == "To call about visit 0001, badge A-001"
    supervisor = at_desk(app, cast, "wu")
    assert "To call about visit 0001, badge A-001" in supervisor.get("/admin/privacy/looks").words
    supervisor.submit("/account/language", {"language": "zh_Hans"})
    assert "为来访 0001（访客证 A-001）打电话" in supervisor.get("/admin/privacy/looks").words


def test_the_deputy_is_called_first_while_the_host_is_away(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast)
    assert [one.get_text() for one in call(desk, ref).page.select(".row h2")] == ["张三", "冯小样"]
    with app.app_context(), writing():
        db.session.get_one(Host, cast.host_id).away_until = time.now() + timedelta(days=1)
    away = call(desk, ref)
    assert [one.get_text() for one in away.page.select(".row h2")] == ["冯小样", "张三"]
    assert "Deputy" in away.words


def test_of_a_unit_alone_whoever_is_there_can_be_called(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    shown = call(desk, come(app, cast, unit_alone=True))
    assert [one.get_text() for one in shown.page.select(".row h2")] == ["张三", "冯小样"], "the contact first"


def test_the_visit_says_that_its_host_does_not_know_until_that_is_noted(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    ref = come(app, cast)
    page, noting = f"/visits/{ref}", f"form[action='/visits/{ref}/notices']"
    assert "The host could not be told: please call" in desk.get(page).words
    form = desk.get(page).page.select_one(noting)
    desk.submit(page, form=noting)
    assert not desk.get(page).page.select_one(noting)
    again = desk.post(f"/visits/{ref}/notices", data={"form_token": form.select_one("[name=form_token]")["value"]})
    assert again.status_code == 303, "another tablet says so too"
    assert desk.get(page).words.count("Told the host by telephone") == 1


@pytest.mark.parametrize("waits", [True, False])
def test_a_call_that_reached_nobody_stands_on_the_desk_and_in_the_visit(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller, waits: bool
) -> None:
    ref = come(app, cast, waits=waits)

    def row() -> str:
        return " ".join(desk.get("/desk").page.select_one(f"#{'wait' if waits else 'ring'}-{ref}").get_text().split())

    assert "not reached" not in row()
    for minutes, said in ((12, "not reached at 09:42"), (5, "not reached 2 times, last at 09:47")):
        clock.shift(minutes * 60)
        form = call(desk, ref).page.select_one(f"form[action='/visits/{ref}/attempts']")
        noted = desk.post(form["action"], data={one["name"]: one["value"] for one in form.select("input")})
        assert noted.location == "/desk"
        assert said in row()
        assert "was not told: call" in row(), "it is still to be called"
    assert desk.get(f"/visits/{ref}").words.count("Called the host, reached nobody") == 2


def test_after_the_visit_nobody_is_to_be_told(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast)
    token = desk.get(f"/visits/{ref}").page.select_one(f"form[action='/visits/{ref}/notices'] [name=form_token]")
    desk.submit(f"/visits/{ref}", form=f"form[action='/visits/{ref}/departures']")
    late = desk.post(f"/visits/{ref}/notices", data={"form_token": token["value"]})
    assert late.status_code == 409
    assert "There is nobody to tell any more." in late.words


def test_who_waits_can_be_answered_for_after_the_call(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast, waits=True)
    assert call(desk, ref).page.select_one(f"a[href='/visits/{ref}/answers']")


def test_the_number_is_for_those_at_the_desk(app: Flask, cast: Cast, clock: time_machine.Traveller) -> None:
    ref = come(app, cast)
    for login in ("wu", "he"):
        office = at_desk(app, cast, login)
        assert not office.get(f"/visits/{ref}").page.select_one(f"form[action='/visits/{ref}/calls']")
        assert office.post(f"/visits/{ref}/calls").status_code == 403
        assert office.post(f"/desk/hosts/{cast.host_ref}/calls").status_code == 403
    assert at_desk(app, cast, "qian").post(f"/desk/hosts/{cast.host_ref}/calls").status_code == 404
