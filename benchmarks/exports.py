"""Exports of every visit while the house works: when the worker begins, how long it takes, how its memory grows.

`python -m benchmarks.exports --visits 1000000` does this alone and prints the memory at each tenth. 3,000
visits are made with all that belongs to them, then their rows are copied: an export reads the rows alone.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from flask import Flask
from sqlalchemy import Date, bindparam, func, select, text

from benchmarks import serving
from benchmarks.data import Made
from benchmarks.places import place, prepare
from domain import clock, registers
from domain.database import db, reading, writing
from domain.exports import asking
from domain.exports.models import Export, ExportState
from domain.identity import Actor
from domain.pages import Wanted
from domain.permissions import Role
from domain.visits.models import Visit

PATIENCE = 7200
KINDS = ("csv", "xlsx")
COPIED = date(1990, 1, 1)
"""The day of the badges of copied rows."""
WRITTEN = 3_000
START, STILL = 15, 10
TENTHS = 10
MEGABYTE = 1_000_000
SOONEST = 0.05


@dataclass(frozen=True)
class Exported:
    """One export: its kind, how many rows, seconds to its begin and to its end, how much the worker grew, and by how
    much it had grown at each tenth of the rows."""

    kind: str
    rows: int
    begun: float
    seconds: float
    grown: int
    curve: dict[int, int] = field(default_factory=dict)


def measure(app: Flask, made: Made, *, worker: int, kinds: Sequence[str] = KINDS) -> list[Exported]:
    """Export all visits as files of these kinds, one after the other, by the worker of that process id."""
    return [_one(app, made, kind, worker) for kind in kinds]


def _one(app: Flask, made: Made, kind: str, worker: int) -> Exported:
    with app.app_context():
        actor = Actor("staff", made.people["wufan"], "", made.site_id, ((Role.SUPERVISOR, made.site_id),))
        before = peak = serving.pss_bytes(worker)
        asked = time.perf_counter()
        with writing():
            ref = asking.ask(
                registers.get("visits"), Wanted(made.site_id), kind=kind, full=False, reason="", language="zh_Hans",
                actor=actor, now=clock.now(),
            ).ref  # fmt: skip
        begun, curve = 0.0, {}
        while time.perf_counter() - asked < PATIENCE:
            with reading():
                export = db.session.scalars(select(Export).where(Export.ref == ref)).one()
            if not begun and export.state != ExportState.WAITING:
                begun = time.perf_counter() - asked
            if not export.is_unfinished:
                break
            held = serving.pss_bytes(worker)
            peak = max(peak, held)
            if export.rows_total:
                curve[export.rows_done * TENTHS // export.rows_total] = held - before
            time.sleep(SOONEST if not begun else 0.25)
    assert export.state == ExportState.DONE, export.problem or export.state
    return Exported(kind, export.rows_done, begun, time.perf_counter() - asked, peak - before, curve)


def multiply(made: Made, visits: int) -> None:
    """Copy the rows of the visits that left until there are so many."""
    own = {"id": ":id + v.id", "ref": "'c' || (:id + v.id)", "number": ":number + v.id", "presence_key": "NULL"}
    own |= {"badge_day": ":day", "badge_number": ":id + v.id"}
    columns = ", ".join(column.name for column in Visit.__table__.columns)
    values = ", ".join(own.get(column.name, f"v.{column.name}") for column in Visit.__table__.columns)
    copy = text(
        f"INSERT INTO visits ({columns}) SELECT {values} FROM visits v "  # noqa: S608 -- names of our own columns
        "WHERE v.site_id = :site AND v.state = 'left' AND v.badge_day > :day ORDER BY v.id LIMIT :most"
    ).bindparams(bindparam("day", COPIED, Date))
    with writing():
        there = db.session.scalar(select(func.count()).select_from(Visit)) or 0
    while there < visits:
        with writing():
            last = db.session.execute(select(func.max(Visit.id), func.max(Visit.number))).one()
            values_ = {"site": made.site_id, "id": last[0], "number": last[1], "most": visits - there}
            there += db.session.execute(copy, values_).rowcount  # type: ignore[attr-defined]


def settled(worker: int) -> int:
    """Wait until the worker has started; gives the memory that it holds then."""
    time.sleep(START)
    held, since = serving.pss_bytes(worker), time.monotonic()
    while time.monotonic() - since < STILL:
        time.sleep(1)
        now = serving.pss_bytes(worker)
        if abs(now - held) > MEGABYTE:
            held, since = now, time.monotonic()
    return held


def main() -> None:
    """Make the data set unless it is there, export all of it as both kinds, and print how the worker grew."""
    parser = argparse.ArgumentParser(description="Exports of every visit.")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--visits", type=int, default=1_000_000)
    parser.add_argument("--kind", action="append", choices=KINDS, help="Only this one.")
    asked = parser.parse_args()
    with place(asked.database, WRITTEN) as at:
        app, made = prepare(at, WRITTEN)
        with app.app_context():
            multiply(made, asked.visits)
        for kind in asked.kind or KINDS:
            # Each kind by a worker that has grown by nothing yet, and makes nothing else.
            with serving.worker(at.environment, "--no-timetable") as worker:
                rest = settled(worker.pid)
                done = _one(app, made, kind, worker.pid)
            curve = ", ".join(f"{tenth * 10} %: {grown / MEGABYTE:+.1f}" for tenth, grown in sorted(done.curve.items()))
            print(
                f"{kind}: {done.rows:,} rows, begun after {done.begun:.1f} s, whole in {done.seconds:.0f} s", flush=True
            )
            print(
                f"  worker {rest / MEGABYTE:.0f} MB before, at most {done.grown / MEGABYTE:+.1f} MB; {curve}",
                flush=True,
            )


if __name__ == "__main__":
    main()
