"""C1–C3: whoever hears of a matter owns it until another accepts; one way closes it; what was written stays."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from domain import clock, pages
from domain.database import db, reading, writing
from domain.errors import Conflict, DomainError
from domain.events import Event, EventDetail
from domain.pages import Wanted
from domain.people.models import Person
from domain.slips import operations as deeds
from domain.slips.models import Nature, Slip, SlipState, SlipStep, Source
from domain.slips.queries import figures_of, on_board, steps_of
from domain.slips.register import SLIPS, matter_of
from tests.cabinet import actor_of, refused
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _still(clock: object) -> None:
    """The clock stands still."""


def write(cast: Cast, nature: Nature = Nature.REPAIR, **values: Any) -> Slip:
    """Li Si writes down a leak in 1806."""
    given: dict[str, Any] = {"matter": "1806 空调漏水", "unit_id": cast.unit_id, "unit_number": "1806", "name": "张三"}
    return deeds.write(
        site_id=cast.site_id,
        nature=nature,
        source=Source.TELEPHONE,
        actor=actor_of(cast, "lisi"),
        now=clock.now(),
        **(given | values),
    )


def test_who_writes_it_owns_it_until_another_accepts(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            slip = write(cast)
            assert (slip.number, slip.owner_id, slip.state) == (1, cast.people["lisi"], SlipState.OPEN)
            deeds.offer(
                slip,
                to=db.session.get_one(Person, cast.people["zhou"]),
                actor=actor_of(cast, "lisi"),
                now=clock.now(),
            )
            assert slip.owner_id == cast.people["lisi"]
        with pytest.raises(Conflict, match="somebody else"), writing():
            deeds.accept(slip, actor=actor_of(cast, "wu"), now=clock.now())
        with writing():
            deeds.accept(slip, actor=actor_of(cast, "zhou"), now=clock.now())
        assert (slip.owner_id, slip.offered_to_id) == (cast.people["zhou"], None)


def test_an_urgent_repair_is_promised_within_half_an_hour(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        assert write(cast, urgent=True).promise_at == clock.now() + timedelta(minutes=30)
        kind = deeds.add_kind(
            site_id=cast.site_id,
            nature=Nature.REPAIR,
            name="空调",
            promise_minutes=240,
            actor=actor_of(cast, "zhou"),
            now=clock.now(),
        )
        assert write(cast, kind=kind).promise_at == clock.now() + timedelta(hours=4)


def test_a_repair_is_dispatched_received_done_checked_and_closed(app: Flask, cast: Cast) -> None:
    with app.app_context():
        lisi, now = actor_of(cast, "lisi"), clock.now()
        with writing():
            works = deeds.add_department(site_id=cast.site_id, name="工程部", actor=actor_of(cast, "zhou"), now=now)
            slip = write(cast)
            deeds.dispatch(slip, to=works, actor=lisi, now=now)
        with pytest.raises(DomainError, match="not reported this repair as done"), writing():
            deeds.close(slip, outcome="好了", actor=lisi, now=now)
        with writing():
            deeds.receive(slip, actor=lisi, now=now)
            deeds.receive(slip, actor=lisi, now=now)
            deeds.done(slip, text="换排水泵", actor=lisi, now=now)
            deeds.close(slip, outcome="业主确认", actor=actor_of(cast, "zhou"), now=now)
        with reading():
            kinds = [step.kind for step in steps_of(slip.id)]
            assert kinds == ["written", "dispatched", "received", "done", "checked", "closed"]


def test_there_is_one_way_to_close_and_it_asks_how_it_ended(app: Flask, cast: Cast) -> None:
    with app.app_context():
        lisi, now = actor_of(cast, "lisi"), clock.now()
        with writing():
            slip = write(cast, Nature.ENQUIRY)
        with pytest.raises(DomainError, match="how it ended"), writing():
            deeds.close(slip, outcome=" ", actor=lisi, now=now)
        with pytest.raises(IntegrityError), writing():
            db.session.execute(update(Slip).values(state="closed"))
        with writing():
            deeds.close(slip, outcome="已答复", actor=lisi, now=now)
        with pytest.raises(Conflict, match="closed"), writing():
            deeds.close(slip, outcome="再次", actor=lisi, now=now)
        for deed in (
            lambda: deeds.note(slip, text="x", actor=lisi, now=now),
            lambda: deeds.accept(slip, actor=actor_of(cast, "zhou"), now=now),
        ):
            with pytest.raises(Conflict, match="Open it again"), writing():
                deed()
        with pytest.raises(IntegrityError) as caught, writing():
            db.session.execute(update(Slip).values(owner_id=cast.people["zhou"]))
        assert "Open it again" in refused(caught)
        with writing():
            deeds.reopen(slip, reason="不满意", promise_at=now + timedelta(hours=1), actor=lisi, now=now)
        assert (slip.state, slip.closed_at) == (SlipState.OPEN, None)


def test_nobody_closes_a_complaint_about_the_own_person(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            slip = write(cast, Nature.COMPLAINT, against_id=cast.people["lisi"])
        with pytest.raises(DomainError, match="about you"), writing():
            deeds.close(slip, outcome="没事", actor=actor_of(cast, "lisi"), now=clock.now())
        with writing():
            deeds.close(slip, outcome="已致歉", actor=actor_of(cast, "zhou"), now=clock.now())


def test_a_promise_moves_only_after_the_person_agreed(app: Flask, cast: Cast) -> None:
    with app.app_context():
        lisi, now = actor_of(cast, "lisi"), clock.now()
        with writing():
            slip = write(cast)
        later = now + timedelta(days=2)
        with pytest.raises(DomainError, match="person agreed"), writing():
            deeds.move_promise(slip, to=later, told="张三", said="", actor=lisi, now=now)
        with writing():
            deeds.move_promise(slip, to=later, told="张三", said="同意", actor=lisi, now=now)
        assert slip.promise_at == later


def test_steps_stay_as_they_were_written(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            write(cast, note="来电")
        for change in (
            update(SlipStep).values(text="别的"),
            update(SlipStep).values(kind="closed"),
            db.delete(SlipStep),
        ):
            with pytest.raises(IntegrityError) as caught, writing():
                db.session.execute(change)
            assert "Add a further line" in refused(caught)


def test_what_makes_no_sense_is_refused(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with pytest.raises(DomainError, match="what it is about"), writing():
            write(cast, matter="  ")
        with pytest.raises(DomainError, match="is over"), writing():
            write(cast, promise_at=clock.now())
        zhou = actor_of(cast, "zhou")
        with writing():
            deeds.add_department(site_id=cast.site_id, name="工程部", actor=zhou, now=clock.now())
        with pytest.raises(IntegrityError) as caught, writing():
            deeds.add_department(site_id=cast.site_id, name="工程部", actor=zhou, now=clock.now())
        assert "already" in refused(caught)


def test_the_register_lists_finds_and_counts(app: Flask, cast: Cast) -> None:
    with app.app_context():
        now = clock.now()
        with writing():
            leak = write(cast)
            noise = write(cast, Nature.COMPLAINT, matter="2203 装修噪音", unit_id=None, unit_number="", name="李四")
            deeds.close(noise, outcome="已协调", actor=actor_of(cast, "zhou"), now=now)
        with reading():
            lisi, later = actor_of(cast, "lisi"), now + timedelta(days=2)
            rows = pages.read(SLIPS, Wanted(site_id=cast.site_id, actor=lisi), now=now).rows
            assert [row.number for row in rows] == [2, 1]
            assert [SLIPS.state(row, later).word for row in rows] == ["Closed", "Past its promise"]
            assert [row.ref for row in on_board(cast.site_id).get()] == [leak.ref]
            for typed, number in (("漏水", 1), ("1806", 1), ("噪音", 2), ("张三", 1), ("2", 2)):
                assert pages.found(SLIPS, typed, actor=lisi, most=3)[0].number == number, typed
                text = pages.read(SLIPS, Wanted(site_id=cast.site_id, text=typed), now=now).rows
                assert number in [row.number for row in text], typed
            figures = figures_of(cast.site_id, today_ends=now + timedelta(hours=1), now=later)
            assert (figures.open, figures.late) == (1, 1)
            sentence, values = matter_of(rows[1])
            assert sentence % values == "1806 空调漏水"


def test_every_line_of_history_has_words(app: Flask, cast: Cast) -> None:
    with app.app_context():
        lisi, now = actor_of(cast, "lisi"), clock.now()
        with writing():
            slip = write(cast)
            deeds.note(slip, text="已报工程部", actor=lisi, now=now)
            deeds.move_promise(slip, to=now + timedelta(days=3), told="张三", said="同意", actor=lisi, now=now)
            deeds.learned(slip, "key_found", actor=lisi, now=now)
            deeds.close(slip, outcome="好了", actor=lisi, now=now)
        with reading():
            lines = db.session.execute(
                select(Event.kind, Event.facts, EventDetail.entered)
                .outerjoin(EventDetail, (EventDetail.site_id == Event.site_id) & (EventDetail.number == Event.number))
                .where(Event.subject == "slip")
            ).all()
            words = [SLIPS.happened(line) for line in lines]
            assert len(words) == 5
            assert all(one.sentence % one.values and one.sentence != "Changed" for one in words)
