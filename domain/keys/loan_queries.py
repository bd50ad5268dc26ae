"""Loans, read: what is out and with whom, what is due, and who had a key before."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, case, func, select
from sqlalchemy.orm import aliased

from domain.database import db
from domain.errors import NotFound
from domain.identity import Actor
from domain.keys.loan_models import Loan, LoanLine, is_open
from domain.keys.models import Cabinet, Key, KeySet
from domain.keys.rules import seen_by, visible_to
from domain.occupants.models import Unit
from domain.people.models import Person
from domain.permissions import Role
from domain.statements import Answer, Ready, in_full, narrowed

MOST_ON_BOARD = 200
FOUND = (
    *("id", "ref", "number", "borrower", "name", "phone", "out_at", "due_at", "ended_at", "lost"),
    *("tag", "opens", "thing_ref", "unit_number", "left"),
)


def get_loan(ref: str, *, actor: Actor) -> Loan:
    """The loan of that ref at the actor's site, of a class that the actor may see; raises NotFound."""
    loan = db.session.scalar(select(Loan).where(Loan.ref == ref, Loan.site_id == actor.site_id))
    if loan is None or loan.class_code not in seen_by(actor):
        raise NotFound
    return loan


@cache
def loan_rows() -> Select[*tuple[Any, ...]]:
    """The columns that lists of loans draw; `left` is how many of its keys are still out, of `lent`."""
    line = aliased(LoanLine)
    lent = select(func.count()).where(line.loan_id == Loan.id).scalar_subquery()
    # As a filter: in the morning PostgreSQL knows of no open line yet, and would look through the day's for each loan.
    left = select(func.count().filter(line.ended_at.is_(None))).where(line.loan_id == Loan.id).scalar_subquery()
    return (
        select(
            Loan.id,
            Loan.ref,
            Loan.site_id,
            Loan.number,
            Loan.class_code,
            Loan.borrower,
            Loan.name,
            Loan.phone,
            Loan.host_id,
            Loan.person_id,
            Loan.visit_id,
            Loan.purpose,
            Loan.escort,
            Loan.out_at,
            Loan.out_at.label("at"),
            Loan.due_at,
            Loan.escalate_at,
            Loan.ended_at,
            Loan.lost,
            Loan.chased,
            Loan.acknowledged_how,
            Loan.erased_at,
            func.coalesce(Key.tag, KeySet.tag).label("tag"),
            func.coalesce(Key.opens, KeySet.opens).label("opens"),
            func.coalesce(Key.ref, KeySet.ref).label("thing_ref"),
            KeySet.ref.label("set_ref"),
            Unit.number.label("unit_number"),
            Person.name.label("handed_out_by"),
            lent.label("lent"),
            case((Loan.ended_at.is_(None), left), else_=0).label("left"),
        )
        .outerjoin(Key, Key.id == Loan.key_id)
        .outerjoin(KeySet, KeySet.id == Loan.set_id)
        .outerjoin(Unit, Unit.id == Key.unit_id)
        .outerjoin(Person, Person.id == Loan.handed_out_by_id)
    )


@cache
def loans_found() -> Select[*tuple[Any, ...]]:
    """Of the columns of `loan_rows` those that a line of what was searched for draws, and those that it is found by.

    The keys of a loan are counted while it is out: of a hundred that are looked at most came back long ago.
    """
    rows = loan_rows()
    lent = case((Loan.ended_at.is_(None), rows.selected_columns.lent.element), else_=0)
    return narrowed(rows, FOUND).add_columns(lent.label("lent"))


@cache
def whole_loan() -> Select[*tuple[Any, ...]]:
    """The columns of `loan_rows`, and what the page of one loan needs besides."""
    return loan_rows().add_columns(Loan.authority, Loan.acknowledged_at, Loan.signature, Loan.approval_id)


def lines_of(loan_id: int) -> Sequence[Any]:
    """The keys of a loan: out, back in which condition, or lost."""
    return db.session.execute(
        select(
            Key.ref,
            Key.tag,
            Key.opens,
            Key.hook,
            Cabinet.name.label("cabinet"),
            LoanLine.ended_at,
            LoanLine.ended_how,
            LoanLine.condition,
            LoanLine.brought_by,
            LoanLine.confirmed,
            Person.name.label("taken_by"),
        )
        .join(Key, Key.id == LoanLine.key_id)
        .join(Cabinet, Cabinet.id == Key.cabinet_id)
        .outerjoin(Person, Person.id == LoanLine.taken_by_id)
        .where(LoanLine.loan_id == loan_id)
        .order_by(Key.tag)
    ).all()


ON_BOARD = ("ref", "due_at", "thing_ref", "tag", "opens", "borrower", "name", "escort", "lent", "left")
"""What the desk draws of a loan."""


def out_now(site_id: int, *, actor: Actor, most: int) -> Sequence[Any]:
    """Loans that are out, what is due soonest on top."""
    return _out(actor.roles_at(site_id), most, None).rows(site_id=site_id)


def on_board(site_id: int, *, actor: Actor) -> Answer[list[Any]]:
    """As `out_now`, with what the desk draws and no more."""
    return _out(actor.roles_at(site_id), MOST_ON_BOARD, ON_BOARD).ask(site_id=site_id)


@cache
def _out(roles: frozenset[Role], most: int, columns: tuple[str, ...] | None) -> Ready:
    """Built once: the desk asks for it every few seconds."""
    here = bindparam("site_id", type_=Integer())
    rows = loan_rows() if columns is None else narrowed(loan_rows(), columns)
    out = rows.where(Loan.site_id == here, is_open(), visible_to(Loan.class_code, roles, here))
    return Ready(out.order_by(Loan.due_at, Loan.id).limit(in_full(most)), one_plan=True)


def past_of(keys: Sequence[Key], *, most: int = 20) -> Sequence[Any]:
    """Who had these keys, the newest loan first; `line_ended_at` is when that key came back."""
    return db.session.execute(
        loan_rows()
        .add_columns(
            LoanLine.key_id,
            LoanLine.ended_at.label("line_ended_at"),
            LoanLine.ended_how,
            LoanLine.condition,
        )
        .join(LoanLine, LoanLine.loan_id == Loan.id)
        .where(LoanLine.key_id.in_([key.id for key in keys]))
        .order_by(LoanLine.id.desc())
        .limit(most)
    ).all()
