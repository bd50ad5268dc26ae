"""The filters that somebody keeps over a register, as links beside its list."""

from typing import Any

from flask import url_for
from sqlalchemy import Select, bindparam, select

from domain.database import db
from domain.exports.models import SavedFilter
from domain.registers import Register
from web.permissions import actor


def _of_person() -> Select[Any]:
    kept = SavedFilter.__table__.c
    return (
        select(kept.name, kept.chosen)
        .where(kept.person_id == bindparam("person"), kept.register == bindparam("register"))
        .order_by(kept.name)
    )


OF_PERSON = _of_person()
"""Built once: every list asks it."""


def kept_filters(register: Register, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Name, address and whether it is the one at hand, of each kept filter of the reader."""
    rows = db.session.connection().execute(OF_PERSON, {"person": actor().id, "register": register.name}).all()
    if not rows:
        return []
    here = f"{register.endpoint.partition('.')[0]}.register"
    return [{"words": row.name, "url": url_for(here, **row.chosen), "current": row.chosen == asked} for row in rows]
