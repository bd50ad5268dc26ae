"""Tidying up behind the house: what served its time, and what erasing leaves in the files of the database."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_

from domain import limits, once
from domain.database import db, writing
from domain.people.models import PasswordReset, StaffSession
from domain.sites.models import Pairing

DAY = timedelta(days=1)
SESSIONS_KEPT = timedelta(days=30)
EMPTIED = (
    *("visits", "invitations", "event_details", "search_grams", "search_new_grams", "notices", "drafts"),
    *("loans", "loan_lines", "key_approvals", "key_reservations", "key_differences", "slips", "slip_steps"),
    *("reviews", "review_entries", "review_lines"),
    *("reservations", "service_orders", "service_steps", "meeting_confirmations", "room_wishes", "hosts", "exports"),
)
"""Tables out of which personal data is erased."""


def tidy(now: datetime) -> None:
    """Remove spent form tokens, ended limits, pairings and resets of yesterday, and sessions of a month ago."""
    with writing():
        once.forget_spent(now)
        limits.forget_old(now)
        db.session.execute(delete(Pairing).where(Pairing.expires_at < now - DAY))
        db.session.execute(delete(PasswordReset).where(PasswordReset.expires_at < now - DAY))
        long_ended = or_(StaffSession.ended_at < now - SESSIONS_KEPT, StaffSession.created_at < now - SESSIONS_KEPT)
        db.session.execute(delete(StaffSession).where(long_ended))


def leave_no_trace() -> None:
    """Make what was erased leave the files too.

    SQLite overwrites it in the database (`secure_delete`), but the WAL keeps old pages until it is cut off. PostgreSQL
    keeps dead rows until a VACUUM.
    """
    raw = db.engine.raw_connection()
    try:
        connection: Any = raw.driver_connection
        if db.engine.dialect.name == "sqlite":
            connection.may_write(True)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        else:
            connection.rollback()
            connection.autocommit = True
            for table in EMPTIED:
                connection.execute(f"VACUUM (SKIP_LOCKED) {table}")
            connection.autocommit = False
    finally:
        raw.close()


def optimise() -> None:
    """Let SQLite look at its indexes again; PostgreSQL does so by itself."""
    if db.engine.dialect.name != "sqlite":
        return
    raw = db.engine.raw_connection()
    try:
        connection: Any = raw.driver_connection
        connection.may_write(True)
        connection.execute("PRAGMA optimize").fetchall()
    finally:
        raw.close()
