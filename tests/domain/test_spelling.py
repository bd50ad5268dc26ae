"""How search hears a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.romanized import in_letters
from domain.simplified import SIMPLIFIED
from domain.spelling import compact, fold, folded, is_han, sounds, spellings, spelt_by, starts


@given(st.characters())
def test_folding_twice_changes_nothing_more(character):
    once = fold(character)
    assert "".join(map(fold, once)) == once


def test_simplified_characters_are_the_end_of_folding():
    assert not [simple for simple in SIMPLIFIED.values() if simple in SIMPLIFIED]
    assert all(is_han(character) for pair in SIMPLIFIED.items() for character in pair)


@given(st.text(max_size=40))
def test_every_place_lies_in_the_text_in_order(text):
    places = [place for unit in folded(text).units for place in unit.places]
    assert places == sorted(places)
    assert all(0 <= place < len(text) for place in places)


def test_width_case_accent_and_form_do_not_matter():
    assert "".join(map(fold, "Ｚé張Ü٣ß\u200f")) == "ze张u3ss"


def test_a_surname_keeps_all_its_readings():
    assert set(sounds("单")) == {"dan", "chan", "shan"}
    assert set(sounds("吕")) == {"lv", "lu"}


def test_a_character_that_nobody_can_read_stands_for_itself():
    assert sounds("\U000323af") == ("\U000323af",)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("周立敏", "Zhou Limin"),
        ("欧阳锋", "Ouyang Feng"),
        ("尉迟敬德", "Yuchi Jingde"),
        ("单雄信", "Shan Xiongxin"),
        ("呂長安", "Lü Chang'an"),
        ("王", ""),
        ("Anna 王", ""),
        ("望舒天文仪器", "Wang shu tian wen yi qi"),
    ],
)
def test_a_name_is_written_in_letters_surname_first(name, letters):
    assert in_letters(name) == letters


def test_only_telephone_numbers_and_the_like_are_numbers():
    assert folded("+86 (0)512-6288 0000").number == "86051262880000"
    assert folded("1806").number is None
    assert folded("138****8000").number is None
    assert folded("B座 13800138000").number is None


def test_readings_do_not_multiply():
    assert len(spellings("曾单乐行重长曾单").anywhere) < 120


@given(st.text(st.one_of(st.characters(), st.sampled_from("张豐 -·０８٣éÜßĳ🙂\u0301")), max_size=20))
def test_what_is_read_of_a_text_is_the_same_without_taking_it_apart(text):
    assert compact(text) == folded(text).compact


@given(st.text(st.sampled_from("张三丰单曾乐行重长吕欧阳𠮷㐂ABzf1 -"), min_size=1, max_size=12), st.data())
def test_letters_spell_what_their_spellings_begin_with(text, data):
    units, spelt = folded(text).units, spellings(text)
    whole = data.draw(st.sampled_from(sorted(spelt.anywhere) or ["zf"]))
    letters = data.draw(st.sampled_from([whole, whole[:2], whole[:-1] or whole, whole + "z"]))
    found = {start: spelt_by(letters, units, start) for start in starts(units)}
    assert any(found.values()) == any(spelling.startswith(letters) for spelling in spelt.anywhere)
    assert bool(found.get(0)) == any(spelling.startswith(letters) for spelling in spelt.from_start)
    assert (found.get(0) in (2, 4)) == (letters in spelt.whole)
