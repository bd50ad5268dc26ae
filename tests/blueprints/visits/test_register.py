"""The register of visits: filtered, paged, masked, drawn from its row in the table."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event

from domain import clock as time
from domain.database import db, writing
from domain.occupants.models import Host, Unit
from domain.sites.models import Purpose, Site
from tests import factories as make
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.invited import make_invitation


def fill(app: Flask, cast: Cast, count: int, **values: Any) -> list[str]:
    """That many visits, the last one now, each a minute after the one before; gives their refs, oldest first."""
    with app.app_context(), writing():
        site, unit = db.session.get_one(Site, cast.site_id), db.session.get_one(Unit, cast.unit_id)
        purpose, host = db.session.get_one(Purpose, cast.purpose_id), db.session.get_one(Host, cast.host_id)
        refs = []
        for number in range(count):
            entered = {"name": f"客{number}", "phone": f"+861380013{number:04d}"} | values
            now = time.now() - timedelta(minutes=count - 1 - number)
            refs.append(make.make_visit(site, purpose, unit, host, now=now, **entered).ref)
        return refs


@pytest.fixture
def desk(app: Flask, cast: Cast, clock: time_machine.Traveller) -> FoyerClient:
    return at_desk(app, cast)


def numbers(answer: Any) -> list[str]:
    return [cell.get_text(strip=True) for cell in answer.page.select("tbody th[scope=row]")]


def test_nothing_entered_is_said_in_words(desk: FoyerClient) -> None:
    assert "Nothing is entered yet." in desk.get("/visits").words


def test_rows_are_newest_first_with_personal_data_masked(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    fill(app, cast, 1, name="王小明", phone="+8613800138000", plate="苏E12345")
    answer = desk.get("/visits")
    assert numbers(answer) == ["0001"]
    for seen in ("王*明", "138****8000", "张三 1806", "Meeting", "In the building", "Kiosk"):
        assert seen in answer.words
    for hidden in ("王小明", "13800138000", "12345"):
        assert hidden not in answer.text


def test_pages_go_older_and_newer_and_keep_the_filters(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    fill(app, cast, 60)
    first = desk.get("/visits?state=inside&span=today")
    assert numbers(first) == [f"{number:04d}" for number in range(60, 35, -1)]
    second = desk.get(first.page.select_one("a[rel=next]")["href"])
    assert numbers(second) == [f"{number:04d}" for number in range(35, 10, -1)]
    assert second.page.select_one("option[value=inside][selected]")
    assert "state=inside" in second.page.select_one("a[rel=next]")["href"]
    last = desk.get(second.page.select_one("a[rel=next]")["href"])
    assert len(numbers(last)) == 10
    assert last.page.select_one("a[rel=next]") is None
    back = desk.get(last.page.select_one("a[rel=prev]")["href"])
    assert numbers(back) == numbers(second)
    again = desk.get(back.page.select_one("a[rel=prev]")["href"])
    assert numbers(again) == numbers(first)
    assert again.page.select_one("a[rel=prev]") is None


def test_filters_narrow_by_state_source_time_and_text(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    fill(app, cast, 2)
    fill(app, cast, 1, name="王小明", phone="+8613800138000", source="desk")
    assert numbers(desk.get("/visits?source=desk")) == ["0003"]
    assert numbers(desk.get("/visits?state=waiting")) == []
    assert numbers(desk.get("/visits?text=wxm")) == ["0003"]
    assert numbers(desk.get("/visits?text=8000")) == ["0003"]
    assert numbers(desk.get("/visits?text=0002")) == ["0002"]
    assert numbers(desk.get("/visits?since=2026-03-03")) == []
    assert len(numbers(desk.get("/visits?since=2026-03-02&until=2026-03-02"))) == 3
    for span in ("today", "week", "month"):
        assert len(numbers(desk.get(f"/visits?span={span}"))) == 3
    assert "No entry matches these filters." in desk.get("/visits?text=nobody").words


def test_whom_a_visit_was_for_is_found_by_just_the_name(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    fill(app, cast, 1)
    with app.app_context(), writing():
        site, purpose = db.session.get_one(Site, cast.site_id), db.session.get_one(Purpose, cast.purpose_id)
        make.make_visit(site, purpose, make.make_unit(site, "0909", "远处公司"), phone="+8613800138777")
        make_invitation(cast)
    for text in ("张三", "1806", "张 三"):
        assert numbers(desk.get(f"/visits?text={text}")) == ["0001"], text
    for text in ("0909", "远处公司"):
        assert numbers(desk.get(f"/visits?text={text}")) == ["0002"], text
    assert numbers(desk.get("/visits?text=远处")) == [], "Parts of names would read the whole register."
    assert len(desk.get("/invitations?text=张三").page.select("tbody tr")) == 1
    assert desk.get("/invitations?text=0909").page.select("tbody tr") == []


def test_an_end_before_the_beginning_is_refused_in_words(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    fill(app, cast, 1)
    answer = desk.get("/visits?since=2026-03-02&until=2026-03-01")
    assert answer.status_code == 422
    assert "The end lies before the beginning: choose 2026-03-02 or later." in answer.words
    assert answer.page.select_one("[name=until]")["value"] == "2026-03-01"


@pytest.mark.parametrize(
    "query",
    [
        "since=tomorrow",
        "state=drunk",
        "span=always",
        "before=nothing",
        "after='%3B--",
        "text=%00%E2%80%AE",
        "text='",
        "text=%3Cscript%3E",
        "text=%25",
        "text=" + "x" * 10_000,
        "before=" + "9" * 5000,
        "since=9999-12-31&until=9999-12-31",
        "since=0001-01-01",
    ],
)
def test_bad_filters_get_an_answer_in_words(app: Flask, cast: Cast, desk: FoyerClient, query: str) -> None:
    fill(app, cast, 1)
    assert desk.get(f"/visits?{query}").status_code in (200, 422)


def test_more_than_a_thousand_are_not_counted(
    app: Flask, cast: Cast, desk: FoyerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.pages.COUNTED", 5)
    fill(app, cast, 7)
    assert "More than 1,000 entries" in desk.get("/visits").words


@pytest.mark.parametrize("count", [1, 60])
def test_a_page_takes_at_most_eight_statements_at_any_number_of_rows(
    app: Flask, cast: Cast, desk: FoyerClient, count: int
) -> None:
    refs = fill(app, cast, count)
    sent: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda c, cur, sql, *rest: sent.append(sql))
    desk.get(f"/visits?span=month&text=138&before={refs[-1]}")
    assert len(sent) <= 6, "\n".join(sent)  # one of them asks whom of the house the text names
    sent.clear()
    desk.get(f"/visits/{refs[0]}")
    assert len(sent) <= 7, "\n".join(sent)


def test_each_role_sees_what_is_its_own(app: Flask, cast: Cast, clock: time_machine.Traveller) -> None:
    (ref,) = fill(app, cast, 1, name="王小明")
    for login in ("lisi", "zhou", "wu", "he"):
        assert at_desk(app, cast, login).get("/visits").status_code == 200
    for login in ("chen", "xu"):
        assert at_desk(app, cast, login).get("/visits").status_code == 403
    assert at_desk(app, cast, "qian").get(f"/visits/{ref}").status_code == 404
    assert "王" not in at_desk(app, cast, "qian").get("/visits").words


def test_the_supervisor_reads_at_a_desktop(app: Flask, cast: Cast, clock: time_machine.Traveller) -> None:
    assert "office" in at_desk(app, cast, "wu").get("/visits").page.select_one("html").classes
    assert "office" not in at_desk(app, cast).get("/visits").page.select_one("html").classes


def test_pages_are_never_stored(desk: FoyerClient) -> None:
    assert desk.get("/visits").headers["Cache-Control"] == "no-store"


def test_a_masked_name_keeps_its_own_direction(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    fill(app, cast, 1, name="محمد بن سلمان")
    assert desk.get("/visits").page.select_one("tbody td bdi").get_text().startswith("م*** ب* س****")
