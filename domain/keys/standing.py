"""A key or a set as the desk takes it in hand: what it may be lent for, and how it stands."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, select

from domain.database import dialect
from domain.errors import NotFound
from domain.identity import Actor
from domain.keys.classes import DEFAULTS, KeyClass, Rules, strictest
from domain.keys.loan_models import LoanLine
from domain.keys.models import Key, KeyClassRules, KeyReservation, KeySet
from domain.keys.queries import Thing, get_thing, hold, keys_of
from domain.keys.rules import STORED, as_stored
from domain.records import row_of
from domain.statements import Ready

_KEY, _OWN = Key.__table__.c, KeyClassRules.__table__.c
KEY_ROW = row_of(Key)
OF_KEY, OF_RULES = slice(0, len(_KEY)), slice(-len(STORED), None)
"""Where the columns of the key, and what the site says of its class, stand in a row."""


class InHand(NamedTuple):
    """A key (as a row, to be read alone) or a set, and how it stands: the row of each key that is not retired, what
    each of their classes allows, whether one is out, and the earliest beginning of what is reserved from now on.
    """

    thing: Thing
    keys: Sequence[Any]
    classes: Sequence[Rules]
    is_out: bool
    reserved_from: datetime | None

    @property
    def rules(self) -> Rules:
        """What their classes allow together."""
        return strictest(self.classes)


def _standing(which: ColumnElement[bool]) -> Ready:
    own = and_(_OWN.site_id == _KEY.site_id, _OWN.code == _KEY.class_code)
    reserved = select(func.min(KeyReservation.starts_at)).where(
        KeyReservation.key_id == _KEY.id, KeyReservation.ended_at.is_(None), KeyReservation.ends_at > bindparam("now")
    )
    columns: Select[*tuple[Any, ...]] = select(
        *_KEY,
        exists().where(LoanLine.key_id == _KEY.id, LoanLine.ended_at.is_(None)).label("is_out"),
        reserved.scalar_subquery().label("reserved_from"),
        *STORED,
    )
    return Ready(columns.outerjoin_from(Key.__table__, KeyClassRules.__table__, own).where(which).order_by(_KEY.id))


_REF = and_(_KEY.ref == bindparam("ref"), _KEY.site_id == bindparam("site_id"))
BY_REF, BY_ID = _standing(_REF), _standing(_KEY.id.in_(bindparam("ids", expanding=True)))
HOLD_REF = Ready(select(_KEY.id).where(_REF).with_for_update(key_share=True))
HOLD_ID = Ready(select(_KEY.id).where(_KEY.id == bindparam("id")).with_for_update(key_share=True))


def in_hand(ref: str, *, actor: Actor, now: datetime, held: bool = False) -> InHand:
    """What bears that ref at the actor's site, a key in one statement; `held` from others until the commit. Raises
    NotFound as `get_thing` does, and for a set without keys.
    """
    if held:
        _hold(HOLD_REF, ref=ref, site_id=actor.site_id)
    if row := BY_REF.first(ref=ref, site_id=actor.site_id, now=now):
        key = _as_found(KEY_ROW(*row[OF_KEY]), [row])
        if actor.kind != "system" and not key.rules.seen_by & actor.roles_at(actor.site_id):
            raise NotFound
        return key
    thing = get_thing(ref, actor=actor)
    if not (keys := hold(thing) if held else keys_of(thing)):
        raise NotFound
    return _as_found(thing, BY_ID.rows(ids=[key.id for key in keys], now=now))


def take(thing: Thing, *, now: datetime) -> InHand:
    """The thing as it stands now, its keys kept from others until the commit as by `hold`. How they stand is asked
    after they are held: until then another may have had them.
    """
    if isinstance(thing, KeySet):
        ids = [key.id for key in hold(thing)]
    else:
        _hold(HOLD_ID, id=thing.id)
        ids = [thing.id]
    return _as_found(thing, BY_ID.rows(ids=ids, now=now))


def _hold(statement: Ready, **which: Any) -> None:
    """Goes with the question that follows. Whoever writes into SQLite is alone from the beginning."""
    if dialect() != "sqlite":
        statement.later(**which)


def _as_found(thing: Thing, rows: Sequence[Any]) -> InHand:
    classes = {row.class_code: as_stored(*row[OF_RULES]) or DEFAULTS[KeyClass(row.class_code)] for row in rows}
    reserved = [row.reserved_from for row in rows if row.reserved_from]
    is_out = any(row.is_out for row in rows)
    return InHand(thing, rows, list(classes.values()), is_out, min(reserved, default=None))
