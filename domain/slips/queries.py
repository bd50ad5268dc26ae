"""Slips, read: limited to what the actor may see."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from domain.database import db
from domain.errors import NotFound
from domain.identity import Actor
from domain.occupants.models import Unit
from domain.people.models import Grant, Person
from domain.permissions import GRANTS, Permission
from domain.slips.models import Department, Slip, SlipKind, SlipStep, is_open
from domain.statements import Answer, Ready, in_full, narrowed

MOST_ON_BOARD = 100
Owner, OfferedTo, Writer = aliased(Person), aliased(Person), aliased(Person)


def get_visible(ref: str, *, actor: Actor) -> Slip:
    """The slip of that ref at the site where the actor works now; raises NotFound, also for what is hidden."""
    slip = db.session.scalar(select(Slip).where(Slip.ref == ref, Slip.site_id == actor.site_id))
    if slip is None:
        raise NotFound
    return slip


@cache
def lines() -> Select[*tuple[Any, ...]]:
    """The columns that lists of slips draw, with owner, unit, kind and department."""
    return (
        select(
            Slip.id,
            Slip.ref,
            Slip.site_id,
            Slip.number,
            Slip.state,
            Slip.source,
            Slip.nature,
            Slip.matter,
            Slip.cause,
            Slip.label,
            Slip.about,
            Slip.about_id,
            Slip.urgent,
            Slip.name,
            Slip.phone,
            Slip.owner_id,
            Slip.opened_at,
            Slip.opened_at.label("at"),
            Slip.promise_at,
            Slip.received_at,
            Slip.closed_at,
            Slip.outcome,
            Slip.erased_at,
            SlipKind.name.label("kind_name"),
            Department.name.label("department_name"),
            Unit.number.label("unit_number"),
            Unit.company.label("company"),
            Owner.name.label("owner_name"),
        )
        .outerjoin(SlipKind, SlipKind.id == Slip.kind_id)
        .outerjoin(Department, Department.id == Slip.department_id)
        .outerjoin(Unit, Unit.id == Slip.unit_id)
        .outerjoin(Owner, Owner.id == Slip.owner_id)
    )


@cache
def whole() -> Select[*tuple[Any, ...]]:
    """The columns of `lines`, and what the page of one slip needs besides."""
    return (
        lines()
        .add_columns(
            Slip.offered_to_id,
            Slip.against_id,
            Slip.done_at,
            OfferedTo.name.label("offered_to_name"),
            Writer.name.label("written_by"),
        )
        .outerjoin(OfferedTo, OfferedTo.id == Slip.offered_to_id)
        .outerjoin(Writer, Writer.id == Slip.written_by_id)
    )


ON_BOARD = (
    "ref",
    "promise_at",
    "nature",
    "matter",
    "cause",
    "label",
    "urgent",
    "unit_number",
    "department_name",
    "owner_name",
)
"""What the desk draws of a slip."""


def on_board(site_id: int) -> Answer[list[Any]]:
    """What is not closed, what was promised soonest on top, with what the desk draws of it."""
    return _open().ask(site_id=site_id)


@cache
def _open() -> Ready:
    """Built once: the desk asks for it every few seconds."""
    rows = narrowed(lines(), ON_BOARD).where(Slip.site_id == bindparam("site_id"), is_open())
    return Ready(rows.order_by(Slip.promise_at, Slip.id).limit(in_full(MOST_ON_BOARD)), one_plan=True)


def figures_of(site_id: int, *, today_ends: datetime, now: datetime) -> Any:
    """`open`, `late` (past the promise) and `today` (promised for today still) of the site, in one statement."""
    return db.session.execute(
        select(
            func.count().label("open"),
            func.coalesce(func.sum(case((Slip.promise_at < now, 1), else_=0)), 0).label("late"),
            func.coalesce(
                func.sum(case(((Slip.promise_at >= now) & (Slip.promise_at < today_ends), 1), else_=0)), 0
            ).label("today"),
        ).where(Slip.site_id == site_id, is_open())
    ).one()


def photo_of(slip_id: int) -> str | None:
    """The file of the picture of that slip."""
    return db.session.scalar(select(Slip.photo).where(Slip.id == slip_id))


def steps_of(slip_id: int) -> Sequence[Any]:
    """What was done, oldest first, with who did it."""
    return db.session.execute(
        select(SlipStep.kind, SlipStep.at, SlipStep.text, SlipStep.facts, Person.name.label("by"))
        .outerjoin(Person, Person.id == SlipStep.by_id)
        .where(SlipStep.slip_id == slip_id)
        .order_by(SlipStep.id)
    ).all()


def open_about(about: str, about_id: int) -> Slip | None:
    """The newest slip about that thing that is not closed."""
    return db.session.scalar(
        select(Slip)
        .where(Slip.about == about, Slip.about_id == about_id, Slip.closed_at.is_(None))
        .order_by(Slip.id.desc())
        .limit(1)
    )


def departments_of(site_id: int) -> Select[Department]:
    """Departments that slips can go to, in the site's order."""
    return (
        select(Department)
        .where(Department.site_id == site_id, Department.retired_at.is_(None))
        .order_by(Department.position, Department.id)
    )


def kinds_of(site_id: int) -> Select[SlipKind]:
    """The site's kinds, in its order."""
    return (
        select(SlipKind)
        .where(SlipKind.site_id == site_id, SlipKind.retired_at.is_(None))
        .order_by(SlipKind.position, SlipKind.id)
    )


def owners_at(site_id: int) -> Select[Person]:
    """The staff who may have slips at the site, by name."""
    roles = GRANTS[Permission.SLIPS_WRITE][0]
    has_role = exists().where(
        Grant.person_id == Person.id,
        Grant.role.in_(roles),
        or_(Grant.site_id.is_(None), Grant.site_id == site_id),
    )
    return select(Person).where(Person.left_at.is_(None), has_role).order_by(Person.name, Person.id)


def staff_at(site_id: int) -> Select[Person]:
    """Everybody with a role at the site, by name: whom a complaint can be about."""
    has_role = exists().where(Grant.person_id == Person.id, or_(Grant.site_id.is_(None), Grant.site_id == site_id))
    return select(Person).where(Person.left_at.is_(None), has_role).order_by(Person.name, Person.id)
