"""P2, P3: what is kept and the proof of the erasing; who looked at what; a person's own data shown and erased."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import jobs
from domain import clock as house_clock
from domain.database import db, reading, writing
from domain.events import Event, EventDetail
from domain.exports.models import Export
from domain.identity import SYSTEM
from domain.keeping import EVERYTHING
from domain.keys.loan_models import KeyApproval
from domain.keys.reservations import reserve
from domain.visits import departures
from domain.visits.models import Visit
from tests import cabinet as shelf
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.house.routes import furnish
from tests.stays import arrive
from web.spreadsheets import export_folder

FORM = "main form[method=post]"


@pytest.fixture
def lisi(app: Flask, clock: Any, cast: Cast) -> FoyerClient:
    return at_desk(app, cast)


def leave(app: Flask, visit: Visit) -> None:
    with app.app_context(), writing():
        here = db.session.get_one(Visit, visit.id)
        departures.sign_out(here, how="desk", actor=SYSTEM, now=house_clock.now())


def find(client: FoyerClient, **typed: str) -> Any:
    return client.submit("/privacy/people", typed, form=FORM)


def serve(client: FoyerClient, page: Any, deed: str, identity: str = "document") -> Any:
    form = page.page.select_one("form[action$=services]")
    values = {control["name"]: control.get("value", "") for control in form.select("input[type=hidden]")}
    return client.post(form["action"], data=values | {"identity": identity, "deed": deed})


def test_a_person_sees_and_takes_along_what_is_kept(app: Flask, cast: Cast, lisi: FoyerClient) -> None:
    arrive(app, cast, name="王小明", phone="+8613812345678")
    arrive(app, cast, name="王小明", phone="+8613812345679")
    with app.app_context(), writing():
        stock = shelf.fill(cast)
        shelf.hand_out(shelf.key(stock.roof), shelf.worker(name="王小明", phone="+8613812345678"), cast)
    assert find(lisi).status_code == 422
    assert "11 digits" in find(lisi, phone="1381234").words
    assert "Nothing is kept under this name" in find(lisi, phone="13900000000").words
    found = find(lisi, phone="138 1234 5678", name="王小明")
    assert "2 entries" in found.words
    assert "13812345678" not in found.text.replace('value="138 1234 5678"', "")
    assert "The key is still out." in found.words
    assert serve(lisi, found, "show", identity="").status_code == 422
    shown = serve(lisi, find(lisi, phone="13812345678"), "show")
    assert "王小明" in shown.words
    file = serve(lisi, find(lisi, phone="13812345678"), "file")
    rows = list(csv.reader(io.StringIO(file.get_data().decode("utf-8-sig"))))
    assert ["Visitor", "王小明"] in [row[1:] for row in rows]
    wu = at_desk(app, cast, "wu")
    looks = wu.get("/admin/privacy/looks").words
    assert "Visit 0001" in looks
    assert "P3: document" in looks
    assert lisi.get("/admin/privacy").status_code == 403
    assert wu.get("/privacy/people").status_code == 403


def test_what_is_erased_on_request_is_gone_and_what_runs_stays(app: Flask, cast: Cast, lisi: FoyerClient) -> None:
    gone = arrive(app, cast, name="金丝雀", phone="+8613912340987", organisation="Canaria")
    leave(app, gone)
    arrive(app, cast, name="金丝雀", phone="+8613912340987")  # is inside again
    zhou = at_desk(app, cast, "zhou")
    where = zhou.submit("/exports/new?register=visits", {"full": "1", "reason": "a test"}, form=FORM).headers[
        "Location"
    ]
    with app.app_context():
        jobs.make_exports()
        assert len(list(export_folder().iterdir())) == 1
    page = find(lisi, name="金丝雀")
    assert "The visitor is in the building." in page.words
    assert serve(lisi, page, "erase").status_code == 303
    with app.app_context(), reading():
        first, second = db.session.scalars(select(Visit).order_by(Visit.id)).all()
        assert (first.name, first.phone, first.organisation) == ("", "", "")
        assert second.name == "金丝雀"
        about = select(EventDetail).join(
            Event, (Event.site_id == EventDetail.site_id) & (Event.number == EventDetail.number)
        )
        assert not db.session.scalars(about.where(Event.subject == "visit", Event.subject_id == first.id)).all()
        line = db.session.scalars(select(Event).where(Event.kind == "person.erased")).one()
        assert line.facts == {"identity": "document", "entries": {"visits": 1}}
        assert db.session.scalars(select(Export.state)).all() == ["removed"]
        assert list(export_folder().iterdir()) == []
    assert zhou.get(f"{where}/file").status_code == 404
    assert "1 entry" in find(lisi, phone="13912340987").words
    assert serve(lisi, find(lisi, phone="13912340987"), "erase").status_code == 422


def test_the_page_shows_what_is_kept_and_when_it_was_erased(app: Flask, clock: Any, cast: Cast) -> None:
    furnish(app, cast)
    leave(app, arrive(app, cast, name="走了", phone="+8613912340900"))
    xu = at_desk(app, cast, "xu")
    assert "Nothing is kept past its period." in xu.get("/admin/privacy").words
    clock.shift(timedelta(days=92))
    late = at_desk(app, cast, "xu").get("/admin/privacy")
    assert "should have been erased by now" in late.words
    with app.app_context():
        jobs.erase_visits()
        jobs.erase_brief()
    page = at_desk(app, cast, "he").get("/admin/privacy")
    assert "Nothing is kept past its period." in page.words
    erased = [row for row in page.page.select("tbody tr") if "09:30" in row.get_text()]
    assert len(erased) == 3, "Visits, documents, guests."


def test_who_asked_for_a_key_without_getting_it_is_found_shown_and_erased(
    app: Flask, cast: Cast, lisi: FoyerClient, clock: Any
) -> None:
    with app.app_context(), writing():
        stock = shelf.fill(cast)
        shelf.approved(shelf.key(stock.pool), shelf.worker(), cast, by=())
    waiting = find(lisi, phone="139 0000 0017")
    assert "Question for a key" in waiting.words
    assert "冯样" not in waiting.words, "Masked until the identity is checked."
    assert "The question for the key is still open. Withdraw it first." in waiting.words
    shown = serve(lisi, waiting, "show")
    for words in ("冯样", "换水泵"):
        assert words in shown.words
    clock.shift(timedelta(days=2))
    again = at_desk(app, cast)
    assert serve(again, find(again, name="冯 样"), "erase").status_code == 303
    assert "Nothing is kept under this name" in find(again, phone="139 0000 0017").words
    with app.app_context(), reading():
        approval = db.session.scalars(select(KeyApproval)).one()
        assert (approval.name, approval.phone, approval.purpose) == ("", "", "")
        assert approval.erased_at is not None
        kept = [
            detail
            for event, detail in db.session.execute(select(Event.subject, EventDetail.entered).join(EventDetail))
            if event == "key_approval"
        ]
        assert kept == [], "The personal part of the history went with it."


def test_who_has_a_key_reserved_is_found_and_erased_once_that_is_over(
    app: Flask, cast: Cast, lisi: FoyerClient, clock: Any
) -> None:
    with app.app_context(), writing():
        stock, now = shelf.fill(cast), house_clock.now()
        reserve(
            shelf.key(stock.pool), who=shelf.worker(), purpose="量尺寸", starts_at=now + timedelta(hours=1),
            ends_at=now + timedelta(hours=2), actor=shelf.actor_of(cast, "lisi"), now=now,
        )  # fmt: skip
    ahead = find(lisi, phone="139 0000 0017")
    assert "The key is still reserved. Cancel the reservation first." in ahead.words
    refused = serve(lisi, ahead, "erase")
    assert refused.status_code == 422
    assert "Nothing of it can be erased now." in refused.words
    clock.shift(timedelta(days=1))
    later = at_desk(app, cast)
    assert serve(later, find(later, phone="139 0000 0017"), "erase").status_code == 303
    assert "Nothing is kept under this name" in find(later, name="冯样").words
    with app.app_context(), reading():
        entered = db.session.scalars(select(EventDetail.entered)).all()
        assert not any("冯样" in str(one) for one in entered), "The key's own history has forgotten the name."


def test_every_erasing_of_the_timetable_has_its_line_on_the_page() -> None:
    erasing = {job.name for job in jobs.TIMETABLE if job.name.startswith("erase ")}
    assert erasing == {kept.job for kept in EVERYTHING if kept.job}
    done_when_restored = {job.name for job in jobs.TIMETABLE if job.do in jobs.ERASING}
    assert done_when_restored >= erasing, "A restored archive shows nothing whose period is over."
