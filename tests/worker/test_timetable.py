"""The timetable: every job is on it once, at a time that Huey understands, and may run at any time."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, func, select

import jobs
import worker
from domain import clock as house_clock
from domain import limits, once
from domain.codes import new_token
from domain.database import db, reading, writing
from domain.people.models import StaffSession
from domain.sites import pairing
from domain.sites.models import Pairing
from domain.visits import drafts
from domain.visits.models import Draft
from tests.cast import Cast
from tests.stays import arrive

GROWS = "visits|loans|loan_lines|reservations|slips|slip_steps|invitations|events|event_details|notices|search_grams"
READ_WHOLE = re.compile(rf"SCAN (?:{GROWS})(?! USING (?:COVERING )?INDEX)")


def test_names_are_single_and_what_a_commit_wakes_is_delivery_and_exports() -> None:
    names = [job.name for job in jobs.TIMETABLE]
    assert len(set(names)) == len(names)
    assert {job.name for job in jobs.TIMETABLE if job.nudged} == {"deliver mail", "deliver chat", "make exports"}


def test_huey_takes_each_line_at_its_time(app: Flask) -> None:
    queue = worker.make_queue(app.config["SETTINGS"])
    worker.add_tasks(queue, app)
    half_past_two_in_shanghai = datetime(2026, 3, 2, 18, 30, tzinfo=UTC).replace(tzinfo=None)
    due = {task.name.partition(".")[2] or task.name for task in queue.read_periodic(half_past_two_in_shanghai)}
    assert {name.replace("_", " ") for name in due} == {
        *(job.name for job in jobs.TIMETABLE if job.when == "* * * * *"),
        "erase visits",
    }
    queue.storage.close()


@pytest.mark.parametrize("job", jobs.TIMETABLE, ids=lambda job: job.name)
def test_each_job_does_no_harm_on_an_empty_and_on_a_busy_house(app: Flask, cast: Cast, job: jobs.Job) -> None:
    for _ in range(2):
        with app.app_context():
            job.do()
        arrive(app, cast, phone="", waits=True)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # an empty PostgreSQL table is read whole, rightly
@pytest.mark.parametrize(
    "job", [job for job in jobs.TIMETABLE if job.when == "* * * * *"], ids=lambda job: job.name.replace(" ", "-")
)
def test_no_job_of_each_minute_reads_all_that_ever_was(app: Flask, cast: Cast, job: jobs.Job) -> None:
    arrive(app, cast, phone="", waits=True)
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
            asked.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with app.app_context():
            job.do()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    with app.app_context(), reading():
        connection = db.session.connection()
        for statement, values in asked:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert not [step for step in plan if READ_WHOLE.match(step)], statement


def test_what_served_its_time_is_removed_and_the_rest_stays(app: Flask, cast: Cast, clock) -> None:
    def put() -> None:
        now = house_clock.now()
        once.spend(new_token(), content_hash="x", now=now)
        limits.BADGE_TRIES.count("kiosk", now=now)
        pairing.start(now=now)
        session = StaffSession(token_hash=new_token(), person_id=cast.people["lisi"], created_at=now, seen_at=now)
        db.session.add(session)

    with app.app_context(), writing():
        put()
    clock.shift(timedelta(days=31))
    with app.app_context():
        with writing():
            put()
        jobs.tidy()
        with reading():
            for record in (once.SpentToken, limits.LimitCount, Pairing, StaffSession):
                assert db.session.scalar(select(func.count()).select_from(record)) == 1, record


def test_drafts_are_wiped_when_their_three_minutes_are_over(app: Flask, cast: Cast, clock) -> None:
    with app.app_context():
        with writing():
            now = house_clock.now()
            drafts.save(None, {"name": "王五"}, site_id=cast.site_id, kiosk_id=cast.kiosk_id, now=now)
        for minutes, left in ((2, 1), (1, 0)):
            clock.shift(timedelta(minutes=minutes))
            jobs.wipe_drafts()
            with reading():
                assert db.session.scalar(select(func.count()).select_from(Draft)) == left
