"""The rail: which rooms somebody sees, as data."""

from dataclasses import dataclass

from flask import Flask, g, request, url_for
from flask_babel import gettext

from domain.permissions import Permission
from domain.text import N_


@dataclass(frozen=True)
class Room:
    """One entry of the rail: short name, full name, icon, endpoint, and who sees it."""

    label: str
    title: str
    icon: str
    endpoint: str
    permission: Permission
    part: str = "registers"


ROOMS = (
    Room(N_("Desk"), N_("Desk"), "bell", "desk.board", Permission.DESK_WORK, "first"),
    Room(N_("Visits"), N_("Register of visits"), "users", "visits.register", Permission.VISITS_READ),
    Room(N_("Sites"), N_("Sites"), "building", "admin.sites", Permission.SITES_MANAGE, "admin"),
    Room(N_("Occupants"), N_("Occupants"), "user", "admin.units", Permission.OCCUPANTS_MANAGE, "admin"),
    Room(N_("Kiosks"), N_("Kiosks"), "scan", "admin.kiosks", Permission.KIOSKS_MANAGE, "admin"),
    Room(N_("People"), N_("People and roles"), "id", "admin.people", Permission.ACCOUNTS_MANAGE, "admin"),
)


def rail() -> list[dict[str, object]]:
    """The rooms that the signed-in person may enter."""
    actor = g.get("actor")
    if actor is None or actor.kind != "staff":
        return []
    here = request.endpoint or ""
    blueprint = here.partition(".")[0]
    same = {room.endpoint for room in ROOMS if room.endpoint == here}
    return [
        {
            "label": gettext(room.label),
            "title": gettext(room.title),
            "icon": room.icon,
            "url": url_for(room.endpoint),
            "part": room.part,
            "current": room.endpoint in same
            or (not same and room.endpoint == g.get("room"))
            or (not same and "room" not in g and room.endpoint.partition(".")[0] == blueprint and blueprint != "admin"),
        }
        for room in ROOMS
        if room.permission in actor.here
    ]


def first_page() -> str:
    """Where somebody lands after signing in: the first room of the rail."""
    rooms = rail()
    return str(rooms[0]["url"]) if rooms else url_for("auth.account")


def init_app(app: Flask) -> None:
    """Give templates the rail."""
    app.jinja_env.globals.update(rail=rail)
