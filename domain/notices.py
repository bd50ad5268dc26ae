"""Who is told what, as data. A notice is a row written in the transaction of what it tells of (the outbox);
the worker delivers it after the commit. Rows hold ids alone; texts are made at delivery in the reader's language.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.database import Base, BigId, HasId, after_commits, db, upsert
from domain.statements import Ready
from domain.text import N_

CLAIM = timedelta(minutes=2)
UNREACHABLE = N_("The mail server cannot be reached.")
RETRIES = (
    timedelta(seconds=20),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)


class Channel(StrEnum):
    """How a notice reaches somebody."""

    MAIL = "mail"
    CHAT = "chat"
    VOICE = "voice"
    """Told by somebody of the desk: noted as sent, and never waiting to be."""


class NoticeState(StrEnum):
    """Where a notice stands."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class Notice(HasId, Base):
    """One message to one recipient over one channel.

    `dedupe_key` keeps each notice single, however often its cause is told; `message_id` stays the same over repeats,
    so that a mail repeated after a killed worker is recognised by the reader's mailbox. `facts` hold ids and states.
    """

    __tablename__ = "notices"
    __table_args__ = (
        Index("uq_notices_dedupe_key", "dedupe_key", unique=True),
        Index(
            "ix_notices_due",
            "due_at",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        Index("ix_notices_subject", "subject", "subject_id"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    kind: Mapped[str]
    recipient: Mapped[str]
    """`host`, `person` or `site`."""
    recipient_id: Mapped[int] = mapped_column(BigId)
    channel: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[int] = mapped_column(BigId)
    facts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    dedupe_key: Mapped[str]
    message_id: Mapped[str]
    state: Mapped[str] = mapped_column(default=NoticeState.PENDING)
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(default="")


OUTBOX = Notice.__table__
TOLD = (
    *("site_id", "kind", "recipient", "recipient_id", "channel", "subject", "subject_id", "facts"),
    *("dedupe_key", "message_id", "state", "tries", "created_at", "due_at", "problem"),
)
TELL = Ready(lambda name: upsert(OUTBOX, name).on_conflict_do_nothing(index_elements=["dedupe_key"]), TOLD)


def tell(
    kind: str,
    *,
    site_id: int,
    recipient: str,
    recipient_id: int,
    channel: Channel,
    subject: str,
    subject_id: int,
    now: datetime,
    message_id: str,
    facts: dict[str, str] | None = None,
    due_at: datetime | None = None,
    again: str = "",
) -> None:
    """Write a notice into the outbox. A second one of the same kind, subject, recipient and channel is none,
    unless `again` tells them apart (a reminder's time, say).
    """
    TELL.later(
        site_id=site_id,
        kind=kind,
        recipient=recipient,
        recipient_id=recipient_id,
        channel=channel,
        subject=subject,
        subject_id=subject_id,
        facts=facts or {},
        dedupe_key=f"{kind}:{subject}:{subject_id}:{recipient}:{recipient_id}:{channel}:{again}",
        message_id=message_id,
        state=NoticeState.PENDING,
        tries=0,
        created_at=now,
        due_at=due_at or now,
        problem="",
    )
    db.session.info["nudge"] = True


def claim(notice_id: int, *, now: datetime) -> bool:
    """Take a due notice for this worker: update where it is still free; if one row changed, I won."""
    won = db.session.execute(
        update(Notice)
        .where(
            Notice.id == notice_id,
            Notice.state == NoticeState.PENDING,
            Notice.due_at <= now,
            or_(Notice.claimed_until.is_(None), Notice.claimed_until < now),
        )
        .values(claimed_until=now + CLAIM, tries=Notice.tries + 1),
        execution_options={"synchronize_session": False},
    )
    return bool(won.rowcount)  # type: ignore[attr-defined]


def due(now: datetime, *, channel: Channel, most: int = 200) -> list[int]:
    """Ids of notices that wait to be delivered, oldest first; also those that a killed worker left claimed."""
    return list(
        db.session.scalars(
            select(Notice.id)
            .where(
                Notice.state == NoticeState.PENDING,
                Notice.channel == channel,
                Notice.due_at <= now,
                or_(Notice.claimed_until.is_(None), Notice.claimed_until < now),
            )
            .order_by(Notice.due_at)
            .limit(most)
        )
    )


def settle(
    notice_id: int, *, now: datetime, problem: str = "", final: bool = False, facts: dict[str, str] | None = None
) -> Notice:
    """Note how a delivery went: sent, to be tried again later, or given up. `facts` are added to the notice's."""
    notice = db.session.get_one(Notice, notice_id)
    notice.claimed_until = None
    notice.problem = problem
    notice.facts = notice.facts | (facts or {})
    if not problem:
        notice.state, notice.sent_at = NoticeState.SENT, now
    elif final or notice.tries > len(RETRIES):
        notice.state = NoticeState.FAILED
    else:
        notice.due_at = now + RETRIES[notice.tries - 1]
    return notice


def drop(notice_id: int) -> None:
    """Telling makes no sense any more: the visit was cancelled, the recipient left."""
    notice = db.session.get_one(Notice, notice_id)
    notice.claimed_until, notice.state = None, NoticeState.DROPPED


def hasten(channel: Channel, *, now: datetime) -> None:
    """The server is back: what waited for it alone is due now, and not only at the end of its long pause."""
    db.session.execute(
        update(Notice)
        .where(
            Notice.state == NoticeState.PENDING,
            Notice.channel == channel,
            Notice.problem == UNREACHABLE,
            Notice.due_at > now,
        )
        .values(due_at=now),
        execution_options={"synchronize_session": False},
    )


nudges: list[Callable[[], None]] = []
"""Callables that wake the worker after a commit that wrote notices; the app factory adds one."""


def _nudge(session: Session) -> None:
    if session.info.pop("nudge", False):
        for nudge in nudges:
            nudge()


after_commits.append(_nudge)
