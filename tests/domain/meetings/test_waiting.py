"""The waiting list: when the room becomes free, who waits longest is offered it, and it is held for them."""

from datetime import timedelta

import pytest

from domain import clock as time_of_day
from domain.database import db, reading, writing
from domain.errors import Conflict
from domain.identity import SYSTEM
from domain.meetings import approvals, ends, waiting
from domain.meetings.changes import Which
from domain.meetings.erasure import erase_meetings
from domain.meetings.models import Approver
from domain.meetings.spans import span_on
from domain.meetings.wish_models import RoomWish, WishState
from tests import rooms as house
from tests.cabinet import actor_of
from tests.rooms import TUESDAY


def now():
    return time_of_day.now()


def wait(rooms, cast, title="想要松厅"):
    room, site = house.room(rooms.pine), house.site_of(cast)
    span = span_on(TUESDAY, house.at("14:00"), 60, room=room, zone=site.zone)
    wish = house.wish(cast, title)
    return waiting.wait_for(room, span, wish=wish, site=site, actor=actor_of(cast, "lisi"), now=now())


def test_what_is_free_is_reserved_and_not_waited_for(app, cast, rooms):
    with app.app_context(), pytest.raises(Conflict, match="free in this time"), writing():
        wait(rooms, cast)


def test_the_first_who_waits_is_offered_the_room_and_the_next_when_they_do_not_take_it(app, cast, rooms, clock):
    with app.app_context():
        with writing():
            (meeting,) = house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))
        with writing():
            first = wait(rooms, cast, "甲会").id
            second = wait(rooms, cast, "乙会").id
        with writing():
            ends.cancel(
                house.reservation(meeting.id), which=Which.ONE, reason="", actor=actor_of(cast, "lisi"), now=now()
            )
        with reading():
            wish = wish_of(first)
            assert (wish.state, wish_of(second).state) == (WishState.OFFERED, WishState.WAITING)
            offered = house.reservation(wish.reservation_id)
            assert offered.is_tentative
            assert offered.answer_by == now() + timedelta(minutes=30)
        with pytest.raises(Conflict), writing():
            house.book(rooms.pine, cast, "14:30", "15:30", days=(TUESDAY,))
        clock.shift(timedelta(minutes=31))
        with writing():
            assert waiting.look_after(now=now()) == 2
        with reading():
            assert wish_of(second).state == WishState.OFFERED
            taken = wish_of(second).reservation_id
        with writing():
            approvals.take(house.reservation(taken), actor=actor_of(cast, "lisi"), now=now())
        with reading():
            assert not house.reservation(taken).is_tentative
            assert house.reservation(taken).title == "乙会"


def test_taken_in_a_room_that_asks_for_a_word_it_is_asked_for(app, cast, rooms):
    with app.app_context():
        with writing():
            (meeting,) = house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))
            wish = wait(rooms, cast).id
        with writing():
            house.room(rooms.pine).approver = Approver.LEAD
        with writing():
            ends.cancel(
                house.reservation(meeting.id), which=Which.ONE, reason="", actor=actor_of(cast, "lisi"), now=now()
            )
        with writing():
            offered = house.reservation(wish_of(wish).reservation_id)
            approvals.take(offered, actor=actor_of(cast, "lisi"), now=now())
            assert (offered.approver, offered.is_tentative) == (Approver.LEAD, True)


def test_whose_time_has_come_waits_no_more_and_withdrawn_is_withdrawn(app, cast, rooms, clock):
    with app.app_context():
        with writing():
            house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))
            wish, other = wait(rooms, cast).id, wait(rooms, cast, "也想要松厅").id
        with writing():
            waiting.withdraw(wish_of(other), actor=actor_of(cast, "lisi"), now=now())
        with pytest.raises(Conflict), writing():
            waiting.withdraw(wish_of(other), actor=actor_of(cast, "lisi"), now=now())
        clock.shift(timedelta(hours=30))
        with writing():
            waiting.look_after(now=now())
        with reading():
            assert wish_of(wish).state == WishState.GONE


def wish_of(wish_id):
    return db.session.get_one(RoomWish, wish_id)


def test_who_waited_is_erased_with_the_site_s_days(app, cast, rooms, clock):
    with app.app_context():
        with writing():
            house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))
            wish = wait(rooms, cast).id
        clock.shift(timedelta(days=95))
        with writing():
            waiting.look_after(now=now())
        assert erase_meetings(actor=SYSTEM, now=now()) == 2
        with reading():
            erased = wish_of(wish)
            assert (erased.title, erased.host_id, erased.erased_at) == ("", None, now())
            assert erased.unit_id == cast.unit_id
