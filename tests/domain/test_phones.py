"""Telephone numbers, however they are typed (V2)."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.phones import PhoneProblem, country_code, display_phone, last_four, parse_phone


@pytest.mark.parametrize(
    "typed",
    ["13800138000", "138 0013 8000", "138-0013-8000", "１３８００１３８０００", "138　0013　8000", "+86 138 0013 8000",
     "8613800138000", "86 138 0013 8000", "008613800138000", "0086-138-0013-8000", "013800138000", "（138）00138000",
     "\u202d13800138000\u202c", "+86(0)13800138000", "＋8613800138000", "٠١٣٨٠٠١٣٨٠٠٠", " 13800138000\t"],
)  # fmt: skip
def test_a_chinese_mobile_is_read_however_it_is_typed(typed):
    assert parse_phone(typed) == "+8613800138000"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0512 6288 0000", "+8651262880000"),
        ("010-62880000", "+861062880000"),
        ("400 123 4567", "+864001234567"),
        ("+44 20 7946 0958", "+442079460958"),
        ("0044 20 7946 0958", "+442079460958"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("+852 9123 4567", "+85291234567"),
        ("+1 (202) 555-0143", "+12025550143"),
        ("+81 90-1234-5678", "+819012345678"),
        ("+39 06 698 12345", "+390669812345"),
        ("+7 912 345-67-89", "+79123456789"),
        ("19912345678", "+8619912345678"),
    ],
)
def test_numbers_of_the_world(typed, kept):
    assert parse_phone(typed) == kept


def test_a_number_without_plus_is_one_of_the_region():
    assert parse_phone("020 7946 0958", "GB") == "+442079460958"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Enter a telephone number."),
        (" \u200f ", "Enter a telephone number."),
        ("1380013800", "11 digits are needed, now 10."),
        ("138001380001", "11 digits are needed, now 12."),
        ("+86 138 0013 800", "11 digits are needed, now 10."),
        ("12800138000", "No mobile number begins like this. Check the first three digits."),
        ("62880000", "Put the area code in front, as in 0512 6288 0000."),
        ("0512-62880000转8012", "Leave out the extension: enter the number alone."),
        ("0512-62880000 ext. 12", "Leave out the extension: enter the number alone."),
        ("+4412", "There are digits missing from this number."),
        ("+44 20 7946 0958 0958", "This number has too many digits."),
        ("+999 123 456", "No country has this code. Check the digits after the +."),
        ("+1 000 000 0000", "There is no such number. Check the country code and the digits."),
        ("00000000000", "No country has this code. Check the digits after the +."),
        ("abc", "A telephone number has only digits, spaces, dashes and a + in front."),
        ("138****8000", "A telephone number has only digits, spaces, dashes and a + in front."),
        ("=13800138000", "A telephone number has only digits, spaces, dashes and a + in front."),
        ("'", "A telephone number has only digits, spaces, dashes and a + in front."),
        ("<script>", "A telephone number has only digits, spaces, dashes and a + in front."),
        ("📱", "A telephone number has only digits, spaces, dashes and a + in front."),
        ("1\x0038", "A telephone number has only digits, spaces, dashes and a + in front."),
        ("1" * 10_000, "This is too long for a telephone number."),
    ],
)
def test_what_is_no_number_gets_a_sentence_that_helps(typed, says):
    with pytest.raises(PhoneProblem) as problem:
        parse_phone(typed)
    assert str(problem.value) == says
    assert problem.value.field == "phone"


@given(st.one_of(st.text(max_size=50), st.from_regex(r"\+?[0-9 ()-]{1,20}", fullmatch=True)))
def test_nothing_but_a_number_or_a_sentence_comes_back(typed):
    try:
        kept = parse_phone(typed)
    except PhoneProblem:
        return
    assert kept.startswith("+")
    assert kept[1:].isascii()
    assert kept[1:].isdecimal()
    assert parse_phone(kept) == kept


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_a_number_of_every_country_is_read_back_from_how_it_is_shown(region):
    number = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    if number is None:
        number = phonenumbers.example_number(region)
    kept = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert parse_phone(kept) == kept
    assert parse_phone(display_phone(kept)) == kept


def test_numbers_are_shown_as_people_say_them():
    assert display_phone("+8613800138000") == "138 0013 8000"
    assert display_phone("+8651262880000") == "0512 6288 0000"
    assert display_phone("+442079460958") == "+44 20 7946 0958"
    assert display_phone("") == ""


def test_the_end_and_the_country_of_a_number():
    assert last_four("+8613800138000") == "8000"
    assert last_four("12") == "12"
    assert country_code("+442079460958") == "44"
    assert country_code("x") == ""
