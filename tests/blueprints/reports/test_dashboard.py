"""R3: the figures of the site are counted day by day, shown beside those of before, each rate with what it is of."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, select

import jobs
from domain import clock as house_clock
from domain.database import db, reading, writing
from domain.figures import Bar, Chart, Panel, Verbatim
from domain.identity import SYSTEM
from domain.people.models import Person
from domain.reports import counting
from domain.reports.models import Tally
from domain.slips import operations as slips
from domain.slips.models import Slip
from domain.visits import departures, erasure
from domain.visits.models import Visit
from tests.cast import Cast, at_desk
from tests.document import read
from tests.house.routes import furnish
from tests.invited import make_invitation
from tests.stays import arrive
from web import charts
from web.pictures import photo_folder


def count(app: Flask) -> int:
    with app.app_context():
        return counting.count_due(now=house_clock.now())


def tallies(app: Flask, name: str) -> dict[str, tuple[int, int]]:
    with app.app_context(), reading():
        rows = db.session.execute(select(Tally.key, Tally.count, Tally.total).where(Tally.name == name))
        return {key: (count, total) for key, count, total in rows}


def leave(app: Flask, visit: Visit) -> None:
    with app.app_context(), writing():
        here = db.session.get_one(Visit, visit.id)
        departures.sign_out(here, how="desk", actor=SYSTEM, now=house_clock.now())


def test_a_day_is_counted_and_counted_again_when_it_changes(
    app: Flask, cast: Cast, clock: time_machine.Traveller
) -> None:
    first = arrive(app, cast)
    arrive(app, cast, phone="+8613800138001", name="赵六")
    assert count(app) >= 1
    assert tallies(app, "visits.hour") == {"09": (2, 0)}
    assert count(app) == 0  # nothing happened since
    clock.shift(timedelta(minutes=40))
    leave(app, first)
    assert count(app) >= 1
    assert tallies(app, "visits.stay") == {"60": (1, 2400)}
    clock.shift(timedelta(days=20))
    with app.app_context():
        jobs.count_again()
        jobs.erase_visits()
        assert erasure.erase_visits(photos=photo_folder(), actor=SYSTEM, now=house_clock.now() + timedelta(days=90))
        counting.count_again(now=house_clock.now())
    assert tallies(app, "visits.hour") == {"09": (2, 0)}  # the statistics stay


def test_the_page_shows_figures_with_their_denominators(app: Flask, cast: Cast, clock: time_machine.Traveller) -> None:
    furnish(app, cast)
    leave(app, arrive(app, cast, phone="+8613800138005", name="钱七"))
    clock.shift(timedelta(hours=3))  # the loan of the house is overdue now
    with app.app_context(), writing():
        slip = db.session.scalars(select(Slip)).first()
        assert slip is not None
        slips.close(slip, outcome="修好了", actor=SYSTEM, now=house_clock.now())
    count(app)
    wu = at_desk(app, cast, "wu")
    answer = wu.get("/reports?span=week")
    assert "Most visits at 09:00: 3 of 3, companions not counted." in answer.words
    assert re.search(r"of keys that fell due: 1 of 1 \(100 %\)", answer.words)
    assert "Seen leaving: 1 of 1 (100 %)" in answer.words
    assert "Not seen leaving" not in answer.words
    for chart in answer.page.select("svg[role=img]"):
        assert chart["aria-label"]
        _x, _y, width, height = map(float, str(chart["viewBox"]).split())
        assert height <= width, "One hour alone is no tower."
    assert len(answer.page.select("section table")) >= len(answer.page.select("svg[role=img]"))
    today = wu.get("/reports?span=today").page.select(".chips [aria-current]")
    assert [one.get_text() for one in today] == ["Today"]
    for span in ("month", "year", "nonsense"):
        assert wu.get(f"/reports?span={span}").status_code == 200
    assert at_desk(app, cast, "lisi").get("/reports").status_code == 403


def told(answer: Any) -> dict[str, list[str]]:
    """What of the day is done and what is not: register → entered, finished, still open, open from before."""
    rows = [row.select("th, td") for row in answer.page.select("section[aria-labelledby=p-done] tbody tr")]
    return {head.get_text(): [cell.get_text() for cell in cells] for head, *cells in rows}


def test_yesterday_stands_on_one_page_with_what_is_done_and_what_is_not(
    app: Flask, cast: Cast, clock: time_machine.Traveller
) -> None:
    arrive(app, cast, name="孙八", phone="+8613800138001")  # stays for good
    clock.shift(timedelta(days=1))
    leave(app, arrive(app, cast))
    arrive(app, cast, name="赵六", phone="+8613800138002")
    clock.shift(timedelta(days=1))
    arrive(app, cast, name="钱七", phone="+8613800138003")
    count(app)
    for login in ("zhou", "wu", "he"):
        reader = at_desk(app, cast, login)
        page = reader.get("/reports?span=yesterday")
        assert [one.get_text() for one in page.page.select(".chips [aria-current]")] == ["Yesterday"]
        assert told(page)["Register of visits"] == ["2", "1", "1", "1"]
        assert "Finished: 1 of 2 (50 %). Open from before: 1." in page.words
        assert "Tue 3 Mar, beside Tue 24 Feb" in page.words
        assert told(reader.get("/reports?span=today"))["Register of visits"] == ["1", "0", "1", "2"]
        assert told(reader.get("/reports?span=week")) == {}


def test_who_is_still_expected_today_is_not_done(app: Flask, cast: Cast, clock: time_machine.Traveller) -> None:
    with app.app_context(), writing():
        make_invitation(cast, begins_at=house_clock.now() + timedelta(hours=3))
    today = at_desk(app, cast, "zhou").get("/reports?span=today")
    assert told(today)["Register of invitations"] == ["1", "0", "1", "0"]


def test_what_was_before_is_drawn_behind_bars_and_numbers(app: Flask) -> None:
    bars = [Bar(Verbatim(str(hour)), hour, before=hour + 1) for hour in range(3)]
    with app.test_request_context():
        drawn = str(charts.draw(Panel("visits", "Visits", Verbatim(""), (), [], Chart("columns", bars))).svg)
    assert drawn.index('class="m"') < drawn.index('class="a"') < drawn.index('class="v"')


def test_nothing_counted_is_said_in_words(app: Flask, cast: Cast, clock: time_machine.Traveller) -> None:
    answer = at_desk(app, cast, "he").get("/reports")
    assert "This is not counted yet" in answer.words
    assert "Nobody came." in answer.words
    assert not answer.page.select("svg[role=img]")


@pytest.mark.parametrize("address", ["/reports?span=month", "/reports?span=yesterday"])
def test_the_page_asks_few_things_however_much_there_is(app: Flask, cast: Cast, clock: Any, address: str) -> None:
    furnish(app, cast)
    count(app)
    wu = at_desk(app, cast, "wu")
    wu.get(address)
    said: list[str] = []

    def hear(*told: Any) -> None:
        said.append(told[2])

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", hear)
    try:
        wu.get(address)
    finally:
        with app.app_context():
            event.remove(db.engine, "before_cursor_execute", hear)
    assert len(said) <= 8, said


def test_days_that_nobody_counted_are_counted_later(app: Flask, cast: Cast, clock: Any) -> None:
    arrive(app, cast)
    clock.shift(timedelta(days=9))
    count(app)
    assert tallies(app, "visits.hour") == {"09": (1, 0)}
    assert count(app) == 0


def test_whom_nobody_saw_leave_is_told_apart_from_who_left(
    app: Flask, cast: Cast, clock: time_machine.Traveller
) -> None:
    leave(app, arrive(app, cast))
    unseen = arrive(app, cast, name="赵六", phone="+8613800138001")
    with app.app_context(), writing():
        gone = [db.session.get_one(Visit, unseen.id)]
        departures.confirm_at_closing(gone, seen=False, actor=SYSTEM, now=house_clock.now())
    clock.shift(7)  # what was drawn is kept by the time of counting, from one test to the next
    count(app)
    page = at_desk(app, cast, "wu").get("/reports?span=today").page
    headline = next(one for one in page.select(".kpi") if "Not seen leaving" in one.get_text())
    assert headline.select_one("b").get_text() == "1"
    assert "seen leaving: 1 of 2 (50 %)" in headline.get_text()
    stay = page.select_one("section[aria-labelledby=p-visits-stay]")
    assert "Seen leaving: 1 of 2 (50 %)." in stay.get_text()
    assert [cell.get_text() for cell in stay.select("tbody tr")[-1].select("th, td")] == ["Not seen leaving", "1", "0"]


def test_whoever_gave_up_waiting_is_counted_as_the_register_and_the_desk_count(
    app: Flask, cast: Cast, clock: time_machine.Traveller
) -> None:
    arrive(app, cast)
    gave_up = arrive(app, cast, name="赵六", phone="+8613800138001", waits=True)
    with app.app_context(), writing():
        departures.cancel(db.session.get_one(Visit, gave_up.id), actor=SYSTEM, now=house_clock.now())
    count(app)
    page = at_desk(app, cast, "wu").get("/reports?span=today")
    assert page.page.select_one(".kpi b").get_text() == told(page)["Register of visits"][0] == "2"


@pytest.mark.parametrize(
    ("language", "hour", "week", "inside"),
    [
        (
            "en",
            "Most visits at 09:00: 2 of 2, companions not counted.",
            "Most visits on Mon at 09:00: 2, companions not counted.",
            "5 People inside",
        ),
        (
            "zh_Hans",
            "09:00 来访最多：2 次中的 2 次，同行人不另计。",
            "周一 09:00 来访最多：2 次，同行人不另计。",
            "5 在楼内人数",
        ),
    ],
)
def test_figures_say_visits_and_the_desk_says_people(
    app: Flask, cast: Cast, clock: time_machine.Traveller, language: str, hour: str, week: str, inside: str
) -> None:
    arrive(app, cast, companions=3)
    arrive(app, cast, name="赵六", phone="+8613800138001")
    clock.shift(13)
    count(app)
    with app.app_context(), writing():
        for person in db.session.scalars(select(Person)):
            person.language = language
    assert inside in at_desk(app, cast, "lisi").get("/desk").words
    wu = at_desk(app, cast, "wu")
    assert hour in wu.get("/reports?span=today").words
    assert week in wu.get("/reports?span=month").words


def test_a_label_ends_before_its_bar(app: Flask) -> None:
    bars = [Bar(Verbatim(label), 3) for label in ("Skipped with a reason", "因故跳过", "长" * 60)]
    panel = Panel("steps", "Steps", Verbatim(""), (), [], Chart("bars", bars))
    with app.test_request_context():
        svg = read(str(charts.draw(panel).svg))
    labels = [text.get_text() for text in svg.select("text[x='0']")]
    assert labels[:2] == ["Skipped with a reason", "因故跳过"]
    assert labels[2].endswith("…")
    reach = max(len(labels[0]) * 7, len(labels[2]) * 13)
    assert all(float(str(rect["x"])) >= reach for rect in svg.select("rect"))


def test_the_figures_at_the_axis_have_their_room(app: Flask) -> None:
    columns = Chart("columns", [Bar(Verbatim("09"), 12_000), Bar(Verbatim("10"), 7)])
    with app.test_request_context():
        svg = read(str(charts.draw(Panel("visits", "Visits", Verbatim(""), (), [], columns)).svg))
    figures = {text.get_text(): float(str(text["x"])) for text in svg.select("text[text-anchor=end]")}
    assert "10,000" in figures
    assert all(end >= len(figure) * 7 for figure, end in figures.items())
