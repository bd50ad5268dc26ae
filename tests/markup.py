"""A quick reader of HTML in which there is nothing to mend.

html5lib follows the standard letter by letter, which took most of the time of inspecting a page. This one knows the
plain case alone: every element closed where it was opened, every value quoted, each element where it may stand. There
it gives the tree that html5lib gives. Of anything else it knows nothing, and html5lib says what is wrong, if anything.
"""

from __future__ import annotations

import html
import re
from html.entities import html5
from xml.etree.ElementTree import Comment, Element, SubElement

from html5lib._inputstream import invalid_unicode_re
from html5lib.constants import adjustSVGAttributes

NAME = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
TAG = re.compile(
    rf"""([^<]*)<(?:
      /(?P<end>{NAME})\s*>
    | !--(?P<comment>(?!-?>)(?:(?!--).)*)-->
    | (?P<start>{NAME})(?P<attributes>(?:\s+[A-Za-z][\w.:-]*(?:="[^"]*"|='[^']*')?)*)\s*(?P<closed>/?)>
    )""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
ATTRIBUTE = re.compile(r"""([A-Za-z][\w.:-]*)(?:="([^"]*)"|='([^']*)')?\s*""", re.ASCII)
DOCTYPE = re.compile(r"\s*<!doctype html>\s*", re.IGNORECASE | re.ASCII)
STRANGE = re.compile(r"[\x00\x0b\x0c\r\ufeff]")
ENTITY = re.compile(r"&(#[0-9]+;|#x[0-9a-f]+;|[A-Za-z][A-Za-z0-9]*;|)", re.ASCII)
SVG = "{http://www.w3.org/2000/svg}"


def _names(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


VOID = _names("area br col hr img input link meta source track wbr")
RAW = _names("script style textarea title")
HEADINGS = _names("h1 h2 h3 h4 h5 h6")
# These stand anywhere in a sentence: none of them ends a paragraph.
PHRASES = _names(
    "a abbr b bdi bdo br button cite code datalist del dfn em i img input ins kbd label mark meter output picture",
    "progress q s samp script select small source span strong sub sup svg textarea time track u var video wbr",
)
BLOCKS = HEADINGS | _names(
    "address article aside blockquote details dialog div dl fieldset figcaption figure footer form header hr legend",
    "link main meta nav ol p pre section summary table template ul",
)
DRAWN = _names("circle defs desc ellipse g line path polygon polyline rect symbol text title tspan use")
# What may stand in these, and nothing else; text neither, but in the last three.
INSIDE = {
    "html": _names("head body"),
    "head": _names("link meta noscript script style title"),
    "noscript": _names("link meta"),
    "ul": _names("li script"),
    "ol": _names("li script"),
    "dl": _names("dt dd div"),
    "table": _names("caption colgroup thead tbody tfoot"),
    "colgroup": _names("col"),
    "thead": _names("tr"),
    "tbody": _names("tr"),
    "tfoot": _names("tr"),
    "tr": _names("td th"),
    "select": _names("option optgroup"),
    "optgroup": _names("option"),
    "datalist": _names("option"),
    "option": frozenset(),
    f"{SVG}title": frozenset(),
    f"{SVG}desc": frozenset(),
}
MAY_HOLD_TEXT = frozenset({"option", f"{SVG}title", f"{SVG}desc"})
# Not within one of their own kind, however far outside; a heading in no heading.
ALONE = HEADINGS | _names("a b button code em form i s small strong u")


class NotPlain(Exception):
    """Something is not as the plain case has it; it may be right all the same."""


def read_plain(markup: str, container: str | None) -> Element | None:
    """The tree of a document, or of a part that stands in that container; None when html5lib must look.

    The tree is that of `html5lib.HTMLParser(namespaceHTMLElements=False)` but for blanks between elements.
    """
    if STRANGE.search(markup) or invalid_unicode_re.search(markup):
        return None
    try:
        return _Reading(markup, container).tree()
    except NotPlain:
        return None


class _Reading:
    """One text being read, and the elements that are open."""

    def __init__(self, markup: str, container: str | None) -> None:
        self.markup, self.at, self.whole = markup, 0, container is None
        self.root = Element("DOCUMENT_FRAGMENT")
        self.open: list[tuple[str, Element]] = [(container or "", self.root)]
        self.around: dict[str, int] = {}
        """How many of each kind are open."""

    def tree(self) -> Element:
        """Read all of it."""
        if self.whole:
            self._pass_doctype()
        while found := TAG.match(self.markup, self.at):
            self.at = found.end()
            self._add_text(found[1])
            if name := found["start"]:
                self._start(name, found["attributes"], closed=bool(found["closed"]))
            elif name := found["end"]:
                self._end(name)
            elif len(self.open) > 1 or not self.whole:
                self.open[-1][1].append(Comment(found["comment"]))
        rest = self.markup[self.at :]
        if "<" in rest or len(self.open) > 1:
            raise NotPlain
        self._add_text(rest)
        return self._document() if self.whole else self.root

    def _pass_doctype(self) -> None:
        if not (doctype := DOCTYPE.match(self.markup)):
            raise NotPlain
        self.at = doctype.end()

    def _document(self) -> Element:
        if [each.tag for each in self.root] != ["html"] or [each.tag for each in self.root[0]] != ["head", "body"]:
            raise NotPlain
        return self.root[0]

    def _start(self, name: str, attributes: str, *, closed: bool) -> None:
        parent, element = self.open[-1]
        drawn = name == "svg" or parent.startswith(SVG)
        self._must_fit(name, parent)
        tag = SVG + name if drawn else name
        made = SubElement(element, tag, _attributes(attributes, drawn=drawn))
        if closed and not (drawn or name in VOID):
            raise NotPlain
        if closed or (name in VOID and not drawn):
            return
        if name in RAW and not drawn:
            self._read_raw(name, made)
            return
        self.open.append((tag, made))
        kind = "heading" if name in HEADINGS else tag
        self.around[kind] = self.around.get(kind, 0) + 1

    def _end(self, name: str) -> None:
        tag, _element = self.open.pop()
        if tag.removeprefix(SVG) != name or len(self.open) < 1:
            raise NotPlain
        self.around["heading" if name in HEADINGS else tag] -= 1

    def _must_fit(self, name: str, parent: str) -> None:
        """Raise NotPlain unless an element of that name may stand here without changing what is open."""
        if parent.startswith(SVG):
            fits = name in INSIDE.get(parent, DRAWN)
        elif parent in INSIDE:
            fits = name in INSIDE[parent]
        elif name in ("dt", "dd"):
            fits = parent == "div" and len(self.open) > 2 and self.open[-2][0] == "dl"
        elif not parent:
            fits = self.whole and name == "html"
        else:
            fits = name in PHRASES or "-" in name or (name in BLOCKS and not self.around.get("p"))
        if name in ALONE and self.around.get("heading" if name in HEADINGS else name):
            fits = False
        if not fits:
            raise NotPlain

    def _read_raw(self, name: str, made: Element) -> None:
        """What stands in there is text as far as the end tag."""
        end = self.markup.find(f"</{name}>", self.at)
        inside = self.markup[self.at : end]
        if end < 0 or "<!--" in inside or f"</{name}" in inside.lower():
            raise NotPlain
        made.text = inside if name in ("script", "style") else _plain(inside)
        self.at = end + len(f"</{name}>")

    def _add_text(self, text: str) -> None:
        if not text or ((blank := not text.strip(" \n\t")) and self.open[-1][0] in INSIDE):
            return
        tag, element = self.open[-1]
        if not blank and (not tag or (tag in INSIDE and tag not in MAY_HOLD_TEXT)):
            raise NotPlain
        text = _plain(text)
        if len(element):
            element[-1].tail = (element[-1].tail or "") + text
        else:
            element.text = (element.text or "") + text


def _attributes(written: str, *, drawn: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, double, single in ATTRIBUTE.findall(written):
        small = name.lower()
        proper = adjustSVGAttributes.get(small, small) if drawn else small
        if name in found or name != proper or (drawn and (":" in name or name == "xmlns")):
            raise NotPlain
        found[name] = _plain(double or single)
    return found


def _plain(text: str) -> str:
    """The text with its entities resolved."""
    if "&" not in text:
        return text
    for name in ENTITY.findall(text):
        numbered = name.startswith("#")
        if not (numbered and 32 <= ord(html.unescape(f"&{name}")) < 127) and name not in html5:
            raise NotPlain
    return html.unescape(text)
