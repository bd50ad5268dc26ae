"""Keys for the desk's search box and the cabinet's: by tag, hook, what they open, unit, set, and who has them now."""

import re
import unicodedata
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, select

from domain import grams, search
from domain.identity import Actor
from domain.keys.loan_models import Loan, LoanLine, is_open
from domain.keys.models import Cabinet, Key
from domain.keys.queries import hook_label, key_rows
from domain.keys.rules import visible_to
from domain.keys.tags import DASHES
from domain.permissions import Role
from domain.statements import Ready, in_full

EXACTLY = grams.WHOLE + 1
"""The degree of a hook that was typed as it is called: above those of `domain.grams`."""


def _place(text: str) -> tuple[str, int] | None:
    """Cabinet and hook of "2-14", however the dash was typed; too short to be found as text."""
    name, _, hook = DASHES.sub("-", unicodedata.normalize("NFKC", text)).strip().rpartition("-")
    hook = hook.strip()
    return (name.strip(), int(hook)) if name.strip() and re.fullmatch("[0-9]{1,4}", hook) else None


@lru_cache(maxsize=256)
def _hits(count: int, placed: bool, roles: frozenset[Role] | None) -> Ready:
    """Keys of a hook, and under so many grams the newest and those whose borrower is; None of roles sees all."""
    parts: list[search.Part] = []
    if placed:
        where = and_(Cabinet.site_id == search.HERE, Cabinet.name == bindparam("cabinet"))
        there = select(Key.id).join(Cabinet, Cabinet.id == Key.cabinet_id).where(Key.hook == bindparam("hook"), where)
        parts.append(there.where(Key.site_id == search.HERE, Key.retired_at.is_(None)))
    if count:
        wanted = search.bound(count)
        theirs = search.is_under(wanted, site_id=search.HERE, kind=search.LOAN, subject=Loan.id)
        with_them = select(LoanLine.key_id).join(Loan, Loan.id == LoanLine.loan_id)
        parts += [
            search.newest_under(count, kind=search.KEY),
            with_them.where(LoanLine.ended_at.is_(None), Loan.site_id == search.HERE, is_open(), theirs),
        ]
    statement = search.rows_among(key_rows(bindparam("now")), Key.id, parts).where(Key.retired_at.is_(None))
    if roles is not None:
        statement = statement.where(visible_to(Key.class_code, roles, search.HERE))
    return Ready(statement.limit(in_full(2 * search.CANDIDATES)), one_plan=True)


def keys_found(text: str, *, actor: Actor, now: datetime, most: int) -> list[Any]:
    """Keys for the desk's search box: by tag, hook, what they open, unit, set, and by who has them now."""
    wanted, site_id, place = search.wanted_by(text), actor.site_id, _place(text)
    if not (wanted or place) or site_id is None:
        return []
    values = search.values(wanted, site_id=site_id, now=now)
    if place:
        values |= {"cabinet": place[0], "hook": place[1]}
    roles = None if actor.kind == "system" else actor.roles_at(site_id)
    rows = _hits(len(wanted), place is not None, roles).rows(**values)
    ranked = [
        (-EXACTLY if place == (row.cabinet, row.hook) else -grams.degree(text, texts_of(row)), row.tag, row)
        for row in rows
    ]
    return [row for degree, _, row in sorted(ranked, key=lambda item: item[:2]) if degree][:most]


def texts_of(row: Any) -> list[str]:
    """What of a row of `key_rows` may match what was typed."""
    texts = [row.tag, row.opens, hook_label(row.cabinet, row.hook), row.unit_number, row.company, row.set_tag]
    return [text for text in (*texts, row.name, row.phone) if text]
