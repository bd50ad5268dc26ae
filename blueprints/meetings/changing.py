"""Changing, moving and calling off: this meeting, or more of its repeat."""

from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from blueprints.meetings import reservations
from blueprints.meetings.day import around
from blueprints.meetings.meeting_form import ChangeForm, of_reservation
from domain import clock
from domain.database import db
from domain.errors import Conflict
from domain.meetings import changes, ends
from domain.meetings.changes import GONE, OVER, WHICH_NAMES, Which
from domain.meetings.models import Reservation, ReservationState, Room
from domain.meetings.queries import get_reservation, get_room, rooms_of
from domain.meetings.reservations import Clashes
from domain.occupants.models import Host
from domain.people.models import Person
from domain.permissions import Permission
from web.at_site import at_a_site
from web.edits import draw, settled
from web.fields import ChoiceField, TextField
from web.forms import FoyerForm, refusals
from web.htmx import done
from web.i18n import say
from web.permissions import actor, allow
from web.transactions import read_only, writes


def _organiser(reservation: Reservation) -> str:
    """Who organises it, as the form names people."""
    if reservation.host_id is not None:
        return f"host:{db.session.get_one(Host, reservation.host_id).ref}"
    if reservation.person_id is not None:
        return f"person:{db.session.get_one(Person, reservation.person_id).ref}"
    return ""


def _form(reservation: Reservation) -> ChangeForm:
    room = db.session.get_one(Room, reservation.room_id)
    rooms = list(rooms_of(g.site.id))
    if room not in rooms:
        rooms.append(room)
    current = of_reservation(reservation, room, _organiser(reservation), g.site.zone)
    return ChangeForm(current, endpoint="reservations.change").prepare(rooms, reservation)


@reservations.route("/<ref>/edit", methods=["GET", "POST"])
@allow(Permission.MEETINGS_WRITE)
@writes
def change(ref: str) -> Any:
    """Change what was said, or move it; who was slower is told what changed."""
    at_a_site()
    reservation = get_reservation(ref, actor=actor())
    form = _form(reservation)
    if not form.only_redraws() and form.validate():
        with refusals(form):
            return done(_change(reservation, form))
    if request.method == "POST":
        read_only()
    settled(form)
    if problem := _unchangeable(get_reservation(ref, actor=actor())):
        form.as_a_whole()
    return draw("meetings/change.html", form=form, ref=ref, problem=problem, **around())


def _unchangeable(reservation: Reservation) -> str:
    try:
        changes.must_be_held(reservation, now=clock.now())
    except Conflict as error:
        return say(error.sentence)
    return ""


def _change(reservation: Reservation, form: ChangeForm) -> str:
    day, since, until = form.times()
    try:
        changed = changes.change(
            reservation,
            which=form.meant,
            room=get_room(form.room.data or "", actor=actor()),
            day=day,
            since=since,
            until=until,
            wish=form.wish(),
            site=g.site,
            actor=actor(),
            now=clock.now(),
            instead=form.instead(),
        )
    except Clashes as error:
        form.name_clashes(error.clashes, leave=gettext("Leave it as it is"))
        raise
    said = ngettext("The meeting is changed.", "%(num)d meetings are changed.", len(changed))
    flash(said, "ok")
    return url_for("reservations.entry", ref=reservation.ref)


class CancelForm(FoyerForm):
    """Why it is called off, and of a repeat which meetings."""

    which = ChoiceField(_("Which of the repeat"))
    reason = TextField(_("Why"), max_length=200, hint=_("optional"))

    def prepare(self, reservation: Reservation) -> "CancelForm":
        """Offer which meetings of a repeat are meant; returns the form."""
        self.which.choices = [(which.value, say(words)) for which, words in WHICH_NAMES.items()]
        self.which.data = self.which.data or Which.ONE.value
        if reservation.series is None:
            del self.which
        return self

    @property
    def meant(self) -> Which:
        """Which meetings of the repeat."""
        return Which(self.which.data) if "which" in self else Which.ONE


@reservations.route("/<ref>/cancellation", methods=["GET", "POST"])
@allow(Permission.MEETINGS_WRITE)
@writes
def cancel(ref: str) -> Any:
    """Call it off; it stays in the register."""
    at_a_site()
    reservation = get_reservation(ref, actor=actor())
    form = CancelForm(endpoint="reservations.cancel").prepare(reservation)
    if request.method == "POST" and form.validate():
        with refusals(form):
            now = clock.now()
            gone = ends.cancel(reservation, which=form.meant, reason=form.reason.data, actor=actor(), now=now)
            flash(ngettext("The meeting is called off.", "%(num)d meetings are called off.", len(gone)), "ok")
            return done(url_for("reservations.entry", ref=ref))
    settled(form)
    found = get_reservation(ref, actor=actor())
    problem = say(OVER) if found.state == ReservationState.ENDED else _unchangeable(found)
    problem = say(GONE) if found.state == ReservationState.CANCELLED else problem
    if problem:
        form.as_a_whole()
    return draw("meetings/cancel.html", form=form, ref=ref, reservation=found, problem=problem, **around())
