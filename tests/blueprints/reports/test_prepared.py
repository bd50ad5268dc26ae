"""R3: each report is prepared at its time, once: a page, a workbook and a mail. The site says when, and to whom."""

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import select, text

import jobs
from domain import clock as house_clock
from domain.database import db, reading, writing
from domain.notices import Notice
from domain.occupants.models import Unit
from domain.reports import counting, plans
from domain.reports.kinds import KINDS, Due
from domain.reports.models import Report
from domain.slips import operations as slips
from domain.slips.models import Nature, Source
from tests.cabinet import actor_of
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.house.routes import furnish
from web import messages

PLAN = "main form[method=post]"


def prepare(app: Flask) -> int:
    with app.app_context():
        return plans.prepare_due(now=house_clock.now())


def kinds(app: Flask) -> list[str]:
    with app.app_context(), reading():
        return list(db.session.scalars(select(Report.kind).where(Report.site_id == 1).order_by(Report.kind)))


@pytest.fixture
def he(app: Flask, clock: Any, cast: Cast) -> FoyerClient:
    return at_desk(app, cast, "he")


def test_a_report_is_prepared_at_its_time_once(app: Flask, clock: Any, cast: Cast, he: FoyerClient) -> None:
    assert "No report has fallen due yet" in he.get("/reports/prepared").words
    assert prepare(app) == 0
    clock.shift(timedelta(hours=8))  # 17:30
    assert prepare(app) == 2  # one at each site
    assert prepare(app) == 0
    assert kinds(app) == ["daily"]
    clock.shift(timedelta(days=3, hours=21))  # Friday, 14:30
    prepare(app)
    he = at_desk(app, cast, "he")
    assert {"daily", "weekly", "vacant"} == set(kinds(app))
    link = he.get("/reports/prepared").page.select_one("tbody a")
    assert he.get(link["href"]).status_code == 200
    assert at_desk(app, cast, "qian").get(link["href"]).status_code == 403


@pytest.mark.parametrize(
    ("kind", "now", "day", "span"),
    [
        ("daily", "2026-03-02 17:00", "2026-03-02", ("2026-03-02", "2026-03-02")),
        ("weekly", "2026-03-02 09:00", "2026-02-27", ("2026-02-21", "2026-02-27")),
        ("complaints", "2026-03-25 09:00", "2026-03-25", ("2026-02-26", "2026-03-25")),
        ("monthly", "2026-03-27 08:59", "2026-02-27", ("2026-01-28", "2026-02-27")),
        ("half_year", "2026-07-05 09:00", "2026-07-05", ("2026-01-01", "2026-06-30")),
        ("year", "2026-07-05 09:00", "2026-01-05", ("2025-01-01", "2025-12-31")),
    ],
)
def test_when_a_report_falls_due_and_of_what_it_tells(kind: str, now: str, day: str, span: tuple[str, str]) -> None:
    due = Due(KINDS[kind], KINDS[kind].day, KINDS[kind].minute)
    at = datetime.fromisoformat(now).replace(tzinfo=UTC) - timedelta(hours=8)
    found = due.last(at, "Asia/Shanghai")
    assert found == date.fromisoformat(day)
    assert due.span(found) == (date.fromisoformat(span[0]), date.fromisoformat(span[1]))


def test_the_thirty_first_of_a_short_month_is_its_last_day() -> None:
    due = Due(KINDS["monthly"], 31, 540)
    assert due.is_on(date(2026, 2, 28))
    assert not due.is_on(date(2026, 3, 28))


def test_the_site_says_when_and_to_whom(app: Flask, clock: Any, cast: Cast, he: FoyerClient) -> None:
    where = "/reports/plans?kind=weekly"
    wrong = he.submit(where, {"weekday": "1", "at": "10:00", "addresses": "nobody at all"}, form=PLAN)
    assert wrong.status_code == 422
    assert "nobody at all" in wrong.text
    said = {"weekday": "1", "at": "10:00", "addresses": "boss@example.com\nquality@example.com"}
    assert he.submit(where, said, form=PLAN).status_code == 303
    with app.app_context(), reading():  # nobody reads the addresses out of the file
        assert b"boss" not in bytes(db.session.scalars(text("SELECT addresses FROM report_plans")).one())
    clock.shift(timedelta(hours=1))
    assert prepare(app) == 1
    assert prepare(app) == 0
    with app.app_context():
        with reading():
            notice = db.session.scalars(select(Notice).where(Notice.subject == "report")).one()
            letter = messages.write(notice)
        assert letter is not None
        assert letter.addresses == ("boss@example.com", "quality@example.com")
        assert "Visits: 0" in letter.text or "来访" in letter.text
    he = at_desk(app, cast, "he")
    assert he.submit(where, {"active": ""} | said, form=PLAN).status_code == 303
    assert at_desk(app, cast, "zhou").get(where).status_code == 403


def test_a_report_is_a_page_and_a_workbook(app: Flask, clock: Any, cast: Cast) -> None:
    furnish(app, cast)
    with app.app_context(), writing():
        unit = Unit(ref="x" * 12, site_id=cast.site_id, number="2001", company="走了公司", left_at=house_clock.now())
        db.session.add(unit)
        made = house_clock.now()
        day = house_clock.local_date(made, "Asia/Shanghai")
        for kind in KINDS:
            db.session.add(
                Report(
                    ref=f"report-{kind}",
                    site_id=cast.site_id,
                    kind=kind,
                    since=day,
                    until=day,
                    due_at=made - timedelta(minutes=1),
                    made_at=made,
                )
            )
    with app.app_context():
        counting.count_due(now=house_clock.now())
        jobs.prepare_reports()
    he = at_desk(app, cast, "he")
    for kind in KINDS:
        assert he.get(f"/reports/report-{kind}").status_code == 200
    assert "2001" in he.get("/reports/report-vacant").words
    assert "Slips by kind" in he.get("/reports/report-complaints").words
    assert "Visits by the hour" not in he.get("/reports/report-complaints").words
    file = he.get("/reports/report-monthly/workbook").get_data()
    sheets = {sheet.title: sheet for sheet in openpyxl.load_workbook(io.BytesIO(file)).worksheets}
    (hours,) = [sheet for title, sheet in sheets.items() if "by the hour" in title]
    assert hours["B2"].value == 2
    assert he.get("/reports/no-such-report").status_code == 404


def rows_of(answer: Any, panel: str) -> list[list[str]]:
    """The rows of a panel's table."""
    rows = answer.page.select(f"section[aria-labelledby=p-{panel}] tbody tr")
    return [[cell.get_text() for cell in row.select("th, td")] for row in rows]


def test_complaints_are_told_by_department_and_where_they_came_again(app: Flask, clock: Any, cast: Cast) -> None:
    with app.app_context(), writing():
        zhou, now = actor_of(cast, "zhou"), house_clock.now()
        works = slips.add_department(site_id=cast.site_id, name="工程部", actor=zhou, now=now)
        told: dict[str, Any] = {"site_id": cast.site_id, "source": Source.DESK, "actor": zhou, "now": now}
        complaint = {**told, "nature": Nature.COMPLAINT, "unit_id": cast.unit_id, "department_id": works.id}
        first, late = (slips.write(matter="空调太吵", **complaint) for _ in range(2))
        slips.write(matter="没人接电话", nature=Nature.COMPLAINT, **told)
        slips.write(matter="灯坏了", nature=Nature.REPAIR, unit_id=cast.unit_id, **told)
        slips.close(first, outcome="修好了", actor=zhou, now=now + timedelta(hours=1))
        slips.close(late, outcome="修好了", actor=zhou, now=late.promise_at + timedelta(hours=1))
        day = house_clock.local_date(now, "Asia/Shanghai")
        for kind in ("complaints", "weekly"):
            db.session.add(
                Report(ref=kind, site_id=cast.site_id, kind=kind, since=day, until=day, due_at=now, made_at=now)
            )
    he = at_desk(app, cast, "he")
    told_of = he.get("/reports/complaints")
    assert [row[:4] for row in rows_of(told_of, "slips-departments")] == [
        ["工程部", "2", "2 of 2 (100 %)", "1 of 2 (50 %)"],
        ["The desk itself", "1", "0 of 1 (0 %)", "none"],
    ]
    assert "Closed: 2 of 3 (67 %)." in told_of.words
    assert [row[::2] for row in rows_of(told_of, "slips-repeats")] == [["1806", "2"]]
    assert [row[::2] for row in rows_of(he.get("/reports/weekly"), "slips-repeats")] == [["1806", "3"]]
