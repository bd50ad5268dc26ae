"""M1, M9: who may reserve a room and whose word it needs; what it costs, and how it looks."""

import io
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from domain import photos
from domain.database import db, reading
from domain.meetings.models import Approver, OpenTo
from domain.meetings.room_parts import RoomPicture, RoomUnit
from tests import rooms as house
from tests.cast import Cast, at_desk
from tests.rooms import Rooms


@pytest.fixture
def page(app: Flask, rooms: Rooms) -> str:
    """The page of the pine room's rules."""
    with app.app_context(), reading():
        return f"/meetings/rooms/{house.room(rooms.pine).ref}/rules"


def jpeg(side: int = 2000) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side // 2), "#1b5566").save(out, "JPEG", exif=b"Exif\x00\x00secret place")
    return out.getvalue()


def test_the_lead_says_who_may_reserve_and_whose_word_it_needs(app: Flask, cast: Cast, rooms: Rooms, page: str):
    lead, form = at_desk(app, cast, "zhou"), f"form[action='{page}']"
    nobody = lead.submit(page, {"open_to": "units", "units": ""}, form=form)
    assert "Name the units that the room is kept for." in nobody.words
    unknown = lead.submit(page, {"open_to": "units", "units": "1806，9999"}, form=form)
    assert "There is no unit 9999." in unknown.words
    assert unknown.page.select_one("[name=units]")["value"] == "1806，9999"
    said = {"open_to": "units", "units": "1806", "approver": "lead", "prices": "茶水 20 元\n投影 50 元"}
    assert lead.submit(page, said, form=form).status_code == 303
    with app.app_context(), reading():
        room = house.room(rooms.pine)
        assert (room.open_to, room.approver) == (OpenTo.UNITS, Approver.LEAD)
        assert db.session.scalars(select(RoomUnit.unit_id)).all() == [cast.unit_id]
    week = at_desk(app, cast).get(page.removesuffix("/rules"))
    assert [line.text for line in week.page.select(".lines li")] == ["茶水 20 元", "投影 50 元"]
    slow = lead.get(page).page
    assert lead.submit(page, {"open_to": "all"}, form=form).status_code == 303
    data = {each["name"]: each.get("value", "") for each in slow.select(f"{form} input[type=hidden]")}
    late = lead.post(page, data=data | {"open_to": "staff", "approver": "none", "units": "", "prices": ""})
    assert late.status_code == 409
    assert "Somebody changed “Who may reserve it” meanwhile." in late.words
    with app.app_context(), reading():
        assert db.session.scalars(select(RoomUnit.unit_id)).all() == []


def test_a_picture_is_drawn_anew_shown_to_readers_and_taken_away(app: Flask, cast: Cast, page: str):
    lead, add = at_desk(app, cast, "zhou"), page.replace("/rules", "/pictures")

    def send(raw: bytes | None) -> Any:
        token = lead.get(page).page.select_one(f"form[action='{add}'] [name=form_token]")["value"]
        files = {"picture": (io.BytesIO(raw), "room.jpg")} if raw is not None else {}
        return lead.post(add, data={"form_token": token, **files}, content_type="multipart/form-data")

    assert "Choose a picture." in send(None).words
    assert "could not be read" in send(b"<svg onload=alert(1)>").words
    assert send(jpeg()).status_code == 303
    shown = lead.get(page).page.select_one("figure img")["src"]
    answer = at_desk(app, cast, "wu").get(shown)
    assert answer.mimetype == "image/jpeg"
    assert b"secret" not in answer.data
    assert max(Image.open(io.BytesIO(answer.data)).size) == 1280
    assert at_desk(app, cast, "qian").get(shown).status_code == 404
    with app.app_context(), reading():
        assert db.session.scalars(select(RoomPicture.file)).one() in photos.held()
    assert at_desk(app, cast).get(page.removesuffix("/rules")).page.select_one("figure img")["src"] == shown
    assert lead.submit(page, form="form[action$='/removal']").status_code == 303
    assert lead.get(shown).status_code == 404


def test_a_site_says_which_pages_may_frame_its_displays(app: Flask, cast: Cast, rooms: Rooms):
    admin = at_desk(app, cast, "xu")
    with app.app_context(), reading():
        form = f"/admin/sites/{house.site_of(cast).ref}/edit"
    odd = admin.submit(form, {"door_frames": "http://*; x"}, form=f"form[action='{form}']")
    assert "such as https://signs.example.com" in odd.words
    good = {"door_frames": "https://signs.example.com  https://tv.example.com:8443"}
    assert admin.submit(form, good, form=f"form[action='{form}']").status_code == 303
    with app.app_context(), reading():
        assert house.site_of(cast).door_frames == "https://signs.example.com https://tv.example.com:8443"
