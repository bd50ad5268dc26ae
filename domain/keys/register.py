"""The row of keys in the table of registers: one entry is one loan of one key or set."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, or_, select

from domain import registers, search
from domain.identity import SYSTEM, Actor
from domain.keys.borrowers import mask, name_of, shown
from domain.keys.classes import BORROWER_NAMES, CLASS_NAMES
from domain.keys.happenings import happened
from domain.keys.loan_models import Loan, LoanLine, is_open
from domain.keys.loan_queries import loan_rows, loans_found, whole_loan
from domain.keys.rules import sees_all, visible, visible_to
from domain.masking import mask_phone
from domain.numbered import number_in
from domain.permissions import Permission, Role
from domain.phones import display_phone
from domain.registers import Column, Filter, Register, State
from domain.statements import Ready, in_full
from domain.text import N_

STATES = {
    "out": State(N_("Lent out"), "out", "accent"),
    "overdue": State(N_("Overdue"), "late", "late"),
    "partly": State(N_("Partly back"), "check", "wait"),
    "lost": State(N_("Lost"), "warn", "late"),
    "back": State(N_("Returned"), "check", "ok"),
}


def state_of(row: Any, now: datetime) -> State:
    """How a loan stands at that instant; overdue is computed (K5)."""
    if row.ended_at:
        return STATES["lost" if row.lost else "back"]
    if row.due_at < now:
        return STATES["overdue"]
    return STATES["partly" if row.left < row.lent else "out"]


def _in_state(value: str, now: datetime) -> ColumnElement[bool]:
    partly = select(LoanLine.id).where(LoanLine.loan_id == Loan.id, LoanLine.ended_at.is_not(None)).exists()
    clauses: dict[str, ColumnElement[bool]] = {
        "out": is_open(),
        "overdue": and_(is_open(), Loan.due_at < now),
        "partly": and_(is_open(), partly),
        "lost": Loan.lost.is_(True),
        "back": and_(Loan.ended_at.is_not(None), Loan.lost.is_(False)),
    }
    return clauses.get(value, false())


def _text_clause(text: str, site_id: int) -> ColumnElement[bool]:
    """Loans of that number, of that borrower, or of keys that are found by the text."""
    clauses: list[ColumnElement[bool]] = []
    if (number := number_in(text)) is not None:
        clauses.append(and_(Loan.site_id == site_id, Loan.number == number))
    if wanted := search.wanted_by(text):
        by_borrower = search.under(wanted, site_id=site_id, kind=search.LOAN).order_by(None)
        keys = search.under(wanted, site_id=site_id, kind=search.KEY).order_by(None)
        of_keys = select(LoanLine.loan_id).where(LoanLine.key_id.in_(keys))
        clauses.append(and_(Loan.site_id == site_id, or_(Loan.id.in_(by_borrower), Loan.id.in_(of_keys))))
    return or_(*clauses) if clauses else false()


@lru_cache(maxsize=256)
def _hits(count: int, by_number: bool, roles: frozenset[Role] | None, certain: bool) -> Ready:
    """Loans of a number, and under so many grams the borrower's newest and whatever of theirs or of such keys is out;
    None of roles sees all.
    """
    parts: list[search.Part] = []
    if by_number:
        parts.append(select(Loan.id).where(Loan.site_id == search.HERE, Loan.number == bindparam("number")))
    if count:
        wanted, here = search.bound(count), search.HERE
        keys = search.under(wanted, site_id=here, kind=search.KEY).order_by(None)
        theirs = search.is_under(wanted, site_id=here, kind=search.LOAN, subject=Loan.id)
        parts += [
            search.newest_under(count, kind=search.LOAN, certain=certain),
            select(LoanLine.loan_id).where(LoanLine.key_id.in_(keys), LoanLine.ended_at.is_(None)),
            select(Loan.id).where(Loan.site_id == here, is_open(), theirs),
        ]
    statement = search.rows_among(loans_found(), Loan.id, parts)
    if roles is not None:
        statement = statement.where(visible_to(Loan.class_code, roles, search.HERE))
    return Ready(statement.order_by(Loan.id.desc()).limit(in_full(2 * search.CANDIDATES)), one_plan=True)


def _find(text: str, site_id: int, most: int, actor: Actor = SYSTEM) -> Sequence[Any]:
    """Entries for the desk's search box, in one statement: a number, then what is out, then the borrower's newest.

    Keys that hang on their hooks are found by `finding.keys_found`.
    """
    wanted, number = search.wanted_by(text), number_in(text)
    if not wanted and number is None:
        return []
    roles = None if actor.kind == "system" else actor.roles_at(site_id)
    asked = _hits(len(wanted), number is not None, roles, search.is_certain(text))
    return search.best(
        text,
        asked.rows(**search.values(wanted, site_id=site_id, number=number)),
        texts=_texts,
        most=most,
        first=lambda row: (row.number != number, row.ended_at is not None),
        is_certain=lambda row: row.number == number or row.ended_at is None,
    )


def _texts(row: Any) -> list[str]:
    return [row.name, row.phone, row.tag, row.opens, row.unit_number or ""]


def _line(row: Any) -> tuple[str, dict[str, Any]]:
    values = {"tag": row.tag, "opens": row.opens, "name": shown(row) or "–", "due": row.due_at}
    return N_("%(tag)s, %(opens)s: %(name)s has it until %(due)s"), values


KEYS = registers.add(
    Register(
        name="keys",
        title=N_("Register of keys"),
        short=N_("Keys"),
        one=N_("Loan %(number)s"),
        icon="key",
        subject="loan",
        read=Permission.KEYS_READ,
        unmask=Permission.KEYS_UNMASK,
        endpoint="loans.entry",
        statement=loan_rows,
        full=whole_loan,
        site=Loan.site_id,
        at=Loan.out_at,
        id=Loan.id,
        by_ref=Loan.ref,
        columns=(
            Column("number", N_("No."), "number", lambda row: f"{row.number:04d}"),
            Column("out", N_("Lent at"), "moment", lambda row: row.out_at),
            Column("due", N_("Due back"), "moment", lambda row: row.due_at),
            Column("back", N_("Returned at"), "moment", lambda row: row.ended_at),
            Column("tag", N_("Tag"), "tag", lambda row: row.tag),
            Column("opens", N_("Opens"), "text", lambda row: row.opens),
            Column("class", N_("Class"), "sentence", lambda row: CLASS_NAMES[row.class_code]),
            Column("name", N_("Borrower"), "name", name_of, mask),
            Column("phone", N_("Mobile phone"), "phone", lambda row: row.phone, mask_phone, display_phone),
            Column("borrower", N_("Who borrows"), "sentence", lambda row: BORROWER_NAMES[row.borrower]),
            Column("purpose", N_("Used for"), "text", lambda row: row.purpose),
            Column("handed_out_by", N_("Handed out by"), "text", lambda row: row.handed_out_by),
            Column("state", N_("State"), "state", lambda row: row.ended_at),
        ),
        details=(
            Column("unit", N_("Unit"), "text", lambda row: row.unit_number),
            Column("lent", N_("Keys"), "number", lambda row: row.lent),
            Column("left", N_("Still out"), "number", lambda row: row.left or ""),
            Column("authority", N_("By whose word"), "text", lambda row: row.authority),
            Column("escort", N_("Escort"), "text", lambda row: row.escort),
            Column("acknowledged", N_("Acknowledged"), "moment", lambda row: row.acknowledged_at),
        ),
        filters=(
            Filter("state", N_("State"), tuple((name, state.word) for name, state in STATES.items()), _in_state),
            Filter("class", N_("Class"), tuple(CLASS_NAMES.items()), lambda value, now: Loan.class_code == value),
            Filter(
                "borrower", N_("Who borrows"), tuple(BORROWER_NAMES.items()), lambda value, now: Loan.borrower == value
            ),
        ),
        search=_text_clause,
        still_open=lambda now: is_open(),
        state=state_of,
        ref=lambda row: row.ref,
        line=_line,
        happened=happened,
        find=_find,
        limit=lambda actor: visible(Loan.class_code, actor),
        unlimited=sees_all,
        lasting=(
            *("number", "key_id", "set_id", "class_code", "borrower", "host_id"),
            *("person_id", "visit_id", "approval_id", "handed_out_by_id", "out_at", "due_at"),
            *("ended_at", "lost"),
        ),
        erasable=("name", "phone", "purpose", "authority", "escort"),
    )
)
