"""What a page weighs in a browser that has never seen it, and in one that has."""

import gzip
from dataclasses import dataclass
from html.parser import HTMLParser

from benchmarks.load import Request, fetch, make


@dataclass
class Weight:
    """Bytes on the wire, headers included."""

    html: int = 0
    css: int = 0
    scripts: int = 0
    other: int = 0
    requests: int = 0
    inline: str = ""

    @property
    def total(self) -> int:
        """All of it."""
        return self.html + self.css + self.scripts + self.other


class _Parts(HTMLParser):
    """What a browser fetches by itself for a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect stylesheets, scripts, pictures and the icon sprite."""
        given = {name: value or "" for name, value in attrs}
        address, kind = "", "other"
        if tag == "link" and given.get("rel") in ("stylesheet", "icon"):
            address, kind = given.get("href", ""), "css" if given["rel"] == "stylesheet" else "other"
        elif tag in ("script", "img"):
            address, kind = given.get("src", ""), "scripts" if tag == "script" else "other"
        elif tag == "use":
            address = given.get("href", "").partition("#")[0]
        if address.startswith("/") and (kind, address) not in self.found:
            self.found.append((kind, address))


def weigh(port: int, page: Request) -> Weight:
    """Fetch the page and its parts as a new browser does; raises AssertionError when one of them is not there."""
    answer = fetch(port, page)
    assert answer.status == 200, f"{page.content[:80]!r}: {answer.status}"
    weight = Weight(html=answer.size, requests=1)
    body = gzip.decompress(answer.body) if b"content-encoding: gzip" in answer.head.lower() else answer.body
    parts = _Parts()
    parts.feed(body.decode())
    for kind, address in parts.found:
        part = fetch(port, make("GET", address))
        assert part.status == 200, f"{address}: {part.status}"
        assert b"immutable" in part.head, f"{address} may not be kept by the browser"
        setattr(weight, kind, getattr(weight, kind) + part.size)
        weight.requests += 1
    return weight
