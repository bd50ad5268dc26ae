"""The row of meetings in the table of registers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, not_, or_, select

from domain import registers, search
from domain.masking import mask_name, mask_phone
from domain.meetings.happenings import happened
from domain.meetings.models import (
    LAYOUT_NAMES,
    STATE_NAMES,
    Answer,
    Approver,
    Reservation,
    ReservationState,
    has_lapsed,
    lapsed,
)
from domain.meetings.queries import listed, whole
from domain.numbered import number_in
from domain.permissions import Permission
from domain.phones import display_phone
from domain.registers import Column, Filter, Register, State
from domain.statements import Ready, in_full, narrowed
from domain.text import N_

FOUND = (
    *("id", "ref", "number", "title", "begins_at", "ends_at", "state", "answer", "approver", "answer_by", "started_at"),
    *("release_at", "room_name", "host_name", "person_name", "unit_number", "company"),
)
"""The columns that a line of what was searched for draws, and those that it is found by."""
AHEAD = timedelta(hours=12)
RUNNING, WAITS, OVER = "running", "waits", "over"
GONE = State(STATE_NAMES[ReservationState.RELEASED], "x", "idle")
STATES = {
    ReservationState.HELD: State(STATE_NAMES[ReservationState.HELD], "calendar", "idle"),
    ReservationState.CANCELLED: State(STATE_NAMES[ReservationState.CANCELLED], "minus", "idle"),
    ReservationState.RELEASED: GONE,
    ReservationState.ENDED: State(STATE_NAMES[ReservationState.ENDED], "check", "ok"),
}
TENTATIVE = State(N_("Tentative"), "wait", "wait")
OFFERED = State(N_("Held for who waited"), "wait", "wait")
UNDECIDED = State(N_("Not decided in time"), "x", "idle")
REFUSED = State(N_("Refused"), "x", "idle")
COMPUTED = {
    RUNNING: State(N_("Running"), "play", "accent"),
    WAITS: State(N_("Not begun yet"), "wait", "wait"),
    OVER: State(N_("Over"), "check", "ok"),
}


class StaffName(str):
    """The name of one of the staff, who is known at work: it is not masked (P4 speaks of occupants)."""

    __slots__ = ()


def state_of(row: Any, now: datetime) -> State:
    """How a reservation stands at that instant: what runs and what nobody began is computed (M7)."""
    if row.state == ReservationState.CANCELLED and row.answer in (Answer.REFUSED, Answer.EXPIRED):
        return REFUSED if row.answer == Answer.REFUSED else UNDECIDED
    if row.state != ReservationState.HELD:
        return STATES[ReservationState(row.state)]
    waits = row.approver != "" and row.answer == ""
    if has_lapsed(row, now):
        return UNDECIDED if waits and row.answer_by <= now else GONE
    if waits:
        return OFFERED if row.approver == Approver.ORGANISER else TENTATIVE
    if row.ends_at <= now:
        return COMPUTED[OVER]
    if row.started_at is not None:
        return COMPUTED[RUNNING]
    if row.begins_at <= now:
        return COMPUTED[WAITS if row.release_at is not None else RUNNING]
    return STATES[ReservationState.HELD]


def _in_state(value: str, now: datetime) -> ColumnElement[bool]:
    held = and_(Reservation.state == ReservationState.HELD, not_(lapsed(now)))
    match value:
        case ReservationState.HELD:
            return and_(held, Reservation.ends_at > now)
        case "tentative":
            return and_(held, Reservation.approver != "", Reservation.answer == "", Reservation.ends_at > now)
        case "over":
            return or_(and_(held, Reservation.ends_at <= now), Reservation.state == ReservationState.ENDED)
        case ReservationState.RELEASED:
            return or_(Reservation.state == value, lapsed(now))
        case _:
            return Reservation.state == value


def _open(now: datetime) -> ColumnElement[bool]:
    """What runs and what comes next: a shift hands it on (S4)."""
    held = and_(Reservation.state == ReservationState.HELD, not_(lapsed(now)))
    return and_(
        held,
        Reservation.ends_at > now,
        Reservation.begins_at <= now + AHEAD,
        Reservation.begins_at > now - timedelta(days=1),
    )


def _text_clause(text: str, site_id: int) -> ColumnElement[bool]:
    clauses: list[ColumnElement[bool]] = []
    if (number := number_in(text)) is not None:
        clauses.append(and_(Reservation.site_id == site_id, Reservation.number == number))
    if wanted := search.wanted_by(text):
        under = search.under(wanted, site_id=site_id, kind=search.MEETING)
        clauses.append(and_(Reservation.site_id == site_id, Reservation.id.in_(under.order_by(None))))
    return or_(*clauses) if clauses else false()


def texts_of(row: Any) -> list[str]:
    """What of a reservation may match what was typed."""
    return [row.title, row.host_name or row.person_name or "", row.unit_number or "", row.company or ""]


@lru_cache(maxsize=64)
def _hits(count: int, by_number: bool, certain: bool) -> Ready:
    """The newest reservations under so many grams, and the one of a number."""
    parts: list[search.Part] = []
    if by_number:
        here = Reservation.site_id == search.HERE
        parts.append(select(Reservation.id).where(here, Reservation.number == bindparam("number")))
    if count:
        parts.append(search.newest_under(count, kind=search.MEETING, certain=certain))
    found = search.rows_among(narrowed(listed(), FOUND), Reservation.id, parts).order_by(Reservation.id.desc())
    return Ready(found.limit(in_full(search.CANDIDATES)), one_plan=True)


def _find(text: str, site_id: int, most: int) -> Sequence[Any]:
    """Entries for the desk's search box, in one statement: a number, then the newest."""
    wanted, number = search.wanted_by(text), number_in(text)
    if not wanted and number is None:
        return []
    asked = _hits(len(wanted), number is not None, search.is_certain(text))
    return search.best(
        text,
        asked.rows(**search.values(wanted, site_id=site_id, number=number)),
        texts=texts_of,
        most=most,
        first=lambda row: row.number != number,
        is_certain=lambda row: row.number == number,
    )


def organiser(row: Any) -> str:
    """The name for a column that masks all but the staff's."""
    return StaffName(row.person_name) if row.person_name else row.host_name or ""


def _mask(name: str) -> str:
    return str(name) if isinstance(name, StaffName) else mask_name(name)


def _unit(row: Any) -> str:
    return " ".join(filter(None, (row.company, row.unit_number)))


def _line(row: Any) -> tuple[str, dict[str, Any]]:
    values = {"room": row.room_name, "begins": row.begins_at, "title": row.title or "–"}
    return N_("%(title)s, %(room)s, %(begins)s"), values


MEETINGS = registers.add(
    Register(
        name="meetings",
        title=N_("Register of meetings"),
        short=N_("Meetings"),
        one=N_("Meeting %(number)s"),
        icon="meeting",
        subject="meeting",
        read=Permission.MEETINGS_READ,
        unmask=Permission.MEETINGS_UNMASK,
        endpoint="reservations.entry",
        statement=listed,
        full=whole,
        site=Reservation.site_id,
        at=Reservation.begins_at,
        entered=Reservation.made_at,
        id=Reservation.id,
        by_ref=Reservation.ref,
        columns=(
            Column("number", N_("No."), "number", lambda row: f"{row.number:04d}"),
            Column("begins", N_("Begins"), "moment", lambda row: row.begins_at),
            Column("ends", N_("Ends"), "moment", lambda row: row.ends_at),
            Column("room", N_("Room"), "text", lambda row: row.room_name),
            Column("title", N_("Meeting"), "text", lambda row: row.title),
            Column("organiser", N_("Organiser"), "name", organiser, _mask),
            Column("unit", N_("Unit"), "text", _unit),
            Column("people", N_("How many people"), "number", lambda row: row.people),
            Column("state", N_("State"), "state", lambda row: row.state),
        ),
        details=(
            Column("layout", N_("Layout"), "sentence", lambda row: LAYOUT_NAMES.get(row.layout, "")),
            Column("phone", N_("Mobile phone"), "phone", lambda row: row.phone or "", mask_phone, display_phone),
            Column("reserved_from", N_("Room reserved from"), "moment", lambda row: row.reserved_from),
            Column("reserved_until", N_("Room reserved until"), "moment", lambda row: row.reserved_until),
            Column("notes", N_("Notes"), "text", lambda row: row.notes),
            Column("reason", N_("Why it was called off"), "text", lambda row: row.reason),
            Column("made_by", N_("Entered by"), "text", lambda row: row.made_by),
            Column("made", N_("Entered at the time"), "moment", lambda row: row.made_at),
        ),
        filters=(
            Filter(
                "state",
                N_("State"),
                (
                    (ReservationState.HELD, STATE_NAMES[ReservationState.HELD]),
                    ("tentative", N_("Tentative")),
                    (OVER, N_("Over")),
                    (ReservationState.CANCELLED, STATE_NAMES[ReservationState.CANCELLED]),
                    (ReservationState.RELEASED, STATE_NAMES[ReservationState.RELEASED]),
                ),
                _in_state,
            ),
        ),
        search=_text_clause,
        still_open=_open,
        state=state_of,
        ref=lambda row: row.ref,
        line=_line,
        happened=happened,
        find=_find,
        lasting=(
            *("number", "room_id", "unit_id", "people", "layout", "begins_at"),
            *("ends_at", "state", "started_at", "ended_at", "made_by_id", "made_at"),
        ),
        erasable=("title", "notes", "reason", "host_id", "person_id"),
    )
)
