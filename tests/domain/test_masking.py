"""Personal data for those who do not need it (P2)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.masking import mask_document, mask_name, mask_phone, mask_plate, mask_text


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小明", "王*明"),
        ("张三", "张*"),
        ("张 三", "张*"),
        ("欧阳三丰", "欧**丰"),
        ("阿卜杜拉·买买提", "阿****提"),
        ("𠮷小明", "𠮷*明"),
        ("김철수", "김*수"),
        ("田中 太郎", "田**郎"),
        ("John Smith", "J*** S****"),
        ("Jean-Paul O'Brien", "J***-P*** O******"),
        ("Zoe\u0308 Ü", "Z** Ü"),
        ("J Smith", "J S****"),
        ("A B", "A *"),
        ("张三 Sam", "张* S**"),
        ("<script>", "s*****"),
        ("محمد بن سلمان", "م*** ب* س****\u200f"),
        ("X", "*"),
        ("张", "*"),
        ("😀", "*"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_a_name_is_recognised_only_by_who_knows_it(name, masked):
    assert mask_name(name) == masked


@given(st.text(max_size=80))
def test_no_name_is_shown_whole_and_no_markup_is_carried_over(name):
    masked = mask_name(name)
    assert not name.strip() or "*" in masked
    assert not set(masked) & set('<>&"\u202e\x00')


@pytest.mark.parametrize("name", ["محمد بن سلمان", "דוד כהן", "محمد"])
def test_the_words_of_a_masked_name_are_read_in_their_order_on_a_page_from_left_to_right(name):
    kinds = [unicodedata.bidirectional(sign) for sign in mask_name(name)]
    assert kinds[0] in ("R", "AL")
    assert kinds[-1] == "R", "stars between letters of one direction go with them, the last ones with the mark"
    assert "L" not in kinds


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("+8613800138000", "138****8000"),
        ("13800138000", "138****8000"),
        ("138 0013 8000", "138****8000"),
        ("+8651262880000", "0512****0000"),
        ("+861062880000", "010****0000"),
        ("+864001234567", "400****4567"),
        ("+442079460958", "+44****0958"),
        ("+12025550143", "+1****0143"),
        ("+9991234567", "****4567"),
        ("62880000", "****0000"),
        ("10086", "****"),
        ("abc", "****"),
        ("", ""),
    ],
)
def test_a_telephone_number_shows_its_ends(phone, masked):
    assert mask_phone(phone) == masked


@given(st.from_regex(r"\+?[0-9]{1,15}", fullmatch=True))
def test_a_masked_number_hides_four_digits_of_a_long_one_and_all_of_a_short_one(phone):
    masked = mask_phone(phone)
    shown = sum(c.isdecimal() for c in masked)
    assert "****" in masked
    assert shown <= 8
    assert len(phone) >= 8 or shown == 0


@pytest.mark.parametrize(
    ("plate", "masked"),
    [("苏E·12345", "苏E***45"), ("苏ED12345", "苏E***45"), ("KA 19 AB 1234", "KA***34"), ("AB1", "***"), ("", "")],
)
def test_a_plate_shows_where_it_is_from_and_its_end(plate, masked):
    assert mask_plate(plate) == masked


@pytest.mark.parametrize(
    ("document", "masked"),
    [("320502199001011234", "****1234"), ("E 1234 5678", "****5678"), ("1234", "****34"), ("12", "****"), ("", "")],
)
def test_a_document_shows_its_end(document, masked):
    assert mask_document(document) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [("示例科技", "示***"), ("x", "***"), ("<b>", "***"), ("=1+1", "***"), ("\u202eab", "a***"), (" ", ""), ("", "")],
)
def test_other_text_shows_that_it_is_filled(text, masked):
    assert mask_text(text) == masked


def test_a_character_that_this_python_does_not_know_is_hidden_too() -> None:
    assert mask_name("A\U0002ebe1") == "A*"
