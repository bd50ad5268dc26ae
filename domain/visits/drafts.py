"""What a visitor typed before signing in: encrypted, kept three minutes, gone with the wipe (V13)."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from domain.codes import new_token
from domain.database import db
from domain.visits.models import Draft

KEPT = timedelta(minutes=3)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def load(token: str, *, now: datetime) -> dict[str, Any] | None:
    """The content of the draft, or None when it was wiped or ran out."""
    draft = db.session.scalar(select(Draft).where(Draft.token_hash == _hash(token), Draft.expires_at > now))
    return json.loads(draft.content) if draft else None


def save(token: str | None, content: dict[str, Any], *, site_id: int, kiosk_id: int | None, now: datetime) -> str:
    """Keep the content; returns the token that opens it, a new one when there was none or it ran out."""
    token = token or new_token()
    draft = db.session.scalar(select(Draft).where(Draft.token_hash == _hash(token), Draft.expires_at > now))
    if draft is None:
        token = new_token()
        draft = Draft(token_hash=_hash(token), site_id=site_id, kiosk_id=kiosk_id)
        db.session.add(draft)
    draft.content, draft.expires_at = json.dumps(content, ensure_ascii=False), now + KEPT
    db.session.flush()
    return token


def wipe(token: str) -> None:
    """Remove the draft."""
    db.session.execute(delete(Draft).where(Draft.token_hash == _hash(token)))


def wipe_expired(now: datetime) -> int:
    """Remove what ran out; returns how many."""
    return db.session.execute(delete(Draft).where(Draft.expires_at <= now)).rowcount  # type: ignore[attr-defined]
