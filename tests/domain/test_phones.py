"""Telephone numbers, however they are typed (V2)."""

import re
from pathlib import Path

import phonenumbers
import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from domain.phones import PhoneProblem, country_code, display_phone, last_four, parse_phone

TRANSLATIONS = Path(__file__).resolve().parents[2] / "translations"


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
        ("(0512) 6288-0000", "+8651262880000"),
        ("0512-6288 0000", "+8651262880000"),
        ("0512 96166", "+8651296166"),
        ("86-512-62880000", "+8651262880000"),
        ("86 0512 6288 0000", "+8651262880000"),
        ("8602162880000", "+862162880000"),
        ("0901 234 5678", "+869012345678"),
        ("400 123 4567", "+864001234567"),
        ("800-820-1234", "+868008201234"),
        ("1010 8888", "+8610108888"),
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


ABROAD = "There is no such number here. A number from abroad begins with +, for example +44 7700 900123."


@pytest.mark.parametrize(
    "typed",
    [
        *("4155552671", "415-555-2671", "1-415-555-2671", "1 (415) 5552671", "2125551234", "3105551234"),  # US
        *("07911 123456", "7911123456", "07752 345678", "2079460958", "0121 496 0000"),  # United Kingdom
        *("090-1234-5678", "9012345678", "070 1234 5678", "080-1234-5678", "03-1234-5678", "312345678"),  # Japan
        *("010-9234-5678", "1062880000", "1092345678", "02-2123-4567", "031-2345-6789"),  # Korea
        *("06 12 34 56 78", "612345678", "01 42 68 53 00", "07 12 34 56 78"),  # France
        *("8 912 345-67-89", "9123456789", "8 (495) 123-45-67", "4951234567"),  # Russia
        *("0412 345 678", "412345678", "02 9123 4567", "291234567"),  # Australia
        *("0170 1234567", "030 12345678", "02131 234567", "0211 2345678", "4915123456789"),  # Germany
        *("3123456789", "06 6981 2345", "91234567", "0912-345-678", "9876543210"),  # Italy, Hong Kong, Taiwan, India
        *("51262880000", "2162880000", "0512 1234 5678"),  # without the 0 of the area code; no subscriber begins with 1
    ],
)
def test_a_number_from_abroad_without_plus_is_none_of_ours(typed):
    with pytest.raises(PhoneProblem) as problem:
        parse_phone(typed)
    assert str(problem.value) == ABROAD


@pytest.mark.parametrize(
    ("typed", "kept", "elsewhere"),
    [
        ("14155552671", "+8614155552671", "+14155552671"),  # a range of mobiles that may be opened any day
        ("15123456789", "+8615123456789", "+4915123456789"),
        ("015123456789", "+8615123456789", "+4915123456789"),
        ("020 7946 0958", "+862079460958", "+442079460958"),  # Guangzhou and London
        ("09012345678", "+869012345678", "+819012345678"),  # Xinjiang and a mobile in Japan, when nobody groups it
        ("07752345678", "+867752345678", "+447752345678"),
        ("010-6288-0000", "+861062880000", "+821062880000"),  # Beijing and a mobile in Korea
        ("800-555-1234", "+868005551234", "+18005551234"),
    ],
)
def test_what_cannot_be_told_from_a_chinese_number_is_one(typed, kept, elsewhere):
    assert parse_phone(typed) == kept
    assert parse_phone(elsewhere) == elsewhere


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
        ("0138 0013 800", ABROAD),
        ("0512 6288 00000", ABROAD),
        ("95588", "There are digits missing from this number."),
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


@given(st.from_regex(r"(?:10|2[0-9]|[3-9][0-9]{2})[0-9]{5,8}|[48]00[0-9]{7}|1010[0-9]{4}", fullmatch=True))
def test_what_is_kept_of_ours_is_read_back_from_how_it_is_shown(national):
    try:
        kept = parse_phone(f"+86{national}")
    except PhoneProblem:
        return
    assert parse_phone(display_phone(kept)) == kept


def test_what_was_kept_before_stays_and_is_shown_so_that_it_can_be_read_again():
    assert display_phone("+861092345678") == "+86 10 9234 5678"
    assert parse_phone("+86 10 9234 5678") == "+861092345678"


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


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant", "ja", "ko", "fr", "es", "ru", "ar"])
def test_the_example_from_abroad_is_a_number_that_is_taken(language):
    with (TRANSLATIONS / language / "LC_MESSAGES/messages.po").open("rb") as file:
        said = str(read_po(file, locale=language)[ABROAD].string)
    assert said != ABROAD
    (example,) = re.findall(r"\+[0-9][0-9 ]+[0-9]", said)
    assert parse_phone(example) == example.replace(" ", "")
