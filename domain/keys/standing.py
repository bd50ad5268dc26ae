"""A key or a set as the desk takes it in hand: what it may be lent for, and how it stands when it goes out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, select

from domain.errors import NotFound
from domain.identity import Actor
from domain.keys.classes import DEFAULTS, KeyClass, Rules
from domain.keys.loan_models import LoanLine
from domain.keys.models import Key, KeyClassRules, KeyReservation, KeySet
from domain.keys.queries import Thing, get_thing, hold, keys_of
from domain.keys.reservations import OVERLAPS
from domain.keys.rules import STORED, as_stored, rules_of
from domain.records import row_of
from domain.statements import Ready

_KEY, _OWN = Key.__table__.c, KeyClassRules.__table__.c
KEY_ROW = row_of(Key)
OF_KEY, OF_RULES = slice(0, len(_KEY)), slice(-len(STORED), None)
"""Where the columns of the key, and what the site says of its class, stand in a row."""


class InHand(NamedTuple):
    """A key or a set, its keys (to be read alone), and what their classes allow together."""

    thing: Thing
    keys: Sequence[Any]
    rules: Rules


class Standing(NamedTuple):
    """How keys stand: the row of each, what each of their classes allows, whether one is out, or reserved."""

    keys: Sequence[Any]
    rules: Sequence[Rules]
    is_out: bool
    is_reserved: bool


def _with_rules(*asked: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    own = and_(_OWN.site_id == _KEY.site_id, _OWN.code == _KEY.class_code)
    return select(*_KEY, *asked, *STORED).outerjoin_from(Key.__table__, KeyClassRules.__table__, own)


def _rules(row: Any) -> Rules:
    return as_stored(*row[OF_RULES]) or DEFAULTS[KeyClass(row.class_code)]


BY_REF = Ready(_with_rules().where(_KEY.ref == bindparam("ref"), _KEY.site_id == bindparam("site_id")))
HOLD = Ready(select(_KEY.id).where(_KEY.id == bindparam("id")).with_for_update(key_share=True))
STANDING = Ready(
    _with_rules(
        exists().where(LoanLine.key_id == _KEY.id, LoanLine.ended_at.is_(None)).label("is_out"),
        exists().where(KeyReservation.key_id == _KEY.id, OVERLAPS).label("is_reserved"),
    )
    .where(_KEY.id.in_(bindparam("ids", expanding=True)))
    .order_by(_KEY.id)
)


def in_hand(ref: str, *, actor: Actor) -> InHand:
    """What bears that ref at the actor's site, a key in one statement. Raises NotFound as `get_thing` does, and for a
    set without keys.
    """
    if row := BY_REF.first(ref=ref, site_id=actor.site_id):
        key, rules = KEY_ROW(*row[OF_KEY]), _rules(row)
        if actor.kind != "system" and not rules.seen_by & actor.roles_at(actor.site_id):
            raise NotFound
        return InHand(key, [key], rules)
    thing = get_thing(ref, actor=actor)
    if not (keys := keys_of(thing)):
        raise NotFound
    return InHand(thing, keys, rules_of(keys, site_id=thing.site_id))


def hold_standing(thing: Thing, *, since: datetime, until: datetime) -> Standing:
    """How the keys of the thing stand now, kept from others until the commit as by `hold`; reserved is what somebody
    has reserved for a part of that time. It is asked after they are held: until then another may have had them.
    """
    if isinstance(thing, KeySet):
        ids = [key.id for key in hold(thing)]
    else:
        HOLD.later(id=thing.id)  # before its standing is asked
        ids = [thing.id]
    rows = STANDING.rows(ids=ids, since=since, until=until)
    rules = {row.class_code: _rules(row) for row in rows}
    return Standing(rows, list(rules.values()), any(row.is_out for row in rows), any(row.is_reserved for row in rows))
