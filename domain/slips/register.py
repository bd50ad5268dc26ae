"""The row of slips in the table of registers."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, or_, select

from domain import registers, search
from domain.identity import Actor
from domain.masking import mask_name, mask_phone
from domain.numbered import number_in
from domain.permissions import Permission
from domain.phones import display_phone
from domain.registers import Column, Filter, Register, State
from domain.slips.happenings import happened
from domain.slips.models import CAUSES, NATURE_NAMES, SOURCE_NAMES, STATE_NAMES, Cause, Slip, SlipState, is_open
from domain.slips.queries import lines, whole
from domain.statements import Ready, in_full, narrowed
from domain.text import N_

FOUND = (
    *("id", "ref", "number", "state", "matter", "cause", "label", "name", "phone", "promise_at", "closed_at"),
    *("unit_number", "owner_name"),
)
"""The columns that a line of what was searched for draws, and those that it is found by."""
LATE, NOT_CLOSED, OFFERED = "late", "not_closed", "offered"
WHOSE = (("mine", N_("Mine, open")), (OFFERED, N_("Offered to me")))
STATE_CHOICES = (*STATE_NAMES.items(), (NOT_CLOSED, N_("Not closed")), (LATE, N_("Past its promise")))
GLYPHS: dict[str, tuple[str, registers.Tone]] = {
    SlipState.OPEN: ("dot", "accent"),
    SlipState.DISPATCHED: ("wait", "wait"),
    SlipState.IN_WORK: ("dot", "info"),
    SlipState.DONE: ("done", "info"),
    SlipState.CLOSED: ("check", "ok"),
}


def state_of(row: Any, now: datetime) -> State:
    """How a slip stands at that instant; past its promise is computed (C6)."""
    if row.state != SlipState.CLOSED and row.promise_at < now:
        return State(N_("Past its promise"), "late", "late")
    glyph, tone = GLYPHS[row.state]
    return State(STATE_NAMES[SlipState(row.state)], glyph, tone)


def matter_of(row: Any) -> tuple[str, dict[str, Any]]:
    """What it is about: a msgid with values where Foyer wrote it, else the words as they were typed."""
    if row.matter or not row.cause:
        return "%(matter)s", {"matter": row.matter or "–"}
    return CAUSES[Cause(row.cause)], {"label": row.label}


def _in_state(value: str, now: datetime) -> ColumnElement[bool]:
    if value == LATE:
        return and_(is_open(), Slip.promise_at < now)
    if value == NOT_CLOSED:
        return is_open()
    return Slip.state == value


def _whose(value: str, reader: Actor) -> ColumnElement[bool]:
    """Open slips that the reader has, or is asked to take over (C1)."""
    column = Slip.offered_to_id if value == OFFERED else Slip.owner_id
    return and_(is_open(), column == reader.id)


def _text_clause(text: str, site_id: int) -> ColumnElement[bool]:
    clauses: list[ColumnElement[bool]] = []
    if (number := number_in(text)) is not None:
        clauses.append(and_(Slip.site_id == site_id, Slip.number == number))
    if wanted := search.wanted_by(text):
        under = search.under(wanted, site_id=site_id, kind=search.SLIP)
        clauses.append(and_(Slip.site_id == site_id, Slip.id.in_(under.order_by(None))))
    return or_(*clauses) if clauses else false()


@lru_cache(maxsize=64)
def _hits(count: int, by_number: bool, certain: bool) -> Ready:
    """The newest slips under so many grams, and the one of a number."""
    parts: list[search.Part] = []
    if by_number:
        parts.append(select(Slip.id).where(Slip.site_id == search.HERE, Slip.number == bindparam("number")))
    if count:
        parts.append(search.newest_under(count, kind=search.SLIP, certain=certain))
    found = search.rows_among(narrowed(lines(), FOUND), Slip.id, parts).order_by(Slip.id.desc())
    return Ready(found.limit(in_full(search.CANDIDATES)))


def _find(text: str, site_id: int, most: int) -> Sequence[Any]:
    """Entries for the desk's search box, in one statement: a number, then what is open, then the newest."""
    wanted, number = search.wanted_by(text), number_in(text)
    if not wanted and number is None:
        return []
    asked = _hits(len(wanted), number is not None, search.is_certain(text))
    return search.best(
        text,
        asked.rows(**search.values(wanted, site_id=site_id, number=number)),
        texts=texts_of,
        most=most,
        first=lambda row: (row.number != number, row.state == SlipState.CLOSED),
        is_certain=lambda row: row.number == number,
    )


def texts_of(row: Any) -> list[str]:
    """What of a slip may match what was typed."""
    return [row.matter, row.label, row.name, row.phone, row.unit_number or ""]


SLIPS = registers.add(
    Register(
        name="slips",
        title=N_("Register of slips"),
        short=N_("Slips"),
        one=N_("Slip %(number)s"),
        icon="slip",
        subject="slip",
        read=Permission.SLIPS_READ,
        unmask=Permission.SLIPS_UNMASK,
        endpoint="slips.entry",
        statement=lines,
        full=whole,
        site=Slip.site_id,
        at=Slip.opened_at,
        id=Slip.id,
        by_ref=Slip.ref,
        columns=(
            Column("number", N_("No."), "number", lambda row: f"{row.number:04d}"),
            Column("opened", N_("Opened"), "moment", lambda row: row.opened_at),
            Column("promise", N_("Promised"), "moment", lambda row: row.promise_at),
            Column("nature", N_("Kind"), "sentence", lambda row: NATURE_NAMES[row.nature]),
            Column("matter", N_("Matter"), "told", matter_of),
            Column("state", N_("State"), "state", lambda row: row.state),
            Column("unit", N_("Unit"), "text", lambda row: row.unit_number),
            Column("name", N_("Told by"), "name", lambda row: row.name, mask_name),
            Column("phone", N_("Mobile phone"), "phone", lambda row: row.phone, mask_phone, display_phone),
            Column("owner", N_("Owner"), "text", lambda row: row.owner_name),
            Column("department", N_("Department"), "text", lambda row: row.department_name),
            Column("source", N_("Source"), "sentence", lambda row: SOURCE_NAMES[row.source]),
        ),
        details=(
            Column("kind", N_("Kind at this site"), "text", lambda row: row.kind_name),
            Column("written_by", N_("Entered by"), "text", lambda row: row.written_by),
            Column("offered", N_("Offered to"), "text", lambda row: row.offered_to_name),
            Column("received", N_("Received"), "moment", lambda row: row.received_at),
            Column("closed", N_("Closed"), "moment", lambda row: row.closed_at),
            Column("outcome", N_("Outcome"), "text", lambda row: row.outcome),
        ),
        filters=(
            Filter("state", N_("State"), STATE_CHOICES, _in_state),
            Filter("whose", N_("Whose"), WHOSE, lambda value, now: false(), by_reader=_whose),
            Filter("nature", N_("Kind"), tuple(NATURE_NAMES.items()), lambda value, now: Slip.nature == value),
            Filter("source", N_("Source"), tuple(SOURCE_NAMES.items()), lambda value, now: Slip.source == value),
        ),
        search=_text_clause,
        still_open=lambda now: is_open(),
        state=state_of,
        ref=lambda row: row.ref,
        line=matter_of,
        happened=happened,
        find=_find,
        lasting=(
            *("number", "state", "source", "nature", "kind_id", "urgent"),
            *("host_id", "unit_id", "owner_id", "offered_to_id", "written_by_id", "department_id"),
            *("received_at", "promise_at", "opened_at", "done_at", "closed_at", "closed_by_id"),
        ),
        erasable=("name", "phone", "matter", "outcome"),
    )
)
