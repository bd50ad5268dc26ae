"""The guests of a meeting go with it (M6): moved, they are told the new time; called off, the codes open nothing."""

from datetime import datetime

from sqlalchemy import select

from domain import gatherings
from domain.database import db
from domain.events import Event
from domain.gatherings import Gathering, News
from domain.identity import Actor
from domain.sites.models import Site
from domain.visits.invitation_models import Invitation, InvitationEntry, InvitationState
from domain.visits.invitations import move, open_again, record, take_back

BY_MEETING = "meeting"
"""Why such an invitation was taken back; only such a one holds again when the meeting takes place after all."""


@gatherings.follows
def follow(gathering: Gathering, news: News, actor: Actor, now: datetime) -> None:
    """Change the invitations of a meeting of which something became."""
    guests = db.session.scalars(
        select(Invitation)
        .where(Invitation.meeting_id == gathering.id, Invitation.erased_at.is_(None))
        .order_by(Invitation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if not guests:
        return
    site = db.session.get_one(Site, gathering.site_id)
    came = _who_came([guest.id for guest in guests])
    for guest in guests:
        _follow(guest, gathering, news, has_come=guest.id in came, site=site, actor=actor, now=now)


def _follow(
    guest: Invitation, gathering: Gathering, news: News, *, has_come: bool, site: Site, actor: Actor, now: datetime
) -> None:
    window = {"begins_at": gathering.begins_at, "ends_at": gathering.ends_at}
    match news:
        case News.MOVED if guest.is_open and not has_come:
            move(guest, site=site, actor=actor, now=now, **window)
        case News.EXTENDED if guest.is_open:
            guest.ends_at = gathering.ends_at
            record("extended", guest, actor=actor, now=now, facts={"ends_at": gathering.ends_at.isoformat()})
        case News.OFF | News.ENDED if guest.is_open and not has_come:
            take_back(guest, site=site, actor=actor, now=now, facts={"reason": BY_MEETING})
        case News.ON if guest.state == InvitationState.WITHDRAWN and _went_with_it(guest):
            open_again(guest, site=site, actor=actor, now=now, **window)
    db.session.flush()


def _who_came(ids: list[int]) -> set[int]:
    asked = select(InvitationEntry.invitation_id).where(InvitationEntry.invitation_id.in_(ids))
    return set(db.session.scalars(asked))


def _went_with_it(guest: Invitation) -> bool:
    """Whether it was the meeting that took it back, and nobody else."""
    facts = db.session.scalar(
        select(Event.facts)
        .where(
            Event.subject == "invitation",
            Event.subject_id == guest.id,
            Event.site_id == guest.site_id,
            Event.kind == "invitation.withdrawn",
        )
        .order_by(Event.number.desc())
        .limit(1)
    )
    return (facts or {}).get("reason") == BY_MEETING
