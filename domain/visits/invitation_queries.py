"""Invitations, read: limited to the site where the actor works, or to a host's own."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, func, null, select

from domain.database import db
from domain.errors import NotFound
from domain.identity import Actor
from domain.occupants.models import Host, Unit
from domain.people.models import Person
from domain.sites.models import Purpose
from domain.sites.queries import PURPOSE_NAMES
from domain.statements import in_full
from domain.visits.invitation_models import EARLY, LONGEST, Invitation, InvitationEntry, InvitationState
from domain.visits.models import Visit

MOST = 500


def _used() -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(InvitationEntry)
        .where(InvitationEntry.invitation_id == Invitation.id)
        .correlate(Invitation)
        .scalar_subquery()
    )


def _last_arrival() -> ScalarSelect[datetime]:
    """As the visit says it: that is corrected, while the entry's own time stays what it was."""
    return (
        select(func.max(Visit.arrived_at))
        .join(InvitationEntry, InvitationEntry.visit_id == Visit.id)
        .where(InvitationEntry.invitation_id == Invitation.id)
        .correlate(Invitation)
        .scalar_subquery()
    )


def _last_visit(column: Any) -> ScalarSelect[Any]:
    return (
        select(column)
        .join(InvitationEntry, InvitationEntry.visit_id == Visit.id)
        .where(InvitationEntry.invitation_id == Invitation.id)
        .order_by(Visit.arrived_at.desc(), Visit.id.desc())
        .limit(1)
        .correlate(Invitation)
        .scalar_subquery()
    )


def used_up() -> ColumnElement[bool]:
    """The condition that no entry is left."""
    return _used() >= Invitation.entries


def came() -> ColumnElement[bool]:
    """The condition that somebody has come with it."""
    return select(InvitationEntry.place).where(InvitationEntry.invitation_id == Invitation.id).exists()


@cache
def listed() -> Select[*tuple[Any, ...]]:
    """The columns that lists draw, with names of host, unit and purpose, and how many have come, the last one when."""
    return (
        select(
            Invitation.id,
            Invitation.ref,
            Invitation.site_id,
            Invitation.number,
            Invitation.state,
            Invitation.digits,
            Invitation.name,
            Invitation.phone,
            Invitation.email,
            Invitation.organisation,
            Invitation.companions,
            Invitation.begins_at,
            Invitation.ends_at,
            Invitation.entries,
            Invitation.source,
            Invitation.meeting_id,
            Invitation.erased_at,
            _used().label("used"),
            _last_arrival().label("came_at"),
            Host.name.label("host_name"),
            Unit.number.label("unit_number"),
            Unit.company.label("company"),
            PURPOSE_NAMES,
        )
        .join(Unit, Unit.id == Invitation.unit_id)
        .join(Purpose, Purpose.id == Invitation.purpose_id)
        .outerjoin(Host, Host.id == Invitation.host_id)
    )


@cache
def _with_badge() -> Select[*tuple[Any, ...]]:
    """The columns of `listed`, and the badge of the visit that came with it last."""
    return listed().add_columns(
        _last_visit(Visit.ref).label("visit_ref"), _last_visit(Visit.badge_number).label("badge_number")
    )


@cache
def whole() -> Select[*tuple[Any, ...]]:
    """The columns of `listed`, and what the page of one invitation needs besides."""
    return (
        listed()
        .add_columns(
            Invitation.made_at,
            Invitation.withdrawn_at,
            Invitation.language,
            Person.name.label("made_by"),
        )
        .outerjoin(Person, Person.id == Invitation.made_by_id)
    )


def get_invitation(ref: str, *, actor: Actor) -> Invitation:
    """The invitation of that ref at the actor's site; raises NotFound."""
    found = db.session.scalar(select(Invitation).where(Invitation.ref == ref, Invitation.site_id == actor.site_id))
    if found is None:
        raise NotFound
    return found


def get_of_host(ref: str, *, host_id: int) -> Invitation:
    """The invitation of that ref, when its guest comes to that host; raises NotFound."""
    found = db.session.scalar(select(Invitation).where(Invitation.ref == ref, Invitation.host_id == host_id))
    if found is None:
        raise NotFound
    return found


@cache
def _today() -> Select[*tuple[Any, ...]]:
    here, since = Invitation.site_id == bindparam("site_id"), Invitation.ends_at > bindparam("since")
    until = Invitation.begins_at < bindparam("until")
    near = Invitation.begins_at > bindparam("after")
    open_ = Invitation.state == in_full(InvitationState.OPEN)
    rows = _with_badge().where(here, near, until, since, open_)
    return rows.order_by(Invitation.begins_at, Invitation.id).limit(bindparam("most"))


def expected_on(site_id: int, *, since: datetime, until: datetime, most: int = MOST) -> Sequence[Any]:
    """Whoever is invited to the site between two instants and was not uninvited, the earliest first, come or not."""
    values = {"site_id": site_id, "since": since, "until": until, "after": since - LONGEST, "most": most}
    return db.session.execute(_today(), values).all()


@cache
def _of_meeting() -> Select[*tuple[Any, ...]]:
    return _with_badge().where(Invitation.meeting_id == bindparam("meeting_id")).order_by(Invitation.id).limit(MOST)


def of_meeting(meeting_id: int) -> Sequence[Any]:
    """Every guest of a meeting, in the order in which they were invited."""
    return db.session.execute(_of_meeting(), {"meeting_id": meeting_id}).all()


def counts_of_meetings(meeting_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Of each meeting how many guests are invited and how many of them have come; one statement."""
    if not meeting_ids:
        return {}
    one = (
        select(Invitation.meeting_id, _used().label("used"))
        .where(Invitation.meeting_id.in_(meeting_ids), Invitation.state == InvitationState.OPEN)
        .subquery()
    )
    rows = db.session.execute(
        select(one.c.meeting_id, func.count(), func.count().filter(one.c.used > 0)).group_by(one.c.meeting_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def of_host(host_id: int, *, since: datetime, most: int = 100) -> Sequence[Any]:
    """The host's own invitations that are not over or were not long ago, without the guests of meetings."""
    mine = Invitation.host_id == host_id
    rows = listed().where(mine, Invitation.ends_at > since, Invitation.meeting_id.is_(None))
    return db.session.execute(rows.order_by(Invitation.begins_at, Invitation.id).limit(most)).all()


def expected_count() -> ScalarSelect[int]:
    """How many are still expected today, to so many as a board counts: those whom the list of today calls so. For a
    statement that binds `site_id`, `until` (the first instant of the next day) and `now`. What is open and unused is
    never erased: saying so lets the index of those that end later be used, however long ago they began.
    """
    some = (
        select(Invitation.id)
        .where(
            Invitation.site_id == bindparam("site_id"),
            Invitation.erased_at.is_(None),
            Invitation.ends_at >= bindparam("now"),
            func.coalesce(Invitation.begins_at, null()) < bindparam("until"),
            Invitation.state == in_full(InvitationState.OPEN),
            ~came(),
        )
        .limit(in_full(1001))
        .subquery()
    )
    return select(func.count()).select_from(some).scalar_subquery()


def invited_ref() -> ColumnElement[Any]:
    """Of a visit that came without a code: the invitation under its phone that is good now. For a statement that binds
    `invited_until` (now and so much as one may come early) and `now`.
    """
    joined = select(InvitationEntry.place).where(InvitationEntry.visit_id == Visit.id).correlate(Visit).exists()
    used = select(InvitationEntry.place).where(InvitationEntry.invitation_id == Invitation.id, Invitation.entries == 1)
    begins_at = func.coalesce(Invitation.begins_at, null())  # SQLite would rather walk all that have begun in order
    return (
        select(Invitation.ref)
        .where(
            Invitation.site_id == Visit.site_id,
            Invitation.phone == Visit.phone,
            Invitation.state == in_full(InvitationState.OPEN),
            Invitation.phone != in_full(""),
            begins_at <= bindparam("invited_until"),
            Invitation.ends_at >= bindparam("now"),
            ~joined,
            ~used.correlate(Invitation).exists(),
        )
        .correlate(Visit)
        .order_by(begins_at)
        .limit(in_full(1))
        .scalar_subquery()
    )


def for_visit(visit: Any, *, now: datetime) -> Invitation | None:
    """The invitation that a visit (or a row of one) may join: of the same phone, good now, with an entry left."""
    if not visit.phone:
        return None
    joined = select(InvitationEntry.place).where(InvitationEntry.visit_id == visit.id)
    return db.session.scalar(
        select(Invitation)
        .where(
            Invitation.site_id == visit.site_id,
            Invitation.phone == visit.phone,
            Invitation.state == InvitationState.OPEN,
            Invitation.begins_at <= now + EARLY,
            Invitation.ends_at >= now,
            ~used_up(),
            ~joined.exists(),
        )
        .order_by(Invitation.begins_at)
        .limit(1)
    )


def phones_and_names(meeting_id: int) -> set[str]:
    """Phones, and names of those without one, of a meeting's guests: nobody is invited twice to the same."""
    rows = db.session.execute(
        select(Invitation.name, Invitation.phone).where(
            Invitation.meeting_id == meeting_id, Invitation.state == InvitationState.OPEN
        )
    )
    return {row.phone or row.name for row in rows if row.phone or row.name}
