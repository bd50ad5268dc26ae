"""What the desk's board shows of visits, limited to one site: built once, because the desk asks at every change."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Text, bindparam, cast, false, func, null, select, true, union_all

from domain.database import UTCDateTime
from domain.notices import Notice
from domain.occupants.models import Host, Unit
from domain.sites.models import Kiosk
from domain.statements import Answer, Ready, in_full
from domain.visits.invitation_models import EARLY
from domain.visits.invitation_queries import expected_count, invited_ref
from domain.visits.models import IS_PRESENT, PRESENT, ReceptionCall, Visit, VisitState
from domain.visits.untold import UNDER_WAY, is_untold, unanswered_calls

MOST_ON_BOARD = 200
JUST_LEFT = 12
TO_CALL = 8
"""So many visits in the building whose host must be called, the first to come: as one is dealt with, the next comes."""


class Place(StrEnum):
    """Where on the board a visit stands, by what is to be done."""

    REFUSED = "refused"
    ANSWERED = "answered"
    WAITING = "waiting"
    UNTOLD = "untold"
    OVERSTAYING = "overstaying"
    INSIDE = "inside"
    LEFT = "left"


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
def _on_board(last: int) -> Ready:
    """A part for each place on the board, as long as what is drawn there: whoever else is inside costs little."""
    waits, inside, refused = (Visit.state == in_full(state) for state in (*PRESENT, VisitState.REFUSED))
    now: Any = bindparam("now")
    untold, due, most = Visit.answer_told_at.is_(None), Visit.due_at, in_full(MOST_ON_BOARD)
    lately, just_now = Visit.arrived_at >= bindparam("since"), Visit.left_at >= bindparam("left_since")
    came = Visit.arrived_at, Visit.id
    newest, nobody_knows = [column.desc() for column in came], is_untold(bindparam("written_since"))
    # Who is past the due time stands among those to call too: that the time is over tells no host anything.
    to_call = _drawn(inside, Visit.answered_at.is_(None), nobody_knows, untold=true(), of=func.count().over())
    parts = {
        Place.REFUSED: _drawn(refused, lately, untold).limit(in_full(50)),
        Place.ANSWERED: _drawn(inside, Visit.answered_at.is_not(None), untold).limit(in_full(50)),
        Place.WAITING: _drawn(waits, invited=invited_ref(), untold=nobody_knows).order_by(*came).limit(most),
        Place.UNTOLD: to_call.order_by(*came).limit(in_full(TO_CALL)),
        Place.OVERSTAYING: _drawn(IS_PRESENT, inside, due < now, invited=invited_ref())
        .order_by(due, Visit.id)
        .limit(most),
        Place.INSIDE: _drawn(inside, due >= now, invited=invited_ref()).order_by(*newest).limit(in_full(last)),
        Place.LEFT: _drawn(just_now).order_by(Visit.left_at.desc()).limit(in_full(JUST_LEFT)),
    }
    named = (part.add_columns(in_full(place).label("place")) for place, part in parts.items())
    return Ready(union_all(*(select(part.subquery()) for part in named)), one_plan=True)


def _drawn(*where: Any, invited: Any = None, untold: Any = None, of: Any = None) -> Any:
    """What is drawn of the visits of the site under those conditions, and of how many they are the first; who was not
    asked about is not invited, and is told.
    """
    asked = (
        (in_full(0) if untold is None else unanswered_calls(func.count())).label("calls"),
        (cast(null(), UTCDateTime) if untold is None else unanswered_calls(func.max(Notice.created_at))).label(
            "called_at"
        ),
        (cast(null(), Text) if invited is None else invited).label("invited"),
        (false() if untold is None else untold).label("untold"),
        (in_full(0) if of is None else of).label("of"),
    )
    drawn = select(*ON_BOARD, *asked).join(Unit, Unit.id == Visit.unit_id).outerjoin(Host, Host.id == Visit.host_id)
    return drawn.where(Visit.site_id == bindparam("site_id"), *where)


def on_board(
    site_id: int, *, since: datetime, left_since: datetime, now: datetime, last: int
) -> Answer[dict[Place, list[Any]]]:
    """What the desk shows of visits, in one statement: who was refused since then and does not know yet, whose host has
    answered, who waits, whose host nobody could tell, who overstays, the last who came in, and the last who left.
    `invited` names the invitation that who came without it may join, `untold` says that neither host nor deputy was
    reached, `of` how many there are whose host nobody could tell, `calls` how often the desk called in vain, and
    `called_at` when it last did.
    """
    values = {"site_id": site_id, "since": since, "left_since": left_since}
    values |= {"now": now, "invited_until": now + EARLY, "written_since": now - UNDER_WAY}
    return _on_board(last).ask(**values).then(_by_place)


def _by_place(rows: list[Any]) -> dict[Place, list[Any]]:
    found: dict[Place, list[Any]] = {place: [] for place in Place}
    for row in rows:
        found[row.place].append(row)
    return found


@dataclass(frozen=True)
class Figures:
    """What the desk counts: who waits, who overstays, how many people are in (V12a), how many visits began today."""

    waiting: int
    overstaying: int
    heads: int
    today: int
    present: int
    expected: int
    """Invited for today, not here yet, and not too late: as the list of today has them."""


@cache
def _figures() -> Ready:
    here = Visit.site_id == bindparam("site_id")
    waits, inside = (Visit.state == in_full(state) for state in PRESENT)
    there = (
        select(
            func.count().filter(waits).label("waiting"),
            func.count().filter(inside, Visit.due_at < bindparam("now")).label("overstaying"),
            func.coalesce(func.sum(Visit.companions + 1).filter(inside), 0).label("heads"),
            func.count().label("present"),
        )
        .where(here, IS_PRESENT)
        .subquery()
    )
    today = select(Visit.id).where(here, Visit.arrived_at >= bindparam("since")).order_by(Visit.arrived_at)
    figures = select(
        there,
        select(func.count()).select_from(today.limit(in_full(1001)).subquery()).scalar_subquery().label("today"),
        expected_count().label("expected"),
    )
    return Ready(figures, one_plan=True)


def figures_of(site_id: int, *, since: datetime, until: datetime, now: datetime) -> Answer[Figures]:
    """The figures of the site's day between two instants, in one statement; its visits are counted to 1,000."""
    values = {"site_id": site_id, "since": since, "until": until, "now": now}
    return _figures().ask(**values).then(_counted)


def _counted(rows: list[Any]) -> Figures:
    (row,) = rows
    return Figures(row.waiting, row.overstaying, int(row.heads), row.today, row.present, row.expected)


@cache
def ringing() -> Any:
    """Calls from kiosks that nobody has answered yet, oldest first, and whether somebody has signed in there since;
    `site_id` is bound.
    """
    came = (
        select(Visit.id)
        .where(Visit.site_id == ReceptionCall.site_id, Visit.arrived_at >= ReceptionCall.called_at)
        .where(Visit.kiosk_id == ReceptionCall.kiosk_id, Visit.source == in_full("kiosk"))
        # By EXISTS PostgreSQL takes a third of all visits for later, and goes through the table until it meets one.
        .order_by(Visit.arrived_at)
        .limit(in_full(1))
    )
    return (
        select(ReceptionCall.ref, ReceptionCall.step, ReceptionCall.called_at, ReceptionCall.language, Kiosk.name)
        .add_columns(came.correlate(ReceptionCall).scalar_subquery().is_not(None).label("signed_in"))
        .join(Kiosk, Kiosk.id == ReceptionCall.kiosk_id)
        .where(ReceptionCall.site_id == bindparam("site_id"), ReceptionCall.answered_at.is_(None))
        .order_by(ReceptionCall.called_at)
    )
