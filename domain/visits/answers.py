"""The host's answer to a visitor who waits (V4): by the link of the notice, or told to the desk."""

from datetime import datetime, timedelta

from sqlalchemy import select

from domain import events
from domain.database import db
from domain.encryption import blind_index
from domain.errors import Conflict, NotFound
from domain.identity import Actor
from domain.occupants.models import Host
from domain.sites.models import Site
from domain.text import N_
from domain.visits.models import HostAnswer, Visit, VisitState
from domain.visits.notices import tell_deputy


def answer_token(visit_ref: str, host_ref: str) -> str:
    """The unguessable end of the link that lets this host, or the deputy, answer for this visit."""
    return f"{visit_ref}-{host_ref}-{blind_index(f'{visit_ref}-{host_ref}', 'visit.answer')[:26]}"


def find_by_token(token: str) -> tuple[Visit, Host]:
    """Visit and answering host of a link; raises NotFound in the same words for any wrong one."""
    visit_ref, _, rest = token.partition("-")
    host_ref = rest.partition("-")[0]
    if not rest or answer_token(visit_ref, host_ref) != token:
        raise NotFound(N_("This link is not valid. Ask the reception."))
    visit = db.session.scalar(select(Visit).where(Visit.ref == visit_ref))
    host = db.session.scalar(select(Host).where(Host.ref == host_ref))
    if visit is None or host is None:
        raise NotFound(N_("This link is not valid. Ask the reception."))
    return visit, host


def answer(visit: Visit, what: HostAnswer, *, by: str, actor: Actor, now: datetime) -> None:
    """Note what the host said; the first answer counts. Raises Conflict when it was answered or ended before.

    `by` is `host`, `deputy` or `desk`.
    """
    if visit.state != VisitState.WAITING:
        raise Conflict(N_("This visit was answered before."))
    visit.state = VisitState.REFUSED if what == HostAnswer.REFUSE else VisitState.INSIDE
    visit.answer, visit.answered_at, visit.answered_by = what, now, by
    visit.answer_told_at = now if by == "desk" else None
    db.session.flush()
    events.record(
        "visit.answered",
        site_id=visit.site_id,
        subject="visit",
        subject_id=visit.id,
        actor=actor,
        now=now,
        facts={"number": visit.number, "state": visit.state, "answer": what, "by": by},
    )


def told(visit: Visit, *, actor: Actor, now: datetime) -> None:
    """The visitor has seen or heard the answer."""
    if visit.answered_at is None or visit.answer_told_at is not None:
        return
    visit.answer_told_at = now
    events.record(
        "visit.answer_told",
        site_id=visit.site_id,
        subject="visit",
        subject_id=visit.id,
        actor=actor,
        now=now,
        facts={"number": visit.number},
    )


def stand_in(*, now: datetime, actor: Actor) -> int:
    """Tell the deputies of hosts who were silent for the site's minutes; returns how many. Each once (V4)."""
    silent = db.session.execute(
        select(Visit, Host, Site)
        .join(Host, Host.id == Visit.host_id)
        .join(Site, Site.id == Visit.site_id)
        .where(
            Visit.state == VisitState.WAITING,
            Visit.deputy_told_at.is_(None),
            Host.deputy_id.is_not(None),
            Visit.arrived_at > now - timedelta(hours=12),
        )
    ).all()
    count = 0
    for visit, host, site in silent:
        if visit.arrived_at + timedelta(minutes=site.deputy_after_minutes) <= now:
            tell_deputy(visit, db.session.get_one(Host, host.deputy_id), site=site, now=now)
            events.record(
                "visit.deputy_told",
                site_id=site.id,
                subject="visit",
                subject_id=visit.id,
                actor=actor,
                now=now,
                facts={"number": visit.number, "host_id": host.deputy_id},
            )
            count += 1
    return count
