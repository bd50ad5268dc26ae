"""What is done with one meeting: changed, moved, extended, begun, ended, called off; the slower one is told."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from domain.database import db, reading, writing
from domain.meetings.models import Reservation
from tests import rooms as house
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.rooms import MONDAY, TUESDAY, Rooms

CHANGE = "form[action$='/edit']"


@pytest.fixture
def meeting(app: Flask, cast: Cast, rooms: Rooms) -> str:
    """A meeting in the pine room on Tuesday from 14 to 15."""
    with app.app_context(), writing():
        return house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))[0].ref


@pytest.fixture
def today(app: Flask, cast: Cast, rooms: Rooms) -> str:
    """One in the cedar room that begins now, until noon."""
    with app.app_context(), writing():
        return house.book(rooms.cedar, cast, "09:30", "12:00", days=(MONDAY,))[0].ref


def kept(app: Flask, ref: str) -> Reservation:
    with app.app_context(), reading():
        found = db.session.scalars(select(Reservation).where(Reservation.ref == ref)).one()
        db.session.expunge_all()
        return found


def touch(desk: FoyerClient, ref: str, what: str, data: dict[str, str] | None = None) -> Any:
    """Press the button on the meeting's page."""
    page = desk.get(f"/reservations/{ref}").page
    form = page.select_one(f"form[action='/reservations/{ref}/{what}']")
    assert form is not None, what
    token = form.select_one("[name=form_token]")["value"]
    return desk.post(form["action"], data={"form_token": token, **(data or {})})


def test_a_meeting_moves_and_its_details_change(app: Flask, meeting: str, desk: FoyerClient) -> None:
    page = f"/reservations/{meeting}/edit"
    assert "张三" not in desk.get(page).words
    answer = desk.submit(page, {"title": "年会", "since": "16:00", "until": "17:30"}, form=CHANGE)
    assert answer.status_code == 303
    words = desk.get(answer.location).words
    assert "The meeting is changed." in words
    assert "Moved to 03-03 16:00" in words
    one = kept(app, meeting)
    assert (one.title, one.ends_at - one.begins_at) == ("年会", timedelta(minutes=90))


def test_whoever_saves_second_is_told_what_changed(app: Flask, cast: Cast, meeting: str, desk: FoyerClient) -> None:
    page, other = f"/reservations/{meeting}/edit", at_desk(app, cast, "zhou")
    drawn = other.get(page).page
    desk.submit(page, {"since": "16:00", "until": "17:00"}, form=CHANGE)
    fields = {field["name"]: field.get("value", "") for field in drawn.select(f"{CHANGE} input")}
    fields |= {name["name"]: (name.select_one("[selected]") or {}).get("value", "") for name in drawn.select("select")}
    fields["title"] = "另一个题目"
    late = other.post(page, data=fields)
    assert late.status_code == 409
    assert "Somebody changed “From” meanwhile. It is now: 16:00" in late.words
    assert late.page.select_one("[name=since]")["value"] == "16:00"
    assert late.page.select_one("[name=title]")["value"] == "另一个题目"
    assert kept(app, meeting).title == "季度会"


def test_a_meeting_does_not_move_onto_another(
    app: Flask, cast: Cast, rooms: Rooms, meeting: str, desk: FoyerClient
) -> None:
    with app.app_context(), writing():
        house.book(rooms.pine, cast, "16:00", "17:00", days=(TUESDAY,))
    answer = desk.submit(f"/reservations/{meeting}/edit", {"since": "16:30", "until": "17:00"}, form=CHANGE)
    assert answer.status_code == 409
    assert "松厅 is taken in this time." in answer.words


def test_of_a_repeat_this_one_the_later_ones_or_all_are_changed(
    app: Flask, cast: Cast, rooms: Rooms, desk: FoyerClient
) -> None:
    days = tuple(TUESDAY + timedelta(days=7 * week) for week in range(3))
    with app.app_context(), writing():
        refs = [one.ref for one in house.book(rooms.pine, cast, "10:00", "11:00", days=days)]
        house.book(rooms.pine, cast, "14:00", "15:00", days=(days[2],))
    page = f"/reservations/{refs[1]}/edit"
    clash = desk.submit(page, {"since": "14:00", "until": "15:00", "which": "later"}, form=CHANGE)
    assert clash.status_code == 409
    assert [one["name"] for one in clash.page.select("select[name^=on_]")] == [f"on_{days[2]}"]
    done = desk.submit(page, {"since": "12:00", "until": "13:00", "which": "later"}, form=CHANGE, follow_redirects=True)
    assert "2 meetings are changed." in done.words
    assert kept(app, refs[0]).begins_at.hour == 2
    gone = desk.submit(
        f"/reservations/{refs[1]}/cancellation", {"which": "all"}, form="main form", follow_redirects=True
    )
    assert "3 meetings are called off." in gone.words


def test_a_meeting_begins_is_extended_and_ends_early(app: Flask, today: str, desk: FoyerClient, clock: Any) -> None:
    assert touch(desk, today, "starts").status_code == 303
    assert touch(desk, today, "extensions", {"minutes": "30"}).status_code == 303
    assert "Extended until 12:30." in desk.get(f"/reservations/{today}").words
    assert touch(desk, today, "extensions", {"minutes": "7"}).status_code == 422
    page = desk.get(f"/reservations/{today}/cancellation").page
    token = page.select_one("main [name=form_token]")["value"]
    refused = desk.post(f"/reservations/{today}/cancellation", data={"form_token": token})
    assert refused.status_code == 409
    assert "being held" in refused.words
    clock.shift(timedelta(minutes=20))
    assert "The room is free from 10:05." in _followed(desk, touch(desk, today, "ends"))
    assert kept(app, today).state == "ended"
    assert desk.get(f"/reservations/{today}").page.select_one("form[action$='/ends']") is None
    assert "This meeting is over." in desk.get(f"/reservations/{today}/edit").words


def test_where_nobody_came_the_room_is_freed_and_taken_back(app: Flask, today: str, desk: FoyerClient) -> None:
    assert touch(desk, today, "releases").status_code == 303
    assert kept(app, today).state == "released"
    assert touch(desk, today, "revivals").status_code == 303
    assert kept(app, today).state == "held"


def test_after_fifteen_minutes_without_a_beginning_the_page_says_that_the_room_is_free(
    today: str, desk: FoyerClient, clock: Any
) -> None:
    assert "Not begun yet" in desk.get(f"/reservations/{today}").words
    clock.shift(timedelta(minutes=15))
    page = desk.get(f"/reservations/{today}")
    assert "Nobody came" in page.words
    assert page.page.select_one("form[action$='/starts']") is None
    assert desk.get("/meetings").page.select_one("td.meet") is None


def test_a_touch_that_comes_too_late_is_refused_over_the_entry(
    app: Flask, cast: Cast, today: str, desk: FoyerClient
) -> None:
    other = at_desk(app, cast, "zhou")
    form = other.get(f"/reservations/{today}").page.select_one("form[action$='/ends']")
    touch(desk, today, "ends")
    late = other.post(form["action"], data={"form_token": form.select_one("[name=form_token]")["value"]})
    assert late.status_code == 409
    assert "This meeting is over." in late.words


def test_who_only_reads_changes_nothing(app: Flask, cast: Cast, meeting: str) -> None:
    reader = at_desk(app, cast, "wu")
    page = reader.get(f"/reservations/{meeting}").page
    assert page.select_one("form[action$='/starts'], a[href$='/edit']") is None
    for what in ("starts", "ends", "releases", "revivals", "extensions", "edit", "cancellation"):
        assert reader.post(f"/reservations/{meeting}/{what}", data={}).status_code == 403


def test_a_meeting_of_another_site_is_not_there(app: Flask, cast: Cast, meeting: str) -> None:
    stranger = at_desk(app, cast, "qian")
    for page in ("", "/edit", "/cancellation"):
        assert stranger.get(f"/reservations/{meeting}{page}").status_code == 404


def _followed(desk: FoyerClient, answer: Any) -> str:
    return desk.get(answer.location).words
