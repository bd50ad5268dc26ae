"""Visits and invitations for the desk's search box, in one statement: who is here, who comes, who was here."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import Boolean, Integer, Select, Text, cast, null, select, union_all

from domain import search
from domain.database import UTCDateTime
from domain.statements import Ready, in_full
from domain.visits import invitation_register, register
from domain.visits.invitation_codes import parse_digits

VISIT, INVITATION = "visit", "invitation"


SHARED = ("id", "ref", "number", "state", "name", "phone", "host_name", "unit_number", "company")
OF_VISITS = {
    "badge_number": Integer,
    "badge_check": Text,
    "badge_is_last": Boolean,
    "plate": Text,
    "arrived_at": UTCDateTime,
    "due_at": UTCDateTime,
    "left_at": UTCDateTime,
}
OF_INVITATIONS = {
    "digits": Text,
    "organisation": Text,
    "begins_at": UTCDateTime,
    "ends_at": UTCDateTime,
    "entries": Integer,
    "used": Integer,
}


def _part(found: str, hits: Select[Any], own: Iterable[str]) -> Select[Any]:
    """The hits with every column of both kinds; those of the other kind are empty."""
    rows, kinds = hits.subquery(), OF_VISITS | OF_INVITATIONS
    columns = [rows.c[name] for name in SHARED]
    columns += [(rows.c[name] if name in own else cast(null(), kind)).label(name) for name, kind in kinds.items()]
    return select(in_full(found).label("found"), *columns)


@lru_cache(maxsize=128)
def _both(grams: int, numbered: tuple[str, ...], by_digits: bool, certain: bool) -> Ready:
    parts = []
    if grams or numbered:
        parts.append(_part(VISIT, register.hits(grams, numbered, certain), OF_VISITS))
    if grams or by_digits:
        parts.append(_part(INVITATION, invitation_register.hits(grams, by_digits, certain), OF_INVITATIONS))
    return Ready(select(union_all(*parts).subquery()), one_plan=True)


def visits_and_invitations_found(text: str, *, site_id: int, most: int) -> tuple[list[Any], list[Any]]:
    """The best few visits and the best few invitations; none under two characters that are no number (V3)."""
    wanted = search.wanted_by(text)
    numbers, digits = register.numbers_in(text), parse_digits(text)
    if not wanted and not numbers and digits is None:
        return [], []
    asked = _both(len(wanted), tuple(numbers), digits is not None, search.is_certain(text))
    rows = asked.rows(**search.values(wanted, site_id=site_id, digits=digits, **numbers))
    return (
        register.best_of(text, [row for row in rows if row.found == VISIT], numbers, most=most),
        invitation_register.best_of(text, [row for row in rows if row.found == INVITATION], digits, most=most),
    )
