"""HTML as a browser reads it, to be asked with CSS selectors; what it had to mend is told by a second parser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markupever import HtmlOptions, Parser
from selectolax.lexbor import LexborHTMLParser, LexborNode

# A fragment that starts with one of these only parses inside its parent.
CONTAINERS = {
    "tr": "tbody",
    "td": "tr",
    "th": "tr",
    "tbody": "table",
    "thead": "table",
    "tfoot": "table",
    "caption": "table",
    "colgroup": "table",
    "option": "select",
    "optgroup": "select",
}
AROUND = {"tr": "<table><tbody><tr>", "tbody": "<table><tbody>"}
NO_WORDS = {"script", "style", "template"}


def is_whole(html: str) -> bool:
    """Whether it is a whole document, and no fragment."""
    return re.match(r"\s*(<!doctype|<html)", html, re.IGNORECASE) is not None


def mended(html: str) -> list[str]:
    """What a browser has to mend in a document or fragment, as html5ever says it."""
    # It reads with scripts on, and would take what stands for those without for text.
    html = re.sub("</?noscript>", "", html)
    parser = Parser(HtmlOptions(exact_errors=True, fragment_context=None if is_whole(html) else _container(html)))
    parser.write(html)
    parser.finish()
    return parser.errors()


def read(html: str) -> Node:
    """A node that holds the document's <html>, or the fragment's roots."""
    if is_whole(html):
        root = LexborHTMLParser(html).root
        assert root is not None
        return Node(root.parent)
    container = _container(html)
    return Node(LexborHTMLParser(AROUND.get(container, f"<{container}>") + html).css_first(f"body {container}"))


def _container(html: str) -> str:
    first = re.match(r"\s*(?:<!--.*?-->\s*)*<([a-z0-9]+)", html, re.IGNORECASE | re.DOTALL)
    return CONTAINERS.get(first[1].lower() if first else "", "div")


class Node:
    """An element. `node["href"]` is an attribute, '' where it has no value; raises KeyError where it is missing."""

    __slots__ = ("_raw",)

    def __init__(self, raw: LexborNode | None) -> None:
        assert raw is not None
        self._raw = raw

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and bool(self._raw == other._raw)

    def __hash__(self) -> int:
        return hash(self._raw)

    def __str__(self) -> str:
        return self._raw.html or ""

    __repr__ = __str__

    def __getitem__(self, name: str) -> str:
        return self.attrs[name]

    def get(self, name: str, default: Any = None) -> Any:
        """An attribute, or what is given in its place."""
        return self.attrs.get(name, default)

    def has_attr(self, name: str) -> bool:
        """Whether it has the attribute."""
        return name in self._raw.attributes

    @property
    def name(self) -> str:
        """What kind of element it is."""
        return self._raw.tag or ""

    @property
    def attrs(self) -> dict[str, str]:
        """Its attributes."""
        return {name: value or "" for name, value in self._raw.attributes.items()}

    @property
    def classes(self) -> list[str]:
        """Its classes, each whole."""
        return str(self.get("class", "")).split()

    @property
    def parent(self) -> Any:
        """The element around it, or None."""
        above = self._raw.parent
        return Node(above) if above is not None and above.is_element_node else None

    @property
    def children(self) -> list[Node]:
        """The elements in it, without those in them."""
        return [Node(child) for child in self._raw.iter()]

    def select(self, selector: str) -> list[Node]:
        """The elements in it that match, in the order of the document. Raises where the selector cannot be read."""
        return [Node(found) for found in self._raw.css(selector) if found != self._raw]

    def select_one(self, selector: str) -> Any:
        """The first of them, or None."""
        return next(iter(self.select(selector)), None)

    def around(self, selector: str) -> Any:
        """The nearest element around it that matches, or None."""
        above = self.parent
        while above is not None and not above._raw.css_matches(selector):
            above = above.parent
        return above

    def get_text(self, separator: str = "", *, strip: bool = False) -> str:
        """The texts in it but for those of scripts; `strip`: without the blanks around each, and without blank ones."""
        texts = self.texts()
        return separator.join(filter(None, (text.strip() for text in texts)) if strip else texts)

    @property
    def text(self) -> str:
        """The texts in it, one after the other."""
        return self.get_text()

    def texts(self) -> Iterator[str]:
        """The texts in it, one by one."""
        for piece in self._raw.iter(include_text=True):
            if piece.is_text_node:
                yield piece.text_content or ""
            elif piece.tag not in NO_WORDS:
                yield from Node(piece).texts()

    def drop(self) -> None:
        """Take it out of the document; neither it nor what is in it can be asked any more."""
        self._raw.decompose()

    def element(self) -> Element:
        """The same, as Python's own tree: for whoever looks at every element."""
        return _filled(Element(self.name, self.attrs), self._raw)


def _filled(element: Element, raw: LexborNode) -> Element:
    before = None
    for piece in raw.iter(include_text=True):
        if piece.is_element_node:
            attributes = {name: value or "" for name, value in piece.attributes.items()}
            before = _filled(SubElement(element, piece.tag or "", attributes), piece)
        elif piece.is_text_node and before is None:
            element.text = (element.text or "") + (piece.text_content or "")
        elif piece.is_text_node and before is not None:
            before.tail = (before.tail or "") + (piece.text_content or "")
    return element
