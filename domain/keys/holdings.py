"""What a visitor still holds of ours when leaving: keys that are not back (V14). Visitors read it themselves."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Integer, bindparam, or_

from domain import registers
from domain.identity import Actor
from domain.keys.loan_models import Loan, is_open
from domain.keys.loan_queries import loan_rows
from domain.keys.register import KEYS
from domain.keys.rules import visible_to
from domain.permissions import Role
from domain.registers import HandedOut, Holding
from domain.statements import Ready, narrowed
from domain.text import N_


@cache
def _held() -> Ready:
    theirs = Loan.visit_id.in_(bindparam("visit_ids", expanding=True))
    return Ready(loan_rows().where(theirs, Loan.ended_at.is_(None)).order_by(Loan.due_at), one_plan=True)


@registers.holds
def keys_of_visits(visit_ids: Sequence[int]) -> dict[int, list[Holding]]:
    """Keys that these visitors have not brought back, what is due first on top; one statement."""
    found: dict[int, list[Holding]] = {}
    for row in _held().rows(visit_ids=list(visit_ids)):
        holding = Holding(
            KEYS,
            row.ref,
            N_("The key %(tag)s (%(opens)s) is not back yet. It is handed in at the reception before leaving."),
            N_("The key %(tag)s (%(opens)s) was not handed in on leaving and is still out."),
            {"tag": row.tag, "opens": row.opens},
        )
        found.setdefault(row.visit_id, []).append(holding)
    return found


@cache
def _lent() -> Ready:
    its = Loan.site_id == bindparam("site_id"), Loan.visit_id == bindparam("visit_id")
    rows = narrowed(loan_rows(), ("out_at", "tag"))
    return Ready(rows.where(*its).order_by(Loan.out_at, Loan.id))


@registers.hands_out
def lent(site_id: int, visit_id: int) -> list[HandedOut]:
    """The keys that were lent to that visit, back or not."""
    return [HandedOut(loan.out_at, loan.tag) for loan in _lent().rows(site_id=site_id, visit_id=visit_id)]


@cache
def _on_them(roles: frozenset[Role]) -> Ready:
    here = bindparam("site_id", type_=Integer())
    theirs = Loan.visit_id.in_(bindparam("visit_ids", expanding=True))
    named = Loan.name.in_(bindparam("names", expanding=True))
    rows = narrowed(loan_rows(), ("ref", "visit_id", "name", "phone", "tag", "opens"))
    out = rows.where(Loan.site_id == here, is_open(), or_(theirs, named), visible_to(Loan.class_code, roles, here))
    return Ready(out.order_by(Loan.due_at, Loan.id))


def loans_on(visitors: Sequence[Any], *, actor: Actor) -> dict[int, list[Any]]:
    """The loans that are out on these visits, or on somebody of a visitor's name, whatever that one borrowed as; by the
    ids of the visits, what is due first on top. One statement; `visitors` have id, name and phone.

    Of two phones that differ there are two people; where one gave none, the name tells. Left out is what the actor may
    not see.
    """
    if not visitors or not actor.may(KEYS.read, actor.site_id):
        return {}
    ids, names = [one.id for one in visitors], sorted({one.name for one in visitors})
    out = _on_them(actor.roles_at(actor.site_id)).rows(site_id=actor.site_id, visit_ids=ids, names=names)
    found = {one.id: [loan for loan in out if _is_on(one, loan)] for one in visitors}
    return {visit_id: loans for visit_id, loans in found.items() if loans}


def _is_on(visitor: Any, loan: Any) -> bool:
    if loan.visit_id == visitor.id:
        return True
    return bool(loan.name == visitor.name and (loan.phone == visitor.phone or not (loan.phone and visitor.phone)))
