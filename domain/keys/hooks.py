"""The cabinet at a glance: what hangs on its hooks, a page of hooks at a time, and what is counted over all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Integer, and_, bindparam, case, func, select

from domain.database import db
from domain.identity import Actor
from domain.keys.loan_models import Loan, is_open
from domain.keys.models import Key, KeyReservation, KeySet
from domain.keys.queries import OUT_ON, key_rows
from domain.keys.rules import visible_to
from domain.permissions import Role
from domain.statements import Ready

HOOKS = 120
"""So many hooks are drawn at once, however many a cabinet has."""
MOST_LISTED = 200


class Bunch(NamedTuple):
    """Keys of one hook that stand alike: one key, or those of a set that are all here or all with the same borrower.

    `row` is a row of `key_rows` that speaks for them; `whole` says that it is the set as it hangs together.
    """

    row: Any
    tags: tuple[str, ...]
    whole: bool

    @property
    def ref(self) -> str:
        """The key's, or that of the set."""
        return str(self.row.set_ref or self.row.ref)

    @property
    def tag(self) -> str:
        """The set's tag for the whole of it, else those of its keys."""
        return str(self.row.set_tag) if self.whole else " ".join(self.tags)


def first_hook(cabinet: Any, asked: str) -> int:
    """The first hook of the page on which the hook that is asked for is drawn; of anything else, hook 1."""
    hook = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1
    hook = max(1, min(hook, cabinet.hooks))
    return (hook - 1) // HOOKS * HOOKS + 1


def hooks_from(cabinet: Any, first: int, *, actor: Actor, now: datetime) -> dict[int, list[Bunch]]:
    """What belongs on the hooks of one page, in one statement; hooks for nothing have an empty list."""
    last = min(first + HOOKS - 1, cabinet.hooks)
    rows = _hooks(actor.roles_at(cabinet.site_id)).rows(
        site_id=cabinet.site_id, cabinet=cabinet.id, first=first, last=last, now=now
    )
    hooks: dict[int, list[Bunch]] = {hook: [] for hook in range(first, last + 1)}
    for hook, here in groupby(rows, key=attrgetter("hook")):
        hooks[hook] = bunches(list(here))
    return hooks


@cache
def _hooks(roles: frozenset[Role]) -> Ready:
    """Of a hundred hooks each further column and table counts."""
    here = bindparam("site_id", type_=Integer())
    rows = key_rows(bindparam("now"))
    drawn = [column for column in rows.selected_columns if column.key in DRAWN]
    return Ready(
        select(*drawn)
        .select_from(Key)
        .outerjoin(KeySet, KeySet.id == Key.set_id)
        .outerjoin(Loan, Loan.id == OUT_ON)
        .where(
            Key.site_id == here,
            Key.cabinet_id == bindparam("cabinet"),
            Key.hook.between(bindparam("first"), bindparam("last")),
            Key.retired_at.is_(None),
            visible_to(Key.class_code, roles, here),
        )
        .order_by(Key.hook, Key.tag),
        one_plan=True,
    )


DRAWN = frozenset(
    (
        *("id", "ref", "hook", "tag", "opens", "set_ref", "set_tag", "lost_at", "retired_at"),
        *("loan_ref", "due_at", "borrower", "name", "reserved_from"),
    )
)
"""The columns of `key_rows` that a page of hooks draws of a key."""


def bunches(rows: Sequence[Any]) -> list[Bunch]:
    """The keys of one hook, those of a set that stand alike taken together."""
    if len(rows) == 1 and not rows[0].set_ref:  # as nearly all are
        return [Bunch(rows[0], (rows[0].tag,), False)]
    together: dict[Any, list[Any]] = {}
    for row in rows:
        alike = (row.set_ref, row.loan_ref, row.lost_at) if row.set_ref else row.id
        together.setdefault(alike, []).append(row)
    sizes = {row.set_ref: sum(other.set_ref == row.set_ref for other in rows) for row in rows}
    return [
        Bunch(
            alike[0], tuple(row.tag for row in alike), bool(alike[0].set_ref) and len(alike) == sizes[alike[0].set_ref]
        )
        for alike in together.values()
    ]


@dataclass(frozen=True)
class Tally:
    """What the cabinet counts: loans that are out, of them due within the hour or overdue; keys that are lost; and
    reservations that last still or are ahead.
    """

    out: int
    overdue: int
    soon: int
    lost: int
    reserved: int


def tally(site_id: int, *, actor: Actor, soon: datetime, now: datetime) -> Tally:
    """The figures of the site in one statement; `soon`: an hour from now."""
    row = _tally(actor.roles_at(site_id)).first(site_id=site_id, soon=soon, now=now)
    return Tally(row.out, int(row.overdue), int(row.soon), row.lost, row.reserved)


@cache
def _tally(roles: frozenset[Role]) -> Ready:
    here = bindparam("site_id", type_=Integer())
    lost = select(func.count(Key.id)).where(_lost(here, roles)).scalar_subquery()
    reserved = (
        select(func.count(KeyReservation.batch.distinct()))
        .join(Key, Key.id == KeyReservation.key_id)
        .where(
            KeyReservation.site_id == here,
            KeyReservation.ended_at.is_(None),
            KeyReservation.ends_at > bindparam("now"),
            visible_to(Key.class_code, roles, here),
        )
        .scalar_subquery()
    )
    overdue = Loan.due_at < bindparam("now")
    in_time = and_(Loan.due_at >= bindparam("now"), Loan.due_at < bindparam("soon"))
    asked = select(
        func.count().label("out"),
        func.coalesce(func.sum(case((overdue, 1), else_=0)), 0).label("overdue"),
        func.coalesce(func.sum(case((in_time, 1), else_=0)), 0).label("soon"),
        lost.label("lost"),
        reserved.label("reserved"),
    )
    counted = asked.where(Loan.site_id == here, is_open(), visible_to(Loan.class_code, roles, here))
    return Ready(counted, one_plan=True)


def lost_keys(site_id: int, *, actor: Actor, now: datetime, most: int = MOST_LISTED) -> Sequence[Any]:
    """Keys that are lost, the latest first."""
    return db.session.execute(
        key_rows(now)
        .where(_lost(site_id, actor.roles_at(site_id)))
        .order_by(Key.lost_at.desc(), Key.id.desc())
        .limit(most)
    ).all()


def _lost(site_id: Any, roles: frozenset[Role]) -> Any:
    return and_(
        Key.site_id == site_id,
        Key.lost_at.is_not(None),
        Key.retired_at.is_(None),
        visible_to(Key.class_code, roles, site_id),
    )
