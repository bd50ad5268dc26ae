"""M7, M10: organisers read in their own language what became of their meeting, and their calendar is told too."""

from datetime import timedelta

import pytest
import vobject
from flask import Flask
from sqlalchemy import select

import jobs
from domain import clock
from domain.calendars import Method
from domain.database import db, reading, writing
from domain.delivery.letter import Letter
from domain.meetings import approvals, changes, ends
from domain.meetings.changes import Which
from domain.meetings.models import Approver, Reservation
from domain.notices import Channel, Notice
from domain.people.models import Person
from tests import rooms as house
from tests.cabinet import actor_of
from tests.cast import Cast
from tests.inbox import Inbox
from tests.rooms import MONDAY, TUESDAY, Rooms
from web import messages


@pytest.fixture
def rooms(app: Flask, cast: Cast, clock: object) -> Rooms:
    """The rooms; Zhang San has an address already, Li Si and Zhou get one."""
    with app.app_context(), writing():
        for login in ("lisi", "zhou"):
            db.session.get_one(Person, cast.people[login]).email = f"{login}@example.com"
        return house.furnish_rooms(cast)


def written() -> list[tuple[str, Letter | None]]:
    """Every mail about meetings as it would be written now, in the order of their telling."""
    with reading():
        found = db.session.scalars(
            select(Notice).where(Notice.channel == Channel.MAIL, Notice.subject == "meeting").order_by(Notice.id)
        ).all()
        return [(notice.kind, messages.write(notice)) for notice in found]


def event_of(letter: Letter | None):
    """The one entry of its calendar, as another library reads it."""
    assert letter is not None
    assert letter.calendar is not None
    return vobject.readOne(letter.calendar.content.decode()).vevent


def test_reserved_moved_and_called_off_reach_the_same_entry_of_the_calendar(mailing, cast, rooms):
    with mailing.app_context():
        with writing():
            (meeting,) = house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))
        (_, reserved) = written()[0]
        assert reserved.addresses == ("zhangsan@example.com",)
        assert reserved.calendar.method is Method.REQUEST
        first = event_of(reserved)
        assert (first.sequence.value, first.status.value) == ("0", "CONFIRMED")
        assert first.dtstart.value == meeting.begins_at
        assert first.organizer.value == "mailto:desk@example.com"
        assert first.organizer.params["CN"] == [{"en": "Qingyu Centre", "zh_Hans": "青屿中心"}[reserved.language]]
        with writing():
            changes.change(
                house.reservation(meeting.id),
                which=Which.ONE,
                room=house.room(rooms.cedar),
                day=TUESDAY,
                since=house.at("16:00"),
                until=house.at("17:00"),
                wish=house.wish(cast),
                site=house.site_of(cast),
                actor=actor_of(cast, "lisi"),
                now=clock.now(),
            )
        moved = event_of(dict(written())["meeting.changed"])
        assert (moved.uid.value, moved.sequence.value) == (first.uid.value, "1")
        assert moved.location.value == "雪松厅 (3)"
        with writing():
            ends.cancel(
                house.reservation(meeting.id),
                which=Which.ONE,
                reason="客人改期",
                actor=actor_of(cast, "lisi"),
                now=clock.now(),
            )
        told = dict(written())
        assert told["meeting.reserved"] is None
        assert told["meeting.changed"] is None
        gone = told["meeting.cancelled"]
        assert gone.calendar.method is Method.CANCEL
        assert "客人改期" in gone.text
        assert (event_of(gone).uid.value, event_of(gone).sequence.value) == (first.uid.value, "2")


def test_a_mail_carries_the_entry_as_mailboxes_look_for_it(mailing: Flask, inbox: Inbox, cast, rooms):
    with mailing.app_context():
        with writing():
            house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))
        jobs.deliver_mail()
    (mail,) = inbox.mails
    parts = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert [part.get_param("method") for part in parts] == ["REQUEST", "REQUEST"]
    assert [part.get_filename() for part in parts] == [None, "invite.ics"]
    for part in parts:
        raw = part.get_payload(decode=True)
        assert isinstance(raw, bytes)
        assert raw.startswith(b"BEGIN:VCALENDAR\r\n")
        assert vobject.readOne(raw.decode()).method.value == "REQUEST"


def test_a_repeat_is_one_letter_with_all_of_its_dates(mailing, cast, rooms):
    days = tuple(MONDAY + timedelta(days=7 * week) for week in range(1, 4))
    with mailing.app_context():
        with writing():
            made = house.book(rooms.pine, cast, "10:00", "11:00", days=days)
        ((_, letter),) = written()
        assert letter.calendar.method is Method.PUBLISH
        read = vobject.readOne(letter.calendar.content.decode()).vevent_list
        assert [event.dtstart.value for event in read] == [one.begins_at for one in made]
        assert letter.text.count("\n- ") == 3


def test_whoever_did_not_come_is_told_although_nobody_looked(mailing, cast, rooms, clock):
    with mailing.app_context():
        with writing():
            (meeting,) = house.book(rooms.cedar, cast, "10:00", "11:00")
        clock.shift(timedelta(minutes=50))
        jobs.look_after_rooms()
        jobs.look_after_rooms()
        told = written()
        assert [kind for kind, _ in told] == ["meeting.reserved", "meeting.released"]
        assert told[1][1].calendar.method is Method.CANCEL
        with reading():
            assert house.reservation(meeting.id).state == "released"


def test_ended_early_the_calendar_shows_when(mailing, cast, rooms, clock):
    with mailing.app_context():
        with writing():
            (meeting,) = house.book(rooms.pine, cast, "10:00", "11:00")
            ends.start(house.reservation(meeting.id), actor=actor_of(cast, "lisi"), now=_now() + timedelta(minutes=10))
        clock.shift(timedelta(minutes=50))
        with writing():
            ends.end_early(house.reservation(meeting.id), actor=actor_of(cast, "lisi"), now=_now())
        letter = dict(written())["meeting.ended"]
        assert event_of(letter).dtend.value == _now()


def test_another_organiser_takes_it_over_and_the_former_one_is_told(mailing, cast, rooms):
    with mailing.app_context():
        with writing():
            (meeting,) = house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))
            changes.change(
                meeting,
                which=Which.ONE,
                room=house.room(rooms.pine),
                day=TUESDAY,
                since=house.at("14:00"),
                until=house.at("15:00"),
                wish=house.wish(cast, by="zhou"),
                site=house.site_of(cast),
                actor=actor_of(cast, "lisi"),
                now=clock.now(),
            )
        told = dict(written())
        assert told["meeting.handed_over"].addresses == ("zhangsan@example.com",)
        assert told["meeting.handed_over"].calendar.method is Method.CANCEL
        assert told["meeting.changed"].addresses == ("zhou@example.com",)


def test_a_tentative_meeting_asks_and_its_organiser_is_told_the_answer(mailing, cast, rooms):
    with mailing.app_context():
        with writing():
            house.room(rooms.pine).approver = Approver.LEAD
            db.session.flush()
            (meeting,) = house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))
        told = dict(written())
        assert event_of(told["meeting.reserved"]).status.value == "TENTATIVE"
        asked = told["meeting.asked"]
        assert asked.addresses == ("zhou@example.com",)
        assert f"https://desk.example.com/reservations/{meeting.ref}" in asked.text
        assert "张三" in asked.text
        assert asked.calendar is None
        with writing():
            approvals.refuse(
                house.reservation(meeting.id),
                reason="当天大厅检修",
                actor=actor_of(cast, "zhou"),
                now=clock.now(),
            )
        told = dict(written())
        assert told["meeting.asked"] is None
        assert "当天大厅检修" in told["meeting.refused"].text
        assert told["meeting.refused"].calendar.method is Method.CANCEL


def test_what_was_erased_is_told_to_nobody(mailing, cast, rooms):
    with mailing.app_context():
        with writing():
            (meeting,) = house.book(rooms.pine, cast, "14:00", "15:00", days=(TUESDAY,))
            db.session.get_one(Reservation, meeting.id).erased_at = clock.now()
        assert dict(written())["meeting.reserved"] is None


def _now():
    return clock.now()
