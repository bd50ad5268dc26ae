"""The columns of the desk beside the visits': keys that are out, slips that are open, for those who may read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import g

from domain import clock
from domain.keys import loan_queries as loans
from domain.keys.borrowers import shown
from domain.permissions import Permission
from domain.slips import queries as slips
from domain.slips.models import NATURE_NAMES, Nature
from domain.slips.register import matter_of
from domain.statements import Answer
from web.i18n import tell
from web.permissions import actor

NOT_ASKED: Answer[Any] = Answer(lambda: None)
SOON = timedelta(hours=1)
LATER = 12
"""What has time yet is shown so far; the register has the rest."""
NATURE_ICONS = {
    Nature.ENQUIRY: "phone",
    Nature.COMPLAINT: "flag",
    Nature.SUGGESTION: "note",
    Nature.REPAIR: "repair",
    Nature.LOST_FOUND: "search",
    Nature.FOLLOW_UP: "log",
}


@dataclass(frozen=True)
class Column:
    """What is open, the urgent on top: past its time, due soon, and later; `count` is all of it, or "200+"."""

    count: str
    late: list[Any]
    soon: list[Any]
    later: list[Any]
    more: int
    """How many of the later ones are not shown."""


def _column(rows: Sequence[Any], due: str, *, now: datetime, soon: datetime, most: int) -> Column:
    late = [row for row in rows if getattr(row, due) < now]
    near = [row for row in rows if now <= getattr(row, due) < soon]
    later = [row for row in rows if getattr(row, due) >= soon]
    count = f"{most}+" if len(rows) == most else str(len(rows))
    return Column(count, late, near, later[:LATER], max(0, len(later) - LATER))


def columns(now: datetime) -> Answer[dict[str, Any]]:
    """Keys and slips for this reader: one statement each, whatever is open."""
    who, site_id = actor(), g.site.id
    out = loans.on_board(site_id, actor=who) if who.may(Permission.KEYS_READ) else NOT_ASKED
    open_ = slips.on_board(site_id) if who.may(Permission.SLIPS_READ) else NOT_ASKED
    return Answer(lambda: _columns(out.get(), open_.get(), now))


def _columns(out: list[Any] | None, open_: list[Any] | None, now: datetime) -> dict[str, Any]:
    who, found = actor(), dict[str, Any](keys=None, slips=None)
    if out is not None:
        found["keys"] = _column(out, "due_at", now=now, soon=now + SOON, most=loans.MOST_ON_BOARD)
    if open_ is not None:
        _midnight, tomorrow = clock.day_span(clock.local_date(now, g.site.zone), g.site.zone)
        found["slips"] = _column(open_, "promise_at", now=now, soon=tomorrow, most=slips.MOST_ON_BOARD)
    return found | {
        "borrower_shown": shown,
        "natures": NATURE_NAMES,
        "nature_icons": NATURE_ICONS,
        "matter_of": lambda row: tell(*matter_of(row)),
        "may_lend": who.may(Permission.KEYS_LEND),
        "may_write_slips": who.may(Permission.SLIPS_WRITE),
    }
