"""The row of visits in the table of registers."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import aliased

from domain import grams, registers, search
from domain.codes import badge_label, parse_badge
from domain.database import db
from domain.masking import mask_document, mask_name, mask_phone, mask_plate
from domain.permissions import Permission
from domain.phones import display_phone
from domain.registers import Column, Filter, Register, State
from domain.text import N_
from domain.visits.happenings import happened
from domain.visits.models import PRESENT, STATE_NAMES, Visit, VisitState
from domain.visits.queries import lines, listed, whole

SOURCES = {"kiosk": N_("Kiosk"), "own": N_("Own phone"), "desk": N_("Desk")}
LINGERS = "lingers"
BADGE_ALONE = re.compile(r"[aA]-?(\d{1,5})")
LOOKED_AT = 120


OVERSTAYS = State(N_("Overstaying"), "late", "late")
STATES = {
    VisitState.WAITING: State(STATE_NAMES[VisitState.WAITING], "wait", "wait"),
    VisitState.INSIDE: State(STATE_NAMES[VisitState.INSIDE], "dot", "accent"),
    VisitState.LEFT: State(STATE_NAMES[VisitState.LEFT], "check", "ok"),
    VisitState.REFUSED: State(STATE_NAMES[VisitState.REFUSED], "x", "idle"),
    VisitState.CANCELLED: State(STATE_NAMES[VisitState.CANCELLED], "minus", "idle"),
    VisitState.PROBABLY_LEFT: State(STATE_NAMES[VisitState.PROBABLY_LEFT], "hide", "late"),
}


def state_of(row: Any, now: datetime) -> State:
    """How a visit stands at that instant; lingering is computed (V12)."""
    if row.state == VisitState.INSIDE and row.due_at < now:
        return OVERSTAYS
    return STATES[VisitState(row.state)]


def _in_state(value: str, now: datetime) -> ColumnElement[bool]:
    if value == LINGERS:
        return (Visit.state == VisitState.INSIDE) & (Visit.due_at < now)
    return Visit.state == value


def _is_under(wanted: list[str], site_id: int) -> ColumnElement[bool]:
    """Whether a visit is under all of these grams: one look into the index for each, cheap where visits are few."""
    probes = []
    for gram in wanted:
        one = aliased(search.SearchGram)
        at = and_(one.site_id == site_id, one.kind == search.VISIT, one.gram == gram, one.subject_id == Visit.id)
        probes.append(select(1).where(at).correlate(Visit).exists())
    return and_(*probes)


def _by_number(text: str, site_id: int) -> list[ColumnElement[bool]]:
    """Visits whose number or badge was typed: each clause names the site, so that each finds its own index."""
    here = Visit.site_id == site_id
    clauses: list[ColumnElement[bool]] = []
    if badge := parse_badge(text):
        clauses.append(and_(here, Visit.badge_number == badge[0], Visit.badge_check == badge[1]))
    if alone := BADGE_ALONE.fullmatch(text.strip()):
        clauses.append(and_(here, Visit.badge_number == int(alone[1]), Visit.state.in_(PRESENT)))
    if re.fullmatch(r"[0-9]{1,9}", text.strip()):
        clauses.append(and_(here, Visit.number == int(text)))
    return clauses


def _text_clause(text: str, site_id: int) -> ColumnElement[bool]:
    clauses = _by_number(text, site_id)
    if wanted := grams.query_grams(text):
        clauses.append(
            and_(
                Visit.site_id == site_id,
                Visit.id.in_(search.under(wanted, site_id=site_id, kind=search.VISIT).order_by(None)),
            )
        )
    return or_(*clauses) if clauses else false()


def _find(text: str, site_id: int, most: int) -> Sequence[Any]:
    """Entries for the desk's search box, in one statement: a number or badge, who is there, then the newest."""
    clauses, wanted = _by_number(text, site_id), grams.query_grams(text)
    if wanted:
        newest = search.under(wanted, site_id=site_id, kind=search.VISIT).limit(LOOKED_AT)
        clauses.append(and_(Visit.site_id == site_id, Visit.state.in_(PRESENT), _is_under(wanted, site_id)))
        clauses.append(Visit.id.in_(newest))
    if not clauses:
        return []
    ranked = [
        (not _is_number(row, text), row.state not in PRESENT, -grams.degree(text, _texts(row)), -row.id, row)
        for row in db.session.execute(lines().where(or_(*clauses)).order_by(Visit.id.desc()).limit(3 * LOOKED_AT))
        if _is_number(row, text) or grams.matches(text, _texts(row))
    ]
    return [row for *_, row in sorted(ranked, key=lambda item: item[:4])[:most]]


def _texts(row: Any) -> list[str]:
    return [row.name, row.phone, row.plate]


def _is_number(row: Any, text: str) -> bool:
    badge, alone, plain = parse_badge(text), BADGE_ALONE.fullmatch(text.strip()), text.strip()
    return (
        badge == (row.badge_number, row.badge_check)
        or (alone is not None and int(alone[1]) == row.badge_number)
        or (plain.isascii() and plain.isdigit() and int(plain) == row.number)
    )


def whom(row: Any) -> str:
    """Whom a visit goes to: the host and the room, or the company."""
    return " ".join(filter(None, (row.host_name, row.unit_number if row.host_name else row.company or row.unit_number)))


def _line(row: Any) -> tuple[str, dict[str, Any]]:
    return N_("%(name)s to see %(whom)s"), {"name": mask_name(row.name) or "–", "whom": whom(row)}


VISITS = registers.add(
    Register(
        name="visits",
        title=N_("Register of visits"),
        short=N_("Visits"),
        one=N_("Visit %(number)s"),
        icon="users",
        subject="visit",
        read=Permission.VISITS_READ,
        unmask=Permission.VISITS_UNMASK,
        endpoint="visits.entry",
        statement=listed,
        full=whole,
        site=Visit.site_id,
        at=Visit.arrived_at,
        id=Visit.id,
        by_ref=Visit.ref,
        columns=(
            Column("number", N_("No."), "number", lambda row: f"{row.number:04d}"),
            Column("arrived", N_("In"), "moment", lambda row: row.arrived_at),
            Column("left", N_("Out"), "moment", lambda row: row.left_at),
            Column("name", N_("Visitor"), "name", lambda row: row.name, mask_name),
            Column("phone", N_("Mobile phone"), "phone", lambda row: row.phone, mask_phone, display_phone),
            Column("organisation", N_("Organisation"), "text", lambda row: row.organisation),
            Column("whom", N_("Whom to see"), "text", whom),
            Column("purpose", N_("Purpose"), "by_language", lambda row: row.purpose_names),
            Column("state", N_("State"), "state", lambda row: row.state),
            Column("source", N_("Entered at"), "sentence", lambda row: SOURCES[row.source]),
            Column("companions", N_("Companions"), "number", lambda row: row.companions or ""),
        ),
        details=(
            Column("badge", N_("Badge"), "text", lambda row: badge_label(row.badge_number)),
            Column("due", N_("Expected end"), "moment", lambda row: row.due_at),
            Column("plate", N_("Vehicle plate"), "text", lambda row: row.plate, mask_plate),
            Column("goods", N_("What you bring in"), "text", lambda row: row.goods),
            Column(
                "document", N_("Last 4 digits of your ID document"), "text", lambda row: row.document, mask_document
            ),
            Column("kiosk", N_("Kiosk"), "text", lambda row: row.kiosk_name),
            Column("entered_by", N_("Entered by"), "text", lambda row: row.entered_by),
            Column("note", N_("What was done"), "text", lambda row: row.linger_note),
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
        happened=happened,
        find=_find,
    )
)
