"""V1, V8, V11: signing in makes one visit with a badge, and one person is in at most once."""

import threading
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event as happens
from sqlalchemy import func, select

from domain import clock as time
from domain import events
from domain.database import db, reading, writing
from domain.errors import DomainError
from domain.identity import SYSTEM
from domain.notices import Notice
from domain.occupants.models import Host, Unit
from domain.sites.models import Purpose, Site
from domain.visits.departures import sign_out, take_back
from domain.visits.models import Visit
from tests import factories as make
from tests.cast import Cast


def arrive(cast: Cast, **entered: object) -> Visit:
    site, purpose = db.session.get_one(Site, cast.site_id), db.session.get_one(Purpose, cast.purpose_id)
    unit, host = db.session.get_one(Unit, cast.unit_id), db.session.get_one(Host, cast.host_id)
    return make.make_visit(site, purpose, unit, host, **entered)  # type: ignore[arg-type]


def test_a_visit_gets_the_next_number_and_a_badge_with_a_check_code(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            first = arrive(cast)
            second = arrive(cast, name="赵六", phone="+8613800138001")
        assert (first.number, second.number) == (1, 2)
        assert (first.badge_number, second.badge_number) == (1, 2)
        assert len(first.badge_check) == 3
        assert first.ref != second.ref


def test_the_event_is_numbered_by_the_counter_and_the_host_is_told_once(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with reading():
            before = events.version(cast.site_id)
        with writing():
            visit = arrive(cast)
        with reading():
            event = db.session.scalars(select(events.Event).where(events.Event.kind == "visit.signed_in")).one()
            assert event.number == before + 1 == events.version(cast.site_id)
            assert "王五" not in str(event.facts)
            detail = db.session.get_one(events.EventDetail, (event.site_id, event.number))
            assert events.digest_of(detail.salt, detail.entered) == event.digest
            notices = db.session.scalars(select(Notice).where(Notice.subject_id == visit.id)).all()
            assert [notice.recipient_id for notice in notices] == [cast.host_id]


def test_one_phone_is_in_the_building_at_most_once(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            arrive(cast)
        with pytest.raises(DomainError, match="see the reception"), writing():
            arrive(cast, name="somebody else")
        with reading():
            assert db.session.scalar(select(func.count()).select_from(Visit)) == 1


def test_a_visitor_is_found_by_name_pinyin_initials_and_last_four(app: Flask, cast: Cast) -> None:
    from domain import registers

    with app.app_context():
        with writing():
            visit = arrive(cast, name="王小明")
        with reading():
            for typed in ("小明", "王小明", "wang", "wxm", "8000"):
                found = registers.get("visits").find(typed, cast.site_id, 5)
                assert [row.id for row in found] == [visit.id], typed


def phone(number: int) -> str:
    return f"+86138001380{number:02d}"


def test_the_badge_of_who_stayed_overnight_is_given_to_nobody_else(
    app: Flask, cast: Cast, clock: time_machine.Traveller
) -> None:
    with app.app_context():
        with writing():
            gone, stays, last = (arrive(cast, phone=phone(number)) for number in range(3))
            for left in (gone, last):
                sign_out(left, how="desk", actor=SYSTEM, now=time.now())
        clock.shift(timedelta(days=1))
        with writing():
            today = [arrive(cast, phone=phone(number)).badge_number for number in range(10, 13)]
        assert (stays.badge_number, today) == (2, [3, 4, 5])
        with writing():
            for visit in db.session.scalars(select(Visit).where(Visit.left_at.is_(None))).all():
                sign_out(visit, how="desk", actor=SYSTEM, now=time.now())
        clock.shift(timedelta(days=1))
        with writing():
            assert arrive(cast).badge_number == 1, "nobody is in: the numbers begin anew"


def test_who_is_said_to_be_in_again_has_the_old_badge_alone(
    app: Flask, cast: Cast, clock: time_machine.Traveller
) -> None:
    with app.app_context():
        with writing():
            stays = arrive(cast, phone=phone(0))
        clock.shift(timedelta(days=1))
        with writing():
            sign_out(db.session.get_one(Visit, stays.id), how="desk", actor=SYSTEM, now=time.now())
            assert arrive(cast, phone=phone(1)).badge_number == 2
            take_back(db.session.get_one(Visit, stays.id), actor=SYSTEM, now=time.now())


def test_many_who_come_first_at_once_get_numbers_of_their_own(
    app: Flask, cast: Cast, clock: time_machine.Traveller
) -> None:
    with app.app_context(), writing():
        stays = [arrive(cast, phone=phone(number)).badge_number for number in range(2)]
    clock.shift(timedelta(days=1))
    start, given = threading.Barrier(6), list(stays)

    def come(number: int) -> None:
        with app.app_context():
            start.wait()
            try:
                with writing():
                    badge = arrive(cast, phone=phone(number)).badge_number
                given.append(badge)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=come, args=(number,)) for number in range(10, 16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == list(range(1, 9))


def test_only_the_first_of_a_day_is_asked_whose_badge_is_still_out(
    app: Flask, cast: Cast, clock: time_machine.Traveller
) -> None:
    with app.app_context():
        sent: list[str] = []
        happens.listen(db.engine, "before_cursor_execute", lambda c, cur, sql, *rest: sent.append(sql))

        def asked(number: int) -> int:
            sent.clear()
            with writing():
                arrive(cast, phone=phone(number))
            return sum("max(" in sql for sql in sent)

        assert [asked(number) for number in range(3)] == [1, 0, 0]
        clock.shift(timedelta(days=1))
        assert [asked(number) for number in range(10, 13)] == [1, 0, 0]
