"""Units without anybody in them: the report of the fifth (R3)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select

from domain import figures
from domain.database import db
from domain.figures import Panel, Said, Verbatim, rate
from domain.numbered import counted
from domain.occupants.models import Unit
from domain.text import N_


@figures.part_of("vacant")
def _vacant(site_id: int, first: date, last: date) -> Panel:
    """Doors whose last company has left, and doors that were entered without one."""
    company = func.max(func.coalesce(Unit.company, ""))
    rows: Sequence[Any] = db.session.execute(
        select(Unit.number, func.max(Unit.floor), company, func.max(Unit.left_at))
        .where(Unit.site_id == site_id)
        .group_by(Unit.number)
        .having(func.count(Unit.id) == func.count(Unit.left_at))
    ).all()
    rows = sorted(rows, key=lambda row: counted(row[0]))
    all_ = db.session.scalar(select(func.count(func.distinct(Unit.number))).where(Unit.site_id == site_id)) or 0
    return Panel(
        "vacant-units",
        N_("Vacant units"),
        Said(N_("Vacant: %(rate)s units."), {"rate": rate(len(rows), all_)}),
        (N_("Unit"), N_("Floor"), N_("Last company"), N_("Since")),
        [(Verbatim(row[0]), Verbatim(row[1]), Verbatim(row[2]), Verbatim(f"{row[3]:%Y-%m-%d}")) for row in rows],
        size="w7",
    )
