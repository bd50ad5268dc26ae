"""M8, K8: a meeting is closed when equipment was checked, power is off and the key is back; then it is frozen."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from domain import clock
from domain.database import db, reading, refusal, writing
from domain.errors import Conflict, DomainError
from domain.identity import SYSTEM
from domain.keys.loan_models import Loan
from domain.keys.returns import return_keys
from domain.meetings import closing, faults, steps
from domain.meetings.changes import Which
from domain.meetings.ends import cancel
from domain.meetings.erasure import erase_meetings, erase_signatures
from domain.meetings.models import Reservation
from domain.meetings.service_models import Confirmation, OrderLine, ServiceOrder, ServiceStep
from domain.meetings.service_queries import order_of
from domain.slips.models import Slip
from domain.ticks import LATE, TAKEN
from tests import cabinet as shelf
from tests import rooms as house
from tests import service
from tests.cabinet import actor_of
from tests.cast import Cast
from tests.rooms import Rooms, book


@pytest.fixture
def meeting(app: Flask, cast: Cast, rooms: Rooms, clock) -> int:
    """A meeting at ten in a room with a key, with thirty cups ordered, served by Chen; it is 11:20 afterwards."""
    with app.app_context(), writing():
        goods, stock = service.fill_catalogue(cast), shelf.fill(cast)
        house.room(rooms.pine).key_id = stock.room
        db.session.flush()
        (one,) = book(rooms.pine, cast, "10:00", "11:00")
        order = service.order(one, cast, (goods.tea, 5, 20))
        service.give_to(one, cast)
        assert service.tick(order.id, "key_out", cast).outcome == TAKEN
    clock.shift(timedelta(hours=1, minutes=50))
    return one.id


def of(meeting_id: int) -> tuple[Reservation, ServiceOrder]:
    """Reservation and order, as they stand."""
    found = order_of(meeting_id)
    assert found
    return db.session.get_one(Reservation, meeting_id), found


def sentences(meeting_id: int) -> list[str]:
    """What blocks."""
    one, order = of(meeting_id)
    return [block.sentence for block in closing.blocks(order, one, now=clock.now())]


def finish(meeting_id: int, cast: Cast) -> None:
    """Do what closing asks for, and close."""
    _, order = of(meeting_id)
    for code in ("check", "power", "key_back"):
        assert service.tick(order.id, code, cast).outcome == TAKEN
    closing.close(order, actor=actor_of(cast, "chen"), now=clock.now())


def test_the_key_goes_out_as_a_loan_to_the_attendant_and_is_back_before_the_end(
    app: Flask, cast: Cast, meeting: int
) -> None:
    with app.app_context(), writing():
        _, order = of(meeting)
        loan = db.session.get_one(Loan, order.key_loan_id)
        assert (loan.person_id, loan.ended_at) == (cast.people["chen"], None)
        assert len(sentences(meeting)) == 3
        with pytest.raises(DomainError, match="equipment"):
            closing.close(order, actor=actor_of(cast, "chen"), now=clock.now())
        service.tick(order.id, "check", cast)
        service.tick(order.id, "power", cast)
        assert ["key is not back" in one for one in sentences(meeting)] == [True]
        with pytest.raises(DomainError, match="key is not back"):
            closing.close(order, actor=actor_of(cast, "chen"), now=clock.now())
        assert service.tick(order.id, "key_back", cast).outcome == TAKEN
        assert loan.ended_at is not None
        closing.close(order, actor=actor_of(cast, "chen"), now=clock.now())
        with pytest.raises(Conflict, match="closed"):
            closing.close(order, actor=actor_of(cast, "chen"), now=clock.now())


def test_a_key_that_the_desk_took_back_is_back(app: Flask, cast: Cast, meeting: int) -> None:
    with app.app_context(), writing():
        _, order = of(meeting)
        key = db.session.get_one(Loan, order.key_loan_id).key_id
        assert key
        return_keys([shelf.key(key)], actor=actor_of(cast, "lisi"), now=clock.now())
        service.tick(order.id, "check", cast)
        service.tick(order.id, "power", cast)
        assert sentences(meeting) == []


def test_a_key_that_somebody_else_has_is_told_and_the_step_stays_open(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context(), writing():
        stock = shelf.fill(cast)
        house.room(rooms.pine).key_id = stock.room
        db.session.flush()
        (one,) = book(rooms.pine, cast, "14:00", "15:00")
        order = service.order(one, cast)
        shelf.hand_out(shelf.key(stock.room), shelf.host_of(cast), cast)
        answer = service.tick(order.id, "key_out", cast)
        assert answer.outcome == LATE
        assert "is out since" in answer.sentence
        assert service.steps_on(order.id, "key_out")[0].how is None


def test_a_meeting_that_is_called_off_still_wants_its_key_back(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context(), writing():
        stock = shelf.fill(cast)
        house.room(rooms.pine).key_id = stock.room
        db.session.flush()
        (one,) = book(rooms.pine, cast, "14:00", "15:00")
        order = service.order(one, cast)
        service.tick(order.id, "key_out", cast)
        cancel(one, which=Which.ONE, reason="", actor=actor_of(cast, "lisi"), now=clock.now())
        assert sorted(step.code for step in service.steps_on(order.id)) == ["key_back", "key_out"]
        assert service.tick(order.id, "key_back", cast).outcome == TAKEN
        with pytest.raises(Conflict, match="called off"):
            closing.close(order, actor=actor_of(cast, "chen"), now=clock.now())


def test_nothing_but_the_three_closes_it_whatever_is_written(app: Flask, cast: Cast, meeting: int) -> None:
    by_hand = update(ServiceOrder).values(closed_at=clock.now(), closed_by_id=cast.people["chen"])
    with app.app_context(), pytest.raises(IntegrityError) as refused, writing():
        db.session.execute(by_hand)
    said = refusal(refused.value)
    assert said
    assert "cannot be closed yet" in said.sentence


def test_a_closed_meeting_is_frozen_in_the_database(app: Flask, cast: Cast, meeting: int) -> None:
    with app.app_context(), writing():
        _, order = of(meeting)
        waiting = service.steps_on(order.id, "lock")[0]
        finish(meeting, cast)
        answer = steps.tick(waiting, service.sent(), how="done", actor=actor_of(cast, "chen"), now=clock.now())
        assert answer.outcome == LATE
        assert "closed" in answer.sentence
        order_id, step_id = order.id, waiting.id
        line = db.session.scalars(select(OrderLine).where(OrderLine.order_id == order_id)).one()
        more = {"order_id": order_id, "item_id": line.item_id, "number": 1, "taken": 0}
        copied = {column: getattr(waiting, column) for column in ("site_id", "source_id", "phase", "due_at")}
        copied |= {"ref": "x" * 12, "order_id": order_id, "nth": 9, "code": "", "name": "", "category": "", "duty": ""}
    now = clock.now()
    attacks = (
        update(ServiceOrder).values(attendant_id=None),
        update(ServiceOrder).values(closed_at=None, closed_by_id=None),
        delete(ServiceOrder),
        update(OrderLine).values(number=99),
        delete(OrderLine),
        insert(OrderLine).values(more),
        update(ServiceStep).where(ServiceStep.id == step_id).values(void_at=now),
        update(ServiceStep).where(ServiceStep.how == "done").values(how=None, ticked_at=None, noted_at=None),
        insert(ServiceStep).values(copied | {"reason": ""}),
        delete(ServiceStep),
        update(Reservation).values(state="ended", ended_at=now),
        update(Reservation).values(title="Something else"),
        update(Reservation).values(ends_at=now + timedelta(hours=1)),
    )
    for attack in attacks:
        with app.app_context(), pytest.raises(IntegrityError), writing():
            db.session.execute(attack)


def test_what_was_noted_is_erased_and_the_closed_meeting_stays(app: Flask, cast: Cast, meeting: int) -> None:
    with app.app_context(), writing():
        one, order = of(meeting)
        order.notes = "张总不喝茶"
        service.tick(order.id, "greet", cast, how="skipped", reason="张总自己上楼")
        finish(meeting, cast)
        said = {"how": "signature", "answer": "good", "comment": "谢谢陈样", "signature": shelf.STROKES}
        closing.confirm(order, one, **said, actor=actor_of(cast, "chen"), now=clock.now())
        with pytest.raises(Conflict, match="already"):
            closing.confirm(order, one, **said, actor=actor_of(cast, "chen"), now=clock.now())
    with app.app_context():
        assert erase_signatures(actor=SYSTEM, now=clock.now() + timedelta(hours=71)) == 0
        assert erase_signatures(actor=SYSTEM, now=clock.now() + timedelta(hours=73)) == 1
        assert erase_meetings(actor=SYSTEM, now=clock.now() + timedelta(days=400)) == 1
    with app.app_context(), reading():
        kept = db.session.scalars(select(Confirmation)).one()
        assert (kept.comment, kept.signature, kept.answer) == ("", None, "good")
        assert db.session.scalars(select(ServiceOrder.notes)).all() == [""]
        skipped = db.session.scalars(select(ServiceStep.reason).where(ServiceStep.how == "skipped")).all()
        assert skipped == ["–"]


def test_a_link_serves_its_organiser_for_a_week_and_no_other_meeting(app: Flask, cast: Cast, meeting: int) -> None:
    with app.app_context(), writing():
        one, order = of(meeting)
        token = closing.confirmation_token(one.ref)
        assert closing.find_by_token(token, now=clock.now())[1].id == order.id
        for wrong in (token[:-1], f"{one.ref}-", one.ref, "x"):
            with pytest.raises(DomainError):
                closing.find_by_token(wrong, now=clock.now())
        with pytest.raises(DomainError, match="no longer"):
            closing.find_by_token(token, now=clock.now() + timedelta(days=8))
        with pytest.raises(DomainError, match="Choose how"):
            closing.confirm(order, one, how="link", answer="superb", actor=actor_of(cast, "chen"), now=clock.now())


def test_a_fault_becomes_a_repair_and_what_was_left_behind_lost_property(app: Flask, cast: Cast, meeting: int) -> None:
    with app.app_context(), writing():
        one, _ = of(meeting)
        chen, now = actor_of(cast, "chen"), clock.now()
        faults.note_fault(one, what="麦克风没声音", photo="a.jpg", urgent=True, actor=chen, now=now)
        faults.note_lost(one, what="黑色雨伞", actor=chen, now=now)
        for empty in ("", "   ", "长" * 501):
            with pytest.raises(DomainError):
                faults.note_fault(one, what=empty, urgent=False, actor=chen, now=now)
        found = db.session.scalars(select(Slip).order_by(Slip.id)).all()
        assert [(slip.nature, slip.matter, slip.photo) for slip in found] == [
            ("repair", "松厅: 麦克风没声音", "a.jpg"),
            ("lost_found", "松厅: 黑色雨伞", None),
        ]
        assert found[0].promise_at == now + timedelta(minutes=30)
