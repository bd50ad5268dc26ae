"""One-time form tokens: a double touch gives the same answer twice and one row.

A token is spent by a commit alone, because its row is written in the transaction of the change. The row keeps a keyed
hash of the content, so that the same form sent again redraws its subject, and the same token with other content is
refused.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from domain.database import Base, db, transaction_under_way, upsert
from domain.statements import Ready

KEPT = timedelta(hours=24)


class SpentToken(Base):
    """A form that was sent and committed, and where its answer stands."""

    __tablename__ = "spent_tokens"
    __table_args__ = {"sqlite_with_rowid": False}
    nonce: Mapped[str] = mapped_column(primary_key=True)
    content_hash: Mapped[str]
    location: Mapped[str] = mapped_column(default="")
    spent_at: Mapped[datetime]


@dataclass(frozen=True)
class Spent:
    """What is known of a token that was spent before."""

    same_content: bool
    location: str


TOKENS = SpentToken.__table__
SPEND = Ready(
    lambda name: upsert(TOKENS, name).on_conflict_do_nothing(index_elements=["nonce"]).returning(TOKENS.c.nonce)
)
REMEMBER = Ready(
    update(TOKENS).where(TOKENS.c.nonce == bindparam("spent")).values(location=bindparam("answer"))  # type: ignore[arg-type]
)
GIVE_BACK = Ready(delete(TOKENS).where(TOKENS.c.nonce == bindparam("spent")))  # type: ignore[arg-type]


class Spending:
    """A token that is being spent in the transaction of now; another one that spends it too is waited for."""

    def __init__(self, nonce: str, *, content_hash: str, now: datetime) -> None:
        self.nonce, self.content_hash = nonce, content_hash
        self._written = SPEND.ask(nonce=nonce, content_hash=content_hash, location="", spent_at=now)
        self._within = transaction_under_way()

    @property
    def counts(self) -> bool:
        """Whether its transaction is still under way: who rolled back has not spent it."""
        return self._within is transaction_under_way()

    def before(self) -> Spent | None:
        """How another transaction spent it; None where this one does."""
        if self._is_new():
            return None
        row = db.session.execute(
            select(SpentToken.content_hash, SpentToken.location).where(SpentToken.nonce == self.nonce)
        ).one()
        return Spent(same_content=row.content_hash == self.content_hash, location=row.location)

    def give_back(self) -> None:
        """The form was not sent to change something: it may be sent again."""
        if self._is_new():
            GIVE_BACK.later(spent=self.nonce)

    def _is_new(self) -> bool:
        return bool(self._written.get())


def spend(nonce: str, *, content_hash: str, now: datetime) -> Spent | None:
    """Spend the token in this transaction; if another transaction did, say how. Waits for one under way."""
    return Spending(nonce, content_hash=content_hash, now=now).before()


def remember_answer(nonce: str, location: str) -> None:
    """Note where the answer of a spent token stands, for whoever sends it again."""
    REMEMBER.later(spent=nonce, answer=location)


def forget_spent(now: datetime) -> int:
    """Remove tokens that no form can still carry; returns how many."""
    return db.session.execute(delete(SpentToken).where(SpentToken.spent_at < now - KEPT)).rowcount  # type: ignore[attr-defined]
