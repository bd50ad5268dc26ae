"""The desk shows what waits, what is late and who is in, and asks again at the price of two reads."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, select, update

from domain import clock as time
from domain.database import db, writing
from domain.identity import Actor
from domain.notices import Notice
from domain.occupants.models import Host, Unit
from domain.sites.models import Purpose, Site
from domain.visits.answers import answer
from domain.visits.models import HostAnswer, Visit
from tests import factories as make
from tests.cast import Cast, at_desk
from tests.client import FoyerClient


def come(app: Flask, cast: Cast, *, waits: bool = False, **values: Any) -> str:
    """Somebody signs in; gives the visit's ref."""
    with app.app_context(), writing():
        site, unit = db.session.get_one(Site, cast.site_id), db.session.get_one(Unit, cast.unit_id)
        purpose = db.session.get_one(Purpose, cast.waiting_purpose_id if waits else cast.purpose_id)
        visit = make.make_visit(site, purpose, unit, db.session.get_one(Host, cast.host_id), **values)
        return visit.ref


def statements(app: Flask) -> list[str]:
    """Every statement that the app sends from now on."""
    sent: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda c, cur, sql, *rest: sent.append(sql))
    return sent


@pytest.fixture
def desk(app: Flask, cast: Cast, clock: time_machine.Traveller) -> FoyerClient:
    return at_desk(app, cast)


def test_an_empty_desk_says_so_in_words(desk: FoyerClient) -> None:
    words = desk.get("/desk").words
    for sentence in ("Nobody is waiting.", "Nobody overstays.", "Nobody is in the building."):
        assert sentence in words


def test_who_waits_for_somebody_that_nobody_could_tell_is_loud(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast, waits=True)

    def row() -> Any:
        return desk.get("/desk").page.select_one(f"#wait-{ref}")

    assert row()["data-s"] == "wait", "the notice is on its way"
    for state, tries, tone in (("pending", 1, "late"), ("sent", 2, "wait"), ("failed", 9, "late")):
        with app.app_context(), writing():
            db.session.execute(update(Notice).values(state=state, tries=tries))
        assert row()["data-s"] == tone
    assert "张三 1806 was not told: call. Waits for" in " ".join(row().get_text().split())
    with app.app_context(), writing():
        db.session.get_one(Host, cast.host_id).email = ""
    other = come(app, cast, waits=True, name="赵六", phone="+8613800138002")
    assert "was not told" in desk.get("/desk").page.select_one(f"#wait-{other}").get_text()


def test_the_host_of_who_is_inside_is_to_be_called_until_somebody_notes_it(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    ref = come(app, cast, name="王五")
    heading = "To call: the host does not know"
    assert heading not in desk.get("/desk").words, "the notice is on its way"
    with app.app_context(), writing():
        db.session.execute(update(Notice).values(state="failed", tries=1))
    row = desk.get("/desk").page.select_one(f"#ring-{ref}")
    assert "was not told: call. Came at 09:30" in row.get_text()
    shown = desk.submit("/desk", form=f"#ring-{ref} form")
    assert shown.page.select_one("a[href='tel:+8613900139000']")
    assert heading in desk.get("/desk").words, "to look up a number is not to call"
    noting = {
        field["name"]: field["value"] for field in shown.page.select(f"form[action='/visits/{ref}/notices'] input")
    }
    noted = desk.post(f"/visits/{ref}/notices", data=noting)
    assert noted.location == "/desk"
    assert heading not in desk.get("/desk").words
    assert "Told the host by telephone" in desk.get(f"/visits/{ref}").words


def test_a_notice_that_nobody_tries_to_send_makes_the_desk_call_after_two_minutes(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    ref = come(app, cast)
    clock.shift(60)
    assert not desk.get("/desk").page.select_one(f"#ring-{ref}")
    clock.shift(70)
    assert desk.get("/desk").page.select_one(f"#ring-{ref}")
    clock.shift(2 * 60 * 60)
    page = at_desk(app, cast).get("/desk").page
    assert page.select_one(f"#ring-{ref}"), "that the time is over tells the host nothing"


def test_who_came_first_is_called_about_first_and_the_others_are_counted_and_listed(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    for number in range(11):
        early = time.now() - timedelta(minutes=20 * number)
        come(app, cast, name=f"客{number}", phone=f"+86138001380{number:02d}", now=early)
    come(app, cast, waits=True, name="赵六", phone="+8613800138099")
    with app.app_context(), writing():
        db.session.execute(update(Notice).values(state="failed", tries=1))
    page = desk.get("/desk").page
    shown = [row.select_one("h3").get_text().split()[0] for row in page.select("[id^=ring-]")]
    assert shown == [f"客{number}" for number in range(10, 2, -1)]
    others = page.select_one("a[href='/visits?state=untold']")
    assert others is not None
    assert others.get_text(strip=True) == "and 3 more to call"
    listed = desk.get(others["href"]).page
    assert len(listed.select("tbody tr")) == 11, "all of them, and not who stands under Waiting"


def test_who_is_corrected_to_somebody_else_has_a_host_who_does_not_know(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    ref = come(app, cast)
    with app.app_context(), writing():
        db.session.execute(update(Notice).values(state="sent"))
        other = make.make_host(db.session.get_one(Unit, cast.unit_id), "赵六", email="")
        db.session.execute(update(Visit).values(host_id=other.id))
    assert "赵六 1806 was not told" in desk.get("/desk").page.select_one(f"#ring-{ref}").get_text()


def test_who_waits_overstays_and_is_in_stands_in_its_place(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    come(app, cast, name="早客", phone="+8613800138001", now=time.now() - timedelta(hours=3))
    come(app, cast, name="王五", companions=2)
    come(app, cast, waits=True, name="赵六", phone="+8613800138002", now=time.now() - timedelta(minutes=6))
    with app.app_context(), writing():
        db.session.execute(update(Notice).values(state="sent"))
    page = desk.get("/desk").page
    figures = {a.get_text(" ", strip=True) for a in page.select(".figs a")}
    assert figures == {"1 Waiting", "1 Overstaying", "4 People inside", "0 Expected"}
    first, second = page.select(".board > .col")[:2]
    assert "asked for 6 min" in first.get_text()
    assert "赵六 A-003" in first.get_text()
    assert "1 h over, due 08:30" in first.get_text()
    assert [" ".join(h.get_text().split()) for h in second.select("h3")] == ["王五 and 2 more A-002"]


def test_in_the_first_minute_nothing_is_said_to_be_of_nought_minutes(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    come(app, cast, name="早客", phone="+8613800138001", now=time.now() - timedelta(hours=2, seconds=20))
    come(app, cast, waits=True, name="赵六", phone="+8613800138002", now=time.now() - timedelta(seconds=20))
    with app.app_context(), writing():
        db.session.execute(update(Notice).values(state="sent"))
    column = desk.get("/desk").page.select(".board > .col")[0].get_text()
    assert "just over, due 09:29" in column
    assert "asked for under 1 min" in column


def test_of_who_is_in_the_building_the_last_to_come_are_shown(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    for number in range(14):
        come(
            app, cast, name=f"客{number}", phone=f"+86138001380{number:02d}", now=time.now() - timedelta(minutes=number)
        )
    column = desk.get("/desk").page.select(".board > .col")[1]
    shown = [heading.get_text().split()[0] for heading in column.select("h3")]
    assert shown == [f"客{number}" for number in range(8)]
    others = column.select_one("a[href='/desk/closing']")
    assert others.get_text() == "and 6 who came before", "where they can be signed out"


def test_who_just_left_can_be_called_back_for_a_while(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    ref = come(app, cast, name="王五")
    desk.submit("/desk", form=f"form[action='/visits/{ref}/departures']")
    clock.shift(60)
    page = desk.get("/desk").page
    assert "Just left" in page.get_text()
    assert page.select_one(f"#left-{ref} form")["action"] == f"/visits/{ref}/returns"
    clock.shift(15 * 60)
    assert "Just left" not in desk.get("/desk").words


def test_who_left_stands_for_a_minute_where_the_row_stood(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    late = [
        come(app, cast, name=f"早{n}", phone=f"+861380013810{n}", now=time.now() - timedelta(hours=4 - n))
        for n in (0, 1)
    ]
    here = [
        come(app, cast, name=f"客{n}", phone=f"+861380013820{n}", now=time.now() - timedelta(minutes=n))
        for n in range(10)
    ]

    with app.app_context(), writing():
        db.session.execute(update(Notice).values(state="sent"))

    def rows(column: int) -> list[str]:
        return [row["id"] for row in desk.get("/desk").page.select(f".board > .col:nth-child({column}) .row")]

    before = rows(2)
    assert before == [f"in-{ref}" for ref in here[:8]]
    for ref in (late[0], here[1]):
        clock.shift(1)
        answer = desk.submit("/desk", form=f"form[action='/visits/{ref}/departures']")
        assert answer.status_code == 303
    assert rows(2) == [before[0], f"left-{here[1]}", *before[2:], f"in-{here[8]}"]
    assert rows(1) == [f"left-{late[0]}", f"late-{late[1]}"]
    clock.shift(61)
    assert rows(2) == [f"in-{ref}" for ref in (here[0], *here[2:9])] + [f"left-{ref}" for ref in (here[1], late[0])]
    assert rows(1) == [f"late-{late[1]}"]


def test_the_answer_of_the_host_is_told_and_then_gone(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast, waits=True)
    with app.app_context(), writing():
        visit = db.session.scalars(select(Visit).where(Visit.ref == ref)).one()
        answer(visit, HostAnswer.SEND_UP, by="host", actor=Actor("host", cast.host_id), now=time.now())
    page = desk.get("/desk").page
    assert "Send up: floor 18, 1806" in page.get_text()
    told = desk.submit("/desk", form=f"form[action='/visits/{ref}/told']")
    assert told.status_code == 303
    assert told.location == "/desk"
    assert "Answered: tell them" not in desk.get("/desk").words


def poll(desk: FoyerClient, tag: str) -> Any:
    return desk.htmx("/desk/live", headers={"HX-PTag": tag})


def test_an_unchanged_board_costs_one_read_and_no_drawing(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    come(app, cast)
    page = desk.get("/desk")
    tag = page.headers["HX-PTag"]
    assert page.page.select_one("#board")["hx-ptag"] == tag
    sent = statements(app)
    answer_ = poll(desk, tag)
    assert (answer_.status_code, answer_.data) == (304, b"")
    assert len(sent) == 1
    assert answer_.headers["Cache-Control"] == "no-store"


def test_a_changed_board_comes_as_the_region_with_its_new_tag(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    tag = desk.get("/desk").headers["HX-PTag"]
    come(app, cast, name="新客")
    answer_ = poll(desk, tag)
    root = answer_.page.select_one("#board")
    assert answer_.status_code == 200
    assert "新客" in answer_.words
    assert "<html" not in answer_.text
    assert root is not None
    assert root["hx-ptag"] == answer_.headers["HX-PTag"] != tag
    tag = answer_.headers["HX-PTag"]
    assert poll(desk, tag).status_code == 304
    clock.shift(60)
    assert poll(desk, tag).status_code == 200, "minutes go on"


def test_a_poll_is_no_activity(app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller) -> None:
    tag = desk.get("/desk").headers["HX-PTag"]
    for _ in range(7):
        clock.shift(5 * 60)
        answer_ = poll(desk, tag)
    assert answer_.status_code == 303 or "HX-Redirect" in answer_.headers, "after 30 idle minutes the session is over"


def test_the_region_has_no_page_of_its_own(desk: FoyerClient) -> None:
    assert desk.get("/desk/live").location == "/desk"


@pytest.mark.parametrize("count", [1, 30])
def test_the_desk_takes_at_most_eight_statements(app: Flask, cast: Cast, desk: FoyerClient, count: int) -> None:
    with app.app_context(), writing():
        site, unit = db.session.get_one(Site, cast.site_id), db.session.get_one(Unit, cast.unit_id)
        host = db.session.get_one(Host, cast.host_id)
        for number in range(count):
            purpose = db.session.get_one(Purpose, cast.waiting_purpose_id if number % 3 else cast.purpose_id)
            make.make_visit(site, purpose, unit, host, name=f"客{number}", phone=f"+86138001380{number:02d}")
    sent = statements(app)
    assert desk.get("/desk").status_code == 200
    assert len(sent) <= 7, "\n".join(sent)


def test_another_sites_visits_are_not_on_the_board(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    come(app, cast, name="王五")
    assert "王五" not in at_desk(app, cast, "qian").get("/desk").words


def test_after_closing_the_desk_says_who_is_still_listed(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    with app.app_context(), writing():
        db.session.get_one(Site, cast.site_id).opening = {str(day): [["08:00", "20:00"]] for day in range(1, 6)}
    come(app, cast)
    assert "The building closed" not in desk.get("/desk").words
    clock.move_to(time.now() + timedelta(hours=10, minutes=31))
    words = at_desk(app, cast).get("/desk").words
    assert "The building closed at 20:00: 1 visit is still listed." in words
    clock.move_to(time.now() + timedelta(hours=6))
    assert "The building closed at 03-02 20:00" in at_desk(app, cast).get("/desk").words
