"""What is counted of slips: how many of each kind came up and were closed, in which time, past their promise or not
(C7, R3).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import Select, func, select

from domain import clock, figures
from domain.database import db
from domain.figures import Bar, Chart, Day, Figure, Headline, Length, Panel, Said, Sums, Tallied, Verbatim, Words, rate
from domain.occupants.models import Unit
from domain.permissions import Permission
from domain.sites.models import Site
from domain.slips.models import COUNTED, NATURE_NAMES, Department, Nature, Slip
from domain.text import N_

OPENED, CLOSED, LATE = "slips.opened", "slips.closed", "slips.late"


def _opened(day: Day) -> Iterator[tuple[str, int, float]]:
    came_up = Slip.site_id == day.site_id, Slip.opened_at >= day.since, Slip.opened_at < day.until
    for nature, count in db.session.execute(select(Slip.nature, func.count()).where(*came_up).group_by(Slip.nature)):
        yield nature, count, 0


def _closed(day: Day, *, late_alone: bool = False) -> Iterator[tuple[str, int, float]]:
    ended = Slip.site_id == day.site_id, COUNTED, Slip.closed_at >= day.since, Slip.closed_at < day.until
    columns = Slip.nature, Slip.opened_at, Slip.closed_at, Slip.promise_at
    for nature, opened_at, closed_at, promise_at in db.session.execute(select(*columns).where(*ended)):
        if closed_at and (closed_at > promise_at or not late_alone):
            since = promise_at if late_alone else opened_at
            yield nature, 1, max(0.0, (closed_at - since).total_seconds())


def _late(day: Day) -> Iterator[tuple[str, int, float]]:
    return _closed(day, late_alone=True)


def _headlines(sums: Sums) -> list[Headline]:
    closed, late = sums.of(CLOSED), sums.of(LATE).count
    fact = Said(N_("closed in time: %(rate)s"), {"rate": rate(closed.count - late, closed.count)})
    return [Headline(N_("Slips"), Verbatim(f"{sums.of(OPENED).count:,}"), fact, "late" if late else None)]


def _panels(sums: Sums) -> list[Panel]:
    kinds = [
        (
            words,
            sums.of(OPENED, nature),
            sums.of(CLOSED, nature),
            sums.of(LATE, nature),
            sums.of(OPENED, nature, before=True),
        )
        for nature, words in NATURE_NAMES.items()
    ]
    closed, late = sums.of(CLOSED), sums.of(LATE).count
    finding = Said(N_("No slip was closed."))
    if closed.count:
        values = {"rate": rate(late, closed.count), "mean": closed.mean}
        finding = Said(N_("Closed past the promise: %(rate)s; %(mean)s to close on average."), values)
    return [
        Panel(
            "slips-kinds",
            N_("Slips by kind"),
            finding,
            (N_("Kind"), N_("New"), N_("Before"), N_("Closed"), N_("Past the promise"), N_("Time to close")),
            [
                (
                    Said(words),
                    Verbatim(str(opened.count)),
                    Verbatim(str(before.count)),
                    Verbatim(str(done.count)),
                    rate(over.count, done.count),
                    done.mean,
                )
                for words, opened, done, over, before in kinds
            ],
            Chart(
                "bars",
                [Bar(Said(words), done.count, late=over.count) for words, _, done, over, _before in kinds],
                good=N_("in time"),
                late=N_("past the promise"),
            ),
        )
    ]


def _of_span(site_id: int, first: date, last: date, natures: Sequence[Nature]) -> Sequence[Any]:
    """The slips of these kinds that came up from that day to that: department, unit, and how each ended."""
    zone = db.session.get_one(Site, site_id).zone
    return db.session.execute(
        select(
            Department.name.label("department"),
            Unit.number.label("unit"),
            Unit.company,
            Slip.opened_at,
            Slip.closed_at,
            Slip.promise_at,
        )
        .outerjoin(Department, Department.id == Slip.department_id)
        .outerjoin(Unit, Unit.id == Slip.unit_id)
        .where(
            Slip.site_id == site_id,
            Slip.nature.in_(natures),
            Slip.opened_at >= clock.day_span(first, zone)[0],
            Slip.opened_at < clock.day_span(last, zone)[1],
        )
    ).all()


def _by_department(site_id: int, first: date, last: date, natures: Sequence[Nature]) -> Panel:
    """To whom they went, how many were closed, in which time, and past their promise or not (C7)."""
    found: dict[str, list[Any]] = {}
    for row in _of_span(site_id, first, last, natures):
        found.setdefault(row.department or "", []).append(row)
    lines: list[tuple[Words, int, int, int, Length]] = []
    for name, rows in sorted(found.items(), key=lambda one: -len(one[1])):
        closed = [row for row in rows if row.closed_at]
        late = sum(row.closed_at > row.promise_at for row in closed)
        taken = sum((row.closed_at - row.opened_at).total_seconds() for row in closed)
        shown: Words = Verbatim(name) if name else Said(N_("The desk itself"))
        lines.append((shown, len(rows), len(closed), late, Length(taken / len(closed) if closed else 0)))
    opened, closed_ = sum(line[1] for line in lines), sum(line[2] for line in lines)
    return Panel(
        "slips-departments",
        N_("By department"),
        Said(N_("Closed: %(rate)s."), {"rate": rate(closed_, opened)}) if opened else Said(N_("Nothing came up.")),
        (N_("Department"), N_("New"), N_("Closed"), N_("Past the promise"), N_("Time to close")),
        [
            (shown, Verbatim(str(new)), rate(done, new), rate(late, done), taken)
            for shown, new, done, late, taken in lines
        ],
        Chart("bars", [Bar(shown, done, late=late) for shown, _new, done, late, _taken in lines], good=N_("in time"),
              late=N_("past the promise")),
        size="w5",
    )  # fmt: skip


def _repeats(site_id: int, first: date, last: date, natures: Sequence[Nature]) -> Panel:
    """Where it came up more than once (C7)."""
    rows = _of_span(site_id, first, last, natures)
    often = Counter((row.unit, row.company) for row in rows if row.unit)
    again = [(unit, company, count) for (unit, company), count in often.most_common() if count > 1]
    return Panel(
        "slips-repeats",
        N_("More than once at one unit"),
        Said(N_("Of units with any: %(rate)s."), {"rate": rate(len(again), len(often))}),
        (N_("Unit"), N_("Company"), N_("How often")),
        [(Verbatim(unit), Verbatim(company), Verbatim(str(count))) for unit, company, count in again],
        size="w5",
        in_words=True,
    )


for _kind, _natures in (("weekly", tuple(Nature)), ("complaints", (Nature.COMPLAINT,))):
    for _part in (_by_department, _repeats):
        figures.part_of(_kind)(partial(_part, natures=_natures))


def _first(site_id: int) -> Select[Any]:
    return select(func.min(Slip.opened_at)).where(Slip.site_id == site_id)


figures.add(
    Figure(
        "slips",
        Permission.SLIPS_READ,
        _first,
        (Tallied(OPENED, _opened), Tallied(CLOSED, _closed), Tallied(LATE, _late)),
        _headlines,
        _panels,
        place=4,
    )
)
