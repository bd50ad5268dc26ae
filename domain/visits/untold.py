"""Hosts who know nothing of their visitor: found, so that the desk calls them, and noted once it has (V4)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from domain import events
from domain.codes import new_ref
from domain.database import db
from domain.errors import Conflict
from domain.identity import Actor
from domain.notices import Channel, Notice, NoticeState
from domain.occupants.models import Host
from domain.occupants.operations import unmask
from domain.permissions import Permission
from domain.statements import in_full
from domain.text import N_
from domain.visits.models import PRESENT, Visit
from domain.visits.queries import hold

UNDER_WAY = timedelta(minutes=2)
"""So long a notice that nobody has tried to send counts as being on its way; then the worker stands still."""
MOST_OF_UNIT = 5
"""So many people of a unit are shown to who calls there, its contacts first."""


def is_untold(written_since: Any, *, over: tuple[Channel, ...] = tuple(Channel)) -> ColumnElement[bool]:
    """Of a visit: no notice of it has reached host or deputy, none is on its first way there over one of these
    channels, and nobody of the desk has told them (V4).

    `written_since` is `UNDER_WAY` ago: an older notice that nobody tried to send is on its way no more.
    """
    sent, subject, recipient = in_full(NoticeState.SENT), in_full("visit"), in_full("host")
    on_its_way = and_(
        Notice.state == in_full(NoticeState.PENDING),
        Notice.tries == in_full(0),
        Notice.created_at > written_since,
        Notice.channel.in_([in_full(channel) for channel in over]),
    )
    # Who was told of it before a correction of whom to see does not count.
    deputy = select(Host.deputy_id).where(Host.id == Visit.host_id).correlate(Visit).scalar_subquery()
    whom = or_(Visit.host_id.is_(None), Notice.recipient_id.in_([Visit.host_id, deputy]))
    told = select(Notice.id).where(
        Notice.subject == subject, Notice.subject_id == Visit.id, Notice.recipient == recipient, whom
    )
    return ~told.where(or_(Notice.state == sent, on_its_way)).correlate(Visit).exists()


@cache
def _untold(over: tuple[Channel, ...]) -> Any:
    return select(is_untold(bindparam("written_since"), over=over) & Visit.answered_at.is_(None)).where(
        Visit.id == bindparam("visit_id")
    )


def nobody_told(visit_id: int, *, over: tuple[Channel, ...], now: datetime) -> bool:
    """Whether whom this visit is for knows nothing of it, so that the reception must call. `over` are the channels that
    are set up: over another one nothing is on its way.
    """
    values = {"visit_id": visit_id, "written_since": now - UNDER_WAY}
    return bool(db.session.scalar(_untold(over), values))


def unanswered_calls(what: Any) -> Any:
    """Of a visit, in a statement: a figure of the calls that reached nobody, their count or the time of the last."""
    subject, voice, failed = in_full("visit"), in_full(Channel.VOICE), in_full(NoticeState.FAILED)
    calls = select(what).where(Notice.subject == subject, Notice.subject_id == Visit.id)
    return calls.where(Notice.channel == voice, Notice.state == failed).correlate(Visit).scalar_subquery()


def note_called(visit: Visit, *, actor: Actor, now: datetime) -> None:
    """Somebody of the desk has told the host, or who else is there for the unit (V4): from then on nobody needs to
    call. It stands among the notices, as one that was sent; a second tablet that says so too changes nothing.

    Raises Conflict when the visit has ended.
    """
    _must_last(visit)
    if nobody_told(visit.id, over=(), now=now):
        _note("visit.host_called", visit, NoticeState.SENT, actor, now)


def note_not_reached(visit: Visit, *, actor: Actor, now: datetime) -> None:
    """Somebody of the desk has called, and nobody was reached: among the notices as one that failed, so that it is
    still to be called, and the desk sees when it was tried. Raises Conflict when the visit has ended.
    """
    _must_last(visit)
    _note("visit.host_not_reached", visit, NoticeState.FAILED, actor, now)


def _must_last(visit: Visit) -> None:
    if hold(visit).state not in PRESENT:
        raise Conflict(N_("This visit has ended. There is nobody to tell any more."))


def _note(kind: str, visit: Visit, state: NoticeState, actor: Actor, now: datetime) -> None:
    db.session.add(
        Notice(
            site_id=visit.site_id,
            kind="visit.called",
            recipient="host",
            recipient_id=visit.host_id or 0,
            channel=Channel.VOICE,
            subject="visit",
            subject_id=visit.id,
            dedupe_key=f"visit.called:visit:{visit.id}:{new_ref()}",
            message_id=new_ref(),
            state=state,
            created_at=now,
            due_at=now,
            sent_at=now if state == NoticeState.SENT else None,
        )
    )
    events.record(
        kind,
        site_id=visit.site_id,
        subject="visit",
        subject_id=visit.id,
        actor=actor,
        now=now,
        facts={"number": visit.number, "host_id": visit.host_id},
    )


def look_up_numbers(visit: Visit, *, reason: str, actor: Actor, now: datetime) -> Sequence[Host]:
    """Whom to call about this visit, with their numbers in full: the host and the deputy, or who is in the unit. Each
    look is logged (P4). Raises NotAllowed.
    """
    there = select(Host).where(Host.left_at.is_(None))
    host = db.session.get(Host, visit.host_id) if visit.host_id else None
    if host:
        # The host before the deputy, unless away: then nobody would answer.
        away = bool(host.away_until and host.away_until > now)
        found = sorted(
            db.session.scalars(there.where(Host.id.in_({host.id, host.deputy_id} - {None}))),
            key=lambda one: (one.id == host.id) == away,
        )
    else:
        of_unit = there.where(Host.unit_id == visit.unit_id).order_by(Host.contact.desc(), Host.name, Host.id)
        found = list(db.session.scalars(of_unit.limit(MOST_OF_UNIT)))
    for one in found:
        if one.phone:
            unmask(one, reason=reason, actor=actor, now=now, right=Permission.HOSTS_CALL)
    return found
