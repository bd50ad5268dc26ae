"""What is counted of keys: loans that fell due on a day, and whether the keys came back in time (R3)."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, func, select

from domain import figures
from domain.database import db
from domain.figures import Bar, Chart, Day, Figure, Headline, Panel, Said, Sums, Tallied, Verbatim, rate
from domain.keys.classes import CLASS_NAMES
from domain.keys.loan_models import ENDED, Loan, is_open
from domain.permissions import Permission
from domain.text import N_

DUE, LENT = "keys.due", "keys.lent"
HOW = {"in_time": N_("Back in time"), "late": N_("Back late"), "out": N_("Still out")}


def _due(day: Day) -> Iterator[tuple[str, int, float]]:
    """Of each loan that fell due and is past it: whether it came back in time, and how late it is or was."""
    fell_due = Loan.site_id == day.site_id, Loan.due_at >= day.since, Loan.due_at < min(day.until, day.now)
    for due_at, ended_at in db.session.execute(select(Loan.due_at, Loan.ended_at).where(*fell_due, ENDED)):
        late = (ended_at - due_at).total_seconds() if ended_at else 0
        yield ("late", 1, late) if late > 0 else ("in_time", 1, 0)
    for (due_at,) in db.session.execute(select(Loan.due_at).where(*fell_due, is_open())):
        yield "out", 1, (day.now - due_at).total_seconds()


def _lent(day: Day) -> Iterator[tuple[str, int, float]]:
    went_out = Loan.site_id == day.site_id, Loan.out_at >= day.since, Loan.out_at < day.until
    for code, count in db.session.execute(
        select(Loan.class_code, func.count()).where(*went_out).group_by(Loan.class_code)
    ):
        yield code, count, 0


def _headlines(sums: Sums) -> list[Headline]:
    late, due = sums.of(DUE, "late", "out"), sums.of(DUE)
    fact = Said(N_("of keys that fell due: %(rate)s"), {"rate": rate(late.count, due.count)})
    return [Headline(N_("Keys overdue"), Verbatim(f"{late.count:,}"), fact, "late" if late.count else None)]


def _panels(sums: Sums) -> list[Panel]:
    late, due = sums.of(DUE, "late", "out"), sums.of(DUE)
    finding = Said(N_("No key fell due."))
    if due.count:
        finding = Said(
            N_("Overdue: %(rate)s, %(mean)s on average."), {"rate": rate(late.count, due.count), "mean": late.mean}
        )
    lent = [
        (code, words, sums.of(LENT, code).count, sums.of(LENT, code, before=True).count)
        for code, words in CLASS_NAMES.items()
    ]
    return [
        Panel(
            "keys-due",
            N_("Keys that fell due"),
            finding,
            (N_("Keys"), N_("Now"), N_("Before")),
            [
                (
                    Said(words),
                    Verbatim(str(sums.of(DUE, how).count)),
                    Verbatim(str(sums.of(DUE, how, before=True).count)),
                )
                for how, words in HOW.items()
            ],
            Chart(
                "bars",
                [
                    Bar(Said(words), sums.of(DUE, how).count, late=0 if how == "in_time" else sums.of(DUE, how).count)
                    for how, words in HOW.items()
                ],
            ),
            size="w5" if sums.span.days > 1 else "w4",
        ),
        Panel(
            "keys-lent",
            N_("Keys lent, by class"),
            Said(
                N_("%(count)d loans, %(before)d in the span before."),
                {"count": sums.of(LENT).count, "before": sums.of(LENT, before=True).count},
            ),
            (N_("Class"), N_("Now"), N_("Before")),
            [(Said(words), Verbatim(str(now)), Verbatim(str(before))) for _, words, now, before in lent],
            Chart("bars", [Bar(Said(words), now) for _, words, now, _before in lent if now]),
        ),
    ]


def _first(site_id: int) -> Select[Any]:
    return select(func.min(Loan.out_at)).where(Loan.site_id == site_id)


figures.add(
    Figure(
        "keys", Permission.KEYS_READ, _first, (Tallied(DUE, _due), Tallied(LENT, _lent)), _headlines, _panels, place=2
    )
)
