"""The page inspector: every HTML answer that any test receives goes through `problems()`.

Each rule is a small generator over the parsed document. What it yields is a sentence that tells the
fix, because whoever reads it has just broken a page and not this file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urldefrag, urljoin, urlsplit
from xml.etree.ElementTree import Element

from tests.document import is_whole, mended, read

Resolve = Callable[[str, str], str | None]
"""Takes a method and a path of this house; gives None, or why nothing answers there."""

VISITORS = ("/kiosk", "/own/", "/b/")
CONTROLS = {"input", "select", "textarea"}
UNLABELLED_INPUTS = {"hidden", "submit", "button", "reset", "image"}
HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
HTMX_METHODS = {"hx-get": "GET", "hx-post": "POST", "hx-put": "PUT", "hx-patch": "PATCH", "hx-delete": "DELETE"}
# What is not read as words of the page: code, typed text, and drawings.
NOT_PROSE = {"script", "style", "textarea", "code", "pre", "kbd", "samp", "template"}
READ_ALOUD = ("aria-label", "alt", "title", "placeholder", "aria-description")
LEAKS = (
    (re.compile(r"%\([a-z_]*\)?s?"), "a placeholder that nobody filled: pass its value to the sentence"),
    (re.compile(r"\{\{|\}\}|\{%|%\}|\{#"), "template code that was printed: close the tag, or do not escape the macro"),
    (re.compile(r"\bNone\b"), "Python's None: write what it means ('–', 'Nobody yet'), or leave the part out"),
    (re.compile(r"\bUndefined\b"), "a value the template did not get: pass it, or ask `is defined`"),
    (re.compile(r"&(amp|lt|gt|quot|#\d+);"), "text that was escaped twice: drop one escape or return Markup"),
    (re.compile(r"<[\w.]+( object)? at 0x|<(bound )?(function|method)\b"), "a Python object: call it, or name a field"),
    (re.compile(r"\b[A-Z]\w+\.[A-Z][A-Z_]+\b"), "a member of an enumeration: show its label"),
    (re.compile(r"\b(datetime\.|Decimal\(|Markup\(|lazy_gettext|LazyString)"), "a Python value: format it for people"),
    (re.compile(r"(?<![\w./@:-])[a-z]+(_[a-z]+)+(?![\w./@:-])"), "a name of the code: show its label instead"),
)


@dataclass(frozen=True)
class Page:
    """One HTML answer, and what the rules must know of the question."""

    html: str
    path: str = "/"
    fragment: bool = False
    """The question came from htmx, which takes a part of a page."""
    resolve: Resolve | None = None
    """Left out: addresses are not followed up."""
    typed: Collection[str] = field(default=())
    """What the test itself had typed: it may look like anything when it is shown again."""

    @cached_property
    def is_full(self) -> bool:
        """Whether the answer is a whole document."""
        return is_whole(self.html)

    @cached_property
    def root(self) -> Element:
        """The document, or a node that holds the fragment's roots."""
        holder = read(self.html).element()
        return holder[0] if self.is_full else holder

    @property
    def errors(self) -> list[str]:
        """What the parser had to mend."""
        return mended(self.html)

    @cached_property
    def elements(self) -> list[Element]:
        """Every element in the order of the document."""
        return [each for each in self.root.iter() if self.is_full or each is not self.root]

    @cached_property
    def parents(self) -> dict[Element, Element]:
        """The element around each element."""
        return {child: parent for parent in self.root.iter() for child in parent}

    @cached_property
    def ids(self) -> Counter[str]:
        """How often each id stands on the page."""
        return Counter(each.get("id", "") for each in self.elements if "id" in each.attrib)

    @cached_property
    def htmx(self) -> dict[Element, dict[str, str]]:
        """The htmx attributes of each element that has some."""
        return {each: asked for each in self.elements if (asked := htmx(each))}

    def around(self, element: Element) -> Iterator[Element]:
        """The elements around an element, from the nearest outwards."""
        while (parent := self.parents.get(element)) is not None:
            yield parent
            element = parent

    def named(self, *tags: str) -> Iterator[Element]:
        """The elements of these kinds."""
        return (each for each in self.elements if each.tag in tags)

    def name_of(self, element: Element) -> str:
        """What a screen reader calls the element; '' when it has no name."""
        if label := element.get("aria-label", "").strip():
            return label
        if refs := element.get("aria-labelledby", "").split():
            return " ".join(text(each) for each in self.elements if each.get("id") in refs).strip()
        return text(element, spoken=True)


def text(element: Element, *, spoken: bool = False) -> str:
    """The words inside an element, spaces made single; `spoken`: as read aloud, pictures by their name."""

    def parts(node: Element) -> Iterator[str]:
        if spoken and node.get("aria-hidden") == "true":
            return
        if node.tag == "br":
            yield " "
        if spoken and (node.get("alt") or (node is not element and node.get("aria-label"))):
            yield node.get("alt") or node.get("aria-label") or ""
        yield node.text or ""
        for child in node:
            yield from parts(child)
            yield child.tail or ""

    return " ".join("".join(parts(element)).split())


def shown(element: Element) -> str:
    """An element's opening tag, for a message."""
    attributes = "".join(f' {name}="{value}"' for name, value in list(element.attrib.items())[:4])
    return f"<{element.tag}{attributes}>"


def htmx(element: Element) -> dict[str, str]:
    """The element's htmx attributes without prefix `data-` and modifiers such as `:inherited`."""
    plain = ((name.removeprefix("data-").split(":")[0], value) for name, value in element.attrib.items())
    return {name: value for name, value in plain if name.startswith("hx-")}


# --- the rules ------------------------------------------------------------------------------------


def is_well_formed(page: Page) -> Iterator[str]:
    """The browser had nothing to mend."""
    for error in page.errors:
        yield f"The HTML is broken ({error}): close, nest or quote it properly there."


def is_whole_or_part(page: Page) -> Iterator[str]:
    """A plain question gets a document; htmx may get one region, or a list of partials."""
    if page.is_full:
        return
    if not page.fragment:
        yield "A plain request was answered without <html>: extend a layout, or choose with web/htmx.py."
    roots = list(page.root)
    loose = (page.root.text or "") + "".join(each.tail or "" for each in page.root)
    if loose.strip():
        yield f"Text stands outside the fragment's root ({loose.split()[0]!r} …): put it inside the region's element."
    single = [each for each in roots if each.tag not in ("hx-partial", "title") and "hx-swap-oob" not in htmx(each)]
    if not roots:
        yield "The fragment is empty: draw the region's empty state, or answer 204."
    if len(single) > 1:
        names = ", ".join(shown(each) for each in single)
        yield f"The fragment has {len(single)} roots ({names}): one region has one root, others go into <hx-partial>."


def says_its_language(page: Page) -> Iterator[str]:
    """The document names its language, and its direction where that is not left to right."""
    if not page.is_full:
        return
    language = page.root.get("lang", "")
    if not language:
        yield "<html> has no lang: the layout sets it from the reader's language."
    if language.split("-")[0] in ("ar", "fa", "he", "ur") and page.root.get("dir") != "rtl":
        yield f'<html lang="{language}"> reads from right to left: set dir="rtl".'


def has_one_heading_that_the_title_says(page: Page) -> Iterator[str]:
    """One h1, whose words the title contains ("Error: …" may stand before them).

    A visitor's page only needs a title: its h1 may greet him by name, and a title stays in the browser's history (V13).
    """
    if not page.is_full:
        return
    headings = [text(each) for each in page.named("h1")]
    title = next((text(each) for each in page.named("title")), "")
    if len(headings) != 1:
        yield f"The page has {len(headings)} h1 ({headings}): a page has exactly one."
    if not title:
        yield "The page has no <title>: fill the layout's title block."
    elif len(headings) == 1 and headings[0] not in title and not page.path.startswith(VISITORS):
        yield f"The title {title!r} does not say the h1 {headings[0]!r}: take both from one variable."


def skips_no_heading(page: Page) -> Iterator[str]:
    """Headings go down one step at a time; the navigation's h2 may stand before the h1."""
    levels = [(HEADINGS[each.tag], each) for each in page.elements if each.tag in HEADINGS]
    before = 1 if page.is_full or not levels else levels[0][0]
    for level, element in levels:
        if level > before + 1:
            yield f"h{level} {text(element)!r} follows h{before}: use h{before + 1}, and style it by class."
        before = level


def has_unique_ids(page: Page) -> Iterator[str]:
    """No id twice."""
    for name, count in page.ids.items():
        if not name or re.search(r"\s", name):
            yield f"The id {name!r} is empty or has a space: name it <region>-<ref>."
        if count > 1:
            yield f"The id {name!r} stands {count} times: add the thing's ref to it."


def refers_to_what_exists(page: Page) -> Iterator[str]:
    """Labels, descriptions, in-page links and icons point at an id of the page."""
    if not page.is_full:
        return
    for element in page.elements:
        for attribute in (
            "for",
            "aria-labelledby",
            "aria-describedby",
            "aria-errormessage",
            "list",
            "form",
            "popovertarget",
        ):
            for name in element.get(attribute, "").split():
                if name not in page.ids:
                    yield f"{shown(element)}: {attribute} names {name!r}, which is not on the page: draw it."
        href = element.get("href", element.get("xlink:href", ""))
        if href.startswith("#") and href[1:] not in page.ids:
            hint = "a link needs an address" if element.tag == "a" else "call icon_symbols() or draw it"
            yield f"{shown(element)}: {href!r} is not on the page: {hint}."


def labels_its_fields(page: Page) -> Iterator[str]:
    """Every field has a label that is seen or read aloud."""
    labels = {each.get("for") for each in page.named("label") if text(each, spoken=True)}
    for control in page.named(*CONTROLS):
        if control.tag == "input" and control.get("type", "text").lower() in UNLABELLED_INPUTS:
            continue
        wrapped = any(each.tag == "label" and text(each, spoken=True) for each in page.around(control))
        named = control.get("aria-label", "").strip() or control.get("aria-labelledby", "").strip()
        if not (wrapped or named or (control.get("id") and control.get("id") in labels)):
            yield f"{shown(control)} has no label: let the field draw itself, or add <label for>."


def names_its_buttons_and_links(page: Page) -> Iterator[str]:
    """What can be pressed says what it does."""
    for element in page.named("button", "a", "summary"):
        if element.tag == "a" and "href" not in element.attrib:
            continue
        if not page.name_of(element):
            yield f"{shown(element)} has no name: give it words, or an aria-label beside its icon."
    for element in page.named("input"):
        kind = element.get("type", "").lower()
        if kind in ("submit", "button", "reset") and not (element.get("value") or page.name_of(element)):
            yield f"{shown(element)} has no value: a button says what it does."


def describes_its_pictures(page: Page) -> Iterator[str]:
    """A picture has an alt text ('' when it only decorates); a drawing is hidden or named."""
    for element in page.elements:
        tag = element.tag
        if (tag == "img" or (tag == "input" and element.get("type") == "image")) and "alt" not in element.attrib:
            yield f'{shown(element)} has no alt: describe it, or alt="" when it only decorates.'
        if tag != "svg" or "hidden" in element.attrib:
            continue
        if element.get("aria-hidden") != "true" and not (element.get("role") == "img" and page.name_of(element)):
            yield f'{shown(element)}: an icon is aria-hidden="true"; a drawing has role="img" and an aria-label.'


def has_forms_that_work_alone(page: Page) -> Iterator[str]:
    """Forms have address and method; what is posted carries a one-time token; htmx adds to a form and replaces none."""
    for form in page.named("form"):
        method = form.get("method", "").lower()
        if "action" not in form.attrib and method != "dialog":
            yield f"{shown(form)} has no action: without it the form follows whatever address it was shown at."
        if method not in ("get", "post", "dialog"):
            yield f'{shown(form)} has no method: write method="post" or method="get".'
        inside = [each for each in form.iter("input") if each.get("name") == "form_token"]
        outside = [each for each in page.named("input") if each.get("form") and each.get("form") == form.get("id")]
        tokens = inside + [each for each in outside if each.get("name") == "form_token"]
        if method == "post" and not [each for each in tokens if each.get("value")]:
            yield f"{shown(form)} posts without form_token: draw the form's hidden fields (web/forms.py)."
        if method == "get" and tokens:
            yield f"{shown(form)} would write form_token into the address: a GET form carries none."
    for element, asked in page.htmx.items():
        writes = [name for name in asked if HTMX_METHODS.get(name, "GET") != "GET"]
        if writes and not any(each.tag == "form" for each in (element, *page.around(element))):
            yield f"{shown(element)}: {writes[0]} does nothing when scripts are off: wrap it in a POST form."


def keeps_the_content_policy(page: Page) -> Iterator[str]:
    """No inline style or script, in none of their disguises."""
    for element in page.elements:
        tag = element.tag
        if "style" in element.attrib or tag == "style":
            yield f"{shown(element)}: inline style is refused by the browser: write a class or a data- attribute."
        if tag == "script" and "src" not in element.attrib and element.get("type") != "application/json":
            yield f"{shown(element)}: inline script is refused by the browser: a behaviour is a file in static/js/."
        for name, value in element.attrib.items():
            if re.match(r"on[a-z]+$|(data-)?hx-on", name):
                yield f"{shown(element)}: {name} is inline script: bind a behaviour by a data- attribute."
            if ":" in value and value.strip().lower().startswith(("javascript:", "js:")):
                yield f"{shown(element)}: {name} runs script: the content policy refuses it."
    for element, asked in page.htmx.items():
        if "[" in asked.get("hx-trigger", ""):
            yield f"{shown(element)}: a filter in hx-trigger needs eval: use another event or a modifier."


def aims_at_what_exists(page: Page) -> Iterator[str]:
    """An hx-target is the element itself, a neighbour, or an id that is there."""
    for element, asked in page.htmx.items():
        target = asked.get("hx-target", "").strip()
        if not target or target in ("this", "body") or re.match(r"(closest|find|next|previous)\b", target):
            continue
        if not target.startswith("#"):
            yield f"{shown(element)}: hx-target {target!r} may hit several: use this, closest … or an id."
        elif page.is_full and target[1:] not in page.ids:
            yield f"{shown(element)}: hx-target {target!r} is not on the page: the region's root carries that id."


def leads_somewhere(page: Page) -> Iterator[str]:
    """Every address of this house is answered for its method; what the page loads comes from this house."""
    for element in page.elements:
        for attribute, method, address in _addresses(page, element):
            parts = urlsplit(address.strip())
            if parts.scheme in ("mailto", "tel", "data", "blob"):
                continue
            if parts.scheme or parts.netloc:
                if element.tag != "a":
                    yield f"{shown(element)}: {attribute} loads from another house: serve it from here."
                elif page.path.startswith("/kiosk"):
                    yield f"{shown(element)}: a kiosk must not lead out of the house: drop the link."
                continue
            target = urlsplit(urldefrag(urljoin(page.path, address.strip()))[0]).path
            if page.resolve and (why := page.resolve(method, target)):
                yield f"{shown(element)}: {attribute} {address!r} is not answered ({why}): use url_for."


def _addresses(page: Page, element: Element) -> Iterator[tuple[str, str, str]]:
    """Each address of an element as (attribute, method, address); links inside the page are left out."""
    for attribute in ("href", "src", "data", "poster"):
        address = element.get(attribute)
        if address is not None and not address.startswith("#"):
            yield attribute, "GET", address
    for attribute in ("action", "formaction"):
        if address := element.get(attribute):
            form = next((each for each in (element, *page.around(element)) if each.tag == "form"), element)
            yield attribute, (element.get("formmethod") or form.get("method") or "get").upper(), address
    for attribute, value in page.htmx.get(element, {}).items():
        if attribute in HTMX_METHODS and value:
            yield attribute, HTMX_METHODS[attribute], value
    if element.tag == "meta" and element.get("http-equiv", "").lower() == "refresh":
        wanted = re.search(r"url=(.*)", element.get("content", ""), re.IGNORECASE)
        if wanted:
            yield "content", "GET", wanted[1].strip("'\" ")


def speaks_to_people(page: Page) -> Iterator[str]:
    """Nothing of the machinery stands in the words of the page."""
    found = list(_words(page))
    if not _leaking("\n".join(words for _where, words in found)):
        return
    for where, words in found:
        # What was typed is taken out of few words alone: a pattern of all of it costs more than the rest of the rules.
        if _leaking(words) and (said := _leaking(_without(words, page.typed))):
            yield f"{shown(where)} says {said[0]!r}, {said[1]}."


def _leaking(words: str) -> tuple[str, str] | None:
    """What of the machinery stands in the words, and what to do about it."""
    return next(((found[0], fix) for leak, fix in LEAKS if (found := leak.search(words))), None)


def _without(words: str, typed: Collection[str]) -> str:
    return re.sub("|".join(map(re.escape, typed)), " ", words) if typed else words


def _words(page: Page) -> Iterator[tuple[Element, str]]:
    """Every text that a reader sees or hears, with the element that holds it."""
    for element in page.elements:
        for attribute in READ_ALOUD:
            if attribute in element.attrib:
                yield element, element.attrib[attribute]
        if element.tag == "input" and element.get("type") in ("submit", "button"):
            yield element, element.get("value", "")
        prose = element.tag not in NOT_PROSE
        if prose and element.text and element.text.strip():
            yield element, element.text
        for child in element:
            if prose and child.tail and child.tail.strip():
                yield element, child.tail


RULES: tuple[Callable[[Page], Iterator[str]], ...] = (
    is_well_formed,
    is_whole_or_part,
    says_its_language,
    has_one_heading_that_the_title_says,
    skips_no_heading,
    has_unique_ids,
    refers_to_what_exists,
    labels_its_fields,
    names_its_buttons_and_links,
    describes_its_pictures,
    has_forms_that_work_alone,
    keeps_the_content_policy,
    aims_at_what_exists,
    leads_somewhere,
    speaks_to_people,
)


def problems(page: Page) -> list[str]:
    """What is wrong with the page, one sentence each; empty when it is as it should be."""
    return [problem for rule in RULES for problem in rule(page)]
