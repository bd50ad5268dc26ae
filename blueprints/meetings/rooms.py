"""The rooms as those see them who enter them: added, changed, retired."""

from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from blueprints.meetings import blueprint
from blueprints.meetings.day import around
from domain import clock, custody
from domain.meetings import rooms as operations
from domain.meetings.models import EQUIPMENT_NAMES, LAYOUT_NAMES, MOST_AROUND, MOST_SEATS, Room
from domain.meetings.queries import get_room
from domain.meetings.room_lists import all_rooms
from domain.meetings.spans import DAY, minutes_of, time_of
from domain.permissions import Permission
from domain.text import N_
from web.at_site import at_a_site
from web.edits import AmountField, EditForm, PlainField, draw, filled, settled
from web.fields import MultiChoice, SelectField, TimeField
from web.forms import FoyerForm, refusals
from web.htmx import done, render
from web.i18n import say
from web.permissions import access_of, actor, allow
from web.transactions import writes

DAYS = {
    "1": N_("Monday"),
    "2": N_("Tuesday"),
    "3": N_("Wednesday"),
    "4": N_("Thursday"),
    "5": N_("Friday"),
    "6": N_("Saturday"),
    "7": N_("Sunday"),
}
CONVERTED = ("opens", "closes", "open_days", "key")
NEW: dict[str, Any] = {"open_days": ["1", "2", "3", "4", "5"], "opens": time_of(480), "closes": time_of(1200)}


class RoomForm(EditForm):
    """A room and its rules (M1)."""

    name = PlainField(_("Name of the room"), [filled(_("Enter a name for the room."))], max_length=60)
    floor = PlainField(_("Floor"), max_length=20, hint=_("optional"))
    capacity = AmountField(_("Seats"), [filled(_("Enter how many seats it has."))], min=1, max=MOST_SEATS)
    opens = TimeField(_("Open from"), [filled(_("Enter a time."))])
    closes = TimeField(_("Open until"), hint=_("00:00 is the end of the day"))
    before_minutes = AmountField(_("Minutes to set up"), min=0, max=MOST_AROUND, blank=0)
    after_minutes = AmountField(_("Minutes to clear"), min=0, max=MOST_AROUND, blank=0)
    release_minutes = AmountField(
        _("Free again after minutes without a beginning"), min=5, max=240, hint=_("empty: never by itself")
    )
    key = SelectField(_("Key of the room"), blank=_("No key is kept here"))
    open_days = MultiChoice(_("Open on"))
    layouts = MultiChoice(_("Layouts"))
    equipment = MultiChoice(_("Equipment"))

    def offer(self) -> "RoomForm":
        """Offer what can be ticked; returns the form."""
        self.keys = {kept.ref: kept for kept in custody.keeper().choices(g.site.id)}
        self.key.choices = [(kept.ref, kept.words) for kept in self.keys.values()]
        self.open_days.choices = [(code, say(words)) for code, words in DAYS.items()]
        self.layouts.choices = [(code, say(words)) for code, words in LAYOUT_NAMES.items()]
        self.equipment.choices = [(code, say(words)) for code, words in EQUIPMENT_NAMES.items()]
        return self

    def columns(self) -> dict[str, Any]:
        """The values as Room keeps them."""
        closes = minutes_of(self.closes.data) if self.closes.data else 0
        return {
            **{name: value for name, value in self.values.items() if name not in CONVERTED},
            "key_id": self.keys[self.key.data].id if self.key.data else None,
            "opens": minutes_of(self.opens.data),
            "closes": closes or DAY,
            "open_days": sorted(int(day) for day in self.open_days.data or ()),
        }


def _of_room(room: Room) -> dict[str, Any]:
    plain = ("name", "floor", "capacity", "before_minutes", "after_minutes", "release_minutes", "layouts", "equipment")
    return {
        **{name: getattr(room, name) for name in plain},
        "key": next((kept.ref for kept in custody.keeper().choices(room.site_id) if kept.id == room.key_id), None),
        "opens": time_of(room.opens),
        "closes": time_of(room.closes),
        "open_days": [str(day) for day in room.open_days],
    }


@blueprint.before_request
def _room() -> None:
    """Entering rooms is a room of its own on the rail of those who may."""
    access = access_of(request.endpoint or "")
    if access and access.permission == Permission.ROOMS_MANAGE:
        g.room = "meetings.rooms"
    elif request.endpoint != "meetings.rooms":
        g.room = "meetings.day"


@blueprint.get("/rooms")
@allow(Permission.ROOMS_MANAGE)
def rooms() -> Any:
    """Every room, retired ones at the end."""
    at_a_site()
    return render("meetings/rooms.html", rooms=all_rooms(g.site.id), **around() | {"office": True})


@blueprint.route("/rooms/new", methods=["GET", "POST"])
@allow(Permission.ROOMS_MANAGE)
@writes
def add_room() -> Any:
    """Enter a room."""
    at_a_site()
    form = RoomForm(endpoint="meetings.add_room").offer()
    if request.method == "GET":
        form.process(data=NEW)
        form.offer()
    if request.method == "POST" and form.validate():
        with refusals(form):
            made = operations.add_room(site_id=g.site.id, actor=actor(), now=clock.now(), **form.columns())
            flash(gettext("%(room)s is entered.", room=made.name), "ok")
            return done(url_for("meetings.rooms"))
    settled(form)
    return draw("meetings/room_form.html", form=form, title=gettext("Add room"), room=None, office=True)


@blueprint.route("/rooms/<ref>/edit", methods=["GET", "POST"])
@allow(Permission.ROOMS_MANAGE)
@writes
def change_room(ref: str) -> Any:
    """Change its rules; what is reserved already stays as it was accepted (M9)."""
    at_a_site()
    room = get_room(ref, actor=actor())
    form = RoomForm(_of_room(room), endpoint="meetings.change_room").offer()
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.change_room(room, actor=actor(), now=clock.now(), **form.columns())
            flash(gettext("%(room)s is changed.", room=room.name), "ok")
            return done(url_for("meetings.rooms"))
    settled(form)
    found = get_room(ref, actor=actor())
    title = gettext("Change %(room)s", room=found.name)
    return draw("meetings/room_form.html", form=form, title=title, room=found, office=True)


class RetireForm(FoyerForm):
    """One touch."""


@blueprint.route("/rooms/<ref>/retirement", methods=["GET", "POST"])
@allow(Permission.ROOMS_MANAGE)
@writes
def retire_room(ref: str) -> Any:
    """Nobody reserves it any more; its past stays."""
    at_a_site()
    room, form = get_room(ref, actor=actor()), RetireForm(endpoint="meetings.retire_room")
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.retire_room(room, actor=actor(), now=clock.now())
            flash(gettext("%(room)s is retired.", room=room.name), "ok")
            return done(url_for("meetings.rooms"))
    settled(form)
    return draw("meetings/retire_room.html", form=form, room=get_room(ref, actor=actor()), office=True)
