"""The worker makes what was asked for: page by page by keyset, each in a short reading transaction of its own, so that
memory stays small, SQLite's log can be cut off, and no desk waits. A file appears under its name only when it is whole.

It goes from the newest entry downwards, so what is written meanwhile is not in it. A worker that is killed leaves a
claim that runs out; the next one begins anew and first removes what was left.
"""

import logging
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import or_, select, update

from domain import clock, events, pages, registers
from domain.database import db, reading, writing
from domain.exports.models import Export, ExportState
from domain.identity import SYSTEM, Actor
from domain.pages import Wanted
from domain.people.models import Grant, Person
from domain.permissions import Permission, Role
from domain.registers import Register
from domain.text import N_

log = logging.getLogger("foyer.exports")
CLAIM = timedelta(minutes=2)
AT_A_TIME = 1000
TOLD_EVERY = 0.5
NOTHING = {"synchronize_session": False}


class Sheet(Protocol):
    """A file that takes rows."""

    def add(self, rows: Sequence[Any]) -> None:
        """Write these rows."""

    def close(self) -> None:
        """Write the end; from here on the file is whole."""


Open = Callable[[Export, Register, Path], Sheet]
Speaking = Callable[[Export], AbstractContextManager[None]]


class Stopped(Exception):
    """It was called off, or another worker has taken it."""


def make_due(*, folder: Path, open_sheet: Open, speaking: Speaking) -> int:
    """Make what waits, oldest first, each in the words of who asked; returns how many became files."""
    made = 0
    while (export := _claim()) is not None:
        with speaking(export):
            made += _make(export, folder, open_sheet)
    return made


def _claim() -> Export | None:
    """Take one: update where it is still free; if one row changed, I won."""
    now = clock.now()
    free = or_(Export.claimed_until.is_(None), Export.claimed_until < now)
    unfinished = Export.state.in_((ExportState.WAITING, ExportState.RUNNING))
    with reading():
        ids = db.session.scalars(select(Export.id).where(unfinished, free).order_by(Export.asked_at).limit(20)).all()
    for export_id in ids:
        with writing():
            won = db.session.execute(
                update(Export)
                .where(Export.id == export_id, unfinished, free)
                .values(state=ExportState.RUNNING, claimed_until=now + CLAIM, rows_done=0, rows_total=None),
                execution_options=NOTHING,
            ).rowcount  # type: ignore[attr-defined]
        if won:
            with reading():
                return db.session.get_one(Export, export_id)
    return None


def _make(export: Export, folder: Path, open_sheet: Open) -> bool:
    unfinished = folder / f"{export.ref}.part"
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished.mkdir(mode=0o700)
        written = _write(export, unfinished, open_sheet)
        file = unfinished / export.file_name
        file.chmod(0o600)
        size = file.stat().st_size
        file.replace(folder / export.file_name)
        if not _settle(export, ExportState.DONE, rows_done=written, size=size):
            (folder / export.file_name).unlink(missing_ok=True)
            return False
    except Stopped:
        return False
    except OSError:
        log.exception("Export %d could not be written", export.id)
        _settle(export, ExportState.FAILED, problem=N_("The disk is full, or the folder of exports cannot be written."))
        return False
    except Exception:
        log.exception("Export %d failed", export.id)
        _settle(export, ExportState.FAILED, problem=N_("The export could not be made. Nothing was kept of it."))
        return False
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return True


def _write(export: Export, folder: Path, open_sheet: Open) -> int:
    register = registers.get(export.register)
    with reading():
        actor = _who(export)
        wanted = wanted_of(export, actor)
        if not _may(export, register, actor):
            _settle(export, ExportState.FAILED, problem=N_("The right to this export was taken back."))
            raise Stopped
        total = pages.count(register, wanted, now=export.asked_at)
    _note(export, 0, total)
    sheet, done, told = open_sheet(export, register, folder), 0, time.monotonic()
    try:
        for rows in pages.walk(register, wanted, now=export.asked_at, at_a_time=AT_A_TIME):
            sheet.add(rows)
            done += len(rows)
            if time.monotonic() - told >= TOLD_EVERY:
                _note(export, done, total)
                told = time.monotonic()
    finally:
        sheet.close()
    _note(export, done, max(done, total))
    return done


def wanted_of(export: Export, actor: Actor) -> Wanted:
    """What was asked for, as the pages of a register understand it."""
    return Wanted(
        site_id=export.site_id,
        site_ids=tuple(export.site_ids),
        since=export.since,
        until=export.until,
        chosen=tuple(sorted(export.chosen.items())),
        text=export.typed or "",
        actor=actor,
    )


def _who(export: Export) -> Actor:
    """Who asked, with the rights of now: whoever has lost them gets no file."""
    held = db.session.execute(
        select(Grant.role, Grant.site_id)
        .join(Person, Person.id == Grant.person_id)
        .where(Person.id == export.person_id, Person.left_at.is_(None))
    ).all()
    return Actor("staff", export.person_id, "", export.site_id, tuple((Role(role), where) for role, where in held))


def _may(export: Export, register: Register, actor: Actor) -> bool:
    rights = [Permission.EXPORTS_MAKE, register.read, *([register.unmask] if export.full else [])]
    return all(actor.may(right, site_id) for site_id in export.site_ids for right in rights)


def _note(export: Export, done: int, total: int) -> None:
    """Say how far it is, and that somebody is at it; raises Stopped when it was called off."""
    with writing():
        still = db.session.execute(
            update(Export)
            .where(Export.id == export.id, Export.state == ExportState.RUNNING)
            .values(rows_done=done, rows_total=total, claimed_until=clock.now() + CLAIM),
            execution_options=NOTHING,
        ).rowcount  # type: ignore[attr-defined]
    if not still:
        raise Stopped


def _settle(export: Export, state: ExportState, **values: Any) -> bool:
    """Finish a running export; returns whether it was still running. What was typed goes with the end of it."""
    now: datetime = clock.now()
    with writing():
        ended = db.session.execute(
            update(Export)
            .where(Export.id == export.id, Export.state == ExportState.RUNNING)
            .values(state=state, finished_at=now, claimed_until=None, typed=None, **values),
            execution_options=NOTHING,
        ).rowcount  # type: ignore[attr-defined]
        if ended:
            events.record(
                f"export.{state}",
                site_id=export.site_id,
                subject="export",
                subject_id=export.id,
                actor=SYSTEM,
                now=now,
                facts={"register": export.register, "rows": values.get("rows_done", 0)},
            )
    return bool(ended)
