"""The host's answer to a visitor who waits (V4): by the link of the notice, or told to the desk."""

import hmac
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select, update

from domain import events
from domain.database import db
from domain.encryption import blind_index, keyring
from domain.errors import Conflict, NotFound
from domain.identity import Actor
from domain.occupants.models import Host
from domain.sites.models import Site
from domain.text import N_
from domain.visits.arrivals import must_not_be_in_again
from domain.visits.given_back import give_back
from domain.visits.models import HostAnswer, Visit, VisitState
from domain.visits.notices import tell_deputy
from domain.visits.queries import hold

PURPOSE = "visit.answer"
LENGTH = 26
SHOWN_FOR = timedelta(hours=24)
"""How long after its end a visit can still be seen behind its link."""
INVALID = N_("This link is not valid. Ask the reception.")


def answer_token(visit_ref: str, host_ref: str) -> str:
    """The unguessable end of the link that lets this host, or the deputy, answer for this visit."""
    return f"{visit_ref}-{host_ref}-{blind_index(f'{visit_ref}-{host_ref}', PURPOSE)[:LENGTH]}"


def find_by_token(token: str, *, now: datetime) -> tuple[Visit, Host]:
    """Visit and answering host of a link; raises NotFound in the same words for any wrong one, and for one whose
    visit ended a day ago: from then on nothing of the visitor is shown.
    """
    visit_ref, _, rest = token.partition("-")
    host_ref, _, seal = rest.partition("-")
    seals = keyring().blind_indexes(f"{visit_ref}-{host_ref}", PURPOSE)
    if not any(hmac.compare_digest(seal.encode(), good[:LENGTH].encode()) for good in seals):
        raise NotFound(INVALID)
    visit = db.session.scalar(select(Visit).where(Visit.ref == visit_ref))
    host = db.session.scalar(select(Host).where(Host.ref == host_ref))
    if visit is None or host is None or host.left_at:
        raise NotFound(INVALID)
    ended = visit.ended_at()
    if visit.erased_at or (ended and ended + SHOWN_FOR <= now):
        raise NotFound(N_("This visit has ended. The link no longer shows anything."))
    return visit, host


def answers_as(visit: Visit, host: Host) -> Literal["host", "deputy"]:
    """Whether that person answers as the host or as the deputy; raises NotFound for who is neither any more."""
    if visit.host_id == host.id:
        return "host"
    if visit.host_id and db.session.scalar(select(Host.deputy_id).where(Host.id == visit.host_id)) == host.id:
        return "deputy"
    raise NotFound(INVALID)


def answer(visit: Visit, what: HostAnswer, *, by: str, actor: Actor, now: datetime) -> None:
    """Note what the host said; the first answer counts. Raises Conflict when it was answered or ended before.

    `by` is `host`, `deputy` or `desk`.
    """
    state = VisitState.REFUSED if what == HostAnswer.REFUSE else VisitState.INSIDE
    # Update where it still waits: of two who answer in the same moment the database lets one through.
    won = db.session.execute(
        update(Visit)
        .where(Visit.id == visit.id, Visit.state == VisitState.WAITING)
        .values(
            state=state,
            answer=what,
            answered_at=now,
            answered_by=by,
            answer_told_at=now if by == "desk" else None,
        ),
        execution_options={"synchronize_session": False},
    )
    db.session.refresh(visit)
    if not won.rowcount:  # type: ignore[attr-defined]
        if visit.answered_at is None:
            raise Conflict(N_("The visitor no longer waits for an answer."))
        raise Conflict(N_("This visit was answered before."))
    if what == HostAnswer.REFUSE:
        give_back(visit)
    events.record(
        "visit.answered",
        site_id=visit.site_id,
        subject="visit",
        subject_id=visit.id,
        actor=actor,
        now=now,
        facts={"number": visit.number, "state": visit.state, "answer": what, "by": by},
    )


def take_back(visit: Visit, *, actor: Actor, now: datetime) -> None:
    """The desk noted by mistake that the host cannot receive: the visitor waits again. An invitation's entry was given
    back, and can be joined again. Raises Conflict when the desk refused nobody, or the same phone is in again (V11).
    """
    if hold(visit).state != VisitState.REFUSED or visit.answered_by != "desk":
        raise Conflict(N_("The desk refused nobody here. There is nothing to take back."))
    must_not_be_in_again(visit)
    visit.state = VisitState.WAITING
    visit.answer = visit.answered_at = visit.answered_by = visit.answer_told_at = None
    db.session.flush()
    events.record(
        "visit.answer_taken_back",
        site_id=visit.site_id,
        subject="visit",
        subject_id=visit.id,
        actor=actor,
        now=now,
        facts={"number": visit.number, "state": visit.state},
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
            Visit.site_id.in_(select(Site.id)),  # the index begins with the site; without, SQLite reads every visit
            Visit.state == VisitState.WAITING,
            Visit.deputy_told_at.is_(None),
            Host.deputy_id.is_not(None),
            Visit.arrived_at > now - timedelta(hours=12),
        )
        .with_for_update(of=Visit, skip_locked=True)
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
