"""The day of all rooms and the week of one: what is reserved, what is free to be touched."""

import pytest
from flask import Flask

from domain.database import db, reading, writing
from domain.people.models import Person
from tests import rooms as house
from tests.blueprints.desk.test_board import statements
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.rooms import TUESDAY, Rooms


def test_the_day_shows_each_room_with_what_is_reserved(app: Flask, cast: Cast, rooms: Rooms, desk: FoyerClient) -> None:
    with app.app_context(), writing():
        (one,) = house.book(rooms.cedar, cast, "14:00", "15:30")
        house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,), meeting=house.wish(cast, "明天的会"))
    page = desk.get("/meetings").page
    assert [head.get_text() for head in page.select("tbody th a")] == ["松厅", "竹厅", "雪松厅"]
    meeting = page.select_one("td.meet a")
    assert meeting["href"] == f"/reservations/{one.ref}"
    assert "季度会 14:00–15:30 示例科技有限公司" in " ".join(meeting.get_text(" ").split())
    assert meeting.parent["colspan"] == "18"
    assert [cell["colspan"] for cell in page.select("td.around")] == ["6", "3"]
    assert "明天的会" not in page.get_text()
    assert "明天的会" in desk.get("/meetings?day=2026-03-03").words


def test_each_line_of_the_day_is_as_wide_as_its_hours(app: Flask, cast: Cast, rooms: Rooms, desk: FoyerClient) -> None:
    with app.app_context(), writing():
        house.book(rooms.pine, cast, "10:05", "10:35")
        house.book(rooms.pine, cast, "10:50", "12:00")
        house.book(rooms.cedar, cast, "18:00", "20:00")
    for address in ("/meetings", "/meetings?day=2026-03-07"):
        page = desk.get(address).page
        wide = sum(int(head["colspan"]) for head in page.select("thead th[colspan]"))
        for line in page.select("tbody tr"):
            assert sum(int(cell["colspan"]) for cell in line.select("td")) == wide


def test_what_is_free_leads_to_the_form_with_room_day_and_time(desk: FoyerClient) -> None:
    free = desk.get("/meetings?day=2026-03-03").page.select("tbody tr:first-child td.free a")
    assert len(free) == 12
    assert [link.get("tabindex") for link in free] == [None] + ["-1"] * 11
    form = desk.get(free[2]["href"]).page
    assert form.select_one("[name=room] option[selected]").get_text() == "松厅, 12 seats"
    values = [form.select_one(f"[name={name}]")["value"] for name in ("day", "since", "until")]
    assert values == ["2026-03-03", "10:00", "11:00"]


@pytest.mark.parametrize("day", ["yesterday", "0001-01-01", "9999-12-31", "2026-02-30", ""])
def test_a_day_that_is_none_is_today(desk: FoyerClient, day: str) -> None:
    assert "Mon 2 Mar" in desk.get(f"/meetings?day={day}").words


def test_the_week_of_a_room_has_a_line_for_each_day(app: Flask, cast: Cast, rooms: Rooms, desk: FoyerClient) -> None:
    with app.app_context(), writing():
        house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))
    with app.app_context(), reading():
        ref = house.room(rooms.pine).ref
    page = desk.get(f"/meetings/rooms/{ref}").page
    assert len(page.select("tbody tr")) == 7
    assert "季度会" in page.select("tbody tr")[1].get_text()
    assert "季度会" not in desk.get(f"/meetings/rooms/{ref}?day=2026-03-09").words


def test_who_only_reads_sees_the_day_and_reserves_nothing(app: Flask, cast: Cast, rooms: Rooms) -> None:
    reader = at_desk(app, cast, "wu")
    page = reader.get("/meetings").page
    assert page.select_one("td.free a") is None
    assert reader.get("/meetings/new").status_code == 403


def test_another_site_has_rooms_of_its_own(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context(), reading():
        ref = house.room(rooms.pine).ref
    stranger = at_desk(app, cast, "qian")
    assert "No room is entered yet." in stranger.get("/meetings").words
    assert stranger.get(f"/meetings/rooms/{ref}").status_code == 404


def test_the_day_is_drawn_once_for_all_tablets_and_anew_when_something_happens(
    app: Flask, cast: Cast, rooms: Rooms
) -> None:
    first, second, reader = at_desk(app, cast), at_desk(app, cast), at_desk(app, cast, "wu")
    shown = first.get("/meetings").page.select_one("table.slots")
    sent = statements(app)
    assert second.get("/meetings").page.select_one("table.slots") == shown
    assert len(sent) == 1, "who it is"
    assert reader.get("/meetings").page.select_one("td.free a") is None, "who may do less gets what is drawn for them"
    with app.test_request_context(), writing():  # within a request: what tests do by hand forgets all boards
        house.book(rooms.cedar, cast, "14:00", "15:30")
    assert "季度会" in second.get("/meetings").words
    assert "季度会" not in second.get("/meetings?day=2026-03-03").words


def test_a_colleague_s_new_name_is_seen_at_once_though_it_is_changed_at_no_site(
    app: Flask, cast: Cast, rooms: Rooms, desk: FoyerClient
) -> None:
    with app.app_context(), writing():
        house.book(rooms.pine, cast, "14:00", "16:00", meeting=house.wish(cast, "盘点", by="zhou"))
    assert "Zhou" in desk.get("/meetings").words
    with app.test_request_context(), writing():
        db.session.get_one(Person, cast.people["zhou"]).name = "周明"
    assert "周明" in desk.get("/meetings").words
