"""M1: a tentative meeting is agreed to or refused; whoever waits for a room is offered it and takes it."""

import pytest
from flask import Flask

from domain import clock
from domain.database import writing
from domain.meetings.models import Approver
from domain.meetings.spans import span_on
from domain.meetings.waiting import wait_for
from tests import rooms as house
from tests.cabinet import actor_of
from tests.cast import Cast, at_desk
from tests.rooms import TUESDAY, Rooms


@pytest.fixture
def tentative(app: Flask, cast: Cast, rooms: Rooms) -> str:
    """A meeting in the pine room that waits for the lead."""
    with app.app_context(), writing():
        house.room(rooms.pine).approver = Approver.LEAD
    with app.app_context(), writing():
        return house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))[0].ref


def test_the_lead_agrees_and_the_desk_cannot(app, cast, tentative, desk):
    page = f"/reservations/{tentative}"
    words = desk.get(page).words
    assert "Tentative" in words
    assert "somebody has to agree to it until" in words
    assert not desk.get(page).page.select("form[action$='/grants'], form[action$='/starts']")
    assert "Tentative" in desk.get("/meetings?day=2026-03-03").words
    assert "季度会" in desk.get("/reservations?state=tentative").words
    lead = at_desk(app, cast, "zhou")
    assert lead.submit(page, form="form[action$='/grants']").status_code == 303
    words = lead.get(page).words
    assert "Agreed: the meeting stands." in words
    assert "Agreed to" in words


def test_refusing_needs_a_reason_and_who_was_slower_is_told(app, cast, tentative, desk):
    lead, page = at_desk(app, cast, "zhou"), f"/reservations/{tentative}/refusal"
    empty = lead.submit(page, {"reason": ""}, form=f"form[action='{page}']")
    assert empty.status_code == 422
    assert "Say why: the organiser is told." in empty.words
    slow = at_desk(app, cast, "wu").get(page)
    assert lead.submit(page, {"reason": "检修"}, form=f"form[action='{page}']").status_code == 303
    words = desk.get(f"/reservations/{tentative}").words
    assert "Refused" in words
    assert "检修" in words
    assert slow.status_code == 200
    assert "waits for nobody" in at_desk(app, cast, "wu").get(page).words


def test_who_finds_the_room_taken_waits_for_it_and_takes_it_when_it_is_free(app, cast, rooms, desk):
    with app.app_context(), writing():
        taken = house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))[0].ref
    with app.app_context(), writing():
        room = house.room(rooms.pine).ref
    said = {
        "title": "想开的会",
        "room": room,
        "day": "2026-03-03",
        "since": "14:30",
        "until": "15:00",
        "people": "4",
        "who_text": "张三",
    }
    form = "form[action='/meetings/new']"
    chosen = {**said, "who": f"host:{cast.host_ref}"}
    token = desk.get("/meetings/new").page.select_one(f"{form} [name=form_token]")["value"]
    refused = desk.post("/meetings/new", data={**chosen, "form_token": token})
    assert refused.status_code == 409
    assert refused.page.select_one("button[name=wait]") is not None
    token = refused.page.select_one(f"{form} [name=form_token]")["value"]
    waits = desk.post("/meetings/new", data={**chosen, "form_token": token, "wait": "1"})
    assert waits.location == "/meetings/waiting"
    assert "想开的会" in desk.get("/meetings/waiting").words
    desk.submit(f"/reservations/{taken}/cancellation", form="form[action$='/cancellation']")
    assert "想开的会" not in desk.get("/meetings/waiting").words
    held = next(
        link["href"] for link in desk.get("/meetings?day=2026-03-03").page.select("td.meet a") if "想开" in link.text
    )
    assert "Held for who waited" in desk.get(held).words
    assert desk.submit(held, form="form[action$='/acceptances']").status_code == 303
    assert "Taken: the meeting stands." in desk.get(held).words


def test_who_waits_no_more_is_taken_off_the_list(app, cast, rooms, desk):
    with app.app_context(), writing():
        house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))
        room = house.room(rooms.pine)
        span = span_on(TUESDAY, house.at("14:00"), 60, room=room, zone="Asia/Shanghai")
        said = {"wish": house.wish(cast), "site": house.site_of(cast), "actor": actor_of(cast, "lisi")}
        wait_for(room, span, now=clock.now(), **said)
    assert desk.submit("/meetings/waiting", form="form[action$='/withdrawal']").status_code == 303
    assert "Nobody waits for a room." in desk.get("/meetings/waiting").words
