"""Charts drawn by the server: SVG with classes, no script, no style. Beside each stands the same as a table.

What a chart shows is said in its label and in the sentence under it; the table is there for who cannot see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any
from unicodedata import east_asian_width

from flask_babel import gettext
from markupsafe import Markup

from domain.figures import Bar, Chart, Headline, Length, Panel, Said, Verbatim, Words
from domain.text import N_
from web.i18n import language, say, span, tell

COLUMN, HEIGHT, TOP = 46, 168, 20
CELL = 34
BROAD = 480
"""How wide columns and grids are at least: one hour alone would fill the page from top to bottom."""
BAR, LABEL, MOST_LABEL, END = 38, 104, 196, 92
"""The height of a bar with the space around it; the room for labels, at least and at most, and for the words at its
end."""
NARROW, WIDE = 7.2, 13.0
"""How wide a letter is drawn, and a character of Chinese."""
ROOM = {"w4": 160, "w5": 250, "w7": 420}
"""How long the longest bar is: so that letters are drawn about as large as they are named."""


def words(said: Words) -> str:
    """Words of the domain in the reader's language."""
    match said:
        case Length(0):
            return say(N_("%(minutes)d min"), minutes=0)
        case Length(seconds):
            return _length(language(), int(seconds // 60))
        case Verbatim(text):
            return text
        case Said(sentence, values):
            return tell(
                sentence,
                {
                    name: words(one) if isinstance(one, Said | Length | Verbatim) else one
                    for name, one in values.items()
                },
            )


@lru_cache(maxsize=4096)
def _length(_language: str, minutes: int) -> str:
    """A length of time in that language; the same one is written once, not by every cell of a table."""
    return span(minutes * 60)


@dataclass(frozen=True)
class Drawn:
    """A panel as a page takes it."""

    name: str
    title: str
    finding: str
    head: list[str]
    rows: list[list[str]]
    svg: Markup | None
    key: list[tuple[str, str]]
    size: str
    in_words: bool


def draw(panel: Panel) -> Drawn:
    """The panel in the reader's words, its chart drawn."""
    finding, chart = words(panel.finding), panel.chart
    key: list[tuple[str, str]] = []
    if chart and chart.kind == "columns":
        key = [("a", gettext("now")), ("m", gettext("before"))]
    elif chart and chart.late:
        key = [("b", say(chart.good)), ("late", say(chart.late))]
    return Drawn(
        panel.name,
        say(panel.title),
        finding,
        [say(head) for head in panel.head],
        [[words(cell) for cell in row] for row in panel.rows],
        _svg(chart, f"{say(panel.title)}: {finding}", panel.size)
        if chart and any(bar.value or bar.before for bar in chart.bars)
        else None,
        key,
        panel.size,
        panel.in_words,
    )


def headline(one: Headline) -> dict[str, Any]:
    """A figure on top, in the reader's words."""
    return {"label": say(one.label), "value": words(one.value), "fact": words(one.fact), "tone": one.tone}


def _svg(chart: Chart, label: str, size: str) -> Markup:
    kind = chart.kind
    width, height, parts = (
        _bars(chart, ROOM[size]) if kind == "bars" else (_columns if kind == "columns" else _grid)(chart)
    )
    broad = "" if kind == "bars" else " broad"
    start = f'<svg class="chart{broad}" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">'
    return Markup(start + "".join(parts) + "</svg>")  # noqa: S704 -- numbers, and labels that are escaped


def _text(x: float, y: float, text: str, *, anchor: str = "middle", kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    placed = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text{named} x="{x:g}" y="{y:g}"{placed}>{escape(text)}</text>'


STEPS = (1, 2, 5, *(int(of_ten * 10**power) for power in range(1, 9) for of_ten in (1, 2, 2.5, 5)))
"""None is more than three times the one before it, or nothing round would lie below some highest value."""


def _steps(most: float) -> list[int]:
    """One to three round numbers up to the highest, which is at least 1."""
    step = next((step for step in STEPS if most <= 3 * step), int(most))
    return [step * number for number in range(1, int(most // step) + 1)]


def _columns(chart: Chart) -> tuple[int, int, list[str]]:
    bars = chart.bars
    most = max(1.0, *(max(bar.value, bar.before or 0) for bar in bars))
    steps = _steps(most)
    left, floor = max(34, *(round(_reach(f"{step:,}")) + 8 for step in steps)), TOP + HEIGHT
    column = max(COLUMN, BROAD // len(bars))
    width = left + column * len(bars)

    def height(value: float) -> float:
        return floor - HEIGHT * value / most

    parts = [f'<path class="ax" d="M{left} {floor}H{width}"/>', _text(left - 6, floor + 4, "0", anchor="end")]
    for step in steps:
        parts.append(f'<path class="g" d="M{left} {height(step):.1f}H{width}"/>')
        parts.append(_text(left - 6, round(height(step) + 4, 1), f"{step:,}", anchor="end"))
    middles = [left + column * number + column / 2 for number in range(len(bars))]
    # What was before stands behind: it crosses no bar and no number.
    line = "L".join(f"{x:g} {height(bar.before or 0):.1f}" for x, bar in zip(middles, bars, strict=True))
    if len(bars) > 1 and any(bar.before for bar in bars):
        parts.append(f'<path class="m" d="M{line}"/>')
    for x, bar in zip(middles, bars, strict=True):
        if bar.value:
            y = height(bar.value)
            parts.append(f'<rect class="a" x="{x - 16:g}" y="{y:.1f}" width="32" height="{floor - y:.1f}" rx="3"/>')
        parts.append(_text(x, floor + 20, words(bar.label)))
    parts += [
        _text(x, round(height(bar.value) - 6, 1), f"{bar.value:g}", kind="v")
        for x, bar in zip(middles, bars, strict=True)
        if bar.value
    ]
    return width, floor + 26, parts


def _reach(text: str) -> float:
    """About how wide these words are drawn."""
    return sum(WIDE if east_asian_width(sign) in "WF" else NARROW for sign in text)


def _cut(text: str) -> str:
    """The words as far as a label reaches; the table beside the chart has them whole."""
    if _reach(text) <= MOST_LABEL:
        return text
    while _reach(text) > MOST_LABEL - WIDE:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _bars(chart: Chart, room: int) -> tuple[int, int, list[str]]:
    most = max(1.0, *(bar.value for bar in chart.bars))
    labels = [_cut(words(bar.label)) for bar in chart.bars]
    begin = max(LABEL, *(round(_reach(text)) + 10 for text in labels))
    parts = []
    for number, (bar, label) in enumerate(zip(chart.bars, labels, strict=True)):
        y = number * BAR
        parts.append(_text(0, y + 22, label, anchor="start"))
        whole, late = room * bar.value / most, room * bar.late / most
        if bar.value > bar.late:
            kind = "b" if chart.late or any(one.late for one in chart.bars) else "a"
            parts.append(
                f'<rect class="{kind}" x="{begin}" y="{y + 6}" width="{whole - late:.1f}" height="24" rx="3"/>'
            )
        if bar.late:
            x = begin + whole - late + (2 if bar.value > bar.late else 0)
            parts.append(f'<rect class="late" x="{x:.1f}" y="{y + 6}" width="{max(late, 2):.1f}" height="24" rx="3"/>')
        parts.append(_text(round(begin + whole + 10, 1), y + 22, _end(chart, bar), anchor="start", kind="v"))
    return begin + room + END, len(chart.bars) * BAR, parts


def _end(chart: Chart, bar: Bar) -> str:
    if bar.words is not None:
        return words(bar.words)
    if chart.late and bar.late:
        return gettext("%(all)s, %(late)s late", all=f"{bar.value:g}", late=f"{bar.late:g}")
    return f"{bar.value:g}"


def _grid(chart: Chart) -> tuple[int, int, list[str]]:
    across, left = chart.across, 44
    size = max(CELL, BROAD // len(across))
    most = max(bar.value for bar in chart.bars)
    rows: Sequence[Sequence[Bar]] = [
        chart.bars[start : start + len(across)] for start in range(0, len(chart.bars), len(across))
    ]
    parts = [_text(left + size * number + size / 2, 14, words(head)) for number, head in enumerate(across)]
    for down, row in enumerate(rows):
        y = 22 + down * 28
        parts.append(_text(0, y + 18, words(row[0].label), anchor="start"))
        for number, bar in enumerate(row):
            shade = round(bar.value / most * 8)
            parts.append(
                f'<rect class="q{shade}" x="{left + size * number + 1}" y="{y}" width="{size - 2}" height="26" rx="3"/>'
            )
            if bar.value:
                dark = " on" if shade > 4 else ""
                parts.append(_text(left + size * number + size / 2, y + 18, f"{bar.value:g}", kind=f"q{dark}"))
    return left + size * len(across), 22 + 28 * len(rows), parts
