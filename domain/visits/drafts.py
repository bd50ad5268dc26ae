"""What a visitor typed before signing in: encrypted, kept three minutes, gone with the wipe (V13)."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from domain.codes import new_token
from domain.database import db
from domain.statements import Answer, Ready
from domain.visits.models import Draft

KEPT = timedelta(minutes=3)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _as_json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False)


DRAFTS = Draft.__table__
OPEN = (DRAFTS.c.token_hash == bindparam("hash"), DRAFTS.c.expires_at > bindparam("now"))
LOAD = Ready(select(DRAFTS.c.content).where(*OPEN))
CHANGE = Ready(
    update(DRAFTS).where(*OPEN).values(content=bindparam("written"), expires_at=bindparam("until"))  # type: ignore[arg-type]
)
BEGIN = Ready(insert(DRAFTS), [column.key for column in DRAFTS.c if column.key != "id"])  # type: ignore[arg-type]


def ask(token: str, *, now: datetime) -> Answer[dict[str, Any] | None]:
    """The content of the draft, or None when it was wiped or ran out."""
    return LOAD.ask(hash=_hash(token), now=now).then(lambda rows: json.loads(rows[0].content) if rows else None)


def replace(token: str, content: dict[str, Any], *, now: datetime) -> None:
    """Keep this instead, in a draft that this transaction has found open."""
    CHANGE.later(hash=_hash(token), now=now, written=_as_json(content), until=now + KEPT)


def save(token: str | None, content: dict[str, Any], *, site_id: int, kiosk_id: int | None, now: datetime) -> str:
    """Keep the content; returns the token that opens it, a new one when there was none or it ran out."""
    written, until = _as_json(content), now + KEPT
    if token and CHANGE.run(hash=_hash(token), now=now, written=written, until=until):
        return token
    token = new_token()
    BEGIN.run(token_hash=_hash(token), site_id=site_id, kiosk_id=kiosk_id, content=written, expires_at=until)
    return token


def wipe(token: str) -> None:
    """Remove the draft."""
    db.session.execute(delete(Draft).where(Draft.token_hash == _hash(token)))


def wipe_expired(now: datetime) -> int:
    """Remove what ran out; returns how many."""
    return db.session.execute(delete(Draft).where(Draft.expires_at <= now)).rowcount  # type: ignore[attr-defined]
