"""The row of visits in the table of registers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false

from domain import grams, registers, search
from domain.codes import parse_badge
from domain.database import db
from domain.masking import mask_name, mask_phone, mask_plate
from domain.permissions import Permission
from domain.registers import Column, Filter, Register, State
from domain.text import N_
from domain.visits.models import PRESENT, STATE_NAMES, Visit, VisitState
from domain.visits.queries import lines

SOURCES = {"kiosk": N_("Kiosk"), "own": N_("Own phone"), "desk": N_("Desk")}
LINGERS = "lingers"


def state_of(row: Any, now: datetime) -> State:
    """How a visit stands at that instant; lingering is computed (V12)."""
    if row.state == VisitState.INSIDE and row.due_at < now:
        return State(N_("Overstaying"), "late", "late")
    return {
        VisitState.WAITING: State(STATE_NAMES[VisitState.WAITING], "wait", "wait"),
        VisitState.INSIDE: State(STATE_NAMES[VisitState.INSIDE], "dot", "accent"),
        VisitState.LEFT: State(STATE_NAMES[VisitState.LEFT], "check", "ok"),
        VisitState.REFUSED: State(STATE_NAMES[VisitState.REFUSED], "x", "idle"),
        VisitState.CANCELLED: State(STATE_NAMES[VisitState.CANCELLED], "minus", "idle"),
        VisitState.PROBABLY_LEFT: State(STATE_NAMES[VisitState.PROBABLY_LEFT], "hide", "late"),
    }[VisitState(row.state)]


def _in_state(value: str, now: datetime) -> ColumnElement[bool]:
    if value == LINGERS:
        return (Visit.state == VisitState.INSIDE) & (Visit.due_at < now)
    return Visit.state == value


def _text_clause(text: str, site_id: int) -> ColumnElement[bool]:
    badge = parse_badge(text)
    if badge:
        return (Visit.badge_number == badge[0]) & (Visit.badge_check == badge[1])
    if text.isdigit() and len(text) < 4:
        return Visit.number == int(text)
    wanted = grams.query_grams(text)
    if not wanted:
        return false()
    return Visit.id.in_(search.found(site_id=site_id, kind=search.VISIT, gram=wanted[0]).order_by(None))


def _find(text: str, site_id: int, most: int) -> Sequence[Any]:
    """Entries for the desk's search box: present ones first, then the newest."""
    badge = parse_badge(text)
    if badge:
        statement = lines().where(
            Visit.site_id == site_id, Visit.badge_number == badge[0], Visit.badge_check == badge[1]
        )
        return db.session.execute(statement.order_by(Visit.id.desc()).limit(most)).all()

    def load(ids: Sequence[int]) -> Sequence[Any]:
        return db.session.execute(lines().where(Visit.id.in_(ids)).order_by(Visit.id.desc())).all()

    found = search.candidates(
        text,
        site_id=site_id,
        kind=search.VISIT,
        load=load,
        texts=lambda row: [row.name, row.phone, row.plate],
        most=most,
    )
    return sorted(found, key=lambda row: row.state not in PRESENT)


def _line(row: Any) -> tuple[str, dict[str, Any]]:
    return N_("%(name)s to see %(whom)s"), {
        "name": mask_name(row.name),
        "whom": row.host_name or row.company or row.unit_number,
    }


VISITS = registers.add(
    Register(
        name="visits",
        title=N_("Register of visits"),
        short=N_("Visits"),
        icon="users",
        subject="visit",
        read=Permission.VISITS_READ,
        unmask=Permission.VISITS_UNMASK,
        endpoint="visits.entry",
        statement=lines,
        site=Visit.site_id,
        at=Visit.arrived_at,
        id=Visit.id,
        columns=(
            Column("number", N_("No."), "number", lambda row: f"{row.number:04d}"),
            Column("arrived", N_("In"), "moment", lambda row: row.arrived_at),
            Column("left", N_("Out"), "moment", lambda row: row.left_at),
            Column("name", N_("Visitor"), "name", lambda row: row.name, mask_name),
            Column("companions", N_("Companions"), "number", lambda row: row.companions or ""),
            Column("phone", N_("Mobile phone"), "phone", lambda row: row.phone, mask_phone),
            Column("organisation", N_("Organisation"), "text", lambda row: row.organisation),
            Column(
                "whom",
                N_("Whom to see"),
                "text",
                lambda row: " ".join(filter(None, (row.host_name, row.unit_number or row.company))),
            ),
            Column("purpose", N_("Purpose"), "text", lambda row: row.purpose_names),
            Column("plate", N_("Vehicle plate"), "text", lambda row: row.plate, mask_plate),
            Column("state", N_("State"), "state", lambda row: row.state),
            Column("source", N_("Entered at"), "sentence", lambda row: SOURCES[row.source]),
        ),
        filters=(
            Filter(
                "state",
                N_("State"),
                (
                    (VisitState.INSIDE, N_("In the building")),
                    (VisitState.WAITING, N_("Waiting")),
                    (LINGERS, N_("Overstaying")),
                    (VisitState.LEFT, N_("Left")),
                    (VisitState.PROBABLY_LEFT, N_("Not seen leaving")),
                    (VisitState.REFUSED, N_("Refused")),
                    (VisitState.CANCELLED, N_("Cancelled")),
                ),
                _in_state,
            ),
            Filter(
                "source",
                N_("Entered at"),
                tuple(SOURCES.items()),
                lambda value, now: Visit.source == value,
            ),
        ),
        search=_text_clause,
        still_open=lambda now: Visit.state.in_(PRESENT),
        state=state_of,
        ref=lambda row: row.ref,
        line=_line,
        find=_find,
    )
)
