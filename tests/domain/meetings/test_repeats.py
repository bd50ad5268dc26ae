"""Dates of a repeat: they end, they are not too many, and no change of the clocks moves them."""

from datetime import date

import pytest

from domain import clock as time
from domain.errors import DomainError
from domain.meetings.models import Room
from domain.meetings.repeats import dates_of
from domain.meetings.spans import span_on
from tests.rooms import MONDAY, at


def test_a_rule_gives_its_days() -> None:
    assert dates_of("FREQ=WEEKLY;UNTIL=20260323", MONDAY) == [
        date(2026, 3, 2),
        date(2026, 3, 9),
        date(2026, 3, 16),
        date(2026, 3, 23),
    ]
    assert len(dates_of("RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;COUNT=10", MONDAY)) == 10
    assert dates_of("FREQ=MONTHLY;COUNT=2;BYDAY=1MO", MONDAY) == [MONDAY, date(2026, 4, 6)]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=WEEKLY", "a repeat has an end"),
        ("FREQ=DAILY;COUNT=10000", "more than 400 dates"),
        ("FREQ=DAILY;UNTIL=20270701", "more than 400 dates"),
        ("FREQ=WEEKLY;UNTIL=20300101", "over two years at most"),
        ("FREQ=MONTHLY;COUNT=40", "over two years at most"),
        ("FREQ=WEEKLY;UNTIL=20260101", "ends before it begins"),
        ("FREQ=SECONDLY;COUNT=5", "no rule"),
        ("FREQ=DAILY;INTERVAL=0;COUNT=5", "no rule"),
        ("FREQ=DAILY;COUNT=0", "no rule"),
        ("FREQ=WEEKLY;BYDAY=XX;COUNT=3", "no rule"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3", "two years at most"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;UNTIL=20270101", "no date"),
        ("", "no rule"),
        ("FREQ=DAILY;COUNT=3;X=1", "no rule"),
        ("FREQ=DAILY;UNTIL=tomorrow", "no rule"),
    ],
)
def test_what_never_ends_or_is_no_rule_is_refused_in_words(rule: str, words: str) -> None:
    with pytest.raises(DomainError, match=words):
        dates_of(rule, MONDAY)


def test_a_repeat_over_a_change_of_the_clocks_keeps_its_time_on_the_wall() -> None:
    room = Room(name="x", before_minutes=0, after_minutes=0, opens=0, closes=1440, open_days=[7])
    berlin = "Europe/Berlin"
    spans = [
        span_on(day, at("10:00"), 60, room=room, zone=berlin)
        for day in dates_of("FREQ=WEEKLY;COUNT=3", date(2026, 3, 22))
    ]
    assert [time.local(one.begins, berlin).hour for one in spans] == [10, 10, 10]
    assert [one.begins.hour for one in spans] == [9, 8, 8]
    with pytest.raises(DomainError, match="The clocks are changed"):
        span_on(date(2026, 3, 29), at("02:30"), 30, room=room, zone=berlin)
