"""Rate limits, kept in the database so that several processes and machines share them.

Counted in fixed windows. A refusal rolls the request back, so the count is written by `record_refusal`-like short
transactions of its own: call `count` inside `domain.database.writing()`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, mapped_column

from domain.database import Base, db, dialect, upsert
from domain.errors import DomainError
from domain.text import N_


class LimitCount(Base):
    """How often something was tried in one window."""

    __tablename__ = "limit_counts"
    key: Mapped[str] = mapped_column(primary_key=True)
    window: Mapped[datetime] = mapped_column(primary_key=True)
    tries: Mapped[int]


class TooMany(DomainError):
    """Tried too often."""

    status = 429


@dataclass(frozen=True)
class Limit:
    """At most `tries` in each `span`, counted by name and key."""

    name: str
    tries: int
    span: timedelta

    def _window(self, now: datetime) -> datetime:
        seconds = int(self.span.total_seconds())
        return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=now.tzinfo)

    def check(self, key: str, *, now: datetime) -> None:
        """Raise `TooMany` when the window is used up; counts nothing."""
        tries = db.session.scalar(
            select(LimitCount.tries).where(
                LimitCount.key == f"{self.name}:{key}", LimitCount.window == self._window(now)
            )
        )
        if (tries or 0) >= self.tries:
            minutes = max(1, int(self.span.total_seconds() // 60))
            raise TooMany(N_("Too many tries. Wait %(minutes)d minutes, or ask at the desk."), minutes=minutes)

    def count(self, key: str, *, now: datetime) -> None:
        """Count one try in the current transaction."""
        statement = upsert(LimitCount, dialect()).values(key=f"{self.name}:{key}", window=self._window(now), tries=1)
        db.session.execute(
            statement.on_conflict_do_update(index_elements=["key", "window"], set_={"tries": LimitCount.tries + 1})
        )

    def clear(self, key: str) -> None:
        """Forget the tries of that key, after a success."""
        db.session.execute(delete(LimitCount).where(LimitCount.key == f"{self.name}:{key}"))


def forget_old(now: datetime) -> None:
    """Remove windows that ended a day ago."""
    db.session.execute(delete(LimitCount).where(LimitCount.window < now - timedelta(days=1)))


PASSWORD_BY_LOGIN = Limit("password", 10, timedelta(minutes=15))
"""Of one login from one address, so that a stranger elsewhere closes nobody's door."""
PASSWORD_EVERYWHERE = Limit("password-everywhere", 300, timedelta(minutes=15))
"""Of one login from all addresses together: many that guess together get no further than this."""
PASSWORD_BY_ADDRESS = Limit("password-address", 60, timedelta(minutes=15))
SECOND_FACTOR_TRIES = Limit("second-factor", 6, timedelta(minutes=15))
PAIRING_TRIES = Limit("pairing", 5, timedelta(minutes=10))
OWN_SEARCHES = Limit("own-search", 600, timedelta(minutes=10))
"""At a kiosk's code from one address, which may be that of a whole building's visitors; each touch of a key is one."""
OWN_SIGN_INS = Limit("own-sign-in", 60, timedelta(minutes=10))
BADGE_TRIES = Limit("badge", 6, timedelta(minutes=10))
"""Of one number at all kiosks of the site: its check code has three digits."""
BADGE_TRIES_AT_KIOSK = Limit("badge-kiosk", 36, timedelta(minutes=10))
"""Of all numbers typed at one kiosk: playing with the keys shuts nobody out, trying all badges leads nowhere."""
RESET_REQUESTS = Limit("reset", 5, timedelta(minutes=60))
