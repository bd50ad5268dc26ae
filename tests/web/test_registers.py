"""What a list writes is what was entered, whatever that is."""

from web.registers import BETWEEN, escaped


def test_texts_are_escaped_one_by_one_even_where_one_holds_what_stands_between_them() -> None:
    assert escaped([]) == []
    assert escaped(["<b>", "", 'a"b']) == ["&lt;b&gt;", "", "a&quot;b"]
    assert escaped([f"a{BETWEEN}<", ">"]) == [f"a{BETWEEN}&lt;", "&gt;"]
