"""Who may reserve a room and whose word it needs, its price list, and its pictures."""

from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from blueprints.meetings import blueprint
from blueprints.meetings.day import around
from domain import clock, photos
from domain.database import db
from domain.errors import DomainError, NotFound
from domain.meetings import room_rules as operations
from domain.meetings.decisions import APPROVER_NAMES, OPEN_TO_NAMES, units_of
from domain.meetings.models import Approver, OpenTo, Room
from domain.meetings.queries import get_room
from domain.meetings.room_parts import RoomPicture
from domain.permissions import Permission
from domain.text import N_
from web.at_site import at_a_site
from web.edits import EditForm, PlainArea, PlainField, draw, filled, settled
from web.fields import BooleanField, ChoiceField, SelectField
from web.forms import FoyerForm, refusals
from web.htmx import done
from web.i18n import say
from web.permissions import actor, allow
from web.pictures import photo_folder, send_photo
from web.transactions import takes, writes
from web.uploads import UploadField

LARGEST, MOST_BYTES, MOST_PIXELS = 1280, 6_000_000, 30_000_000
NONE = "none"


class RulesForm(EditForm):
    """Who may reserve the room, and whose word it needs."""

    open_to = ChoiceField(_("Who may reserve it"), [filled(_("Choose who may reserve it."))])
    units = PlainField(
        _("Units that it is kept for"), max_length=1000, hint=_("numbers, with commas"), attrs={"spellcheck": "false"}
    )
    approver = SelectField(_("Whose word a reservation needs"))
    door_booking = BooleanField(
        _("The display at the door takes bookings"), description=_("When the room is free, for an hour at most.")
    )
    prices = PlainArea(
        _("Price list"), rows=5, max_length=1000, hint=_("optional"), description=_("One line for each.")
    )

    def offer(self) -> "RulesForm":
        """Offer what can be chosen; returns the form."""
        self.open_to.choices = [(code.value, say(words)) for code, words in OPEN_TO_NAMES.items()]
        self.approver.choices = [(code.value or NONE, say(words)) for code, words in APPROVER_NAMES.items()]
        return self


class PictureForm(FoyerForm):
    """A picture of the room."""

    picture = UploadField(_("Picture"), accept="image/jpeg,image/png,image/webp")


class RemoveForm(FoyerForm):
    """One touch."""


def _of_room(room: Room) -> dict[str, Any]:
    return {
        "open_to": room.open_to,
        "units": ", ".join(unit.number for unit in units_of(room)),
        "approver": room.approver or NONE,
        "door_booking": room.door_booking,
        "prices": room.prices,
    }


def _page(ref: str, form: Any, adding: PictureForm | None = None) -> Any:
    room = get_room(ref, actor=actor())
    shown = adding if adding is not None and adding.status >= 400 else form
    return draw(
        "meetings/room_rules.html",
        form=shown,
        rules=form,
        adding=adding or PictureForm(endpoint="meetings.add_picture"),
        room=room,
        pictures=operations.pictures_of(room),
        **around() | {"office": True},
    )


@blueprint.route("/rooms/<ref>/rules", methods=["GET", "POST"])
@allow(Permission.ROOMS_MANAGE)
@writes
def room_rules(ref: str) -> Any:
    """Say who may reserve it; what is reserved already stays (M9)."""
    at_a_site()
    room = get_room(ref, actor=actor())
    form = RulesForm(_of_room(room), endpoint="meetings.room_rules").offer()
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.set_rules(
                room,
                open_to=OpenTo(form.open_to.data),
                units=operations.units_named(form.units.data, site_id=g.site.id),
                approver=Approver("" if form.approver.data in (NONE, None) else form.approver.data),
                door_booking=bool(form.door_booking.data),
                prices=form.prices.data or "",
                actor=actor(),
                now=clock.now(),
            )
            flash(gettext("%(room)s is changed.", room=room.name), "ok")
            return done(url_for("meetings.room_rules", ref=ref))
    settled(form)
    return _page(ref, form)


@blueprint.post("/rooms/<ref>/pictures")
@allow(Permission.ROOMS_MANAGE)
@takes(MOST_BYTES + 100_000)
@writes
def add_picture(ref: str) -> Any:
    """Add a picture: it is drawn anew, and nothing else of the file is kept."""
    at_a_site()
    room, form = get_room(ref, actor=actor()), PictureForm()
    if form.validate():
        with refusals(form):
            operations.add_picture(room, file=_kept(form), actor=actor(), now=clock.now())
            return done(url_for("meetings.room_rules", ref=ref))
    settled(form)
    room = get_room(ref, actor=actor())
    return _page(ref, RulesForm(_of_room(room), endpoint="meetings.room_rules", fresh=True).offer(), form)


def _kept(form: PictureForm) -> str:
    raw = form.picture.read(MOST_BYTES) if form.picture.data is not None else b""
    if raw is None:
        raise DomainError(N_("This picture is too large. Take another one."), field="picture")
    if not raw:
        raise DomainError(N_("Choose a picture."), field="picture")
    jpeg = photos.redrawn(raw, largest=LARGEST, most_bytes=MOST_BYTES, most_pixels=MOST_PIXELS)
    return photos.keep(photo_folder(), jpeg)


def _picture(ref: str) -> tuple[RoomPicture, Room]:
    row = db.session.execute(
        select(RoomPicture, Room)
        .join(Room, Room.id == RoomPicture.room_id)
        .where(RoomPicture.ref == ref, Room.site_id == g.site.id)
    ).first()
    if row is None:
        raise NotFound
    return row.RoomPicture, row.Room


@blueprint.get("/pictures/<ref>")
@allow(Permission.MEETINGS_READ)
def picture(ref: str) -> Any:
    """The picture."""
    at_a_site()
    return send_photo(_picture(ref)[0].file)


@blueprint.post("/pictures/<ref>/removal")
@allow(Permission.ROOMS_MANAGE)
@writes
def remove_picture(ref: str) -> Any:
    """Take it away."""
    at_a_site()
    (found, room), form = _picture(ref), RemoveForm()
    if form.validate():
        with refusals(form):
            operations.remove_picture(room, found, actor=actor(), now=clock.now())
            return done(url_for("meetings.room_rules", ref=room.ref))
    settled(form)
    room = _picture(ref)[1]
    rules = RulesForm(_of_room(room), endpoint="meetings.room_rules", fresh=True).offer()
    rules.problems, rules.status = form.problems, form.status
    return _page(room.ref, rules)
