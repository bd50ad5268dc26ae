"""Names are taken as people write them (V2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.names import clean_name, greeting_name, name_problem


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  张三 ", "张三"),
        ("张　三", "张三"),
        ("欧阳 锋", "欧阳锋"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("Ｊｏｈｎ　Ｓｍｉｔｈ", "John Smith"),
        ("John\t \n Smith", "John Smith"),
        ("O´Brien", "O'Brien"),
        ("O'Brien", "O'Brien"),
        ("Zoe\u0308", "Zoë"),
        ("\u202eمحمد علي\u202c", "محمد علي"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("张\u200b三", "张三"),
        ("<script>", "<script>"),
        ("=A1", "=A1"),
        ("𠮷", "𠮷"),
    ],
)
def test_a_name_is_tidied_and_not_changed(typed, kept):
    assert clean_name(typed) == kept
    assert name_problem(kept) is None


@given(st.text(max_size=60))
def test_tidying_twice_changes_nothing_more(typed):
    once = clean_name(typed)
    assert clean_name(once) == once


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Enter a name."),
        ("   ", "Enter a name."),
        ("\u200b\u202e", "Enter a name."),
        ("x" * 81, "A name has at most 80 characters."),
        ("张" * 10_000, "A name has at most 80 characters."),
        ("张\x00三", "Leave out characters that cannot be read or printed."),
        ("a\x1bb", "Leave out characters that cannot be read or printed."),
        ("a\ud800", "Leave out characters that cannot be read or printed."),
        ("张三😀", "Leave out emoji and pictures."),
        ("👩‍💻", "Leave out emoji and pictures."),
        ("1️⃣", "Leave out emoji and pictures."),
        ("a👍🏽", "Leave out emoji and pictures."),
        ("12345", "A name needs at least one letter."),
        ("=1+1", "A name needs at least one letter."),
        ("' --", "A name needs at least one letter."),
    ],
)
def test_what_cannot_be_a_name_gets_a_sentence(name, sentence):
    assert name_problem(name) == sentence


@pytest.mark.parametrize(
    "name",
    ["X", "张", "O'Brien", 'Robert "Bob" Lee', "J. R. R. Tolkien", "Nguyễn Văn Anh", "김철수", "\U000323af", "ประยุทธ์",
     "x" * 80],
)  # fmt: skip
def test_names_of_the_world_are_names(name):
    assert name_problem(name) is None


@given(st.text(max_size=200))
def test_a_name_that_passes_can_be_stored(name):
    if name_problem(name) is None:
        assert name.encode()
        assert "\x00" not in name


def test_a_long_name_is_cut_at_a_word_in_a_greeting():
    assert greeting_name("王五") == "王五"
    assert greeting_name("Pablo Diego José Francisco de Paula") == "Pablo Diego José…"
    assert greeting_name("x" * 60) == "x" * 24 + "…"
