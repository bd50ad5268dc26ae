"""M1, M2: tentative meetings keep the room until somebody's word, and who may reserve which room."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from domain import clock as time_of_day
from domain.database import db, reading, writing
from domain.errors import Conflict, DomainError, NotAllowed
from domain.identity import Actor
from domain.meetings import approvals, changes, ends
from domain.meetings.changes import Which
from domain.meetings.models import Answer, Approver, OpenTo, Reservation, ReservationState
from domain.meetings.register import state_of
from domain.meetings.room_parts import RoomUnit
from tests import rooms as house
from tests.cabinet import actor_of
from tests.rooms import MONDAY, TUESDAY


def now():
    return time_of_day.now()


def ask_of(room_id, approver):
    with writing():
        house.room(room_id).approver = approver


def booked(rooms, cast, since="14:00", until="15:00", **values):
    with writing():
        return house.book(rooms.pine, cast, since, until, **{"days": (TUESDAY,), **values})


def test_a_tentative_meeting_keeps_the_room_until_it_is_granted(app, cast, rooms):
    with app.app_context():
        ask_of(rooms.pine, Approver.SUPERVISOR)
        (meeting,) = booked(rooms, cast)
        assert state_of(meeting, now()).word == "Tentative"
        with pytest.raises(Conflict), writing():
            house.book(rooms.pine, cast, "14:30", "15:30", days=(TUESDAY,))
        with pytest.raises(Conflict, match="tentative"), writing():
            ends.start(house.reservation(meeting.id), actor=actor_of(cast, "lisi"), now=now())
        with pytest.raises(NotAllowed), writing():
            approvals.grant(house.reservation(meeting.id), actor=actor_of(cast, "zhou"), now=now())
        with writing():
            approvals.grant(house.reservation(meeting.id), actor=actor_of(cast, "wu"), now=now())
        with reading():
            stands = house.reservation(meeting.id)
            assert (stands.answer, stands.sequence) == (Answer.GRANTED, 1)
            assert state_of(stands, now()).word == "Reserved"
        with pytest.raises(Conflict), writing():
            approvals.grant(house.reservation(meeting.id), actor=actor_of(cast, "wu"), now=now())


def test_whose_word_counts_gives_it_by_reserving(app, cast, rooms):
    with app.app_context():
        ask_of(rooms.pine, Approver.LEAD)
        with writing():
            (meeting,) = house.reserve_as(rooms.pine, cast, "zhou", "14:00", "15:00", days=(TUESDAY,))
        assert not meeting.is_tentative


def test_refused_needs_a_reason_and_frees_the_room_for_the_whole_repeat(app, cast, rooms):
    with app.app_context():
        ask_of(rooms.pine, Approver.LEAD)
        made = booked(rooms, cast, days=(TUESDAY, TUESDAY + timedelta(days=7)))
        with pytest.raises(DomainError, match="Say why"), writing():
            approvals.refuse(house.reservation(made[0].id), reason=" ", actor=actor_of(cast, "zhou"), now=now())
        with writing():
            approvals.refuse(house.reservation(made[0].id), reason="检修", actor=actor_of(cast, "zhou"), now=now())
        with reading():
            for one in made:
                gone = house.reservation(one.id)
                assert (gone.state, gone.answer, gone.reason) == (ReservationState.CANCELLED, Answer.REFUSED, "检修")
                assert state_of(gone, now()).word == "Refused"
        booked(rooms, cast, "14:30", "15:30")


def test_undecided_it_lapses_whether_a_timer_ran_or_not(app, cast, rooms, clock):
    with app.app_context():
        ask_of(rooms.pine, Approver.LEAD)
        (meeting,) = booked(rooms, cast)
        clock.shift(timedelta(hours=24, minutes=1))
        with reading():
            assert state_of(house.reservation(meeting.id), now()).word == "Not decided in time"
        with pytest.raises(Conflict), writing():
            approvals.grant(house.reservation(meeting.id), actor=actor_of(cast, "zhou"), now=now())
        booked(rooms, cast, "14:30", "15:30")
        with reading():
            gone = house.reservation(meeting.id)
            assert (gone.state, gone.answer) == (ReservationState.CANCELLED, Answer.EXPIRED)
        with pytest.raises(Conflict), writing():
            ends.revive(house.reservation(meeting.id), actor=actor_of(cast, "lisi"), now=now())


def test_moved_it_needs_the_word_again_and_revived_too(app, cast, rooms):
    with app.app_context():
        ask_of(rooms.pine, Approver.LEAD)
        (meeting,) = booked(rooms, cast)
        with writing():
            approvals.grant(house.reservation(meeting.id), actor=actor_of(cast, "zhou"), now=now())
        with writing():
            changes.change(
                house.reservation(meeting.id),
                which=Which.ONE,
                room=house.room(rooms.pine),
                day=TUESDAY,
                since=house.at("16:00"),
                until=house.at("17:00"),
                wish=house.wish(cast),
                site=house.site_of(cast),
                actor=actor_of(cast, "lisi"),
                now=now(),
            )
        with writing():
            assert house.reservation(meeting.id).is_tentative
            approvals.refuse(house.reservation(meeting.id), reason="检修", actor=actor_of(cast, "zhou"), now=now())
        with writing():
            ends.revive(house.reservation(meeting.id), actor=actor_of(cast, "lisi"), now=now())
        with reading():
            assert house.reservation(meeting.id).is_tentative


def test_the_database_knows_no_refused_meeting_that_is_held(app, cast, rooms):
    with app.app_context():
        (meeting,) = booked(rooms, cast)
        with pytest.raises(IntegrityError, match="answer_known"), writing():
            db.session.execute(db.update(Reservation).where(Reservation.id == meeting.id).values(answer="refused"))
        with pytest.raises(IntegrityError, match="sequence_rises"), writing():
            db.session.execute(db.update(Reservation).where(Reservation.id == meeting.id).values(sequence=-1))


@pytest.mark.parametrize(
    ("open_to", "host", "desk", "lead"),
    [
        (OpenTo.ALL, True, True, True),
        (OpenTo.STAFF, False, True, True),
        (OpenTo.LEAD, False, False, True),
        (OpenTo.UNITS, False, False, True),
    ],
)
def test_who_may_reserve_a_room(app, cast, rooms, open_to, host, desk, lead):
    by_link = Actor("host", cast.host_id, "张三", cast.site_id)
    with app.app_context():
        with writing():
            house.room(rooms.pine).open_to = open_to
        hours = iter((("9:45", "10:30"), ("11:00", "12:00"), ("13:00", "14:00")))
        for actor, may in ((by_link, host), (actor_of(cast, "lisi"), desk), (actor_of(cast, "zhou"), lead)):
            since, until = (each.rjust(5, "0") for each in next(hours))
            if may:
                with writing():
                    house.reserve_as(rooms.pine, cast, actor, since, until, days=(MONDAY,))
            else:
                with pytest.raises(DomainError) as refused, writing():
                    house.reserve_as(rooms.pine, cast, actor, since, until, days=(MONDAY,))
                assert refused.value.field == "room"
        with writing():
            db.session.add(RoomUnit(room_id=rooms.pine, unit_id=cast.unit_id))
            house.room(rooms.pine).open_to = OpenTo.UNITS
        with writing():
            house.reserve_as(rooms.pine, cast, by_link, "16:00", "17:00", days=(MONDAY,))
