"""The form behind the own link that says which room and when: of a new meeting, and of one that stands."""

from datetime import timedelta
from typing import Any

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from blueprints.hosts.own import Own
from domain import clock
from domain.database import db
from domain.errors import DomainError
from domain.meetings.changes import WHICH_NAMES, Which
from domain.meetings.decisions import may_reserve
from domain.meetings.free import Offer, find_rooms
from domain.meetings.models import MOST_SEATS, Reservation, Room
from domain.meetings.queries import rooms_of
from domain.meetings.reservations import Wish
from domain.meetings.spans import minutes_of, time_of
from domain.text import N_
from web.clashing_dates import DatesPart
from web.edits import AmountField, EditForm, PlainField, filled
from web.fields import ChoiceField, DateField, TextField, TimeField
from web.forms import FoyerForm
from web.i18n import say


class RoomForm(DatesPart, EditForm):
    """Which room and when; `find` lists the rooms that are free then."""

    title = PlainField(_("What the meeting is about"), [filled(_("Say what the meeting is about."))], max_length=120)
    people = AmountField(_("How many people"), [filled(_("Enter how many people come."))], min=1, max=MOST_SEATS)
    day = DateField(_("Day"), [filled(_("Enter a day."))])
    since = TimeField(_("From"), [filled(_("Enter a time."))], attrs={"step": "300"})
    until = TimeField(_("To"), [filled(_("Enter a time."))], attrs={"step": "300"})
    room = ChoiceField(_("Room"))
    which = ChoiceField(_("Which of the repeat"))
    may_wait = False
    """Whether the room is taken then, or every one, and one may wait."""

    class Meta:
        autocomplete = "off"

    def offer(self, mine: Own) -> "RoomForm":
        """Offer the rooms that this host may reserve; those that do not suit say why. Returns the form."""
        self.rooms = {
            room.ref: room
            for room in rooms_of(mine.site.id)
            if may_reserve(room, unit_id=mine.unit.id, actor=mine.actor)
        }
        said = {offer.room.ref: offer for offer in self._offers(mine) if offer.room.ref in self.rooms}
        self.none_free = bool(said) and not any(offer.free for offer in said.values())
        ordered = sorted(
            self.rooms.values(), key=lambda it: (not said[it.ref].free if it.ref in said else True, it.name)
        )
        self.room.choices = [(room.ref, room.name, None, _about(room, said.get(room.ref))) for room in ordered]
        return self

    def offer_which(self, one: Reservation) -> None:
        """Of a repeat, ask which of its meetings are meant."""
        self.which.choices = [(which.value, say(words)) for which, words in WHICH_NAMES.items()]
        self.which.data = self.which.data or Which.ONE.value
        if one.series is None:
            del self.which

    @property
    def meant(self) -> Which:
        """Which meetings of the repeat."""
        return Which(self.which.data) if "which" in self else Which.ONE

    def only_redraws(self) -> bool:
        """Whether only rooms are looked for."""
        return request.method == "GET" or "find" in request.form

    def _offers(self, mine: Own) -> list[Offer]:
        if not (self.day.data and self.since.data and self.until.data):
            return []
        try:
            return find_rooms(
                mine.site,
                day=self.day.data,
                since=self.since.data,
                until=self.until.data,
                people=self.people.data or 1,
                layout="",
                equipment=(),
                now=clock.now(),
            )
        except DomainError:
            return []

    @property
    def chosen(self) -> Room:
        """The room; raises DomainError when none is chosen."""
        if self.room.data not in self.rooms:
            raise DomainError(N_("Choose a room."), field="room")
        return self.rooms[self.room.data]

    def wish(self, mine: Own) -> Wish:
        """What is wanted, in the host's own name."""
        return Wish(self.title.data, self.people.data, host=mine.host, unit=mine.unit)


def _about(room: Room, offer: Offer | None) -> str:
    """Seats, and whether it is free then or when else."""
    seats = gettext("%(seats)d seats", seats=room.capacity)
    if offer is None:
        return seats
    if offer.free:
        return gettext("%(seats)s, free then", seats=seats)
    if offer.others:
        return gettext(
            "%(seats)s, free at %(times)s", seats=seats, times=", ".join(f"{it:%H:%M}" for it in offer.others)
        )
    return gettext("%(seats)s, not free on that day", seats=seats)


def first_values(mine: Own) -> dict[str, Any]:
    """What a new meeting starts from: the next full hour, for an hour, six people."""
    start = clock.local(clock.now(), mine.site.zone).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    until = time_of(min(minutes_of(start.time()) + 60, 1435))
    return {"day": start.date(), "since": start.time(), "until": until, "people": 6}


class AskForm(RoomForm):
    """A new meeting: nothing stands yet that somebody else could have changed."""

    def __init__(self, first: dict[str, Any]) -> None:
        FoyerForm.__init__(self, endpoint="hosts.reserve_own")
        self.current, self.truth = {}, {}
        del self.which
        if request.method == "GET":
            self.process(data=first)


def _values(one: Reservation, zone: str) -> dict[str, Any]:
    begins = clock.local(one.begins_at, zone)
    return {
        "title": one.title,
        "people": one.people,
        "day": begins.date(),
        "since": begins.time(),
        "until": clock.local(one.ends_at, zone).time(),
        "room": db.session.get_one(Room, one.room_id).ref,
    }


def change_form(mine: Own, one: Reservation, *, fresh: bool = False) -> RoomForm:
    """The form of a meeting that stands; `fresh` leaves out what was typed."""
    form = RoomForm(_values(one, mine.site.zone), endpoint="hosts.change_own", fresh=fresh).offer(mine)
    room = db.session.get_one(Room, one.room_id)
    if room.ref not in form.rooms:  # kept for others by now: what was accepted stays (M9)
        form.rooms[room.ref] = room
        form.room.choices = [*form.room.choices, (room.ref, room.name, None, _about(room, None))]
    form.offer_which(one)
    return form


class CancelForm(FoyerForm):
    """Why it is called off, and of a repeat which meetings."""

    which = ChoiceField(_("Which of the repeat"))
    reason = TextField(_("Why"), max_length=200, hint=_("optional"))

    offer_which = RoomForm.offer_which
    meant = RoomForm.meant
