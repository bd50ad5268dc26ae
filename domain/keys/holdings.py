"""What a visitor still holds of ours when leaving: keys that are not back (V14). Visitors read it themselves."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import bindparam

from domain import registers
from domain.keys.loan_models import Loan
from domain.keys.loan_queries import loan_rows
from domain.keys.register import KEYS
from domain.registers import Holding
from domain.statements import Ready
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
            {"tag": row.tag, "opens": row.opens},
        )
        found.setdefault(row.visit_id, []).append(holding)
    return found
