"""The figures as a page for people: docs/measurements.md."""

import os
import platform
import statistics
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks.cases import INSERT
from benchmarks.exports import Exported
from benchmarks.load import Result
from benchmarks.weight import Weight

KIOSK_BAR, SCRIPTS_BAR, KIOSK_REQUESTS = 14_600, 20_000, 4
STAFF_BAR, STAFF_REQUESTS = 60_000, 8
STATEMENTS_BAR = 8
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Line:
    """One line of the table of CPU."""

    name: str
    cpu_ms: float
    rate: float
    p50: float
    p99: float
    floor: str
    ratio: float
    bar: float | None
    clients: int
    is_floor: bool


@dataclass(frozen=True)
class Search:
    """One kind of thing typed into the search box."""

    kind: str
    count: int
    p50: float
    p95: float
    cpu_ms: float


@dataclass
class Figures:
    """Everything that one run on one database found."""

    database: str
    version: str
    visits: int
    starts: list[float] = field(default_factory=list)
    rest: tuple[int, int] = (0, 0)
    busy: tuple[int, int] = (0, 0)
    kiosk: Weight = field(default_factory=Weight)
    staff: dict[str, Weight] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    one_client: dict[str, Result] = field(default_factory=dict)
    searches: list[Search] = field(default_factory=list)
    beside_worker: Result = field(default_factory=Result)
    """Sign-ins of 8 clients while the worker delivers on the same core; `saturated`: of 32, and it is still."""
    saturated: Result = field(default_factory=Result)
    statements: dict[str, int] = field(default_factory=dict)
    operation: float = 0.0
    exports: list[Exported] = field(default_factory=list)


HEADING = "\n## "


def _met(is_met: bool) -> str:
    return "yes" if is_met else "**no**"


def _table(heads: list[str], rows: list[list[str]]) -> str:
    marks = "|".join("---" if place == 0 else "---:" for place in range(len(heads)))
    return "\n".join([f"| {' | '.join(heads)} |", f"|{marks}|", *(f"| {' | '.join(row)} |" for row in rows)])


def of_database(figures: Figures) -> str:
    """The section of one database."""
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[figures.database]
    return "\n\n".join(
        [
            f"## {name} {figures.version}, {figures.visits:,} visits",
            _pages(figures),
            _searches(figures),
            _others(figures),
        ]
    )


def _pages(figures: Figures) -> str:
    rows = []
    for line in figures.lines:
        alone = figures.one_client.get(line.name)
        statements = figures.statements.get(line.name)
        rows.append(
            [
                line.name,
                f"{line.cpu_ms:.2f}",
                "" if line.is_floor else f"{line.ratio:.2f} × {line.floor}",
                f"≤ {line.bar:g}" if line.bar else "",
                _met(line.ratio <= line.bar) if line.bar else "",
                f"{line.rate:.0f}",
                f"{line.p50 * 1000:.1f}",
                f"{line.p99 * 1000:.1f}",
                str(line.clients),
                f"{alone.quantile(0.5) * 1000:.1f}" if alone else "",
                str(statements) if statements else "",
            ]
        )
    heads = ["what", "CPU ms", "against", "bar", "met", "per s", "p50 ms", "p99 ms", "clients", "alone p50", "SQL"]
    return _table(heads, rows)


def _searches(figures: Figures) -> str:
    rows = [
        [
            found.kind,
            f"{found.p50 * 1000:.1f}",
            f"{found.p95 * 1000:.1f}",
            f"{found.cpu_ms:.1f}",
            _met(found.p95 <= 0.020 and found.cpu_ms <= 10),
            str(found.count),
        ]
        for found in figures.searches
    ]
    return _table(["search box", "p50 ms", "p95 ms (≤ 20)", "CPU ms (≤ 10)", "met", "searches"], rows)


def _others(figures: Figures) -> str:
    rows = [*_speeds(figures), *_weights(figures), *_sizes(figures), *_exports(figures)]
    return _table(
        ["also", "found", "bar", "met"],
        [[row.name, row.found, row.bar, "" if row.is_met is None else _met(row.is_met)] for row in rows],
    )


class Bar(NamedTuple):
    """Something found, and the bar it is held against, if there is one."""

    name: str
    found: str
    bar: str = ""
    is_met: bool | None = None


def _speeds(figures: Figures) -> list[Bar]:
    first, deep = (line for line in figures.lines if line.name.startswith("register of visits"))
    write = next(line for line in figures.lines if line.name == "kiosk, sign in (last post)")
    beside, saturated = figures.beside_worker, figures.saturated.quantile(0.99)
    slowest = max(result.quantile(0.5) for result in figures.one_client.values())
    writes = {line.name for line in figures.lines if line.floor == INSERT}
    most = max(count for name, count in figures.statements.items() if name not in writes)
    of_writes = max(count for name, count in figures.statements.items() if name in writes)
    depth = deep.cpu_ms / first.cpu_ms
    return [
        Bar("deep page against the first", f"{depth:.2f} ×", "≤ 1.2", depth <= 1.2),
        Bar("most SQL statements of a page", str(most), f"≤ {STATEMENTS_BAR}", most <= STATEMENTS_BAR),
        Bar("most SQL statements of a write", str(of_writes)),
        Bar("sign-ins a second on one core, 8 clients", f"{write.rate:.0f}", "≥ 300", write.rate >= 300),
        Bar("sign-in p99, 8 clients", f"{write.p99 * 1000:.0f} ms", "≤ 100 ms", write.p99 <= 0.1),
        Bar("sign-in p99, 32 clients", f"{saturated * 1000:.0f} ms", "≤ 250 ms", saturated <= 0.25),
        Bar(
            "sign-ins a second, the worker delivering on the same core",
            f"{beside.count / beside.seconds:.0f}",
        ),
        Bar("operation sign_in and its commit, no HTTP", f"{figures.operation:.2f} ms CPU"),
        Bar("slowest page, one client, p50", f"{slowest * 1000:.1f} ms", "≤ 10 ms", slowest <= 0.010),
    ]


def _weights(figures: Figures) -> list[Bar]:
    kiosk = figures.kiosk
    first_paint = kiosk.html + kiosk.css
    bars = [
        Bar("kiosk welcome, HTML + CSS", f"{first_paint:,} B", f"≤ {KIOSK_BAR:,} B", first_paint <= KIOSK_BAR),
        Bar("kiosk welcome, all scripts", f"{kiosk.scripts:,} B", f"≤ {SCRIPTS_BAR:,} B", kiosk.scripts <= SCRIPTS_BAR),
        Bar("kiosk welcome, requests", str(kiosk.requests), f"≤ {KIOSK_REQUESTS}", kiosk.requests <= KIOSK_REQUESTS),
    ]
    for path, weight in figures.staff.items():
        bars += [
            Bar(f"{path}, all", f"{weight.total:,} B", f"≤ {STAFF_BAR:,} B", weight.total <= STAFF_BAR),
            Bar(f"{path}, requests", str(weight.requests), f"≤ {STAFF_REQUESTS}", weight.requests <= STAFF_REQUESTS),
        ]
    return bars


def _sizes(figures: Figures) -> list[Bar]:
    start = statistics.median(figures.starts)
    rest, busy = sum(figures.rest) / MEGABYTE, sum(figures.busy) / MEGABYTE
    return [
        Bar("start to first page", f"{start:.2f} s", "≤ 1.5 s", start <= 1.5),
        Bar("memory at rest, web + worker", _memory(figures.rest), "≤ 250 MB", rest <= 250),
        Bar("memory after the load, web + worker", _memory(figures.busy), "≤ 400 MB", busy <= 400),
    ]


def _exports(figures: Figures) -> list[Bar]:
    bars = []
    for one in figures.exports:
        of = f"export of {one.rows:,} rows, {one.kind.upper()}"
        bars += [
            Bar(f"{of}: begun after", f"{one.begun:.2f} s", "≤ 1 s", one.begun <= 1),
            Bar(f"{of}: whole after", f"{one.seconds:.0f} s, {one.rows / one.seconds:,.0f} rows a second"),
            Bar(f"{of}: the worker grew by", f"{one.grown / MEGABYTE:.0f} MB", "≤ 50 MB", one.grown <= 50 * MEGABYTE),
        ]
    return bars


def _memory(parts: tuple[int, int]) -> str:
    return f"{parts[0] / MEGABYTE:.0f} + {parts[1] / MEGABYTE:.0f} MB"


def _machine() -> str:
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    busy = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores {cpu}, {memory:.0f} GB, Linux {platform.release()}, "
        f"Python {platform.python_version()}; load average at the end {busy:.1f}"
    )


def whole(found: list[Figures], *, arguments: list[str]) -> str:
    """The page."""
    command = 'make bench ARGS="' + " ".join(arguments) + '"' if arguments else "make bench"
    sections = "\n\n".join(of_database(figures) for figures in found)
    return f"""# Measurements

Made by `{command}` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {_machine()}.

The server of `make run` (one process, two threads) on one core, PostgreSQL beside it on the same core, the load on the
other, over loopback. Each page is held against a bare Flask view that took turns with it in the same run: `hello`;
`list`, 25 rows through SQLAlchemy and Jinja (10 kB); `insert`, one row and its commit (WAL, FULL). CPU is user and
system time a request of server and database together, from /proc; the median of the rounds. `alone` is one client.
Bytes are those on the wire in a browser that comes for the first time, headers included; every part but the page is
kept for a year, so a later visit is one request. The bars are those of the design; ratios hold on any machine, times on
this kind when it is otherwise idle.

{sections}
"""


def renewed(page: str, before: str) -> str:
    """The page, followed by what stood on it before under headings that it does not have: what was measured in other
    ways. A database measured again replaces its section, whatever its version and size.
    """
    measured = {_what(section) for section in page.split(HEADING)[1:]}
    kept = [section for section in before.split(HEADING)[1:] if _what(section) not in measured]
    return HEADING.join([page.rstrip() + "\n", *(section.rstrip() + "\n" for section in kept)])


def _what(section: str) -> str:
    """What a section is about: the first word of its heading, which names the database."""
    return section.split(maxsplit=1)[0]
