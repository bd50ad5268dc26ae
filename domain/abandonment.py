"""A secret key is lost for good: what it sealed is given up, so that the house goes on without it.

What opens under one of the keys stays, and so does every entry: just what was sealed in it goes. Files of photos go
after the rows: killed in between, the next round finds them again.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, literal, update

from domain import clock, events, sealed
from domain import photos as pictures
from domain.database import db, writing
from domain.events import HOUSE
from domain.exports.models import UNFINISHED, Export, ExportState
from domain.identity import SYSTEM
from domain.people import second_factor
from domain.people.models import Person
from domain.review import sealing
from domain.review.models import SealEnd
from domain.sealed import Sealed
from domain.sites.models import Site
from domain.text import N_
from domain.visits.models import Draft

NOTHING = {"synchronize_session": False}
BATCH = 500


@dataclass(frozen=True)
class GivenUp:
    """How many values and photos went, by where they were, and who sets up the second step anew."""

    counts: Counter[str]
    logins: Sequence[str]


def give_up(*, photos: Path, now: datetime) -> GivenUp:
    """Erase what opens under none of the keys; a line of history for each site and for the house. Call outside of any
    transaction.
    """
    values, files = list(sealed.lost_values()), sealed.lost_pictures(photos)
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    people: list[int] = []
    with writing():
        for one in values:
            # Where the seals end is noted anew below: the check needs a note, not none.
            place = one.key[0] if one.column.table is SealEnd.__table__ else _erase(one)
            if place is None:
                continue  # changed or gone since it was read
            counts[place][one.where] += 1
            if one.column.table is Person.__table__:
                people.append(one.key[0])
        for start in range(0, len(files), BATCH):
            pictures.let_go([path.name for path in files[start : start + BATCH]])
        if files:
            counts[HOUSE]["photos"] = len(files)
        logins = [_without_second_factor(person_id, now) for person_id in people]
        if any(one.column.table is SealEnd.__table__ for one in values):
            sealing.note_anew(now=now)
        for site_id, count in sorted(counts.items()):
            about: dict[str, Any] = {"site_id": site_id, "subject": "site", "subject_id": site_id}
            events.record("site.sealed_given_up", **about, actor=SYSTEM, now=now, facts=dict(count))
    for path in files:
        path.unlink(missing_ok=True)
    return GivenUp(sum(counts.values(), Counter()), sorted(filter(None, logins)))


def _erase(one: Sealed) -> int | None:
    """Erase it if it still is what was read; returns at which site, or at none of them."""
    table = one.column.table
    of_site = table.c.id if table is Site.__table__ else table.c.get("site_id", literal(HOUSE))
    gone = update(table).values({one.column.name: None if one.column.nullable else ""})
    here = [column == value for column, value in zip(table.primary_key, one.key, strict=True)]
    erased: int | None = db.session.scalar(
        (delete(table) if table is Draft.__table__ else gone)
        .where(*here, sealed.raw(one.column) == one.value)
        .returning(of_site),
        execution_options=NOTHING,
    )
    if table is Export.__table__ and erased is not None:
        _stop(one.key[0])
    return erased


def _stop(export_id: int) -> None:
    """Without the words that were searched for, its file would hold more than was asked."""
    told = N_("The export could not be made. Nothing was kept of it.")
    ended = {"state": ExportState.FAILED, "finished_at": clock.now(), "claimed_until": None, "problem": told}
    db.session.execute(
        update(Export).where(Export.id == export_id, UNFINISHED).values(ended), execution_options=NOTHING
    )


def _without_second_factor(person_id: int, now: datetime) -> str | None:
    """Take the recovery codes and the sessions too; returns the name to sign in with of who did not leave."""
    person = db.session.get_one(Person, person_id)
    second_factor.forget(person, actor=SYSTEM, now=now)
    return None if person.left_at else person.login
