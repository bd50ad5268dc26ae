"""V9: leaving is seen or said to be unseen, a wrong sign-out is taken back, and of two at once one comes second."""

import threading
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from domain import clock as time
from domain.database import db, reading, writing
from domain.errors import Conflict, DomainError
from domain.events import Event
from domain.identity import SYSTEM
from domain.occupants.models import Host, Unit
from domain.sites.models import Purpose, Site
from domain.visits.corrections import note_lingering
from domain.visits.departures import confirm_at_closing, find_badge, find_badge_ref, sign_out, take_back
from domain.visits.models import Visit
from tests import factories as make
from tests.cast import Cast

AT_ONCE = 6


def come(cast: Cast, *, waits: bool = False, **values: object) -> Visit:
    site, unit = db.session.get_one(Site, cast.site_id), db.session.get_one(Unit, cast.unit_id)
    purpose = db.session.get_one(Purpose, cast.waiting_purpose_id if waits else cast.purpose_id)
    return make.make_visit(site, purpose, unit, db.session.get_one(Host, cast.host_id), **values)  # type: ignore[arg-type]


def count(kind: str) -> int:
    return db.session.scalar(select(func.count()).select_from(Event).where(Event.kind == kind)) or 0


def test_who_signed_out_has_left_with_time_and_way(app: Flask, cast: Cast, clock: time_machine.Traveller) -> None:
    with app.app_context(), writing():
        visit = come(cast)
        clock.shift(timedelta(minutes=40))
        sign_out(visit, how="badge", actor=SYSTEM, now=time.now())
        assert (visit.state, visit.left_at, visit.left_how) == ("left", time.now(), "badge")


def test_a_clock_that_was_put_back_never_makes_a_stay_negative(
    app: Flask, cast: Cast, clock: time_machine.Traveller
) -> None:
    with app.app_context(), writing():
        visit = come(cast)
        sign_out(visit, how="desk", actor=SYSTEM, now=time.now() - timedelta(hours=1))
        assert visit.left_at == visit.arrived_at


def test_a_badge_signs_out_once(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        visit = come(cast)
        sign_out(visit, how="badge", actor=SYSTEM, now=time.now())
        with pytest.raises(Conflict, match="signed out before"):
            sign_out(visit, how="badge", actor=SYSTEM, now=time.now())


def test_of_many_sign_outs_at_once_one_counts(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        visit_id = come(cast).id
    start, told = threading.Barrier(AT_ONCE), []

    def leave() -> None:
        with app.app_context():
            start.wait()
            try:
                with writing():
                    sign_out(db.session.get_one(Visit, visit_id), how="desk", actor=SYSTEM, now=time.now())
                told.append("left")
            except Conflict as refused:
                told.append(refused.sentence)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=leave) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["This badge was signed out before. It is no longer valid."] * (AT_ONCE - 1) + ["left"]
    with app.app_context(), reading():
        assert count("visit.signed_out") == 1


def test_a_number_needs_its_check_code_and_both_are_refused_in_the_same_words(
    app: Flask, cast: Cast, clock: time_machine.Traveller
) -> None:
    with app.app_context(), writing():
        visit = come(cast)
        today = time.local_date(time.now(), "Asia/Shanghai")
        found = find_badge(site_id=cast.site_id, number=1, check=visit.badge_check, today=today)
        assert found.id == visit.id
        wrong = f"{(int(visit.badge_check) + 1) % 1000:03d}"
        sentences = set()
        for number, check in ((1, wrong), (2, visit.badge_check)):
            with pytest.raises(DomainError) as refused:
                find_badge(site_id=cast.site_id, number=number, check=check, today=today)
            sentences.add(refused.value.sentence)
        with pytest.raises(DomainError) as refused:
            find_badge_ref(site_id=cast.other_site_id, ref=visit.ref)
        assert sentences == {refused.value.sentence}


def test_taking_back_restores_what_was_before(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            inside, waiting = come(cast), come(cast, waits=True, phone="+8613800138001")
            ids = [inside.id, waiting.id]
        with writing():
            for each in ids:
                sign_out(db.session.get_one(Visit, each), how="desk", actor=SYSTEM, now=time.now())
        with writing():
            for each in ids:
                take_back(db.session.get_one(Visit, each), actor=SYSTEM, now=time.now())
        with reading():
            assert [db.session.get_one(Visit, each).state for each in ids] == ["inside", "waiting"]
            assert db.session.get_one(Visit, ids[0]).left_at is None


def test_taking_back_is_refused_for_who_never_left_or_is_in_again(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        first = come(cast)
        with pytest.raises(Conflict, match="not signed out"):
            take_back(first, actor=SYSTEM, now=time.now())
        sign_out(first, how="desk", actor=SYSTEM, now=time.now())
        come(cast, name="the same phone")
        with pytest.raises(Conflict, match="signed in again meanwhile"):
            take_back(first, actor=SYSTEM, now=time.now())


def test_at_closing_unseen_ones_are_never_written_as_left(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        seen, unseen = come(cast), come(cast, phone="+8613800138001")
        gone = come(cast, phone="+8613800138002")
        sign_out(gone, how="badge", actor=SYSTEM, now=time.now())
        assert confirm_at_closing([seen, gone], seen=True, actor=SYSTEM, now=time.now()).gone == [seen]
        assert confirm_at_closing([unseen], seen=False, actor=SYSTEM, now=time.now()).gone == [unseen]
        assert (seen.state, unseen.state, gone.left_how) == ("left", "probably_left", "badge")


def test_a_note_about_a_lingerer_moves_the_end_forward_only(
    app: Flask, cast: Cast, clock: time_machine.Traveller
) -> None:
    with app.app_context(), writing():
        visit = come(cast, now=time.now() - timedelta(hours=3))
        assert visit.lingers(time.now())
        with pytest.raises(DomainError, match="lies in the past"):
            note_lingering(visit, note="called", due_at=time.now(), actor=SYSTEM, now=time.now())
        note_lingering(visit, note="called", due_at=time.now() + timedelta(hours=1), actor=SYSTEM, now=time.now())
        assert not visit.lingers(time.now())
        assert visit.linger_note == "called"
        sign_out(visit, how="desk", actor=SYSTEM, now=time.now())
        with pytest.raises(Conflict, match="has ended"):
            note_lingering(visit, note="x", due_at=time.now() + timedelta(hours=1), actor=SYSTEM, now=time.now())
