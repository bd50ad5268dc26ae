"""Opening hours are read as people write them, and refused with the part that is wrong."""

import pytest

from domain.errors import DomainError
from domain.sites.hours import parse_spans, read_hours, write_spans


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("08:00-12:00, 13:00-20:00", [(480, 720), (780, 1200)]),
        ("13:00-20:00、8:00-12:00", [(480, 720), (780, 1200)]),
        ("8.00–12.00;13:00至20:00", [(480, 720), (780, 1200)]),
        ("08:00 - 12:00 13:00 - 20:00", [(480, 720), (780, 1200)]),
        ("９：００－１２：００，１３：３０～１８：００", [(540, 720), (810, 1080)]),
        ("９：００——１２：００；１３．３０到18：00", [(540, 720), (810, 1080)]),
        ("９：００－１２：００　１３：００－１８：００", [(540, 720), (780, 1080)]),
        ("20:00-02:00", [(1200, 1560)]),
        ("00:00-24:00", [(0, 1440)]),
        ("", []),
        (" , ", []),
    ],
)
def test_spans_are_read_however_they_are_written(typed, meant):
    assert parse_spans(typed) == meant


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("8-12", "no span of time"),
        ("<script>", "no span of time"),
        ("25:00-26:00", "no clock shows"),
        ("08:60-09:00", "no clock shows"),
        ("08:00-24:30", "no clock shows"),
        ("08:00-08:00", "same time"),
        ("08:00-12:00, 11:00-13:00", "overlap at 11:00"),
        ("20:00-02:00, 21:00-22:00", "overlap at 21:00"),
        ("8" * 10_000, "At most 200"),
    ],
)
def test_what_is_no_span_is_refused_in_words(typed, words):
    with pytest.raises(DomainError, match=words):
        parse_spans(typed)


def test_a_week_keeps_the_days_that_are_open_and_writes_them_back():
    opening = read_hours({"1": "8:00-12:00,13:00-20:00", "2": "", "5": "20:00-02:00", "7": "00:00-24:00"})
    assert opening == {
        "1": [["08:00", "12:00"], ["13:00", "20:00"]],
        "5": [["20:00", "02:00"]],
        "7": [["00:00", "00:00"]],
    }


def test_a_night_that_reaches_into_the_next_day_is_refused_at_its_own_day():
    with pytest.raises(DomainError, match="open from 01:00") as refused:
        read_hours({"7": "20:00-02:00", "1": "01:00-12:00"})
    assert refused.value.field == "day_7"


def test_the_whole_day_is_written_as_it_is_typed():
    assert write_spans([["00:00", "00:00"]]) == "00:00-24:00"
    assert write_spans([["08:00", "12:00"], ["13:00", "20:00"]]) == "08:00-12:00, 13:00-20:00"
    assert write_spans([["20:00", "02:00"]]) == "20:00-02:00"
