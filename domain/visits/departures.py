"""Leaving: by badge, at the desk, at closing; and taking a wrong sign-out back (V9, V14)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm.attributes import set_committed_value

from domain import events
from domain.database import db
from domain.errors import Conflict, DomainError
from domain.events import Event
from domain.identity import Actor
from domain.registers import Holding, holdings_among, holdings_of
from domain.statements import Ready
from domain.text import N_
from domain.visits.arrivals import must_not_be_in_again
from domain.visits.given_back import give_back
from domain.visits.models import PRESENT, Visit, VisitState
from domain.visits.queries import hold

_VISITS = Visit.__table__
LEAVE = Ready(
    update(_VISITS)  # type: ignore[arg-type]
    .where(_VISITS.c.id == bindparam("visit_id"))
    .values({name: bindparam(name) for name in ("state", "left_at", "left_how")})
)


def _leave(
    visit: Visit,
    *,
    state: VisitState,
    how: str,
    kind: str,
    actor: Actor,
    now: datetime,
    holdings: Sequence[Holding] = (),
) -> None:
    before, left = visit.state, {"state": state, "left_at": max(now, visit.arrived_at), "left_how": how}
    LEAVE.later(visit_id=visit.id, **left)
    for name, value in left.items():
        set_committed_value(visit, name, value)
    events.record(
        kind,
        site_id=visit.site_id,
        subject="visit",
        subject_id=visit.id,
        actor=actor,
        now=now,
        facts={"number": visit.number, "state": state, "before": before, "how": how}
        | ({"holds": [holding.ref for holding in holdings]} if holdings else {}),
    )


def find_badge(*, site_id: int, number: int, check: str, today: date) -> Visit:
    """The visit with today's badge of that number and check code, or an older one still inside.

    Raises DomainError in the same words for a wrong number and a wrong code, so that neither can be guessed apart.
    """
    visits = db.session.scalars(
        select(Visit)
        .where(Visit.site_id == site_id, Visit.badge_number == number, Visit.badge_check == check)
        .where((Visit.badge_day == today) | Visit.state.in_(PRESENT))
        .order_by(Visit.badge_day.desc())
    )
    visit = next(iter(visits), None)
    if visit is None:
        raise DomainError(
            N_("This badge number is not known here. Look at your badge again, or call the reception."), field="badge"
        )
    return visit


def find_badge_ref(*, site_id: int, ref: str) -> Visit:
    """The visit whose badge code was scanned; raises DomainError for a badge of another site or an unknown one."""
    visit = db.session.scalar(select(Visit).where(Visit.site_id == site_id, Visit.ref == ref))
    if visit is None:
        raise DomainError(
            N_("This badge number is not known here. Look at your badge again, or call the reception."), field="badge"
        )
    return visit


def sign_out(visit: Visit, *, how: str, actor: Actor, now: datetime, despite: bool = False) -> None:
    """The visitor leaves, seen by a badge reader or by the desk.

    Raises Conflict when the visit ended before, DomainError when something of ours is not back (V14); `despite` says
    that the desk knows and saw the visitor leave all the same: the history then names what is missing.
    """
    if hold(visit).state not in PRESENT:
        raise Conflict(N_("This badge was signed out before. It is no longer valid."), field="badge")
    holdings = holdings_of(visit.id)
    if holdings and not despite:
        raise DomainError(holdings[0].sentence, field="badge", **holdings[0].values)
    _leave(visit, state=VisitState.LEFT, how=how, kind="visit.signed_out", actor=actor, now=now, holdings=holdings)


def _state_before(visit: Visit) -> str:
    """Where the visit stood when it was signed out: who waited for the host goes on waiting."""
    facts = db.session.scalar(
        select(Event.facts)
        .where(
            Event.subject == "visit",
            Event.subject_id == visit.id,
            Event.site_id == visit.site_id,
            Event.kind.in_(("visit.signed_out", "visit.presumed_left")),
        )
        .order_by(Event.number.desc())
        .limit(1)
    )
    return str((facts or {}).get("before", VisitState.INSIDE))


def take_back(visit: Visit, *, actor: Actor, now: datetime) -> None:
    """Undo a wrong sign-out at the desk; Conflict when the visit never left, or the same phone is in again (V11)."""
    if hold(visit).state not in (VisitState.LEFT, VisitState.PROBABLY_LEFT):
        raise Conflict(N_("This visit is not signed out."))
    must_not_be_in_again(visit)
    visit.state, visit.left_at, visit.left_how = _state_before(visit), None, None
    db.session.flush()
    events.record(
        "visit.sign_out_undone",
        site_id=visit.site_id,
        subject="visit",
        subject_id=visit.id,
        actor=actor,
        now=now,
        facts={"number": visit.number, "state": visit.state},
    )


@dataclass(frozen=True)
class Confirmed:
    """What the closing list did: who is gone; who stays because something of ours is not back; and of both, what each
    of them still holds.
    """

    gone: list[Visit]
    kept: list[Visit]
    holdings: dict[int, list[Holding]]

    @property
    def gone_holding(self) -> list[Visit]:
        """Those who are gone and still hold something."""
        return [visit for visit in self.gone if visit.id in self.holdings]


def confirm_at_closing(
    visits: Sequence[Visit], *, seen: bool, actor: Actor, now: datetime, known: Collection[str] = ()
) -> Confirmed:
    """The desk confirms who is gone at the closing hour. Unseen ones are "not seen leaving", never "left".

    Those who left meanwhile are passed over. Who was seen is stopped by what is not back (V14), unless all of it is
    among `known`: the refs of what the desk was told and lets go. Nobody can ask an unseen one for it any more.
    """
    present = [visit for visit in visits if visit.state in PRESENT]
    holdings = holdings_among([visit.id for visit in present])
    kept = [visit for visit in present if seen and any(one.ref not in known for one in holdings.get(visit.id, ()))]
    gone = [visit for visit in present if visit not in kept]
    for visit in gone:
        _leave(
            visit,
            state=VisitState.LEFT if seen else VisitState.PROBABLY_LEFT,
            how="closing",
            kind="visit.signed_out" if seen else "visit.presumed_left",
            actor=actor,
            now=now,
            holdings=holdings.get(visit.id, ()),
        )
    return Confirmed(gone, kept, holdings)


def cancel(visit: Visit, *, actor: Actor, now: datetime) -> None:
    """The visitor gives up while waiting for the host's answer."""
    if hold(visit).state != VisitState.WAITING:
        raise Conflict(N_("This visit is no longer waiting."))
    visit.state = VisitState.CANCELLED
    db.session.flush()
    give_back(visit)
    events.record(
        "visit.cancelled",
        site_id=visit.site_id,
        subject="visit",
        subject_id=visit.id,
        actor=actor,
        now=now,
        facts={"number": visit.number, "state": visit.state},
    )
