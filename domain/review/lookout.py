"""What changed of signed entries is written down each night, so that a page looks through a day of history at most."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain import events, registers
from domain.database import db, dialect, upsert, writing
from domain.review.entries import changed_between
from domain.review.models import Mark, Waiting, Why


def note_changes(*, now: datetime) -> None:
    """Note signed entries that something happened to; each register of a site is a transaction of its own."""
    with writing():
        marks = db.session.execute(select(Mark.site_id, Mark.register).order_by(Mark.site_id, Mark.register)).all()
    for site_id, name in marks:
        with writing():
            _note(site_id, name, now)


def _note(site_id: int, name: str, now: datetime) -> None:
    one = select(Mark).where(Mark.site_id == site_id, Mark.register == name).with_for_update()
    mark = db.session.scalars(one.execution_options(populate_existing=True)).one()
    up_to = events.version(site_id)
    table: Any = Waiting.__table__
    changed = db.session.execute(changed_between(registers.get(name), site_id, mark.looked_to, up_to)).all()
    common = {"site_id": site_id, "register": name, "why": Why.CHANGED, "since": now}
    if changed:
        rows = [common | {"entry_id": entry_id, "number": number} for entry_id, number in changed]
        db.session.execute(upsert(table, dialect()).on_conflict_do_nothing(), rows)
    mark.looked_to = max(mark.looked_to, up_to)
