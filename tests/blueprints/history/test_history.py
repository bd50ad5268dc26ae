"""The history of changes as a register: listed, filtered, opened, shown in full with a reason, read and signed."""

from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, select

from domain import clock as time
from domain import events, pages
from domain.database import db, reading, writing
from domain.events import Event
from domain.history_register import HISTORY
from domain.identity import Actor
from domain.occupants.models import Host, Unit
from domain.people.models import Grant
from domain.review import signing, verification
from domain.review.signing import Shown
from domain.sites.models import Purpose, Site
from tests import factories as make
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.domain.review.conftest import actor_of


@pytest.fixture
def visit(app: Flask, cast: Cast, clock: time_machine.Traveller) -> str:
    """Somebody has signed in; gives the visit's ref."""
    with app.app_context(), writing():
        site, unit = db.session.get_one(Site, cast.site_id), db.session.get_one(Unit, cast.unit_id)
        purpose, host = db.session.get_one(Purpose, cast.purpose_id), db.session.get_one(Host, cast.host_id)
        return make.make_visit(site, purpose, unit, host, name="王小明").ref


@pytest.fixture
def wu(app: Flask, visit: str, cast: Cast) -> FoyerClient:
    return at_desk(app, cast, "wu")


def note(
    app: Flask, site_id: int, kind: str, *, subject: str, by: int, subject_id: int | None = 1, **entered: Any
) -> int:
    """Write a line; gives its number."""
    with app.app_context(), writing():
        events.record(
            kind,
            site_id=site_id,
            subject=subject,
            subject_id=subject_id,
            actor=Actor("staff", by),
            now=time.now(),
            entered=entered,
        )
    with app.app_context(), reading():
        return events.version(site_id)


def rows(client: FoyerClient, address: str = "/history") -> list[str]:
    return [row.get_text(" ", strip=True) for row in client.get(address).page.select("tbody tr")]


def last_of(app: Flask, kind: str) -> Any:
    with app.app_context(), reading():
        return db.session.execute(
            select(Event.number, Event.site_id).where(Event.kind == kind).order_by(Event.number.desc())
        ).first()


def test_a_line_names_the_entry_what_happened_and_who_did_it_and_no_visitor(app: Flask, wu: FoyerClient) -> None:
    signed_in = next(row for row in rows(wu) if "Visit 0001" in row)
    assert "Signed in at the kiosk" in signed_in
    assert "王" not in " ".join(rows(wu))


def test_it_is_filtered_by_thing_by_who_by_time_by_number_and_by_a_name(
    app: Flask, cast: Cast, wu: FoyerClient
) -> None:
    lisi = note(app, cast.site_id, "site.hours_set", subject="site", by=cast.people["lisi"])
    assert all("Visit" in row for row in rows(wu, "/history?about=visits"))
    assert rows(wu, "/history?about=site&who=staff&span=today")[0].startswith(f"{lisi:04d}")
    assert [row[:4] for row in rows(wu, f"/history?text={lisi}")] == [f"{lisi:04d}"]
    assert [row[:4] for row in rows(wu, "/history?text=lis")] == [f"{lisi:04d}"]
    assert rows(wu, "/history?text=%25") == rows(wu, "/history?since=2030-01-01&span=own") == []
    assert rows(wu, "/history?about=looks") == []


def test_its_page_leads_to_the_entry_and_shows_what_was_entered_to_who_says_why(
    app: Flask, cast: Cast, visit: str, wu: FoyerClient
) -> None:
    with app.app_context(), reading():
        visit_id = db.session.scalar(select(Event.subject_id).where(Event.kind == "visit.signed_in"))
    number = note(
        app,
        cast.site_id,
        "visit.corrected",
        subject="visit",
        subject_id=visit_id,
        by=cast.people["lisi"],
        name="赵金雀",
    )
    address = f"/history/{cast.site_id}-{number}"
    answer = wu.get(address)
    assert f"Event {number:04d}" in answer.words
    assert "赵金雀" not in answer.words
    assert answer.page.select(f"main a[href='/visits/{visit}']")
    refused = wu.submit(address, {"reason": ""}, form=f"form[action='{address}/looks']")
    assert "赵金雀" not in refused.words
    full = wu.submit(address, {"reason": "核对更正"}, form=f"form[action='{address}/looks']")
    assert "赵金雀" in full.words
    assert "Looked at in full" in wu.get(address).words
    look = last_of(app, "event.unmasked")
    assert f"Event {number:04d}" in " ".join(rows(wu, f"/history?text={look.number}"))
    he = at_desk(app, cast, "he")  # manages, and sees everything masked
    assert not he.get(address).page.select("[name=reason]")
    assert he.post(f"{address}/looks").status_code == 403


def test_what_its_reader_may_not_see_elsewhere_is_not_shown_here_either(
    app: Flask, cast: Cast, wu: FoyerClient
) -> None:
    number = note(app, cast.site_id, "host.changed", subject="host", by=cast.people["lisi"], phone="13912345678")
    address = f"/history/{cast.site_id}-{number}"
    assert "13912345678" not in wu.get(address).words
    with app.app_context(), reading():
        assert pages.entry(HISTORY, f"{cast.site_id}-{number}", site_id=cast.site_id).personal is None


def test_another_site_s_line_is_not_there_and_no_made_up_one(app: Flask, cast: Cast, wu: FoyerClient) -> None:
    number = note(app, cast.other_site_id, "site.hours_set", subject="site", by=cast.people["lisi"])
    for ref in (f"{cast.other_site_id}-{number}", f"{cast.site_id}-99999", "1", "1-", "-1", "1-1-1", "１-１", "x" * 40):
        assert wu.get(f"/history/{ref}").status_code == 404
    assert at_desk(app, cast, "lisi").get("/history").status_code == 403
    assert wu.get("/history?before=nonsense").status_code == 200


def test_pages_of_several_sites_hold_every_line_once_there_and_back(app: Flask, cast: Cast, wu: FoyerClient) -> None:
    for number in range(40):
        note(
            app, (cast.site_id, cast.other_site_id)[number % 2], "site.changed", subject="site", by=cast.people["lisi"]
        )
    with app.app_context(), writing():
        db.session.add(Grant(person_id=cast.people["wu"], role="supervisor", site_id=cast.other_site_id))
    with app.app_context(), reading():
        both = (cast.site_id, cast.other_site_id)
        wanted: dict[str, Any] = {"site_id": cast.site_id, "site_ids": both}
        page = pages.read(HISTORY, pages.Wanted(**wanted), now=time.now())
        seen, walked = [row.id for row in page.rows], [page]
        while page.older:
            page = pages.read(HISTORY, pages.Wanted(**wanted, before=page.older), now=time.now())
            seen += [row.id for row in page.rows]
            walked.append(page)
        everything = set(db.session.scalars(select(Event.id.label("id")).where(Event.site_id.in_(both))))
        assert len(seen) == len(set(seen))
        assert set(seen) == everything
        back = pages.read(HISTORY, pages.Wanted(**wanted, after=walked[-1].newer or ""), now=time.now())
        assert [row.id for row in back.rows] == [row.id for row in walked[-2].rows]
    assert "Site" in wu.get("/history?site=all").words


def test_a_page_costs_at_most_eight_statements_and_looks_lines_up_by_an_index(
    app: Flask, cast: Cast, wu: FoyerClient
) -> None:
    note(app, cast.site_id, "site.changed", subject="site", by=cast.people["lisi"])
    seen: list[str] = []
    with app.app_context():
        engine = db.engine

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        assert wu.get("/history").status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert len([one for one in seen if not one.startswith(("BEGIN", "COMMIT", "PRAGMA"))]) <= 8


def test_a_span_of_it_is_signed_and_a_line_that_is_changed_past_its_seal_is_named(
    app: Flask, cast: Cast, wu: FoyerClient
) -> None:
    with app.app_context(), writing():
        site = db.session.get_one(Site, cast.site_id)
        up_to = events.version(site.id)
        shown = Shown(1, up_to, up_to, tuple(f"{site.id}-{number}" for number in range(1, up_to + 1)))
        signed = signing.sign(HISTORY, site, shown, remark="", actor=actor_of(cast, "wu"), now=time.now())
        assert signed.review.entries == up_to
    with app.app_context(), reading():
        assert not [one for one in verification.problems() if one.site_id == cast.site_id]
    site_ref = _site_ref(app, cast)
    page = wu.get(f"/review/registers/{site_ref}/history")
    assert "Span signed and sealed" in page.words
    board = wu.get("/review")
    assert "History of changes" in board.words


def _site_ref(app: Flask, cast: Cast) -> str:
    with app.app_context(), reading():
        return db.session.get_one(Site, cast.site_id).ref


def test_no_day_counts_it_as_work(app: Flask, wu: FoyerClient) -> None:
    assert not HISTORY.work
    assert "History of changes" not in wu.get("/reports").page.select_one("main").get_text(" ")
