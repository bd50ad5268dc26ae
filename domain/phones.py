"""Telephone numbers: read however they are typed, kept as E.164, shown as people say them."""

import re
import unicodedata
from functools import lru_cache
from itertools import accumulate
from typing import Any

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from domain.errors import DomainError
from domain.text import N_
from domain.widths import plain_digits

LONGEST_TYPED = 40
SHORTEST = 7
FROM_ABROAD = N_("There is no such number here. A number from abroad begins with +, for example +44 7700 900123.")

_MARKS = re.compile(r"[\s().\-\u2010-\u2015\u2212/·]+")
_MOBILE = re.compile(r"\+861[3-9][0-9]{9}")
_TYPED_MOBILE = re.compile(r"1[3-9][0-9]{9}")
"""A Chinese mobile number as most people type it: there is nothing to read out of it."""
_AREA = "(?:10|2[0-9]|[3-9][0-9]{2})"
_LANDLINE = re.compile(rf"(0{_AREA})(?:[2-8][0-9]{{6,7}}|(?:9[56]|1[02])[0-9]{{3,4}})")
"""Trunk 0, area code, and a subscriber, of whom none begins with 0, 1 or 9, or a service such as 95588 and 12345."""
_LANDLINE_OF_86 = re.compile(rf"86(0?{_AREA}[2-8][0-9]{{6,7}})")
_SERVICE = re.compile(r"[48]00[0-9]{7}|950[0-9]{7,8}|1010[0-9]{4}")
_EXTENSION = re.compile(r"[\d)]\s*(?:[;,#转轉]|x|ext)", re.IGNORECASE)


class PhoneProblem(DomainError):
    """This cannot be a telephone number, and why."""

    def __init__(self, sentence: str, **values: Any) -> None:
        super().__init__(sentence, field="phone", **values)


def parse_phone(raw: str, region: str = "CN") -> str:
    """The number in E.164; a number without + or 00 is read as one of the region, in China only where people there type
    it so: 4155552671 is somebody's number at home, and would be one in Dandong.

    Raises PhoneProblem with a sentence that says what to change.
    """
    if region == "CN" and _TYPED_MOBILE.fullmatch(raw):
        return f"+86{raw}"
    groups = _groups(raw)
    digits = "".join(groups)
    if region == "CN":
        if [len(group) for group in groups[:2]] == [1, 3] and groups[0] == "1":  # 1 415 555 2671
            raise PhoneProblem(FROM_ABROAD)
        if (mobile := _chinese_mobile(digits)) is not None:
            return _whole(mobile)
        if len(digits) in (7, 8) and digits[0] in "2345678":
            raise PhoneProblem(N_("Put the area code in front, as in 0512 6288 0000."))
        if not digits.startswith("+"):
            digits = _typed_here(groups)
    try:
        number = phonenumbers.parse(digits, region)
    except NumberParseException as problem:
        raise _unreadable(problem) from problem
    if phonenumbers.is_valid_number(number):
        return phonenumbers.format_number(number, PhoneNumberFormat.E164)
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible == ValidationResult.TOO_SHORT:
        raise PhoneProblem(N_("There are digits missing from this number."))
    if possible == ValidationResult.TOO_LONG:
        raise PhoneProblem(N_("This number has too many digits."))
    if digits.startswith("+"):
        raise PhoneProblem(N_("There is no such number. Check the country code and the digits."))
    raise PhoneProblem(FROM_ABROAD)


def display_phone(e164: str) -> str:
    """138 0013 8000 for a Chinese number, +44 20 7946 0958 for others, and so for what is Chinese only with +86;
    what is no number comes back as it is.
    """
    number = _stored(e164)
    if number is None:
        return e164
    if number.country_code != 86:
        return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    national = phonenumbers.national_significant_number(number)
    if len(national) == 11 and national.startswith("1"):
        return f"{national[:3]} {national[3:7]} {national[7:]}"
    shown = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    if _is_typed_here(_groups(shown)):
        return shown
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def last_four(e164: str) -> str:
    """The four digits that people are found by."""
    last = e164[-4:]
    return last if last.isdecimal() else "".join(c for c in e164 if c.isdecimal())[-4:]


@lru_cache(maxsize=4096)
def country_code(e164: str) -> str:
    """The country code without +, or nothing where there is none."""
    if _MOBILE.fullmatch(e164):  # nearly all of them, and the library takes a quarter of a millisecond
        return "86"
    number = _stored(e164)
    return str(number.country_code) if number else ""


def _stored(e164: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(e164, None)
    except NumberParseException:
        return None


def _groups(raw: str) -> list[str]:
    """Digits alone, as they were grouped, the first with a leading + where the number names its country."""
    if len(raw) > LONGEST_TYPED:
        raise PhoneProblem(N_("This is too long for a telephone number."))
    typed = "".join(c for c in plain_digits(raw) if unicodedata.category(c) != "Cf").strip()
    if not typed:
        raise PhoneProblem(N_("Enter a telephone number."))
    if _EXTENSION.search(typed):
        raise PhoneProblem(N_("Leave out the extension: enter the number alone."))
    groups = [group for group in _MARKS.split(typed) if group]
    bare = "".join(groups)
    if not re.fullmatch(r"\+?[0-9]+", bare):
        raise PhoneProblem(N_("A telephone number has only digits, spaces, dashes and a + in front."))
    return [f"+{bare[2:]}"] if bare.startswith("00") else groups


def _chinese_mobile(digits: str) -> str | None:
    """The mobile number that these digits mean, complete or not; None when they begin like another kind."""
    if digits.startswith("0"):  # a whole one alone: 0121, 0170 and 01 42 are areas and mobiles of other countries
        return digits[1:] if _TYPED_MOBILE.fullmatch(digits[1:]) else None
    for prefix in ("+86", "86", ""):
        rest = digits.removeprefix(prefix).lstrip("0" if prefix == "+86" else "")
        # 010 is Beijing, and 1 followed by 0 or 1 is a service.
        if digits.startswith(prefix) and re.match(r"1[2-9]", rest) and (prefix != "86" or len(digits) > 11):
            return rest
    return None


def _whole(mobile: str) -> str:
    if len(mobile) != 11:
        raise PhoneProblem(N_("11 digits are needed, now %(n)d."), n=len(mobile))
    # Ranges newer than the library's tables are real phones too.
    if mobile[1] in "3456789":
        return f"+86{mobile}"
    raise PhoneProblem(N_("No mobile number begins like this. Check the first three digits."))


def _typed_here(groups: list[str]) -> str:
    """The digits of a number other than a mobile that people in China type without +; PhoneProblem for another."""
    digits = "".join(groups)
    if with_86 := _LANDLINE_OF_86.fullmatch(digits):
        return f"+86{with_86[1]}"
    if _is_typed_here(groups):
        return digits
    if len(digits) < SHORTEST:
        raise PhoneProblem(N_("There are digits missing from this number."))
    raise PhoneProblem(FROM_ABROAD)


def _is_typed_here(groups: list[str]) -> bool:
    """Whether it is a landline with its 0 and area code, or a service. Who groups a number ends a group after its area
    code: 0901 234 5678 is one in Xinjiang, 090-1234-5678 a mobile in Japan.
    """
    digits = "".join(groups)
    if landline := _LANDLINE.fullmatch(digits):
        return len(groups) == 1 or len(landline[1]) in accumulate(map(len, groups))
    return bool(_SERVICE.fullmatch(digits))


def _unreadable(problem: NumberParseException) -> PhoneProblem:
    if problem.error_type == NumberParseException.INVALID_COUNTRY_CODE:
        return PhoneProblem(N_("No country has this code. Check the digits after the +."))
    if problem.error_type == NumberParseException.TOO_LONG:
        return PhoneProblem(N_("This number has too many digits."))
    return PhoneProblem(N_("There are digits missing from this number."))
