"""The row of keys in the table of registers: one entry is one loan of one key or set."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select

from domain import grams, registers, search
from domain.database import db
from domain.keys.borrowers import mask, name_of, shown
from domain.keys.classes import BORROWER_NAMES, CLASS_NAMES
from domain.keys.happenings import happened
from domain.keys.loan_models import Loan, LoanLine, is_open
from domain.keys.loan_queries import loan_rows, whole_loan
from domain.keys.rules import visible
from domain.masking import mask_phone
from domain.permissions import Permission
from domain.phones import display_phone
from domain.registers import Column, Filter, Register, State
from domain.text import N_

LOOKED_AT = 120
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


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\s*[0-9]{1,9}\s*", text) else None


def _text_clause(text: str, site_id: int) -> ColumnElement[bool]:
    """Loans of that number, of that borrower, or of keys that are found by the text."""
    clauses: list[ColumnElement[bool]] = []
    if (number := _number(text)) is not None:
        clauses.append(and_(Loan.site_id == site_id, Loan.number == number))
    if wanted := grams.query_grams(text):
        by_borrower = search.under(wanted, site_id=site_id, kind=search.LOAN).order_by(None)
        keys = search.under(wanted, site_id=site_id, kind=search.KEY).order_by(None)
        of_keys = select(LoanLine.loan_id).where(LoanLine.key_id.in_(keys))
        clauses.append(and_(Loan.site_id == site_id, or_(Loan.id.in_(by_borrower), Loan.id.in_(of_keys))))
    return or_(*clauses) if clauses else false()


def _find(text: str, site_id: int, most: int, limit: ColumnElement[bool] | None = None) -> Sequence[Any]:
    """Entries for the desk's search box: a number, then what is out, then the borrower's newest.

    Keys that hang on their hooks are found by `queries.keys_found`.
    """
    wanted, number = grams.query_grams(text), _number(text)
    either: list[ColumnElement[bool]] = []
    if number is not None:
        either.append(and_(Loan.site_id == site_id, Loan.number == number))
    if wanted:
        by_borrower = search.under(wanted, site_id=site_id, kind=search.LOAN)
        keys = search.under(wanted, site_id=site_id, kind=search.KEY).order_by(None)
        out_with = select(LoanLine.loan_id).where(LoanLine.key_id.in_(keys), LoanLine.ended_at.is_(None))
        either.append(and_(Loan.site_id == site_id, Loan.id.in_(by_borrower.limit(LOOKED_AT))))
        either.append(and_(Loan.site_id == site_id, Loan.id.in_(out_with)))
        theirs = search.is_under(wanted, site_id=site_id, kind=search.LOAN, subject=Loan.id)
        either.append(and_(Loan.site_id == site_id, is_open(), theirs))
    if not either:
        return []
    statement = loan_rows().where(or_(*either))
    if limit is not None:
        statement = statement.where(limit)
    rows = db.session.execute(statement.order_by(Loan.id.desc()).limit(2 * LOOKED_AT)).all()
    ranked = [
        (row.number != number, row.ended_at is not None, -grams.degree(text, _texts(row)), -row.id, row)
        for row in rows
        if row.number == number or row.ended_at is None or grams.matches(text, _texts(row))
    ]
    return [row for *_, row in sorted(ranked, key=lambda item: item[:4])[:most]]


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
            Column("tag", N_("Tag"), "text", lambda row: row.tag),
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
    )
)
