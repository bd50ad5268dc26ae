"""What is counted of slips: how many of each kind came up and were closed, in which time, past their promise or not
(C7, R3).
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, func, select

from domain import figures
from domain.database import db
from domain.figures import Bar, Chart, Day, Figure, Headline, Panel, Said, Sums, Tallied, Verbatim, rate
from domain.permissions import Permission
from domain.slips.models import COUNTED, NATURE_NAMES, Slip
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
