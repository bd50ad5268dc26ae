"""Calendars are written as the mailboxes and calendars of others read them; read back by a library of others."""

from datetime import UTC, datetime, timedelta

import pytest
import vobject

from domain import calendars, clock
from domain.calendars import Appointment, Method, Party, Standing, calendar_feed, calendar_for_mail, uid_of

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
LONG = "关于三号楼大堂改造方案的第二次协调会议；请各方带上图纸，" * 6


def _at(day: int, hour: int, minute: int = 0, *, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def _meeting(zone: str = "Asia/Shanghai", **values) -> Appointment:
    given = {"begins": _at(3, 6), "ends": _at(3, 7), "title": "季度会", "sequence": 2, **values}
    return Appointment(uid=uid_of("meeting", "abc"), zone=zone, **given)


def _read(content: bytes):
    return vobject.readOne(content.decode())


def test_a_mail_asks_the_calendar_to_enter_it():
    sender, guest = Party("desk@example.com", '大堂 "Foyer"'), Party("zhang@example.com", "张三")
    made = calendar_for_mail(
        _meeting(
            place="松厅, 3F", about="带上：图纸\r\n两份", sender=sender, invited=[guest], url="https://f.example/x"
        ),
        method=Method.REQUEST,
        now=NOW,
    )
    calendar = _read(made.content)
    event = calendar.vevent
    assert (calendar.method.value, calendar.version.value) == ("REQUEST", "2.0")
    assert calendar.prodid.value == calendars.PRODUCT
    assert (event.uid.value, event.sequence.value) == (uid_of("meeting", "abc"), "2")
    assert (event.dtstart.value.astimezone(UTC), event.dtend.value.astimezone(UTC)) == (_at(3, 6), _at(3, 7))
    assert b"DTSTART;TZID=Asia/Shanghai:20260303T140000\r\n" in made.content
    assert event.dtstamp.value == NOW
    assert (event.summary.value, event.location.value) == ("季度会", "松厅, 3F")
    assert event.description.value == "带上：图纸\n两份"
    assert event.organizer.value == "mailto:desk@example.com"
    assert event.organizer.params["CN"] == ["大堂 'Foyer'"]
    assert event.attendee.value == "mailto:zhang@example.com"
    assert event.attendee.params["RSVP"] == ["FALSE"]
    assert event.status.value == "CONFIRMED"


def test_calling_off_takes_it_out_under_the_same_name():
    made = calendar_for_mail(_meeting(sequence=3), method=Method.CANCEL, now=NOW)
    calendar = _read(made.content)
    assert made.method is Method.CANCEL
    assert calendar.method.value == "CANCEL"
    assert calendar.vevent.uid.value == uid_of("meeting", "abc")
    assert calendar.vevent.status.value == "CANCELLED"


def test_lines_end_and_fold_as_the_rule_says():
    content = calendar_for_mail(_meeting(title=LONG + "\x00\x07"), method=Method.REQUEST, now=NOW).content
    lines = content.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 for line in lines)
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    for line in lines:
        line.decode()  # no character is cut in two
    assert _read(content).vevent.summary.value == LONG


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "UTC"])
def test_each_hour_of_a_year_is_the_same_instant_for_the_reader(zone):
    since = datetime(2026, 1, 1, tzinfo=UTC)
    begins = [since + timedelta(hours=5 * number) for number in range(365 * 24 // 5)]
    made = [
        Appointment(f"{number}@foyer", 0, each, each + timedelta(minutes=30), zone, "会")
        for number, each in enumerate(begins)
    ]
    calendar = _read(calendar_feed("全年", made, zone=zone, now=NOW))
    read = {event.uid.value: event.dtstart.value.astimezone(UTC) for event in calendar.vevent_list}
    assert read == {f"{number}@foyer": each for number, each in enumerate(begins)}


def test_the_hour_that_the_clocks_repeat_is_written_without_a_doubt():
    first, second = _at(1, 5, 30, month=11), _at(1, 6, 30, month=11)  # 01:30 in New York, twice
    assert clock.local(first, "America/New_York").time() == clock.local(second, "America/New_York").time()
    for begins in (first, second):
        meeting = _meeting("America/New_York", begins=begins, ends=begins + timedelta(minutes=20))
        event = _read(calendar_for_mail(meeting, method=Method.REQUEST, now=NOW).content).vevent
        assert event.dtstart.value.astimezone(UTC) == begins
        assert event.dtend.value.astimezone(UTC) == begins + timedelta(minutes=20)


def test_a_feed_has_a_name_and_says_when_to_look_again():
    content = calendar_feed("松厅 的会议", [_meeting(standing=Standing.TENTATIVE)], zone="Asia/Shanghai", now=NOW)
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT15M\r\n" in content
    assert b"X-PUBLISHED-TTL:PT15M\r\n" in content
    calendar = _read(content)
    assert calendar.x_wr_calname.value == "松厅 的会议"
    assert calendar.vevent.status.value == "TENTATIVE"
    assert not hasattr(calendar.vevent, "attendee")


def test_an_empty_feed_is_a_calendar_too():
    calendar = _read(calendar_feed("空", [], zone="Asia/Shanghai", now=NOW))
    assert calendar.method.value == "PUBLISH"
