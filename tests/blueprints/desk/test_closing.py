"""The closing hour: whoever is left is confirmed one by one or all, and nobody unseen has "left" (V9)."""

from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from domain.database import db, reading, writing
from domain.occupants.models import Host, Unit
from domain.sites.models import Purpose, Site
from domain.visits.models import Visit
from tests import factories as make
from tests.cast import Cast, at_desk
from tests.client import FoyerClient


@pytest.fixture
def desk(app: Flask, cast: Cast, clock: time_machine.Traveller) -> FoyerClient:
    return at_desk(app, cast)


@pytest.fixture
def refs(app: Flask, cast: Cast) -> list[str]:
    """Three who are still in, one of them waiting."""
    with app.app_context(), writing():
        site, unit = db.session.get_one(Site, cast.site_id), db.session.get_one(Unit, cast.unit_id)
        host = db.session.get_one(Host, cast.host_id)
        purposes = [db.session.get_one(Purpose, i) for i in (cast.purpose_id, cast.purpose_id, cast.waiting_purpose_id)]
        return [
            make.make_visit(site, purpose, unit, host, name=name, phone=f"+861380013800{number}").ref
            for number, (name, purpose) in enumerate(zip("甲乙丙", purposes, strict=True))
        ]


def states(app: Flask) -> list[str]:
    with app.app_context(), reading():
        return list(db.session.scalars(select(Visit.state).order_by(Visit.id)))


def test_nobody_listed_is_said_in_words(desk: FoyerClient) -> None:
    assert "Nobody is listed any more." in desk.get("/desk/closing").words


def test_tick_all_and_none_are_plain_links(desk: FoyerClient, refs: list[str]) -> None:
    assert len(desk.get("/desk/closing").page.select("input[name=visits]")) == 3
    assert not desk.get("/desk/closing").page.select("input[checked]")
    assert len(desk.get("/desk/closing?tick=all").page.select("input[checked]")) == 3


def test_seen_ones_left_and_unseen_ones_probably_left(app: Flask, desk: FoyerClient, refs: list[str]) -> None:
    page = desk.get("/desk/closing").page
    token = page.select_one("form[action='/desk/closing'] [name=form_token]")["value"]
    answer = desk.post("/desk/closing", data={"form_token": token, "visits": refs[:1], "seen": "1"})
    assert answer.location == "/desk/closing"
    assert states(app) == ["left", "inside", "waiting"]
    page = desk.get("/desk/closing?tick=all").page
    assert "1 visit signed out, seen leaving." in page.get_text()
    token = page.select_one("form[action='/desk/closing'] [name=form_token]")["value"]
    desk.post("/desk/closing", data={"form_token": token, "visits": refs[1:], "seen": "0"})
    assert states(app) == ["left", "probably_left", "probably_left"]
    assert "Not seen leaving" in desk.get("/visits").words


def sign_out(desk: FoyerClient, ref: str, deed: str = "departures") -> Any:
    """One touch in that visitor's row, as htmx sends it."""
    form = desk.get("/desk/closing").page.select_one(f"form[action='/visits/{ref}/{deed}']")
    fields = {field["name"]: field["value"] for field in form.select("input")}
    return desk.htmx(f"/visits/{ref}/{deed}", method="POST", data=fields)


def test_one_touch_signs_out_one_and_for_a_minute_another_takes_it_back(
    app: Flask, cast: Cast, desk: FoyerClient, refs: list[str], clock: time_machine.Traveller
) -> None:
    assert sign_out(desk, refs[1]).location == "/desk/closing"
    assert states(app) == ["inside", "left", "waiting"]
    page = desk.get("/desk/closing").page
    assert "2 visits still listed" in page.get_text()
    assert [row["id"].split("-")[0] for row in page.select(".going li")].count("left") == 1
    assert len(page.select("input[name=visits]")) == 2, "who left can be ticked no more"
    assert sign_out(desk, refs[1], "returns").location == "/desk/closing"
    assert states(app) == ["inside", "inside", "waiting"]
    sign_out(desk, refs[1])
    clock.shift(61)
    assert not at_desk(app, cast).get("/desk/closing").page.select(f"#left-{refs[1]}")


def test_nobody_ticked_is_refused_in_words(app: Flask, desk: FoyerClient, refs: list[str]) -> None:
    token = desk.get("/desk/closing").page.select_one("form[action='/desk/closing'] [name=form_token]")["value"]
    refused = desk.post("/desk/closing", data={"form_token": token, "seen": "1"})
    assert refused.status_code == 422
    assert "Tick who is gone." in refused.words
    assert len(set(states(app))) == 2


def test_who_left_meanwhile_is_passed_over(app: Flask, cast: Cast, desk: FoyerClient, refs: list[str]) -> None:
    token = desk.get("/desk/closing").page.select_one("form[action='/desk/closing'] [name=form_token]")["value"]
    at_desk(app, cast, "zhou").submit("/desk", form=f"form[action='/visits/{refs[0]}/departures']")
    data = {"form_token": token, "visits": [*refs, "0" * 12, "'"], "seen": "0"}
    assert desk.post("/desk/closing", data=data).status_code == 303
    assert states(app) == ["left", "probably_left", "probably_left"]
    assert "3 had left meanwhile." in desk.get("/desk").words


def test_another_sites_visitors_cannot_be_confirmed(
    app: Flask, cast: Cast, clock: time_machine.Traveller, refs: list[str]
) -> None:
    stranger = at_desk(app, cast, "qian")
    with app.app_context(), writing():
        site, unit = (
            db.session.get_one(Site, cast.other_site_id),
            db.session.scalars(select(Unit).order_by(-Unit.id)).all()[0],
        )
        purpose = db.session.scalars(select(Purpose).where(Purpose.site_id == site.id)).one()
        make.make_visit(site, purpose, unit, name="己", phone="")
    token = stranger.get("/desk/closing").page.select_one("form[action='/desk/closing'] [name=form_token]")["value"]
    stranger.post("/desk/closing", data={"form_token": token, "visits": refs, "seen": "1"})
    assert states(app)[:3] == ["inside", "inside", "waiting"]
