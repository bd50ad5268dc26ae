"""The filters that somebody keeps over a register, as links beside its list."""

from typing import Any

from flask import url_for
from sqlalchemy import bindparam, func, select

from domain.database import db
from domain.exports.models import SavedFilter
from domain.pages import Beside
from domain.registers import Register
from web.permissions import actor

KEPT = SavedFilter.__table__.c
_BY = (KEPT.person_id == bindparam("person"), KEPT.register == bindparam("register"))
OF_PERSON = select(KEPT.name, KEPT.chosen).where(*_BY).order_by(KEPT.name)
HAS_SOME = select(func.max(KEPT.id)).where(*_BY).scalar_subquery()
"""Read with the page of every list; most readers keep none."""


def _values(register: Register) -> dict[str, Any]:
    return {"person": actor().id, "register": register.name}


def whether_kept(register: Register) -> Beside:
    """Whether the reader keeps filters of the register, to be read beside its page."""
    return Beside("kept filters", HAS_SOME, _values(register))


def kept_filters(register: Register, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Name, address and whether it is the one at hand, of each kept filter of the reader."""
    rows = db.session.connection().execute(OF_PERSON, _values(register)).all()
    if not rows:
        return []
    here = f"{register.endpoint.partition('.')[0]}.register"
    return [{"words": row.name, "url": url_for(here, **row.chosen), "current": row.chosen == asked} for row in rows]
