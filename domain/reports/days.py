"""What of one day is done and what is not, register by register (R1): the lead tells it, the morning meeting reads it.

Posts come with the shifts; until then a register stands for who keeps it.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, literal, select, union_all

from domain import clock, registers
from domain.database import db
from domain.figures import Panel, Said, Verbatim, rate
from domain.identity import Actor
from domain.registers import Register
from domain.text import N_

COUNTED = 1000


def done_and_not(site_id: int, zone: str, day: date, *, actor: Actor, now: datetime) -> Panel:
    """Of every register of work that the actor reads: the entries of that day, how many of them are done by now and how
    many are not, and what is open from the days before. One statement, whatever stands there."""
    since, until = clock.day_span(day, zone)
    read = [one for one in registers.all_for(actor) if one.work]
    asked = [_counts(number, one, site_id, since, until, actor, now) for number, one in enumerate(read)]
    rows = sorted(db.session.execute(union_all(*asked))) if asked else []
    entered, open_, before = (sum(row[column] for row in rows) for column in (1, 2, 3))
    finding = Said(N_("Nothing was entered."))
    if entered:
        finding = Said(N_("Finished: %(rate)s."), {"rate": rate(entered - open_, entered)})
    if before:
        finding = Said(N_("%(said)s Open from before: %(before)d."), {"said": finding, "before": before})
    return Panel(
        "done",
        N_("What is done, and what is not"),
        finding,
        (N_("Register"), N_("Entered"), N_("Finished"), N_("Still open"), N_("Open from before")),
        [
            (
                Said(read[number].title),
                *(_many(count) for count in (of_day, max(0, of_day - left), left, earlier)),
            )
            for number, of_day, left, earlier in rows
        ],
        size="w5",
        in_words=True,
    )


def _many(count: int) -> Verbatim:
    return Verbatim(str(count) if count <= COUNTED else "1,000+")


def _counts(
    number: int, register: Register, site_id: int, since: datetime, until: datetime, actor: Actor, now: datetime
) -> Any:
    theirs = (register.site == site_id, *([register.limit(actor)] if register.limit else []))
    of_day = (*theirs, register.at >= since, register.at < until)

    def many(*conditions: Any) -> Any:
        some = select(register.id).where(*conditions).limit(COUNTED + 1)
        return select(func.count()).select_from(some.subquery()).scalar_subquery()

    open_ = register.still_open(now)
    return select(literal(number), many(*of_day), many(*of_day, open_), many(*theirs, register.at < since, open_))
