"""Exports of every visit while the house works: when the worker begins, how long it takes, how its memory grows."""

import time
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import select

from benchmarks import serving
from benchmarks.data import Made
from domain import clock, registers
from domain.database import db, reading, writing
from domain.exports import asking
from domain.exports.models import Export, ExportState
from domain.identity import Actor
from domain.pages import Wanted
from domain.permissions import Role

PATIENCE = 1800
SOONEST = 0.05


@dataclass(frozen=True)
class Exported:
    """One export: its kind, how many rows, seconds to its begin and to its end, and how much the worker grew."""

    kind: str
    rows: int
    begun: float
    seconds: float
    grown: int


def measure(app: Flask, made: Made, *, worker: int) -> list[Exported]:
    """Export all visits as CSV, then as a workbook, by the worker of that process id."""
    return [_one(app, made, kind, worker) for kind in ("csv", "xlsx")]


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
        begun = 0.0
        while time.perf_counter() - asked < PATIENCE:
            with reading():
                export = db.session.scalars(select(Export).where(Export.ref == ref)).one()
            if not begun and export.state != ExportState.WAITING:
                begun = time.perf_counter() - asked
            if not export.is_unfinished:
                break
            peak = max(peak, serving.pss_bytes(worker))
            time.sleep(SOONEST if not begun else 0.25)
    assert export.state == ExportState.DONE, export.problem or export.state
    return Exported(kind, export.rows_done, begun, time.perf_counter() - asked, peak - before)
