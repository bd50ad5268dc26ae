"""When a visitor came and left is put right by the desk: what stood there is kept, and the figures follow."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from domain import clock as time
from domain.database import db, reading, writing
from domain.identity import SYSTEM
from domain.keys.borrowers import visitor
from domain.keys.loan_models import Loan
from domain.keys.models import Key
from domain.keys.returns import return_keys
from domain.reports import counting
from domain.reports.models import Tally
from domain.visits.departures import confirm_at_closing, sign_out
from domain.visits.models import Visit
from tests import cabinet
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.stays import arrive

SUNDAY, MONDAY = date(2026, 3, 1), date(2026, 3, 2)


@pytest.fixture
def desk(app: Flask, cast: Cast, clock: time_machine.Traveller) -> FoyerClient:
    return at_desk(app, cast)


def form_to(path: str) -> str:
    return f"form[action='{path}']"


def opened(desk: FoyerClient, ref: str) -> dict[str, str]:
    """What stands in the form of corrections."""
    page = desk.submit(f"/visits/{ref}", form=form_to(f"/visits/{ref}/corrections/looks")).page
    found = page.select_one(form_to(f"/visits/{ref}/corrections")).select("input[name]")
    return {one["name"]: one.get("value", "") for one in found if one.get("type") != "radio" or one.has_attr("checked")}


def correct(desk: FoyerClient, ref: str, **said: str) -> Any:
    return desk.post(f"/visits/{ref}/corrections", data=opened(desk, ref) | said)


def visit_of(app: Flask, ref: str) -> Visit:
    with app.app_context(), reading():
        visit = db.session.scalars(select(Visit).where(Visit.ref == ref)).one()
        db.session.expunge(visit)
        return visit


def leave(app: Flask, ref: str, *, seen: bool = True) -> None:
    with app.app_context(), writing():
        visit = db.session.scalars(select(Visit).where(Visit.ref == ref)).one()
        if seen:
            sign_out(visit, how="desk", actor=SYSTEM, now=time.now())
        else:
            confirm_at_closing([visit], seen=False, actor=SYSTEM, now=time.now())


def local(instant: datetime | None) -> str:
    return f"{time.local(instant, 'Asia/Shanghai'):%m-%d %H:%M:%S}" if instant else ""


def test_arrival_and_departure_are_corrected_and_the_history_says_from_what(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    ref = arrive(app, cast).ref
    clock.shift(1200)
    leave(app, ref)
    filled = opened(desk, ref)
    assert (filled["arrived_on"], filled["arrived_at"], filled["left_at"]) == ("2026-03-02", "09:30", "09:50")
    saved = correct(desk, ref, arrived_at="09:05", left_at="09:40", times_why="came while the screen was away")
    assert saved.location == f"/visits/{ref}"
    visit = visit_of(app, ref)
    assert (local(visit.arrived_at), local(visit.left_at)) == ("03-02 09:05:00", "03-02 09:40:00")
    told = desk.get(f"/visits/{ref}").words
    assert "Corrected: came while the screen was away" in told
    assert "In: 09:30, now 09:05" in told
    assert "Out: 09:50, now 09:40" in told


def test_what_is_not_touched_stays_to_the_second_and_needs_no_reason(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    clock.shift(17)
    ref = arrive(app, cast).ref
    clock.shift(20)
    leave(app, ref)
    assert correct(desk, ref, name="王小明").status_code == 303
    assert [local(at) for at in (visit_of(app, ref).arrived_at, visit_of(app, ref).left_at)] == [
        "03-02 09:30:17",
        "03-02 09:30:37",
    ]
    clock.shift(300)
    assert correct(desk, ref, left_at="09:31", times_why="x").status_code == 303
    assert correct(desk, ref, left_at="09:30", times_why="x").status_code == 303
    assert visit_of(app, ref).left_at == visit_of(app, ref).arrived_at, "the same minute is not before the arrival"


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"arrived_at": "09:51"}, "arrived_at", "still to come"),
        ({"left_at": "09:51"}, "left_at", "still to come"),
        ({"left_at": "09:29"}, "left_at", "The departure lies before the arrival."),
        ({"arrived_at": "09:46"}, "left_at", "The departure lies before the arrival."),
        ({"arrived_on": "2025-03-02"}, "arrived_on", "more than a week before the entry"),
        ({"arrived_on": "0001-01-01", "arrived_at": "00:00"}, "arrived_on", "far away"),
        ({"arrived_on": ""}, "arrived_on", "Enter the day."),
        ({"left_at": "late"}, "left_at", "Enter a time such as 09:30."),
        ({"arrived_at": "09:00", "times_why": ""}, "times_why", "Say why the times are corrected"),
    ],
)
def test_times_that_cannot_be_are_refused_at_their_field(
    app: Flask,
    cast: Cast,
    desk: FoyerClient,
    clock: time_machine.Traveller,
    said: dict[str, str],
    field: str,
    words: str,
) -> None:
    ref = arrive(app, cast).ref
    clock.shift(900)
    leave(app, ref)
    clock.shift(300)
    refused = correct(desk, ref, **({"times_why": "a slip"} | said))
    assert refused.status_code == 422
    assert words in refused.page.select_one(f"#{field}-e").get_text()
    assert local(visit_of(app, ref).arrived_at) == "03-02 09:30:00"


def test_nobody_comes_after_the_answer_of_the_host(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    ref = arrive(app, cast, waits=True).ref
    clock.shift(60)
    answers = f"/visits/{ref}/answers"
    assert desk.submit(answers, {"what": "send_up"}, form=form_to(answers)).status_code == 303
    clock.shift(600)
    refused = correct(desk, ref, arrived_at="09:35", times_why="x")
    assert refused.status_code == 422
    assert "The host’s answer was there before." in refused.words


def test_a_departure_is_asked_only_of_who_was_seen_leaving(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    ref = arrive(app, cast).ref
    assert "left_at" not in opened(desk, ref)
    while_inside = opened(desk, ref)
    clock.shift(60)
    leave(app, ref)
    assert desk.post(f"/visits/{ref}/corrections", data=while_inside | {"name": "王小明"}).status_code == 303
    assert local(visit_of(app, ref).left_at) == "03-02 09:31:00", "the page did not know that the visitor had left"
    unseen = arrive(app, cast, phone="+8613800138001").ref
    leave(app, unseen, seen=False)
    assert "left_at" not in opened(desk, unseen)


def test_the_figures_of_both_days_follow(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    ref = arrive(app, cast).ref
    with app.app_context():
        clock.shift(timedelta(days=4))
        counting.count_due(now=time.now())
        assert figures(cast) == {MONDAY: 1}
    desk = at_desk(app, cast)
    assert correct(desk, ref, arrived_on="2026-03-01", arrived_at="16:00", times_why="on paper").status_code == 303
    with app.app_context():
        counting.count_due(now=time.now())
        assert figures(cast) == {SUNDAY: 1}
    assert correct(desk, ref, arrived_on="2026-03-03", arrived_at="16:00", times_why="Tuesday").status_code == 303
    with app.app_context():
        counting.count_due(now=time.now())
        assert figures(cast) == {date(2026, 3, 3): 1}, "no tally stays of a day that has no entry any more"


def figures(cast: Cast) -> dict[date, int]:
    """How many visits are counted, by day."""
    with reading():
        rows = select(Tally.day, Tally.count).where(Tally.name == "visits.hour", Tally.site_id == cast.site_id)
        return {row[0]: row[1] for row in db.session.execute(rows)}


def test_a_departure_before_a_key_was_handed_out_is_refused_at_its_field(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    ref, other = arrive(app, cast).ref, arrive(app, cast, name="别人", phone="+8613800138001").ref
    clock.shift(630)
    with app.app_context(), writing():
        who = visitor(ref, site_id=cast.site_id, now=time.now())
        cabinet.hand_out(cabinet.key(cabinet.fill(cast).roof), who, cast)
    clock.shift(570)
    with app.app_context(), writing():
        lent = db.session.scalars(select(Key).join(Loan, Loan.key_id == Key.id)).one()
        return_keys([lent], actor=cabinet.actor_of(cast, "lisi"), now=time.now())
    leave(app, ref)
    leave(app, other)
    refused = correct(desk, ref, left_at="09:39", times_why="记错了")
    assert refused.status_code == 422
    assert "At 09:40 GG-01 was handed out to this visitor. Enter a later departure." in refused.words
    assert refused.page.select_one("[name=left_at][aria-invalid=true]")
    assert local(visit_of(app, ref).left_at) == "03-02 09:50:00"
    assert correct(desk, ref, left_at="09:40", times_why="记错了").status_code == 303, (
        "minutes are written, not seconds"
    )
    assert correct(desk, other, left_at="09:39", times_why="记错了").status_code == 303, "the key was not theirs"


def test_an_arrival_after_a_key_was_handed_out_is_refused_at_its_field(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    ref = arrive(app, cast).ref
    clock.shift(630)
    with app.app_context(), writing():
        who = visitor(ref, site_id=cast.site_id, now=time.now())
        cabinet.hand_out(cabinet.key(cabinet.fill(cast).roof), who, cast)
    clock.shift(600)
    refused = correct(desk, ref, arrived_at="09:41", times_why="记错了")
    assert refused.status_code == 422
    assert "At 09:40 GG-01 was handed out to this visitor. Enter an earlier arrival." in refused.words
    assert refused.page.select_one("[name=arrived_at][aria-invalid=true]")
    assert correct(desk, ref, arrived_at="09:40", times_why="记错了").status_code == 303
