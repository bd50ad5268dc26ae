"""A key is lost (K6): frozen at once, the supervisor told, a slip opened."""

from datetime import datetime

from domain.database import db
from domain.errors import Conflict
from domain.identity import Actor
from domain.keys import history
from domain.keys.models import Key
from domain.keys.notices import tell_lost
from domain.keys.queries import hold_keys
from domain.keys.reservations import end_of_lost
from domain.keys.returns import end_loans, hold_open
from domain.slips import operations as slips
from domain.slips.models import Cause, Nature, Slip, Source
from domain.text import N_


def report_lost(key: Key, *, note: str, actor: Actor, now: datetime) -> Slip:
    """Freeze a key that is lost, out or not; gives the slip that follows it up.

    Its line of the loan ends as lost, never as returned. Raises Conflict when it was reported before or is retired.
    """
    (key,) = hold_keys([key.id])
    if key.lost_at:
        raise Conflict(N_("%(tag)s was reported lost at %(since)s."), tag=key.tag, since=key.lost_at)
    if key.retired_at:
        raise Conflict(N_("%(tag)s is retired. It is no longer lent."), tag=key.tag)
    out = hold_open([key]).get(key.id)
    if out:
        line, loan = out
        line.ended_at, line.ended_how = max(now, loan.out_at), "lost"
        line.taken_by_id = actor.id if actor.kind == "staff" else None
        db.session.flush()
        loan.lost = True
        left = end_loans([loan], now=now)[loan.id]
        history.of_loan("loan.key_lost", loan, actor=actor, now=now, facts={"key_ids": [key.id], "left": left})
    key.lost_at = now
    reservations = end_of_lost(key, now=now)
    db.session.flush()
    slip = slips.write(
        site_id=key.site_id,
        nature=Nature.FOLLOW_UP,
        source=Source.KEYS,
        actor=actor,
        now=now,
        note=note.strip(),
        cause=Cause.KEY_LOST,
        label=key.tag,
        about="key",
        about_id=key.id,
        unit_id=key.unit_id,
        urgent=True,
    )
    history.of_key(
        "key.lost",
        key,
        actor=actor,
        now=now,
        facts={
            "loan_id": out[1].id if out else None,
            "slip": slip.number,
            "slip_id": slip.id,
            "reservations": reservations,
        },
        entered={"note": note.strip()},
    )
    tell_lost(key, now=now)
    return slip
