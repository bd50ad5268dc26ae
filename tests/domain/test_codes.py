"""Codes that people read, type and scan (V8, V9, kiosk pairing)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codes import (
    badge_label,
    badge_qr,
    check_digits,
    new_pairing_code,
    new_ref,
    new_token,
    normalise_pairing_code,
    parse_badge,
    parse_badge_qr,
    show_pairing_code,
)


def test_a_ref_is_twelve_readable_characters_and_never_the_same():
    refs = {new_ref() for _ in range(2_000)}
    assert len(refs) == 2_000
    assert all(len(ref) == 12 and not set(ref) - set("0123456789abcdefghjkmnpqrstvwxyz") for ref in refs)


def test_tokens_are_long_and_fit_an_address():
    assert len({new_token() for _ in range(100)}) == 100
    assert all(len(token) >= 43 and token.replace("-", "").replace("_", "").isalnum() for token in (new_token(),))


def test_check_digits_are_three():
    assert all(len(code) == 3 and code.isdecimal() for code in (check_digits() for _ in range(200)))


@given(st.integers(1, 9_999), st.integers(0, 999))
def test_a_badge_is_read_back_however_it_is_typed(number, check):
    label, check_code = badge_label(number), f"{check:03d}"
    for typed in (
        f"{label} {check_code}",
        f"{label}-{check_code}".lower(),
        f"{number:03d}{check_code}",
        f" {label}　{check_code} ",
    ):
        assert parse_badge(typed) == (number, check_code)


@pytest.mark.parametrize(
    "typed",
    ["A-017 482", "017482", "a017-482", "A017482", "a 017 482", "Ａ－０１７　４８２", "17 482", "A-17 482", "A–017–482",
     "A - 017 - 482", "\u200fA-017 482", "٠١٧ ٤٨٢"],
)  # fmt: skip
def test_visitors_type_badges_in_many_ways(typed):
    assert parse_badge(typed) == (17, "482")


@pytest.mark.parametrize(
    "typed",
    ["", " ", "A-017", "017", "17482", "B-017 482", "A-000 482", "000482", "A-017 48", "A-017 4820", "'", "<script>",
     "张三", "😀", "-017 482 1", "A-017 482; DROP", "1" * 10_000, "+8613800138000", "62880000"],
)  # fmt: skip
def test_what_is_no_badge_is_none(typed):
    assert parse_badge(typed) is None


def test_badge_labels_grow_beyond_three_digits():
    assert [badge_label(number) for number in (1, 17, 999, 1000)] == ["A-001", "A-017", "A-999", "A-1000"]


def test_a_scanned_badge_gives_its_ref_however_the_scanner_types():
    ref = new_ref()
    for scanned in (badge_qr(ref), badge_qr(ref).lower(), f"FOYER:B:{ref}\r\n", f"ＦＯＹＥＲ：Ｂ：{ref}"):
        assert parse_badge_qr(scanned) == ref


@pytest.mark.parametrize(
    "scanned",
    ["", "FOYER:B:", "FOYER:B:short", "FOYER:K:0123456789ab", "0123456789ab", "https://example.org",
     "FOYER:B:" + "张" * 12, "FOYER:B:01234567890u", "x" * 10_000],
)  # fmt: skip
def test_other_codes_are_no_badges(scanned):
    assert parse_badge_qr(scanned) is None


def test_a_pairing_code_is_read_back_however_it_is_typed():
    code = new_pairing_code()
    shown = show_pairing_code(code)
    assert len(shown) == 9
    assert not set(code) & set("AEIOUY0123456789")
    for typed in (
        code,
        shown,
        shown.lower(),
        f" {shown[:4]} {shown[5:]} ",
        shown.replace("-", "－"),
        shown.replace("-", "–"),
    ):
        assert normalise_pairing_code(typed) == code


@pytest.mark.parametrize("typed", ["", "WDJB", "WDJB-MJHTT", "AEIO-UAEI", "1234-5678", "张三", "W" * 10_000])
def test_what_is_no_pairing_code_is_none(typed):
    assert normalise_pairing_code(typed) is None


@given(st.text(max_size=60))
def test_no_input_breaks_a_reader(typed):
    assert parse_badge(typed) is None or typed
    assert parse_badge_qr(typed) is None or typed
    assert normalise_pairing_code(typed) is None or typed
