"""Visits, read: names that read aloud, limited to what the actor may see."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select

from domain.database import db
from domain.errors import NotFound
from domain.identity import Actor
from domain.occupants.models import Host, Unit
from domain.occupants.queries import DEPUTY
from domain.people.models import Person
from domain.records import Held
from domain.sites.models import Kiosk, Purpose
from domain.sites.queries import PURPOSE_NAMES
from domain.statements import in_full
from domain.visits.models import IS_PRESENT, ReceptionCall, Visit

VISIBLE = select(Visit).where(Visit.ref == bindparam("ref"), Visit.site_id == bindparam("site_id"))


def get_visible(ref: str, *, actor: Actor) -> Visit:
    """The visit of that ref at a site where the actor works now; raises NotFound, also for what is hidden."""
    visit = db.session.scalar(VISIBLE, {"ref": ref, "site_id": actor.site_id})
    if visit is None:
        raise NotFound
    return visit


hold = Held(Visit)
"""The visit as it stands now, kept from others until the commit."""


NAMED = (
    Visit.id,
    Visit.ref,
    Visit.site_id,
    Visit.number,
    Visit.state,
    Visit.name,
    Visit.phone,
    Visit.organisation,
    Visit.companions,
    Visit.source,
    Visit.arrived_at,
    Visit.due_at,
    Visit.left_at,
    Host.name.label("host_name"),
    Unit.number.label("unit_number"),
    Unit.company.label("company"),
    PURPOSE_NAMES,
)


@cache
def listed() -> Any:
    """The columns that the register draws, with names of host, unit and purpose."""
    return (
        select(*NAMED)
        .join(Unit, Unit.id == Visit.unit_id)
        .join(Purpose, Purpose.id == Visit.purpose_id)
        .outerjoin(Host, Host.id == Visit.host_id)
    )


@cache
def lines() -> Any:
    """The columns of `listed`, and what the desk shows besides."""
    return listed().add_columns(
        Visit.badge_number,
        Visit.badge_check,
        Visit.plate,
        Visit.left_how,
        Visit.answer,
        Visit.answered_at,
        Visit.answer_told_at,
        Visit.deputy_told_at,
        Visit.linger_note,
        Visit.erased_at,
        Unit.floor.label("floor"),
    )


@cache
def drawn_when_found() -> Any:
    """The columns that a line of what was searched for draws, and those that it is found by."""
    return (
        select(
            Visit.id,
            Visit.ref,
            Visit.number,
            Visit.badge_number,
            Visit.badge_check,
            Visit.state,
            Visit.name,
            Visit.phone,
            Visit.plate,
            Visit.arrived_at,
            Visit.due_at,
            Visit.left_at,
            Host.name.label("host_name"),
            Unit.number.label("unit_number"),
            Unit.company.label("company"),
        )
        .join(Unit, Unit.id == Visit.unit_id)
        .outerjoin(Host, Host.id == Visit.host_id)
    )


@cache
def whole() -> Any:
    """The columns of `lines`, and what the page of one visit needs besides."""
    return (
        lines()
        .add_columns(
            Visit.badge_day,
            Visit.goods,
            Visit.document,
            Visit.answered_by,
            Visit.language,
            Host.away_until.label("host_away_until"),
            DEPUTY.name.label("deputy_name"),
            Person.name.label("entered_by"),
            Kiosk.name.label("kiosk_name"),
        )
        .outerjoin(DEPUTY, DEPUTY.id == Host.deputy_id)
        .outerjoin(Person, Person.id == Visit.entered_by_id)
        .outerjoin(Kiosk, Kiosk.id == Visit.kiosk_id)
    )


@cache
def _present(most: int) -> Any:
    here = Visit.site_id == bindparam("site_id")
    return lines().where(here, IS_PRESENT).order_by(Visit.due_at, Visit.id).limit(in_full(most))


def present_at(site_id: int, *, most: int) -> Sequence[Any]:
    """Who is in the building or waits, those due first on top."""
    return db.session.execute(_present(most), {"site_id": site_id}).all()


@cache
def _gone(most: int) -> Any:
    here, ended = Visit.site_id == bindparam("site_id"), Visit.left_at >= bindparam("since")
    return lines().where(here, ended).order_by(Visit.left_at.desc()).limit(in_full(most))


def gone_since(site_id: int, *, since: datetime, most: int) -> Sequence[Any]:
    """Who was signed out since then, seen leaving or not, the last on top."""
    return db.session.execute(_gone(most), {"site_id": site_id, "since": since}).all()


def present_among(refs: Sequence[str], *, actor: Actor) -> Sequence[Visit]:
    """Those of the refs who are still there at the actor's site, kept from others until the commit."""
    return db.session.scalars(
        select(Visit)
        .where(Visit.ref.in_(refs), Visit.site_id == actor.site_id, IS_PRESENT)
        .order_by(Visit.id)
        .with_for_update()
    ).all()


def get_call(ref: str, *, actor: Actor) -> ReceptionCall:
    """The call of that ref at the actor's site, kept from others until the commit; raises NotFound."""
    call = db.session.scalar(
        select(ReceptionCall).where(ReceptionCall.ref == ref, ReceptionCall.site_id == actor.site_id).with_for_update()
    )
    if call is None:
        raise NotFound
    return call
