"""The quick reader of HTML: whatever it takes, html5lib finds nothing to mend in, and reads alike."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import at_desk
from tests.markup import BLOCKS, DRAWN, INSIDE, PHRASES, RAW, VOID, read_plain

NAMES = sorted(
    {*BLOCKS, *DRAWN, *PHRASES, *RAW, *VOID, *INSIDE, "center", "font", "li", "menu", "noscript", "object", "rt", "td"}
)
WORDS = ["", " ", "\n", "some words", "&amp;", "&#x27;", "& so", "&nowhere;", "<", "<!-- so -->", "<!-->", "\0"]
ATTRIBUTES = [
    "",
    ' class="a b"',
    " disabled",
    " id='x'",
    ' id="x" id="y"',
    " id=x",
    ' viewBox="0 0 9 9"',
    ' hx:on="&lt;"',
]


def element(name: str, attributes: str, inside: list[str]) -> str:
    return f"<{name}{attributes}>" + ("" if name in VOID else f"{''.join(inside)}</{name}>")


elements = st.recursive(
    st.sampled_from(WORDS[:4]) | st.builds(element, st.sampled_from(NAMES), st.just(""), st.just([])),
    lambda inside: st.builds(element, st.sampled_from(NAMES), st.just(""), st.lists(inside, max_size=3)),
    max_leaves=8,
)
pieces = st.sampled_from([*WORDS, *(f"<{name}>" for name in NAMES), *(f"</{name}>" for name in NAMES)])
tags = st.builds(element, st.sampled_from(NAMES), st.sampled_from(ATTRIBUTES), st.just([]))


def words(text: str | None) -> str:
    return " ".join((text or "").split())


def told(node: Element) -> list[Any]:
    """A tree as lists, blanks between elements left out."""
    name = "a comment" if callable(node.tag) else node.tag.replace("DOCUMENT_FRAGMENT", "div")
    inside = [part for child in node for part in (told(child), words(child.tail)) if part]
    return [name, dict(node.attrib), words(node.text), *inside]


def same_or_unread(markup: str, container: str | None = "div") -> bool:
    """Whether the quick reader took it; fails where html5lib sees it otherwise."""
    plain = read_plain(markup, container)
    if plain is None:
        return False
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parseFragment(markup, container) if container else parser.parse(markup)
    assert parser.errors == [], markup
    assert told(plain) == told(tree), markup
    return True


def whole(body: str) -> str:
    return f'<!doctype html>\n<html lang="en"><head><title>A</title></head><body>{body}</body></html>'


@given(elements)
def test_elements_in_each_other_are_read_as_html5lib_reads_them(markup):
    same_or_unread(f"<div>{markup}</div>")
    same_or_unread(whole(markup), None)


@given(st.lists(pieces | tags | elements, max_size=6))
def test_loose_pieces_are_left_to_html5lib_or_read_as_it_reads_them(some):
    same_or_unread("".join(some))
    same_or_unread(whole("".join(some)), None)


TAKEN = {
    "a list": "<ul><li>One</li><li>Two <b>and</b> three</li></ul>",
    "a table": "<table><caption>A</caption>"
    "<thead><tr><th>B</th></tr></thead><tbody><tr><td>C</td></tr></tbody></table>",
    "a form": '<form action="/" method="post"><label>A <input name="a" required></label><button>Go</button></form>',
    "choices": "<p><select><optgroup label='x'><option value=\"1\" selected>One</option></optgroup></select></p>",
    "typed text": "<textarea>\n<b> &lt;</textarea>",
    "a drawing": '<svg viewBox="0 0 1 1" aria-hidden="true"><title>A</title><path d="M0 0"/><use href="#x"/></svg>',
    "what stands for a sign": "<p>&lt; &quot; &#39; &#x27; &nbsp;</p>",
}


@pytest.mark.parametrize("markup", TAKEN.values(), ids=TAKEN.keys())
def test_what_our_pages_are_made_of_is_taken(markup):
    assert same_or_unread(markup)
    assert same_or_unread(whole(markup), None)


def test_rows_are_read_in_their_table():
    assert same_or_unread("<tr><td>A</td></tr><tr><td>B</td></tr>", "tbody")


LEFT = {
    "an end left out": "<ul><li>One<li>Two</ul>",
    "a block in a paragraph": "<p><div></div></p>",
    "a row in no body": "<table><tr><td>A</td></tr></table>",
    "words between rows": "<table><tbody>A<tr><td>B</td></tr></tbody></table>",
    "a link in a link": "<a href='/'><span><a href='/'>A</a></span></a>",
    "a form in a form": "<form><div><form></form></div></form>",
    "a heading in a heading": "<h2><h3>A</h3></h2>",
    "a sign that nobody knows": "<p>&nowhere;</p>",
    "a value without quotes": "<p id=x></p>",
    "an attribute twice": '<p id="x" id="y"></p>',
    "an end too many": "<p></p></p>",
    "no end": "<div><p></p>",
    "a tag that closes itself": "<div/>",
}


@pytest.mark.parametrize("markup", LEFT.values(), ids=LEFT.keys())
def test_what_may_need_mending_is_left_to_html5lib(markup):
    assert read_plain(markup, "div") is None
    assert read_plain(whole(markup), None) is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", ["/desk", "/desk/sign-in", "/visits", "/visits?q=z", "/keys", "/reservations"])
def test_the_pages_of_the_house_are_plain(app, cast, path):
    assert read_plain(at_desk(app, cast).get(path).text, None) is not None
