"""One-time form tokens: a double touch gives the same answer twice and one row.

A token is spent by a commit alone, because its row is written in the transaction of the change. The row keeps a keyed
hash of the content, so that the same form sent again redraws its subject, and the same token with other content is
refused.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from domain.database import Base, db, upsert
from domain.statements import Ready

KEPT = timedelta(hours=24)


class SpentToken(Base):
    """A form that was sent and committed, and where its answer stands."""

    __tablename__ = "spent_tokens"
    nonce: Mapped[str] = mapped_column(primary_key=True)
    content_hash: Mapped[str]
    location: Mapped[str] = mapped_column(default="")
    spent_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True)
class Spent:
    """What is known of a token that was spent before."""

    same_content: bool
    location: str


TOKENS = SpentToken.__table__
SPEND = Ready(lambda name: upsert(TOKENS, name).on_conflict_do_nothing(index_elements=["nonce"]))
REMEMBER = Ready(
    update(TOKENS).where(TOKENS.c.nonce == bindparam("spent")).values(location=bindparam("answer"))  # type: ignore[arg-type]
)


def spend(nonce: str, *, content_hash: str, now: datetime) -> Spent | None:
    """Spend the token in this transaction; if another transaction did, say how. Waits for one under way."""
    if SPEND.run(nonce=nonce, content_hash=content_hash, location="", spent_at=now):
        return None
    row = db.session.execute(
        select(SpentToken.content_hash, SpentToken.location).where(SpentToken.nonce == nonce)
    ).one()
    return Spent(same_content=row.content_hash == content_hash, location=row.location)


def remember_answer(nonce: str, location: str) -> None:
    """Note where the answer of a spent token stands, for whoever sends it again."""
    REMEMBER.later(spent=nonce, answer=location)


def forget_spent(now: datetime) -> int:
    """Remove tokens that no form can still carry; returns how many."""
    return db.session.execute(delete(SpentToken).where(SpentToken.spent_at < now - KEPT)).rowcount  # type: ignore[attr-defined]
