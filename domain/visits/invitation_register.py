"""The row of invitations in the table of registers: who is expected, and who of them came (V5)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, not_, or_, select

from domain import registers, search
from domain.emails import mask_email
from domain.masking import mask_name, mask_phone
from domain.numbered import number_in
from domain.permissions import Permission
from domain.phones import display_phone
from domain.registers import Column, Filter, Register, State
from domain.statements import Ready, in_full, narrowed
from domain.text import N_
from domain.visits.invitation_codes import parse_digits
from domain.visits.invitation_happenings import happened
from domain.visits.invitation_models import Invitation, InvitationState
from domain.visits.invitation_queries import came, listed, used_up, whole
from domain.visits.register import for_whom, whom

FOUND = (
    *("id", "ref", "number", "state", "digits", "name", "phone", "organisation", "begins_at", "ends_at", "entries"),
    *("used", "host_name", "unit_number", "company"),
)
"""The columns that a line of what was searched for draws, and those that it is found by."""
GROUP = N_("A group")
SOURCES = {
    "desk": N_("Desk"),
    "host": N_("Host"),
    "meeting": N_("Meeting"),
    "upload": N_("Upload"),
}
EXPECTED, CAME, PARTLY, ABSENT = "expected", "came", "partly", "absent"
STATES = {
    EXPECTED: State(N_("Expected"), "clock", "idle"),
    CAME: State(N_("Has come"), "check", "ok"),
    PARTLY: State(N_("Came, may come again"), "check", "ok"),
    ABSENT: State(N_("Did not come"), "minus", "idle"),
    InvitationState.WITHDRAWN: State(N_("Taken back"), "x", "idle"),
}


def stands(row: Any, now: datetime) -> str:
    """How an invitation stands at that instant."""
    if row.used >= row.entries:
        return CAME
    if row.state == InvitationState.WITHDRAWN:
        return InvitationState.WITHDRAWN
    if row.ends_at < now:
        return CAME if row.used else ABSENT
    return PARTLY if row.used else EXPECTED


def state_of(row: Any, now: datetime) -> State:
    """How it shows."""
    return STATES[stands(row, now)]


def _in_state(value: str, now: datetime) -> ColumnElement[bool]:
    open_, over = Invitation.state == InvitationState.OPEN, Invitation.ends_at < now
    match value:
        case "expected":
            return and_(open_, not_(over), not_(used_up()))
        case "came":
            return came()
        case "absent":
            return and_(open_, over, not_(came()))
        case _:
            return Invitation.state == value


def _open(now: datetime) -> ColumnElement[bool]:
    """Who is expected, whether the time has begun or not: a shift hands it on (S4), and no day has finished it."""
    return _in_state(EXPECTED, now)


def _text_clause(text: str, site_id: int) -> ColumnElement[bool]:
    here, clauses = Invitation.site_id == site_id, for_whom(Invitation, text, site_id)
    if (number := number_in(text)) is not None:
        clauses.append(and_(here, Invitation.number == number))
    if digits := parse_digits(text):
        clauses.append(and_(here, Invitation.digits == digits))
    if wanted := search.wanted_by(text):
        under = search.under(wanted, site_id=site_id, kind=search.INVITATION)
        clauses.append(and_(here, Invitation.id.in_(under.order_by(None))))
    return or_(*clauses) if clauses else false()


def hits(count: int, by_digits: bool, certain: bool) -> Select[Any]:
    """The newest invitations under so many grams, and the one of six digits."""
    parts: list[search.Part] = []
    if by_digits:
        here = Invitation.site_id == search.HERE
        parts.append(select(Invitation.id).where(here, Invitation.digits == bindparam("digits")))
    if count:
        parts.append(search.newest_under(count, kind=search.INVITATION, certain=certain))
    found = search.rows_among(narrowed(listed(), FOUND), Invitation.id, parts).order_by(Invitation.id.desc())
    return found.limit(in_full(search.CANDIDATES))


@lru_cache(maxsize=64)
def _hits(count: int, by_digits: bool, certain: bool) -> Ready:
    return Ready(hits(count, by_digits, certain), one_plan=True)


def _find(text: str, site_id: int, most: int) -> Sequence[Any]:
    """Entries for the desk's search box, in one statement: six digits, who is still expected, then the newest."""
    wanted, digits = search.wanted_by(text), parse_digits(text)
    if not wanted and digits is None:
        return []
    asked = _hits(len(wanted), digits is not None, search.is_certain(text))
    return best_of(text, asked.rows(**search.values(wanted, site_id=site_id, digits=digits)), digits, most=most)


def best_of(text: str, rows: Iterable[Any], digits: str | None, *, most: int) -> list[Any]:
    """The best few of what was found."""
    return search.best(
        text,
        rows,
        texts=lambda row: [row.name, row.phone, row.organisation],
        most=most,
        first=lambda row: (digits is None or row.digits != digits, row.used >= row.entries),
        is_certain=lambda row: digits is not None and row.digits == digits,
    )


def name_of(row: Any) -> str:
    """Who is invited; "" for a group and for one that was erased."""
    return str(row.name)


def _entries(row: Any) -> str:
    return f"{row.used} / {row.entries}"


def _line(row: Any) -> tuple[str, dict[str, Any]]:
    values = {"name": mask_name(row.name) or "–", "whom": whom(row), "begins": row.begins_at}
    return N_("%(name)s to see %(whom)s, %(begins)s"), values


INVITATIONS = registers.add(
    Register(
        name="invitations",
        title=N_("Register of invitations"),
        short=N_("Invitations"),
        one=N_("Invitation %(number)s"),
        icon="invite",
        subject="invitation",
        read=Permission.INVITATIONS_READ,
        unmask=Permission.INVITATIONS_UNMASK,
        endpoint="invitations.entry",
        statement=listed,
        full=whole,
        site=Invitation.site_id,
        at=Invitation.begins_at,
        entered=Invitation.made_at,
        id=Invitation.id,
        by_ref=Invitation.ref,
        columns=(
            Column("number", N_("No."), "number", lambda row: f"{row.number:04d}"),
            Column("begins", N_("From"), "moment", lambda row: row.begins_at),
            Column("ends", N_("To"), "moment", lambda row: row.ends_at),
            Column("name", N_("Guest"), "name", name_of, mask_name),
            Column("phone", N_("Mobile phone"), "phone", lambda row: row.phone, mask_phone, display_phone),
            Column("organisation", N_("Organisation"), "text", lambda row: row.organisation),
            Column("whom", N_("Whom to see"), "text", whom),
            Column("state", N_("State"), "state", lambda row: row.state),
            Column("entries", N_("Entries"), "text", _entries),
            Column("source", N_("Invited by"), "sentence", lambda row: SOURCES[row.source]),
        ),
        details=(
            Column("purpose", N_("Purpose"), "by_language", lambda row: row.purpose_names),
            Column("email", N_("Mail"), "text", lambda row: row.email, mask_email),
            Column("companions", N_("Companions"), "number", lambda row: row.companions or ""),
            Column("came", N_("Came last"), "moment", lambda row: row.came_at),
            Column("made_by", N_("Entered by"), "text", lambda row: row.made_by),
            Column("made", N_("Entered at the time"), "moment", lambda row: row.made_at),
            Column("withdrawn", N_("Taken back"), "moment", lambda row: row.withdrawn_at),
        ),
        filters=(
            Filter(
                "state",
                N_("State"),
                (
                    (EXPECTED, STATES[EXPECTED].word),
                    (CAME, STATES[CAME].word),
                    (ABSENT, STATES[ABSENT].word),
                    (InvitationState.WITHDRAWN, STATES[InvitationState.WITHDRAWN].word),
                ),
                _in_state,
            ),
            Filter("source", N_("Invited by"), tuple(SOURCES.items()), lambda value, now: Invitation.source == value),
        ),
        search=_text_clause,
        still_open=_open,
        state=state_of,
        ref=lambda row: row.ref,
        line=_line,
        happened=happened,
        find=_find,
        lasting=(
            *("number", "state", "companions", "purpose_id", "unit_id", "meeting_id", "begins_at", "ends_at"),
            *("entries", "source", "made_by_id", "made_at", "withdrawn_at"),
        ),
        erasable=("name", "phone", "email", "organisation", "host_id"),
    )
)
