"""The row of visits in the table of registers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, func, or_, select
from sqlalchemy.orm import aliased

from domain import registers, search
from domain.codes import badge_label, parse_badge, parse_badge_number
from domain.events import Event
from domain.masking import mask_document, mask_name, mask_phone, mask_plate
from domain.numbered import number_in
from domain.occupants.queries import called
from domain.permissions import Permission
from domain.phones import display_phone
from domain.registers import Column, Filter, Register, State
from domain.statements import Ready, in_full
from domain.text import N_
from domain.visits.happenings import happened
from domain.visits.models import IS_PRESENT, PRESENT, STATE_NAMES, Visit, VisitState
from domain.visits.notice_shown import LANGUAGE, LANGUAGE_NAMES
from domain.visits.queries import drawn_when_found, listed, whole
from domain.visits.untold import UNDER_WAY, is_untold

SOURCES = {"kiosk": N_("Kiosk"), "own": N_("Own phone"), "desk": N_("Desk")}
LINGERS, UNTOLD = "lingers", "untold"


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
    return STATES[row.state]


def _in_state(value: str, now: datetime) -> ColumnElement[bool]:
    if value == LINGERS:
        return (Visit.state == VisitState.INSIDE) & (Visit.due_at < now)
    if value == UNTOLD:  # whom the desk's board has to call; who waits stands there as waiting
        return and_(Visit.state == VisitState.INSIDE, Visit.answered_at.is_(None), is_untold(now - UNDER_WAY))
    return Visit.state == value


def numbers_in(text: str) -> dict[str, Any]:
    """The numbers that were typed, as statements call them: a badge with its check code, a badge alone, the number of a
    visit. Digits may be any of them.
    """
    numbers: dict[str, Any] = {}
    if badge := parse_badge(text):
        numbers |= {"badge": badge[0], "check": badge[1]}
    if alone := parse_badge_number(text):
        numbers["alone"] = alone
    if (number := number_in(text)) is not None:
        numbers["number"] = number
    return numbers


def _by_number(numbers: Mapping[str, Any], site_id: Any) -> list[ColumnElement[bool]]:
    """Visits of these numbers: each clause names the site, so that each finds its own index. Badges begin anew each
    day: one without its check code is whoever has it now, and whoever got it on the last day that gave any.
    """
    here = Visit.site_id == site_id
    clauses: list[ColumnElement[bool]] = []
    if "badge" in numbers:
        clauses.append(and_(here, Visit.badge_number == numbers["badge"], Visit.badge_check == numbers["check"]))
    if "alone" in numbers:
        badge = Visit.badge_number == numbers["alone"]
        clauses += [and_(here, badge, IS_PRESENT), and_(here, badge, Visit.badge_day == last_badge_day(site_id))]
    if "number" in numbers:
        clauses.append(and_(here, Visit.number == numbers["number"]))
    return clauses


def last_badge_day(site_id: Any) -> Any:
    """The last day on which the site gave a badge: today, where anybody came."""
    other = aliased(Visit)
    return select(func.max(other.badge_day)).where(other.site_id == site_id).scalar_subquery()


def for_whom(model: Any, text: str, site_id: int) -> list[ColumnElement[bool]]:
    """The condition that an entry was for the host or unit of just that name (R4); none where nobody is called so."""
    hosts, units = called(text, site_id=site_id)
    them = [column.in_(ids) for column, ids in ((model.host_id, hosts), (model.unit_id, units)) if ids]
    return [and_(model.site_id == site_id, or_(*them))] if them else []


def _text_clause(text: str, site_id: int) -> ColumnElement[bool]:
    """Visits of that number or badge, of that visitor, or for that host or unit."""
    numbered, wanted = _by_number(numbers_in(text), site_id), search.wanted_by(text)
    clauses = [*numbered, *for_whom(Visit, text, site_id)]
    under = search.under(wanted, site_id=site_id, kind=search.VISIT).order_by(None) if wanted else None
    if numbered:
        # Few have a number, and each part finds them by its own index. Of a name there may be very many: there the list
        # is walked from its newest, and ends with its page.
        parts: list[search.Part] = [select(Visit.id).where(clause) for clause in clauses]
        return search.among(Visit.id, [*parts, under] if under is not None else parts)
    if under is not None:
        clauses.append(and_(Visit.site_id == site_id, Visit.id.in_(under)))
    return or_(*clauses) if clauses else false()


def hits(count: int, numbered: tuple[str, ...], certain: bool) -> Select[Any]:
    """Visits of the bound numbers, those present under so many grams, and the newest under them."""
    parts: list[search.Part] = [
        select(Visit.id).where(c) for c in _by_number({name: bindparam(name) for name in numbered}, search.HERE)
    ]
    if count:
        wanted, kind = search.bound(count), search.VISIT
        theirs = search.is_under(wanted, site_id=search.HERE, kind=kind, subject=Visit.id)
        parts.append(select(Visit.id).where(Visit.site_id == search.HERE, IS_PRESENT, theirs))
        parts.append(search.newest_under(count, kind=kind, certain=certain))
    drawn = drawn_when_found().add_columns((Visit.badge_day == last_badge_day(search.HERE)).label("badge_is_last"))
    found = search.rows_among(drawn, Visit.id, parts).order_by(Visit.id.desc())
    return found.limit(in_full(3 * search.CANDIDATES))


@lru_cache(maxsize=128)
def _hits(count: int, numbered: tuple[str, ...], certain: bool) -> Ready:
    return Ready(hits(count, numbered, certain), one_plan=True)


def _find(text: str, site_id: int, most: int) -> Sequence[Any]:
    """Entries for the desk's search box, in one statement: a number or badge, who is there, then the newest."""
    wanted, numbers = search.wanted_by(text), numbers_in(text)
    if not wanted and not numbers:
        return []
    asked = _hits(len(wanted), tuple(numbers), search.is_certain(text))
    rows = asked.rows(**search.values(wanted, site_id=site_id, **numbers))
    return best_of(text, rows, numbers, most=most)


def best_of(text: str, rows: Iterable[Any], numbers: Mapping[str, Any], *, most: int) -> list[Any]:
    """The best few of what was found: who is there, by badge before phone or name before number; then who had that
    badge, the visit of that number, and who else is found by phone or name.
    """

    def first(row: Any) -> tuple[bool, int]:
        gone = row.state not in PRESENT
        if _has_badge(row, numbers):
            return gone, 0
        return gone, 1 if gone == _has_number(row, numbers) else 2

    return search.best(
        text,
        rows,
        texts=_texts,
        most=most,
        first=first,
        is_certain=lambda row: _has_badge(row, numbers) or _has_number(row, numbers),
    )


def _texts(row: Any) -> list[str]:
    return [row.name, row.phone, row.plate]


def _has_badge(row: Any, numbers: Mapping[str, Any]) -> bool:
    if "badge" in numbers and (row.badge_number, row.badge_check) == (numbers["badge"], numbers["check"]):
        return True
    return row.badge_number == numbers.get("alone") and (row.state in PRESENT or row.badge_is_last)


def _has_number(row: Any, numbers: Mapping[str, Any]) -> bool:
    return row.number == numbers.get("number")


def whom(row: Any) -> str:
    """Whom a visit goes to: the host or the company, and the room: whoever calls or goes there needs it."""
    return " ".join(filter(None, (row.host_name or row.company, row.unit_number)))


def _line(row: Any) -> tuple[str, dict[str, Any]]:
    return N_("%(name)s to see %(whom)s"), {"name": mask_name(row.name) or "–", "whom": whom(row)}


def _marks() -> ColumnElement[bool]:
    """Departures with something of ours, and the sign-outs that were taken back."""
    holds = Event.facts["holds"].as_string().is_not(None)
    left = and_(Event.kind.in_(("visit.signed_out", "visit.presumed_left")), holds)
    return or_(left, Event.kind == "visit.sign_out_undone")


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
            Column(
                "left", N_("Out"), "moment", lambda row: None if row.state == VisitState.PROBABLY_LEFT else row.left_at
            ),
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
            Column("language", LANGUAGE, "sentence", lambda row: LANGUAGE_NAMES[row.language]),
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
                    (UNTOLD, N_("To call: the host does not know")),
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
        still_open=lambda now: IS_PRESENT,
        state=state_of,
        ref=lambda row: row.ref,
        line=_line,
        happened=happened,
        marks=_marks,
        find=_find,
        lasting=(
            *("number", "state", "badge_day", "badge_number", "companions", "purpose_id"),
            *("unit_id", "host_id", "source", "kiosk_id", "entered_by_id", "answer"),
            *("answered_at", "answered_by", "arrived_at", "due_at", "left_at", "left_how"),
        ),
        erasable=("name", "phone", "organisation", "plate", "goods", "linger_note"),
    )
)
