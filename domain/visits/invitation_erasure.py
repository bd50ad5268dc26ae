"""Who was invited is erased once the invitation is over and the site's days are past, whether they came or not (P2).

The invitation stays, with unit, host, time and number of entries. In batches: call outside of any transaction.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, tuple_, update

from domain import clock, events, search, subjects
from domain.database import db, reading, writing
from domain.events import Event, EventDetail
from domain.identity import Actor
from domain.notices import Notice, NoticeState
from domain.sites.models import Site
from domain.text import N_
from domain.visits.invitation_models import ASKED_AROUND, Invitation, InvitationState
from domain.visits.invitations import Guest, grams_of

BATCH = 500
NOTHING = {"synchronize_session": False}
PERSONAL = ("name", "phone", "email", "organisation")


def free_codes(*, now: datetime) -> int:
    """Let go of the digits of invitations that nobody can be matched to any more; returns how many."""
    over = now - 2 * ASKED_AROUND
    done = db.session.execute(
        update(Invitation).where(Invitation.digits.is_not(None), Invitation.ends_at < over).values(digits=None),
        execution_options=NOTHING,
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def erase_invitations(*, actor: Actor, now: datetime) -> int:
    """Make invitations anonymous after the site's days; returns how many."""
    with reading():
        sites = db.session.execute(select(Site.id, Site.retention_days).order_by(Site.id)).all()
    return sum(_erase_at(site.id, now - timedelta(days=site.retention_days), actor, now) for site in sites)


def _kept(row: Any) -> str:
    """Why an invitation cannot be erased on request: it may still be used (P3)."""
    if row.state == InvitationState.OPEN and row.ends_at >= clock.now() and row.used < row.entries:
        return N_("The invitation is good still. Take it back first.")
    return ""


@subjects.erases("invitations", _kept)
def erase_asked(rows: Sequence[Any], actor: Actor, now: datetime) -> None:
    """Erase these invitations, because the guest asked for it."""
    found_by = {row.id: grams_of(Guest(row.name, row.phone, organisation=row.organisation)) for row in rows}
    _erase(list(found_by), now)
    for row in rows:
        search.forget(site_id=row.site_id, kind=search.INVITATION, subject_id=row.id, known=found_by[row.id])


def _erase_at(site_id: int, before: datetime, actor: Actor, now: datetime) -> int:
    one = Invitation
    due = select(one.id, one.name, one.phone, one.organisation).where(
        one.site_id == site_id, one.erased_at.is_(None), one.ends_at < before
    )
    count = 0
    while True:
        with reading():
            rows = db.session.execute(due.order_by(one.ends_at, one.id).limit(BATCH)).all()
        if not rows:
            return count
        # Spelling names takes its time: done before anybody has to wait for the transaction.
        found_by = {row.id: grams_of(Guest(row.name, row.phone, organisation=row.organisation)) for row in rows}
        with writing():
            _erase(list(found_by), now)
            for invitation_id, known in found_by.items():
                search.forget(site_id=site_id, kind=search.INVITATION, subject_id=invitation_id, known=known)
            events.record(
                "invitations.erased",
                site_id=site_id,
                subject="site",
                subject_id=site_id,
                actor=actor,
                now=now,
                facts={"count": len(rows)},
            )
        count += len(rows)


def _erase(ids: Sequence[int], now: datetime) -> None:
    gone = {**dict.fromkeys(PERSONAL, ""), "digits": None, "erased_at": now}
    db.session.execute(update(Invitation).where(Invitation.id.in_(ids)).values(gone), execution_options=NOTHING)
    about = select(Event.site_id, Event.number).where(Event.subject == "invitation", Event.subject_id.in_(ids))
    db.session.execute(
        delete(EventDetail).where(tuple_(EventDetail.site_id, EventDetail.number).in_(about)), execution_options=NOTHING
    )
    told = update(Notice).where(Notice.subject == "invitation", Notice.subject_id.in_(ids))
    db.session.execute(told.values(facts={}, problem=""), execution_options=NOTHING)
    waiting = told.where(Notice.state == NoticeState.PENDING)
    db.session.execute(waiting.values(state=NoticeState.DROPPED), execution_options=NOTHING)
