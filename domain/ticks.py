"""Ticks made on a device, also without a network: run sheet, roll call, inspection (the outbox of static/js/outbox.js).

A device gives each tick an id of its own. Whoever sends the same id again gets the same answer, and there is one tick:
its row is written in the transaction of the change. The answer is kept as it was given, so that a tick that came too
late is answered in words and is not lost.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, select
from sqlalchemy.orm import Mapped, mapped_column

from domain.database import Base, BigId, HasId, db, dialect, upsert
from domain.encryption import blind_index, keyring
from domain.errors import Conflict, DomainError, explains
from domain.identity import Actor
from domain.text import N_

LONGEST_ID, SHORTEST_ID = 64, 16
KEPT_OFFLINE = timedelta(hours=72)
"""How long a device may keep a tick before it is sent."""
TAKEN, LATE = "taken", "late"
PURPOSE = "ticks.what"


class Tick(HasId, Base):
    """One tick of one device. `outcome` is "taken", or "late" where the matter had moved on; `sentence` and `values`
    are the answer. Append-only but for the answer, which is written once. `what` is a keyed digest of what it says: a
    reason may name somebody, and this row stays.
    """

    __tablename__ = "ticks"
    __table_args__ = (
        Index("uq_ticks_device_id", "device_id", unique=True),
        Index("ix_ticks_subject", "subject", "subject_id"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    device_id: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[int] = mapped_column(BigId)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    what: Mapped[str]
    at: Mapped[datetime]
    noted_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(default="")
    sentence: Mapped[str] = mapped_column(default="")
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


explains("uq_ticks_device_id", N_("This tick is being sent already. Look at the sheet again."))
explains("ticks_stay", N_("What a device sent stays as it was answered."))


@dataclass(frozen=True)
class Answer:
    """What became of a tick, in words: a msgid with its values."""

    outcome: str
    sentence: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sent:
    """What a device sends: its id of the tick, and how long ago it was made there, by its own clock."""

    device_id: str
    age: timedelta = timedelta(0)

    def at(self, now: datetime) -> datetime:
        """When it was made, by the house's clock. Raises DomainError for an id or an age that no device gives."""
        if not SHORTEST_ID <= len(self.device_id) <= LONGEST_ID or not self.device_id.isascii():
            raise DomainError(N_("This tick could not be read. Look at the sheet again."))
        if self.age > KEPT_OFFLINE:
            raise DomainError(N_("This tick is older than three days. Note by hand what was done."))
        return now - max(self.age, timedelta(0))


@cache
def _insert(name: str) -> Any:
    table = Tick.__table__
    return upsert(table, name).on_conflict_do_nothing(index_elements=["device_id"]).returning(table.c.id)


def once(
    sent: Sent,
    *,
    subject: str,
    subject_id: int,
    what: str,
    site_id: int,
    actor: Actor,
    now: datetime,
    decide: Callable[[datetime], Answer],
) -> Answer:
    """Let `decide` do what the tick says, once; it takes the true time and gives the answer that is kept.

    The same tick sent again gets the answer of the first time. Raises Conflict for an id that was used for something
    else, and whatever `decide` raises: nothing is kept then, and the device may send it again.
    """
    at = sent.at(now)
    row = {
        "site_id": site_id,
        "device_id": sent.device_id,
        "subject": subject,
        "subject_id": subject_id,
        "by_id": actor.id,
        "what": blind_index(what, PURPOSE),
        "at": at,
        "noted_at": now,
        "outcome": "",
        "sentence": "",
        "values": {},
    }
    tick_id = db.session.connection().scalar(_insert(dialect()), row)
    if tick_id is None:
        return _again(sent, subject=subject, subject_id=subject_id, what=what, actor=actor)
    answer = decide(at)
    tick = db.session.get_one(Tick, tick_id)
    tick.outcome, tick.sentence, tick.values = answer.outcome, answer.sentence, _plain(answer.values)
    db.session.flush()
    return answer


def _again(sent: Sent, *, subject: str, subject_id: int, what: str, actor: Actor) -> Answer:
    tick = db.session.scalars(select(Tick).where(Tick.device_id == sent.device_id)).one()
    same = tick.what in keyring().blind_indexes(what, PURPOSE)
    if not same or (tick.subject, tick.subject_id, tick.by_id) != (subject, subject_id, actor.id):
        raise Conflict(N_("This tick was sent before for something else. Look at the sheet again."))
    return Answer(tick.outcome, tick.sentence, _rich(tick.values))


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: {"at": it.isoformat()} if isinstance(it, datetime) else it for name, it in values.items()}


def _rich(values: dict[str, Any]) -> dict[str, Any]:
    return {name: datetime.fromisoformat(it["at"]) if isinstance(it, dict) else it for name, it in values.items()}
