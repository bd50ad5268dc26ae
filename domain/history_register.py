"""The row of the history in the table of registers: one entry is one event of a site.

What it speaks of keeps its own page and its own rights: an event names the entry by its number and nobody in it. What
was entered with it is shown in full where every reader of it may see that entry in full as well.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, null, select

from domain import registers
from domain.events import UNMASKED, Event, EventDetail
from domain.history_words import ACTORS, CHANGED, HAPPENED, happening_of, thing_of, who_of
from domain.numbered import number_in
from domain.people.models import Person
from domain.permissions import Permission
from domain.registers import Column, Filter, Happening, Register, State
from domain.sites.models import Kiosk
from domain.text import N_

SUBJECT = "event"
RECORDED = State(N_("Recorded"), "log", "idle")
HIDDEN = "****"
LOOKS, FAILED = "looks", "failed"
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "visits": (N_("Visits"), ("visit", "reception_call")),
    "invitations": (N_("Invitations"), ("invitation",)),
    "keys": (
        N_("Keys"),
        ("loan", "key", "key_set", "key_approval", "key_count", "key_reservation", "cabinet"),
    ),
    "meetings": (N_("Meetings"), ("meeting", "room", "room_wish", "feed")),
    "service": (
        N_("Service of meetings"),
        ("service_item", "service_order", "service_step", "service_template", "step_template"),
    ),
    "slips": (N_("Slips"), ("slip", "slip_kind", "department")),
    "review": (N_("Review"), ("review", "review_comment", "seals", SUBJECT)),
    "occupants": (N_("Occupants"), ("host", "host_link", "unit")),
    "files": (N_("Exports and reports"), ("export", "report")),
    "site": (N_("Site"), ("site", "purpose", "kiosk")),
}


def _others() -> list[Register]:
    return [register for register in registers.everyone() if register.subject != SUBJECT]


@cache
def _of_entries(name: str) -> Any:
    """A column of the entry that an event speaks of, whichever register has it."""
    found = [
        (Event.subject == one.subject, select(column).where(one.model.id == Event.subject_id).scalar_subquery())
        for one in _others()
        for column in [{"number": one.number, "ref": one.by_ref}[name]]
    ]
    return case(*found, else_=null()).label(f"thing_{name}")


@cache
def lines() -> Select[Any]:
    """The columns that the list draws; nothing that was entered is among them."""
    return (
        select(
            *(Event.site_id, Event.number, Event.id.label("id"), Event.kind, Event.subject, Event.subject_id),
            *(Event.at, Event.facts, Event.actor_kind, _of_entries("number")),
            Person.name.label("person_name"),
            Kiosk.name.label("kiosk_name"),
        )
        .select_from(Event)
        .outerjoin(Person, and_(Event.actor_kind == "staff", Person.id == Event.actor_id))
        .outerjoin(Kiosk, and_(Event.actor_kind == "kiosk", Kiosk.id == Event.actor_id))
    )


@cache
def whole() -> Select[Any]:
    """As `lines`, with what was entered and where the entry stands. Of a register that some of its readers see in part,
    of occupants and of accounts it is left out: their own pages show it, to whom may see it there."""
    shown = [one.subject for one in _others() if one.limit is None]
    entered = case((Event.subject.in_(shown), EventDetail.entered), else_=null()).label("personal")
    details = and_(EventDetail.site_id == Event.site_id, EventDetail.number == Event.number)
    return lines().add_columns(entered, _of_entries("ref")).outerjoin(EventDetail, details)


def _about(value: str, now: datetime) -> ColumnElement[bool]:
    if value == LOOKS:
        return UNMASKED  # type: ignore[return-value]
    if value == FAILED:
        return Event.kind == "notice.failed"
    return Event.subject.in_(GROUPS[value][1]) if value in GROUPS else false()


def _text_clause(text: str, site_id: int) -> ColumnElement[bool]:
    """The event of that number, and what those of the staff did whose name has the text in it."""
    if (number := number_in(text)) is not None:
        return and_(Event.site_id == site_id, Event.number == number)
    named = select(Person.id).where(Person.name.icontains(text.strip(), autoescape=True))
    return and_(Event.site_id == site_id, Event.actor_kind == "staff", Event.actor_id.in_(named))


def happened(event: Any) -> Happening:
    """What happened to a line of the history: somebody looked at it in full."""
    note = str((getattr(event, "entered", None) or {}).get("reason", ""))
    return Happening(HAPPENED.get(event.kind, CHANGED), "eye", note=note, quiet=True)


def _entered(row: Any) -> tuple[str, ...] | None:
    return tuple(str(value) for value in (row.personal or {}).values()) or None


_hide: Callable[[Any], str] = lambda _entered: HIDDEN  # noqa: E731

HISTORY = registers.add(
    Register(
        name="history",
        title=N_("History of changes"),
        short=N_("History of changes"),
        one=N_("Event %(number)s"),
        icon="log",
        subject=SUBJECT,
        read=Permission.HISTORY_READ,
        unmask=Permission.HISTORY_UNMASK,
        endpoint="history.entry",
        statement=lines,
        full=whole,
        site=Event.site_id,
        at=Event.at,
        id=Event.id,
        by_ref=Event.ref,
        columns=(
            Column("number", N_("No."), "number", lambda row: f"{row.number:04d}"),
            Column("at", N_("When"), "moment", lambda row: row.at),
            Column("about", N_("About"), "told", thing_of),
            Column("what", N_("What happened"), "told", happening_of),
            Column("who", N_("Who"), "told", who_of),
        ),
        details=(Column("entered", N_("Entered with it"), "noted", _entered, _hide),),
        filters=(
            Filter(
                "about",
                N_("About"),
                (
                    *((name, words) for name, (words, _subjects) in GROUPS.items()),
                    (LOOKS, N_("Looks in full")),
                    (FAILED, N_("Messages not delivered")),
                ),
                _about,
            ),
            Filter("who", N_("Who"), tuple(ACTORS.items()), lambda value, now: Event.actor_kind == value),
        ),
        search=_text_clause,
        still_open=lambda now: false(),
        state=lambda row, now: RECORDED,
        ref=lambda row: f"{row.site_id}-{row.number}",
        line=happening_of,
        happened=happened,
        find=lambda text, site_id, most: (),
        lasting=("number", "kind", "subject", "subject_id", "actor_kind", "actor_id", "at", "facts", "digest"),
        work=False,
    )
)
