"""The form of a meeting: which room and when, what it is about, who organises it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import g, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from domain import clock
from domain.errors import DomainError
from domain.keys.borrowers import find_staff, staff_found
from domain.masking import mask_name
from domain.meetings.changes import WHICH_NAMES, Which
from domain.meetings.models import LAYOUT_NAMES, MOST_SEATS, Reservation, Room
from domain.meetings.reservations import Wish
from domain.meetings.room_lists import Offered
from domain.meetings.spans import first_open, time_of
from domain.occupants.directory import find, hosts_found
from domain.occupants.models import Host, Unit
from domain.people.models import Person
from domain.statements import Answer
from domain.text import N_
from web.clashing_dates import DatesPart
from web.edits import AmountField, EditForm, PlainArea, PlainField, filled
from web.fields import Choice, ChoiceField, DateField, SelectField, TextField, TimeField
from web.forms import FoyerForm
from web.here import request_here
from web.i18n import say
from web.whom_part import host_choices, host_chosen

MOST_FOUND = 6
CHOOSE = N_("Type a name and choose who organises it.")
NOBODY = N_("Nobody was found. Try fewer characters, or the first letters.")
SEATS = N_("%(room)s, %(seats)d seats")
REPEATS = {
    "day": (N_("Every day"), "FREQ=DAILY"),
    "workday": (N_("Every workday"), "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
    "week": (N_("Every week"), "FREQ=WEEKLY"),
    "fortnight": (N_("Every two weeks"), "FREQ=WEEKLY;INTERVAL=2"),
    "month": (N_("Every month on this date"), "FREQ=MONTHLY"),
}


class MeetingForm(DatesPart, FoyerForm):
    """Call `offer` before anything else: it lists the rooms, the layouts, and who was found."""

    title = PlainField(_("What the meeting is about"), [filled(_("Say what the meeting is about."))], max_length=120)
    room = SelectField(_("Room"), [filled(_("Choose a room."))], blank=_("Choose"))
    day = DateField(_("Day"), [filled(_("Enter a day."))])
    since = TimeField(_("From"), [filled(_("Enter a time."))], attrs={"step": "300"})
    until = TimeField(_("To"), attrs={"step": "300"})
    people = AmountField(_("How many people"), [filled(_("Enter how many people come."))], min=1, max=MOST_SEATS)
    layout = SelectField(_("Layout"), blank=_("As the room stands"))
    who_text = TextField(
        _("Who organises it"),
        type="search",
        max_length=40,
        autocomplete="off",
        icon="search",
        attrs={"spellcheck": "false", "autocapitalize": "off"},
    )
    who = ChoiceField(_("Found"))
    notes = PlainArea(_("Notes"), rows=2, max_length=500, hint=_("optional"))
    own: str | None = None
    """Who organises it already: shown masked, because nobody asked for the name."""
    rooms: Mapping[str, Room | Offered]

    class Meta:
        autocomplete = "off"

    def offer(self, rooms: Sequence[Room | Offered]) -> None:
        """Offer the rooms and what they have, and who matches what is typed."""
        self.rooms = {room.ref: room for room in rooms}
        words = say(SEATS)
        self.room.choices = [(room.ref, words % {"room": room.name, "seats": room.capacity}) for room in rooms]
        layouts = set().union(*(room.layouts for room in rooms))
        self.layout.choices = [(code, say(words)) for code, words in LAYOUT_NAMES.items() if code in layouts]
        self._list_found(self.who_text.data or "", self.who.data or "")

    def expect(self, asked: Answer[Room | None]) -> None:
        """Take what a form says that is sent to be saved, without the lists that only a drawn one shows: `offer` them
        before it is drawn again.
        """
        self._who(self.who.data or "")  # on the same way
        room = asked.get()
        self.rooms = {room.ref: room} if room else {}
        self.room.choices = [(ref, ref) for ref in self.rooms]
        self.layout.choices = list(LAYOUT_NAMES.items())
        chosen = self.who.data or ""
        if any(self._who(chosen)):
            self.nobody, self.who.choices = False, [(chosen, chosen)]
        else:
            self._list_found(self.who_text.data or "", chosen)

    def only_redraws(self) -> bool:
        """Whether the form was sent to be drawn again, nothing checked: a search, another time."""
        asked = request_here()
        return asked.method == "GET" or "find" in asked.form or "free_at" in asked.form

    def times(self) -> tuple[date, time, time]:
        """Day, beginning and end; without an end it is an hour."""
        since: time = self.since.data
        end = self.until.data
        if end is None and not self.until.typed:
            end = time_of((since.hour + 1) * 60 + since.minute)
        return self.day.data, since, end

    def wish(self) -> Wish:
        """What a checked form asks for; raises DomainError when the organiser is gone."""
        said: dict[str, Any] = {
            "title": self.title.data,
            "people": self.people.data,
            "layout": self.layout.data or "",
            "notes": self.notes.data or "",
        }
        person, unit, host = self._who(self.who.data or "")
        if person:
            return Wish(**said, person=person)
        if host and not host.left_at:
            return Wish(**said, unit=unit, host=host)
        raise DomainError(CHOOSE, field="who_text")

    def _list_found(self, text: str, chosen: str) -> None:
        offered: dict[str, Choice] = {choice.value: choice for choice in self._matching(text)}
        if chosen and chosen not in offered:
            offered = {choice.value: choice for choice in self._of(chosen)} | offered
        self.nobody = len(text) > 1 and not offered
        self.who.choices = list(offered.values())
        certain = next(iter(offered)) if len(offered) == 1 and self.only_redraws() else None
        self.who.data = chosen if chosen in offered else certain

    def _who(self, value: str) -> tuple[Person | None, Unit | None, Host | None]:
        """One of the staff, or unit and host; asked once while the form is at hand."""
        if "_known" not in self.__dict__:
            self._known: dict[str, tuple[Person | None, Unit | None, Host | None]] = {}
        if value not in self._known:
            kind, _colon, ref = value.partition(":")
            person = find_staff(ref, site_id=g.site.id) if kind == "person" else None
            unit, host = (find("host", ref, site_id=g.site.id) if kind == "host" else None) or (None, None)
            self._known[value] = person, unit, host
        return self._known[value]

    def _of(self, value: str) -> list[Choice]:
        """The one who was chosen before."""
        person, unit, host = self._who(value)
        if person:
            return [Choice(value, person.name, "id", person.login)]
        if unit and host:
            name = mask_name(host.name) if value == self.own else host.name
            return [host_chosen(value, unit, host)._replace(label=name)]
        return []

    def _matching(self, text: str) -> list[Choice]:
        hosts = hosts_found(text, site_id=g.site.id, most=MOST_FOUND)
        people = staff_found(text, site_id=g.site.id, most=MOST_FOUND)
        return [
            *host_choices(hosts),
            *(Choice(f"person:{one.ref}", one.name, "id", one.login) for one in people),
        ]

    def validate_until(self, field: Any) -> None:
        """Without an end it is an hour, where the day has one."""
        if field.data is None and self.since.data and self.since.data.hour == 23 and self.since.data.minute:
            raise ValidationError(gettext("Enter a time."))

    def validate_who_text(self, field: Any) -> None:
        """Somebody is chosen; the sentence stands where one types."""
        if self.who.data is None:
            raise ValidationError(gettext(NOBODY if self.nobody else CHOOSE))


class ReserveForm(MeetingForm):
    """A meeting that is new, once or repeatedly."""

    repeat = SelectField(_("Repeat"), blank=_("Once only"))
    repeat_until = DateField(_("Last day"), hint=_("of a repeat"))
    may_wait = False
    """Whether the room is taken then, and one may wait for it."""
    free_at: Sequence[time] = ()
    """When it is free that day for as long, where it is taken then."""

    def prepare(self, rooms: Sequence[Room | Offered]) -> "ReserveForm":
        """Offer the rooms, the repeats, and what the address says or the next open hour; returns the form."""
        self.repeat.choices = [(code, say(words)) for code, (words, _rule) in REPEATS.items()]
        self.offer(rooms)
        if request.method == "GET":
            for field in (self.day, self.since, self.until, self.people):
                field.typed = field.typed or None  # what the address leaves out is not typed as nothing
            self._propose(rooms)
            if self.until.data is None and self.since.data.hour < 23:
                self.until.data = time_of((self.since.data.hour + 1) * 60 + self.since.data.minute)
            if self.room.data not in self.rooms:
                self.room.data = None
        return self

    def _propose(self, rooms: Sequence[Room | Offered]) -> None:
        """The next full hour at which the room, or any, is open, where the address says no time."""
        here, day = clock.local(clock.now(), g.site.zone).replace(tzinfo=None), self.day.data
        start = here.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        if self.since.data is None and (day is None or day >= here.date()):
            chosen = [room for room in rooms if room.ref == self.room.data]
            start = first_open(chosen or rooms, start, day) or start
            day, self.day.typed = start.date(), None
        self.day.data = day or start.date()
        self.since.data = self.since.data or start.time()

    def expect(self, asked: Answer[Room | None]) -> None:
        """Likewise, with the repeats."""
        self.repeat.choices = list(REPEATS.items())
        super().expect(asked)

    @property
    def rule(self) -> str | None:
        """The rule of RFC 5545 that is chosen, with its end where one was entered."""
        if not self.repeat.data:
            return None
        end = f";UNTIL={self.repeat_until.data:%Y%m%d}" if self.repeat_until.data else ""
        return REPEATS[self.repeat.data][1] + end


class ChangeForm(EditForm, MeetingForm):
    """A meeting that is reserved: told when somebody else changed it meanwhile."""

    which = ChoiceField(_("Which of the repeat"))

    def prepare(self, rooms: Sequence[Room | Offered], reservation: Reservation) -> "ChangeForm":
        """Offer the rooms, and of a repeat which of its meetings are meant; returns the form."""
        self.own = self.current["who"]
        self.offer(rooms)
        self.which.choices = [(which.value, say(words)) for which, words in WHICH_NAMES.items()]
        self.which.data = self.which.data or Which.ONE.value
        if reservation.series is None:
            del self.which
        return self

    @property
    def meant(self) -> Which:
        """Which meetings of the repeat."""
        return Which(self.which.data) if "which" in self else Which.ONE


def of_reservation(reservation: Reservation, room: Room, who: str, zone: str) -> dict[str, Any]:
    """The values of a reservation as the fields hold them."""
    begins: datetime = clock.local(reservation.begins_at, zone)
    return {
        "title": reservation.title,
        "room": room.ref,
        "day": begins.date(),
        "since": begins.time(),
        "until": clock.local(reservation.ends_at, zone).time(),
        "people": reservation.people,
        "layout": reservation.layout or None,
        "who": who,
        "notes": reservation.notes,
    }
