"""The display at the door of a room: free, busy, what comes next; begin, end, extend, take the room now (M10).

It opens its own room's addresses and no others. It asks again by itself, with scripts or without.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Response, g, redirect, request, url_for
from flask_babel import gettext as _
from wtforms.fields import StringField

from blueprints.meetings import blueprint
from domain import clock, events
from domain.database import db
from domain.errors import DomainError, NotFound
from domain.meetings import changes, door, ends
from domain.meetings.models import EQUIPMENT_NAMES, Reservation, Room
from domain.text import N_
from web.answers import POLICY
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse, render, unchanged, wants_fragment
from web.i18n import STAFF_LANGUAGES, clock_time, language, say, speak
from web.permissions import actor, poll
from web.permissions import door as at_the_door
from web.transactions import read_only, writes

ASK_SECONDS = 30
WORDS = {
    "free": N_("Free"),
    "busy": N_("Busy"),
    "waits": N_("Reserved"),
    "clearing": N_("Not now"),
    "closed": N_("Room closed"),
}


class DoorForm(FoyerForm):
    """A touch at the door: which meeting is meant, or for how long the room is taken."""

    meeting = StringField()
    minutes = StringField()

    def span(self, offered: tuple[int, ...]) -> int:
        """The minutes that were touched; raises DomainError for any that were not offered."""
        minutes = int(self.minutes.data) if (self.minutes.data or "") in {str(each) for each in offered} else 0
        if not minutes:
            raise DomainError(N_("The room is not free for that long any more. Look again."))
        return minutes


def _room(ref: str) -> Room:
    """The display's own room; raises NotFound for any other. The display speaks the site's language."""
    room = db.session.get_one(Room, g.device.kiosk.room_id)
    speak(g.site.language if g.site.language in STAFF_LANGUAGES else "en")
    if room.ref != ref:
        raise NotFound
    return room


def _tag(room: Room) -> str:
    minute = clock.minute()
    return f"{room.id}.{events.version(g.site.id)}.{language()}.{minute}"


def _page(room: Room, **more: Any) -> dict[str, Any]:
    now = clock.now()
    shown = door.door_of(room, site=g.site, now=now)
    row, used, whole = shown.now_row, 0, 1
    if row is not None:
        begun = min(row.started_at or row.begins_at, row.begins_at)
        whole = max(1, int((row.ends_at - begun).total_seconds() // 60))
        used = min(whole, int((now - begun).total_seconds() // 60))
    return {
        "room": room,
        "door": shown,
        "word": say(WORDS[shown.standing]),
        "instant": now,
        "used": used,
        "whole": whole,
        "titles": g.site.door_titles,
        "longer": [(each, row.ends_at + timedelta(minutes=each)) for each in shown.minutes] if row is not None else [],
        "takes": [(each, now + timedelta(minutes=each)) for each in shown.minutes] if row is None else [],
        "equipment_names": EQUIPMENT_NAMES,
        "tag": _tag(room),
        "ask": "",
        "ask_seconds": ASK_SECONDS,
        **more,
    }


def framed(response: Response) -> Response:
    """Where the site says so, its pages may frame the display: this display alone, and by those pages alone."""
    if g.site.door_frames:
        policy = POLICY | {"frame-ancestors": f"'self' {g.site.door_frames}"}
        response.headers["Content-Security-Policy"] = "; ".join(f"{name} {value}" for name, value in policy.items())
        g.framed = True
    return response


@blueprint.get("/door")
@at_the_door
def own_door() -> Any:
    """The paired display finds its room."""
    room = db.session.get_one(Room, g.device.kiosk.room_id)
    return redirect(url_for("meetings.door", ref=room.ref), 303)


@blueprint.get("/rooms/<ref>/door", endpoint="door")
@at_the_door
@poll
def show(ref: str) -> Any:
    """The display; asked again by itself. `?ask=end` asks whether they have really left."""
    room = _room(ref)
    if wants_fragment() and (same := unchanged(_tag(room))):
        return framed(same)
    context = _page(room, form=DoorForm(endpoint="meetings.start_at_door"), ask=request.args.get("ask", ""))
    return framed(render("meetings/door.html", fragment="meetings/_door.html", **context))


def _touch(ref: str, deed: Callable[[Room, DoorForm], object]) -> Any:
    room, form = _room(ref), DoorForm()
    if form.validate():
        with refusals(form):
            deed(room, form)
            return framed(done(url_for("meetings.door", ref=ref)))  # type: ignore[arg-type]
    read_only()
    room = _room(ref)
    return framed(refuse("meetings/door.html", form=form, fragment="meetings/_door.html", **_page(room)))


def _meant(room: Room, form: DoorForm) -> Reservation:
    return door.meeting_at(room, form.meeting.data or "")


@blueprint.post("/rooms/<ref>/door/starts")
@at_the_door
@writes
def start_at_door(ref: str) -> Any:
    """They are there: nobody else is let in for not having come (M7)."""
    return _touch(ref, lambda room, form: ends.start(_meant(room, form), actor=actor(), now=clock.now()))


@blueprint.post("/rooms/<ref>/door/ends")
@at_the_door
@writes
def end_at_door(ref: str) -> Any:
    """They leave early: the room is free as soon as it is cleared."""
    return _touch(ref, lambda room, form: ends.end_early(_meant(room, form), actor=actor(), now=clock.now()))


@blueprint.post("/rooms/<ref>/door/extensions")
@at_the_door
@writes
def extend_at_door(ref: str) -> Any:
    """So much longer, where the room is free then."""

    def extend(room: Room, form: DoorForm) -> None:
        changes.extend(_meant(room, form), minutes=form.span(door.LONGER), site=g.site, actor=actor(), now=clock.now())

    return _touch(ref, extend)


@blueprint.post("/rooms/<ref>/door/meetings")
@at_the_door
@writes
def take_at_door(ref: str) -> Any:
    """Take the free room now."""

    def take(room: Room, form: DoorForm) -> None:
        now = clock.now()
        offered = door.door_of(room, site=g.site, now=now).minutes
        title = _("Taken at the door, %(time)s", time=clock_time(now))
        door.take_now(room, minutes=form.span(offered), title=title, site=g.site, actor=actor(), now=now)

    return _touch(ref, take)
