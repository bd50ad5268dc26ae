"""The displays at the door of a room, for those who enter rooms: paired with the letters they show, cut off (M10)."""

from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from wtforms import Form
from wtforms.validators import StopValidation

from blueprints.meetings import blueprint
from blueprints.meetings.day import around
from domain import clock
from domain.codes import normalise_pairing_code
from domain.database import db, writing
from domain.errors import NotFound
from domain.limits import PAIRING_TRIES
from domain.meetings.models import Room
from domain.meetings.queries import get_room
from domain.permissions import Permission
from domain.sites import pairing
from domain.sites.models import Kiosk
from domain.sites.queries import doors_of
from web.at_site import at_a_site
from web.edits import PlainField, draw, filled, settled
from web.fields import TextField
from web.forms import FoyerForm, refusals
from web.htmx import done
from web.permissions import actor, allow
from web.transactions import writes


class LettersField(TextField):
    """The eight consonants that the display shows, however they are grouped."""

    def pre_validate(self, form: Form) -> None:
        """Refuse what cannot be a code."""
        super().pre_validate(form)
        if normalise_pairing_code(self.data or "") is None:
            raise StopValidation(gettext("Enter the eight letters that the display shows."))


class DisplayForm(FoyerForm):
    """A display that waits to be paired: what it is called, and its letters."""

    name = PlainField(_("Name of the display"), [filled(_("Enter a name for the display."))], max_length=40)
    code = LettersField(
        _("Letters on the display"),
        max_length=40,
        autocomplete="off",
        attrs={"spellcheck": "false", "autocapitalize": "characters", "placeholder": "WDJB-MJHT"},
    )


class CutForm(FoyerForm):
    """One touch."""


def _page(ref: str, form: FoyerForm) -> Any:
    room = get_room(ref, actor=actor())
    displays = db.session.scalars(doors_of(room.id)).all()
    return draw("meetings/displays.html", form=form, room=room, displays=displays, **around() | {"office": True})


@blueprint.route("/rooms/<ref>/displays", methods=["GET", "POST"])
@allow(Permission.ROOMS_MANAGE)
@writes
def displays(ref: str) -> Any:
    """The displays of the room; a new one is entered and paired in one go: five tries in ten minutes."""
    at_a_site()
    room = get_room(ref, actor=actor())
    form = DisplayForm(endpoint="meetings.displays")
    if request.method == "GET":
        form["name"].data = gettext("Door of %(room)s", room=room.name)[:40]
    posted = request.method == "POST" and _count_try(form)
    if posted and form.validate():
        with refusals(form):
            room, now = get_room(ref, actor=actor()), clock.now()
            display = pairing.add_door(
                site_id=g.site.id, room_id=room.id, name=form["name"].data, actor=actor(), now=now
            )
            pairing.approve(form["code"].data, kiosk=display, actor=actor(), now=now)
            PAIRING_TRIES.clear(str(actor().id))
            flash(gettext("The display may start now: touch its button once."), "ok")
            return done(url_for("meetings.displays", ref=ref))
    settled(form)
    return _page(ref, form)


def _count_try(form: DisplayForm) -> bool:
    """Count a try before it is made, in a transaction of its own: a wrong one rolls back."""
    if normalise_pairing_code(form["code"].data or "") is None:
        return True
    with refusals(form), writing():
        PAIRING_TRIES.check(str(actor().id), now=clock.now())
        PAIRING_TRIES.count(str(actor().id), now=clock.now())
    return form.status < 400


@blueprint.post("/displays/<ref>/cut-off")
@allow(Permission.ROOMS_MANAGE)
@writes
def cut_off_display(ref: str) -> Any:
    """Shut a display out at once; paired again it is entered anew."""
    at_a_site()
    form, (display, room) = CutForm(), _find(ref)
    if form.validate():
        with refusals(form):
            pairing.cut_off(display, actor=actor(), now=clock.now())
            flash(gettext("The display is cut off."), "ok")
            return done(url_for("meetings.displays", ref=room.ref))
    settled(form)
    return _page(room.ref, DisplayForm(endpoint="meetings.displays"))


def _find(ref: str) -> tuple[Kiosk, Room]:
    row = db.session.execute(
        select(Kiosk, Room).join(Room, Room.id == Kiosk.room_id).where(Kiosk.ref == ref, Kiosk.site_id == g.site.id)
    ).first()
    if row is None:
        raise NotFound
    return row.Kiosk, row.Room
