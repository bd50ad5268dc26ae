"""The table of figures: what each noun counts day by day, and how it shows (R3). A noun adds its own in its
`figures.py`; the worker counts, so that a page reads some hundred tallies and never the entries (domain/reports).

A tally names nobody. It stays when personal data is erased, because it is counted of what stays (P2).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import Select

from domain.identity import Actor
from domain.permissions import Permission
from domain.registers import Tone


class Said(NamedTuple):
    """A sentence with its values; a `Length` among them is written as a length of time, a `Said` in its turn."""

    sentence: str
    values: Mapping[str, Any] = {}


class Length(NamedTuple):
    """A length of time."""

    seconds: float


class Verbatim(NamedTuple):
    """Words that are no sentence of ours: a room's name, an hour."""

    text: str


Words = Said | Length | Verbatim


@dataclass(frozen=True, slots=True)
class Amount:
    """How often, and the sum of the seconds."""

    count: int = 0
    total: int = 0

    @property
    def mean(self) -> Length:
        """The seconds of one, on average."""
        return Length(self.total / self.count if self.count else 0)


@dataclass(frozen=True)
class Day:
    """One day of a site, to be counted: its instants (end excluded), the clock there, and the time of counting."""

    site_id: int
    zone: str
    since: datetime
    until: datetime
    now: datetime


@dataclass(frozen=True)
class Tallied:
    """What is counted of a day: (key, how often, seconds). Several of one key add up."""

    name: str
    count: Callable[[Day], Iterable[tuple[str, int, float]]]


@dataclass(frozen=True)
class Span:
    """From which day to which, both included, and the span that it is compared with."""

    first: date
    last: date
    before_first: date
    before_last: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def every_day(self) -> Iterable[date]:
        """Each of its days."""
        return (self.first + timedelta(days=number) for number in range(self.days))


@dataclass(frozen=True)
class Sums:
    """The tallies of a site over a span and over the one before: by name and key; and by day, what asks for it."""

    site_id: int
    span: Span
    now: Mapping[str, Mapping[str, Amount]]
    before: Mapping[str, Mapping[str, Amount]]
    by_day: Mapping[str, Mapping[tuple[date, str], int]] = field(default_factory=dict)

    def of(self, name: str, *keys: str, before: bool = False) -> Amount:
        """What was counted under that name: of these keys, or of all."""
        found = (self.before if before else self.now).get(name, {})
        amounts = [found.get(key, Amount()) for key in keys] if keys else list(found.values())
        return Amount(sum(one.count for one in amounts), sum(one.total for one in amounts))


@dataclass(frozen=True)
class Bar:
    """One bar: its label, how long it is, which part of it is late, what it was before, and the words at its end."""

    label: Words
    value: float
    late: float = 0
    before: float | None = None
    words: Words | None = None


@dataclass(frozen=True)
class Chart:
    """Bars side by side (`columns`, with the span before as a line), one under the other (`bars`), or a grid of
    shades (`grid`: `bars` row by row, `across` the heads of its columns).
    """

    kind: Literal["columns", "bars", "grid"]
    bars: Sequence[Bar]
    across: Sequence[Words] = ()
    good: str = ""
    late: str = ""


@dataclass(frozen=True)
class Panel:
    """One part of a page of figures: a chart, the sentence that says what it shows, and the same as a table; one that
    is `in_words` has no chart, and its table is always open."""

    name: str
    title: str
    finding: Words
    head: Sequence[str]
    rows: Sequence[Sequence[Words]]
    chart: Chart | None = None
    size: Literal["w4", "w5", "w7"] = "w4"
    in_words: bool = False


@dataclass(frozen=True)
class Headline:
    """One figure on top: what it is, how much, and the fact that decides; a rate says of how many."""

    label: str
    value: Words
    fact: Words
    tone: Tone | None = None


@dataclass(frozen=True)
class Figure:
    """What one noun counts and shows. `read` is who may see it; `first` gives the earliest instant of a site;
    `by_day` names tallies that are wanted day by day, `place` is its place on the page.
    """

    name: str
    read: Permission
    first: Callable[[int], Select[datetime | None]]
    tallies: Sequence[Tallied]
    headlines: Callable[[Sums], Sequence[Headline]]
    panels: Callable[[Sums], Sequence[Panel]]
    by_day: Sequence[str] = ()
    place: int = 9


Part = Callable[[int, date, date], Panel | None]
"""A part of one kind of report alone: it takes the site, and from which day to which."""

_TABLE: dict[str, Figure] = {}
_PARTS: dict[str, list[Part]] = {}


def part_of(kind: str) -> Callable[[Part], Part]:
    """Register a part that stands in reports of that kind alone: what is planned, what is vacant."""

    def register(part: Part) -> Part:
        _PARTS.setdefault(kind, []).append(part)
        return part

    return register


def parts(kind: str, site_id: int, first: date, last: date) -> list[Panel]:
    """The parts that stand in reports of that kind alone."""
    return [panel for part in _PARTS.get(kind, []) if (panel := part(site_id, first, last))]


def add(figure: Figure) -> Figure:
    """Put a figure into the table."""
    _TABLE[figure.name] = figure
    return figure


def every() -> Sequence[Figure]:
    """All of them, for whoever counts."""
    return tuple(sorted(_TABLE.values(), key=lambda figure: figure.place))


def all_for(actor: Actor) -> Sequence[Figure]:
    """The figures that the actor may see where it works now."""
    return tuple(figure for figure in every() if actor.may(figure.read))


def rate(part: int, whole: int) -> Said:
    """3 of 41 (7 %): a rate never stands without what it is of."""
    from domain.text import N_

    if not whole:
        return Said(N_("none"))
    return Said(
        N_("%(part)d of %(whole)d (%(rate)d %%)"), {"part": part, "whole": whole, "rate": round(100 * part / whole)}
    )
