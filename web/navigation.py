"""The rail: which rooms somebody sees, as data."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Flask, g, request, url_for
from markupsafe import Markup

from domain import registers
from domain.permissions import Permission
from domain.text import N_
from web.components import component
from web.i18n import language, say, tell


@dataclass(frozen=True)
class Room:
    """One entry of the rail: short name, full name, icon, endpoint, and who sees it; `work` where somebody spends the
    shift, which is where signing in leads before any register that is only read.
    """

    label: str
    title: str
    icon: str
    endpoint: str
    permission: Permission
    part: str = "registers"
    work: bool = False


ROOMS = (
    Room(N_("Desk"), N_("Desk"), "bell", "desk.board", Permission.DESK_WORK, "first", work=True),
    Room(N_("Review"), N_("To review"), "stamp", "review.overview", Permission.REVIEW_READ, "first", work=True),
    Room(N_("Visits"), N_("Register of visits"), "users", "visits.register", Permission.VISITS_READ),
    Room(N_("Guests"), N_("Invitations"), "invite", "invitations.today", Permission.INVITATIONS_READ),
    Room(N_("Keys"), N_("Keys"), "key", "keys.cabinet", Permission.KEYS_READ),
    Room(N_("Meetings"), N_("Meetings"), "meeting", "meetings.day", Permission.MEETINGS_READ),
    Room(N_("Service"), N_("Service of meetings"), "handshake", "service.runs", Permission.MEETINGS_SERVE, work=True),
    Room(N_("Slips"), N_("Register of slips"), "slip", "slips.register", Permission.SLIPS_READ),
    Room(N_("Changes"), N_("History of changes"), "log", "history.register", Permission.HISTORY_READ),
    Room(N_("Figures"), N_("Figures"), "chart", "reports.dashboard", Permission.REPORTS_READ, "first"),
    Room(N_("Sites"), N_("Sites"), "building", "admin.sites", Permission.SITES_MANAGE, "admin"),
    Room(N_("Occupants"), N_("Occupants"), "user", "admin.units", Permission.OCCUPANTS_MANAGE, "admin"),
    Room(N_("Key cabinets"), N_("Cabinets and keys"), "list", "keys.cabinets", Permission.KEYS_MANAGE, "admin"),
    Room(N_("Rooms"), N_("Meeting rooms"), "calendar", "meetings.rooms", Permission.ROOMS_MANAGE, "admin"),
    Room(N_("Catalogue"), N_("Service: stock"), "parcel", "service.catalogue", Permission.SERVICE_MANAGE, "admin"),
    Room(N_("Kiosks"), N_("Kiosks and displays"), "scan", "admin.kiosks", Permission.KIOSKS_MANAGE, "admin"),
    Room(N_("Privacy"), N_("Privacy"), "hide", "privacy.keeping", Permission.PRIVACY_MANAGE, "admin"),
    Room(
        N_("Personal data"),
        N_("Show and erase own data"),
        "hide",
        "privacy.ask_person",
        Permission.PRIVACY_SERVE,
        "admin",
    ),
    Room(N_("People"), N_("People and roles"), "id", "admin.people", Permission.ACCOUNTS_MANAGE, "admin"),
)
ROOM_OF = {"loans": "keys", "reservations": "meetings"}
"""Blueprints whose pages stand in another one's room."""


def rail() -> tuple[dict[str, object], ...]:
    """The rooms that the signed-in person may enter."""
    return _rail(*_asking())


def drawn_rail(wide: bool, house: str) -> Markup:
    """The rail as a page shows it: `wide` with full names, below the name of the house."""
    return _drawn(wide, house, *_asking())


def _asking() -> tuple[str, str, frozenset[Permission], str, str | None]:
    """All that the rail depends on: language, rights and page. Who asks the same gets what was drawn up once."""
    actor = g.get("actor")
    here = actor.here if actor is not None and actor.kind == "staff" else frozenset()
    return language(), request.root_path, here, request.endpoint or "", g.get("room")


@lru_cache(maxsize=512)
def _drawn(wide: bool, house: str, *asking: Any) -> Markup:
    rooms = _rail(*asking)
    return Markup(component("rail")(rooms, _first_of(rooms), wide, house))  # noqa: S704 -- what a template drew


@lru_cache(maxsize=512)
def _rail(
    _language: str, _root: str, here: frozenset[Permission], endpoint: str, room: str | None
) -> tuple[dict[str, object], ...]:
    blueprint = ROOM_OF.get(endpoint.partition(".")[0], endpoint.partition(".")[0])
    own: set[str | None] = {entry.endpoint for entry in ROOMS if entry.endpoint == endpoint} or {room}
    if room is None and not own - {None} and blueprint != "admin":
        own = {next((entry.endpoint for entry in ROOMS if entry.endpoint.partition(".")[0] == blueprint), None)}
    return tuple(
        {
            "label": say(entry.label),
            "title": say(entry.title),
            "icon": entry.icon,
            "url": url_for(entry.endpoint),
            "part": entry.part,
            "work": entry.work,
            "current": entry.endpoint in own,
        }
        for entry in ROOMS
        if entry.permission in here
    )


def first_page() -> str:
    """Where somebody lands after signing in: the first room of the rail where one works, else the first one read."""
    return _first_of(rail())


def first_page_of(part: str) -> str | None:
    """The first page of that part of the rail, or None for who may enter none of its rooms."""
    return next((str(room["url"]) for room in rail() if room["part"] == part), None)


def _first_of(rooms: Sequence[dict[str, object]]) -> str:
    first = sorted(rooms, key=lambda room: not room["work"])
    return str(first[0]["url"]) if first else url_for("auth.account")


def asked_of_me(counts: Sequence[int]) -> list[dict[str, str]]:
    """What is asked of the signed-in person, the counts given: a sentence each, and where it stands."""
    return [
        {"words": tell(asked.sentence, asked.values), "url": url_for(asked.endpoint)}
        for asked in registers.asked_of(g.actor, counts)
    ]


def init_app(app: Flask) -> None:
    """Give templates the rail."""
    app.jinja_env.globals.update(drawn_rail=drawn_rail)
