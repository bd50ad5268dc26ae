"""When the worker last did what it must, and how much of it there was: the proof of the erasing (P2)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from domain.database import Base, BigId, db, dialect, upsert, writing


class JobRun(Base):
    """The last run of one job, and the last one that found something."""

    __tablename__ = "job_runs"
    name: Mapped[str] = mapped_column(primary_key=True)
    ended_at: Mapped[datetime]
    count: Mapped[int] = mapped_column(BigId)
    found_at: Mapped[datetime | None]


def note(name: str, *, count: int, now: datetime) -> None:
    """Remember that the job ran, and how many it found. Call outside of any transaction."""
    values = {"ended_at": now, "count": count} | ({"found_at": now} if count else {})
    statement = upsert(JobRun.__table__, dialect()).values(name=name, **values)
    with writing():
        db.session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def last() -> Sequence[JobRun]:
    """Every job's last run, by name."""
    return db.session.scalars(select(JobRun).order_by(JobRun.name)).all()
