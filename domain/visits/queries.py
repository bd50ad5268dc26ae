"""Visits, read: names that read aloud, limited to what the actor may see.

What the desk asks for every few seconds is built once (`_present` and its kin): building a statement costs more than
asking it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ScalarSelect, Text, bindparam, case, cast, false, func, null, select, union_all

from domain.database import db
from domain.errors import NotFound
from domain.identity import Actor
from domain.occupants.models import Host, Unit
from domain.people.models import Person
from domain.sites.models import Kiosk, Purpose
from domain.sites.queries import PURPOSE_NAMES
from domain.statements import Held, in_full
from domain.visits.invitation_models import EARLY
from domain.visits.invitation_queries import expected_count, invited_ref
from domain.visits.models import IS_PRESENT, ReceptionCall, Visit, VisitState
from domain.visits.notices import is_untold

MOST_ON_BOARD = 200
JUST_LEFT = 4
GONE = (VisitState.LEFT, VisitState.PROBABLY_LEFT)


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
            Person.name.label("entered_by"),
            Kiosk.name.label("kiosk_name"),
        )
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


ON_BOARD = (
    Visit.ref,
    Visit.state,
    Visit.name,
    Visit.companions,
    Visit.badge_number,
    Visit.arrived_at,
    Visit.due_at,
    Visit.left_at,
    Visit.answer,
    Visit.answered_at,
    Visit.answer_told_at,
    Visit.deputy_told_at,
    Visit.linger_note,
    Host.name.label("host_name"),
    Unit.number.label("unit_number"),
    Unit.company.label("company"),
    Unit.floor.label("floor"),
)
"""What the desk draws of a visit: it asks again at every change."""


@cache
def _on_board() -> Any:
    here, lately = Visit.site_id == bindparam("site_id"), Visit.arrived_at >= bindparam("since")
    drawn = lines().with_only_columns(*ON_BOARD, maintain_column_froms=True)
    present = _present(MOST_ON_BOARD).with_only_columns(*ON_BOARD, maintain_column_froms=True)
    # Asked of who waits alone: `case` looks no further for the others.
    untold = case((Visit.state == VisitState.WAITING, is_untold()), else_=false())
    present = present.add_columns(invited_ref().label("invited"), untold.label("untold"))
    refused = drawn.where(here, Visit.state == in_full(VisitState.REFUSED), lately, Visit.answer_told_at.is_(None))
    left = drawn.where(here, Visit.left_at >= bindparam("left_since")).order_by(Visit.left_at.desc())
    unasked = (cast(null(), Text).label("invited"), false().label("untold"))
    others = (part.add_columns(*unasked) for part in (refused.limit(in_full(50)), left.limit(in_full(JUST_LEFT))))
    return union_all(*(select(part.subquery()) for part in (present, *others))).execution_options(one_plan=True)


def on_board(site_id: int, *, since: datetime, left_since: datetime, now: datetime) -> Sequence[Any]:
    """Who is there, as `present_at`, then who was refused since then and does not know yet, then the last who left:
    what the desk shows of visits, in one statement. `invited` names the invitation that who came without it may join,
    `untold` says of who waits that neither host nor deputy was reached.
    """
    values = {"site_id": site_id, "since": since, "left_since": left_since}
    values |= {"now": now, "invited_until": now + EARLY}
    return db.session.connection().execute(_on_board(), values).all()


def present_among(refs: Sequence[str], *, actor: Actor) -> Sequence[Visit]:
    """Those of the refs who are still there at the actor's site, kept from others until the commit."""
    return db.session.scalars(
        select(Visit)
        .where(Visit.ref.in_(refs), Visit.site_id == actor.site_id, IS_PRESENT)
        .order_by(Visit.id)
        .with_for_update()
    ).all()


@dataclass(frozen=True)
class Figures:
    """What the desk counts: who waits, who overstays, how many people are in (V12a), how many visits began today."""

    waiting: int
    overstaying: int
    heads: int
    today: int
    present: int
    expected: int
    """Invited today and not here yet."""


def _count(*where: Any) -> ScalarSelect[int]:
    return select(func.count(Visit.id)).where(*where).scalar_subquery()


@cache
def _figures() -> Any:
    here, inside = Visit.site_id == bindparam("site_id"), Visit.state == in_full(VisitState.INSIDE)
    today = select(Visit.id).where(here, Visit.arrived_at >= bindparam("since")).order_by(Visit.arrived_at)
    heads = select(func.coalesce(func.sum(Visit.companions + 1), 0)).where(here, inside).scalar_subquery()
    return select(
        _count(here, Visit.state == in_full(VisitState.WAITING)).label("waiting"),
        _count(here, inside, Visit.due_at < bindparam("now")).label("overstaying"),
        heads.label("heads"),
        select(func.count()).select_from(today.limit(in_full(1001)).subquery()).scalar_subquery().label("today"),
        _count(here, IS_PRESENT).label("present"),
        expected_count().label("expected"),
    ).execution_options(one_plan=True)


def figures_of(site_id: int, *, since: datetime, now: datetime) -> Figures:
    """The figures of the site in one statement; today's visits are counted to 1,000."""
    values = {"site_id": site_id, "since": since, "until": since + timedelta(days=1), "now": now}
    row = db.session.connection().execute(_figures(), values).one()
    return Figures(row.waiting, row.overstaying, int(row.heads), row.today, row.present, row.expected)


@cache
def ringing() -> Any:
    """Calls from kiosks that nobody has answered yet, oldest first; `site_id` is bound."""
    return (
        select(ReceptionCall.ref, ReceptionCall.step, ReceptionCall.called_at, ReceptionCall.language, Kiosk.name)
        .join(Kiosk, Kiosk.id == ReceptionCall.kiosk_id)
        .where(ReceptionCall.site_id == bindparam("site_id"), ReceptionCall.answered_at.is_(None))
        .order_by(ReceptionCall.called_at)
    )


def get_call(ref: str, *, actor: Actor) -> ReceptionCall:
    """The call of that ref at the actor's site, kept from others until the commit; raises NotFound."""
    call = db.session.scalar(
        select(ReceptionCall).where(ReceptionCall.ref == ref, ReceptionCall.site_id == actor.site_id).with_for_update()
    )
    if call is None:
        raise NotFound
    return call
