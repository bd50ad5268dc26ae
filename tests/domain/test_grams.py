"""Finding people by what is typed: what is indexed, what is looked up, what is shown as found (V3)."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.grams import (
    BEGINS,
    INSIDE,
    WHOLE,
    degree,
    grams_of_digits,
    grams_of_name,
    grams_of_text,
    matches,
    query_grams,
)
from domain.highlighting import highlight
from domain.spelling import spellings

HAN = "张三丰王李伟单曾仇解查欧阳锋万俟尉迟重庆行长吕女乐朴𠮷㐂々張豐座示例科技有限公司"
LATIN = "aAbBzZsSfFnNgGéÜüßøŁñ'’-"
OTHER = "0123456789０８٣ ·・.,()<>=+/🙂\u200f\u200d\u0301漢あカ한محמЖĳﬁ\x00\t\u3000"
usual = st.text(st.sampled_from(HAN + LATIN + "0123456789 -"), min_size=2, max_size=10)
texts = st.one_of(usual, st.text(st.one_of(st.sampled_from(HAN + LATIN + OTHER), st.characters()), max_size=14))
telephones = st.from_regex(r"\+?[0-9]{7,13}", fullmatch=True)


@st.composite
def texts_and_what_somebody_types(draw):
    """Texts of one subject, and a query: cuts of them and of their spellings, or anything else."""
    of_subject = draw(st.lists(st.one_of(usual, texts, telephones), min_size=1, max_size=3))
    words = []
    for _ in range(draw(st.integers(1, 2))):
        source = draw(st.sampled_from(of_subject))
        spelt = sorted(spellings(source).anywhere) or [source]
        word = draw(st.one_of(st.sampled_from(spelt), st.just(source), st.sampled_from(spelt), texts))
        start = draw(st.sampled_from([0, 0, 0, 1, 2, -4, -8, -11]))
        words.append(word[start:][: draw(st.integers(1, 14))])
    return of_subject, draw(st.sampled_from([" ", "", "-"])).join(words)


@given(texts_and_what_somebody_types())
@example((["张三丰"], "zhangsf"))
@example((["B座1806", "示例科技"], "b1806 slkj"))
@example((["ŉ"], "ʼn"))
def test_whatever_matches_is_found_under_every_gram_of_the_query(example_of):
    of_subject, query = example_of
    if matches(query, of_subject):
        indexed = set().union(*map(grams_of_text, of_subject))
        looked_up = query_grams(query)
        assert looked_up
        assert set(looked_up) <= indexed


@given(st.from_regex(r"[0-9]{1,13}", fullmatch=True))
def test_digits_alone_are_found_by_the_same_as_among_other_characters(digits):
    number_or_unit = f"({digits})"
    assert grams_of_text(digits) == grams_of_text(number_or_unit)
    assert grams_of_digits(digits) == grams_of_digits(f"+{digits}") == grams_of_digits(number_or_unit)


@given(texts_and_what_somebody_types())
def test_a_match_has_a_degree_and_nothing_else_has(example_of):
    of_subject, query = example_of
    assert (degree(query, of_subject) > 0) == matches(query, of_subject)


@given(texts, texts)
def test_highlighting_never_changes_the_text(query, text):
    parts = highlight(query, text)
    assert "".join(part for _, part in parts) == text
    assert all(a[0] != b[0] for a, b in pairwise(parts))


@given(texts_and_what_somebody_types())
def test_what_matches_is_shown_as_found_somewhere(example_of):
    of_subject, query = example_of
    if matches(query, of_subject):
        assert any(is_marked for text in of_subject for is_marked, _ in highlight(query, text))


@given(texts)
def test_every_gram_has_two_to_twelve_characters(text):
    assert all(2 <= len(gram) <= 12 for gram in grams_of_text(text))


@pytest.mark.parametrize(
    "query",
    ["张三", "三丰", "张三丰", "張三豐", "zh", "zhang", "zhangsan", "zhangsanf", "zhangsanfeng", "ZHANG SAN FENG",
     "sanfeng", "feng", "zsf", "zs", "sf", "z s f", "zhangsf", "zhang s", "张 三", "张san", "ｚｈａｎｇ", "Zhāng",],
)  # fmt: skip
def test_zhang_sanfeng_is_found_by(query):
    assert matches(query, ["张三丰"])


@pytest.mark.parametrize(
    "query", ["", " ", "张", "z", "a", "张 ", "张丰", "hang", "zhag", "zf", "李四", "1", "zz", "丰 张"]
)
def test_zhang_sanfeng_is_not_found_by(query):
    assert not matches(query, ["张三丰"])


@pytest.mark.parametrize("query", ["", " ", "张", "z", "7", "张 ", " z ", "\u200fz", "é", "e\u0301", "''", "한"])
def test_one_character_looks_nothing_up(query):
    assert query_grams(query) == []


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("单雄信", ["shan", "shanxiongxin", "sxx"]),
        ("曾国藩", ["zeng", "zengguofan", "zgf"]),
        ("仇英", ["qiu", "qiuying", "qy"]),
        ("解缙", ["xie", "xiejin"]),
        ("查良镛", ["zha", "zhaliangyong"]),
        ("吕布", ["lv", "lü", "lu", "lvbu", "lubu"]),
        ("欧阳锋", ["ouyang", "ouyangfeng", "oyf", "ouyangf", "yangfeng"]),
        ("欧阳三丰", ["ouyangsf", "oysf"]),
        ("尉迟恭", ["yuchi", "yuchigong"]),
        ("万俟卨", ["moqi"]),
        ("区伟", ["ou", "ouwei"]),
        ("任重", ["renzhong"]),
        ("𠮷小明", ["ji", "jixiaoming", "吉小"]),
        ("阿卜杜拉·买买提", ["abudula", "maimaiti", "买买提"]),
    ],
)
def test_every_reading_of_a_name_finds_it(name, spelt):
    assert [query for query in spelt if not matches(query, [name])] == []


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("John Smith", ["jo", "john", "smith", "smi", "johnsmith", "john smith", "smith john", "js", "j smith"]),
        ("Siobhán O'Brien-Müller", ["siobhan", "o'brien", "obrien", "brien", "O’Brien", "muller", "brien-müller"]),
        ("Łukasz Żółć", ["lukasz", "zolc"]),
        ("Søren Æbelø", ["soren", "aebelo"]),
        ("Nguyễn Văn Anh", ["nguyen", "van anh", "nva"]),
        ("김철수", ["김철", "김철수"]),
        ("Анна Каренина", ["анна", "каре"]),
        ("محمد علي", ["محمد", "علي"]),
    ],
)
def test_names_in_words_are_found_by_their_words(name, typed):
    assert [query for query in typed if not matches(query, [name])] == []


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("B座1806", ["1806", "18", "b座", "B座1806", "b1806", "座1806", "bz"]),
        ("T3-1806", ["1806", "t3", "T3-1806"]),
        ("示例科技有限公司", ["示例", "科技", "有限公司", "示例 公司", "shili", "slkj", "keji", "kj"]),
        ("（北京）示例科技", ["北京示例", "示例科技", "beijing"]),
        ("重庆银行", ["chongqing", "cq", "yinhang", "chongqingyinhang"]),
        ("ABC示例", ["abc", "abc示例", "示例"]),
        ("苏E·12345", ["12345", "苏e", "苏E12345", "e12345"]),
    ],
)
def test_units_companies_and_plates_are_found_by(text, typed):
    assert [query for query in typed if not matches(query, [text])] == []


@pytest.mark.parametrize(
    "query",
    ["8000", "13800138000", "138 0013 8000", "138-0013-8000", "+86 138 0013 8000", "0086 13800138000", "00138000",
     "１３８００１３８０００"],
)  # fmt: skip
def test_a_telephone_number_is_found_by_its_end(query):
    assert matches(query, ["+8613800138000"])


@pytest.mark.parametrize("query", ["138", "1380", "86", "800", "0013", "38000", "13800138001"])
def test_a_telephone_number_is_not_found_by_less(query):
    assert not matches(query, ["+8613800138000"])


def test_a_landline_is_found_with_its_area_code():
    assert matches("0512 6288 0000", ["+8651262880000"])


def test_a_telephone_number_has_three_grams():
    assert grams_of_digits("+86 138 0013 8000") == {"8000", "00138000", "13800138000"}


def test_a_short_number_is_found_by_its_beginning():
    assert grams_of_digits("1806") == {"18", "180", "1806"}


def test_all_parts_of_a_query_must_be_found_in_any_of_the_texts():
    assert matches("张三 8000", ["张三丰", "+8613800138000"])
    assert matches("slkj zsf", ["张三丰", "示例科技"])
    assert not matches("张三 8001", ["张三丰", "+8613800138000"])


def test_exact_comes_before_beginning_before_inside():
    assert [degree("zhangsan", [name]) for name in ("张三", "张三丰", "王张三", "李四")] == [WHOLE, BEGINS, INSIDE, 0]
    assert [degree("张三", [name]) for name in ("张三", "张三丰", "王张三")] == [WHOLE, BEGINS, INSIDE]
    assert degree("13800138000", ["+8613800138000"]) == BEGINS


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("wang", ["王", "王子刚", "小汪", "方", "方乐磊", "小方"]),
        ("zhou", ["周", "周立敏", "小洲", "育", "育英", "教育"]),
        ("chen", ["陈", "陈清敏", "小陈", "沈", "沈琳", "小沈"]),
        ("zeng", ["曾", "曾国", "小增", "小曾"]),
        ("zg", ["周刚", "王子刚", "张浩建"]),
    ],
)
def test_a_reading_that_few_would_think_of_comes_after_all_others(typed, names):
    degrees = [degree(typed, [name]) for name in names]
    assert degrees == sorted(set(degrees), reverse=True)
    assert degrees[-1] > 0


def test_the_most_selective_gram_comes_first():
    assert query_grams("张三 13800138000")[0] == "13800138000"
    assert query_grams("zhangsanfeng s")[0] == "zhangsanfeng"
    assert query_grams("示例科技 18")[0] == "示例科"


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("zh", "张三丰", ["张"]),
        ("zhangsa", "张三丰", ["张三"]),
        ("sf", "张三丰", ["三丰"]),
        ("zhangsf", "张三丰", ["张三丰"]),
        ("三豐", "张三丰", ["三丰"]),
        ("joh smi", "John Smith", ["Joh", "Smi"]),
        ("obri", "O'Brien", ["O", "Bri"]),
        ("mull", "Müller", ["Müll"]),
        ("1806", "B座1806室", ["1806"]),
        ("8000", "138****8000", ["8000"]),
        ("13800138000", "+86 138 0013 8000", ["138 0013 8000"]),
        ("script", "<script>", ["script"]),
        ("李四", "张三", []),
        ("张", "张三", []),
    ],
)
def test_what_was_found_is_marked(query, text, marked):
    assert [part for is_marked, part in highlight(query, text) if is_marked] == marked


def test_a_three_character_name_has_about_eighteen_grams():
    names = ["张三丰", "王小明", "李建国", "陈丽华", "刘志强", "杨秀英", "赵国栋", "黄淑芬", "周文博", "吴佳怡"]
    assert sum(len(grams_of_name(name)) for name in names) / len(names) <= 20


@pytest.mark.parametrize(
    "text", ["张" * 10_000, "a" * 10_000, "1" * 10_000, "a1张" * 3_333, "' \u202e<b>" * 1_000, "曾" * 9]
)
def test_very_long_and_odd_texts_stay_small(text):
    assert len(grams_of_text(text)) < 700
    assert highlight(text, text)[0][1]
    assert matches(text, [text]) in (True, False)
    assert len(query_grams(text)) < 700
