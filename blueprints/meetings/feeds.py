"""Calendar feeds (M10): the addresses that somebody made, and what a calendar reads behind one."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, flash, g, make_response, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict

from blueprints.meetings import blueprint
from blueprints.meetings.day import around
from domain import clock
from domain.calendars import calendar_feed
from domain.database import db
from domain.limits import Limit, TooMany
from domain.masking import mask_name
from domain.meetings import feeds as operations
from domain.meetings.queries import get_room, rooms_of
from domain.people.models import Person
from domain.permissions import Permission
from web.at_site import at_a_site
from web.attempts import client_address, record_refusal
from web.codes import qr_svg
from web.edits import PlainField, draw, filled, settled
from web.fields import SelectField
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse, render
from web.i18n import STAFF_LANGUAGES, speak
from web.messages import house_address
from web.permissions import actor, allow, public
from web.transactions import writes

calendars = Blueprint("calendars", __name__, url_prefix="/calendars")
UNKNOWN = Limit("calendar-unknown", 30, timedelta(minutes=10))
READS = Limit("calendar-reads", 60, timedelta(minutes=10))
MINE, DUTY, ROOM = "mine", "duty", "room:"


class FeedForm(FoyerForm):
    """Of what a calendar is made, and where it will be used."""

    what = SelectField(_("Which calendar"), [filled(_("Choose what the calendar is of."))], blank=_("Choose"))
    label = PlainField(_("Where it is used"), max_length=40, hint=_("optional"), description=_("Outlook, own phone"))

    def offer(self) -> "FeedForm":
        """Offer what this person may see; returns the form."""
        self.what.choices = [(MINE, gettext("Meetings that I organise"))]
        if actor().may(Permission.MEETINGS_SERVE):
            self.what.choices.append((DUTY, gettext("Meetings that I serve")))
        if _of_rooms():
            rooms = rooms_of(g.site.id)
            self.what.choices += [(ROOM + room.ref, gettext("Room: %(room)s", room=room.name)) for room in rooms]
        return self

    @property
    def of(self) -> operations.Of:
        """What is meant; raises NotFound for a room that is gone."""
        if (self.what.data or "").startswith(ROOM):
            return operations.Of(room=get_room(self.what.data.removeprefix(ROOM), actor=actor()))
        return operations.Of(person=db.session.get_one(Person, actor().id), duty=self.what.data == DUTY)


class RevokeForm(FoyerForm):
    """One touch."""


def _of_rooms() -> bool:
    return actor().may(Permission.MEETINGS_WRITE) or actor().may(Permission.ROOMS_MANAGE)


def _around() -> dict[str, Any]:
    found = operations.feeds_of(g.site.id, person_id=actor().id, rooms=_of_rooms())
    return {"feeds": found, "address": "", "code": "", "mask_name": mask_name, **around()}


@blueprint.get("/calendars")
@allow(Permission.SIGNED_IN)
def feeds() -> Any:
    """The addresses that are good, and a form for a new one."""
    at_a_site()
    return render("meetings/feeds.html", form=FeedForm(endpoint="meetings.make_feed").offer(), **_around())


@blueprint.post("/calendars")
@allow(Permission.SIGNED_IN)
@writes
def make_feed() -> Any:
    """Make an address; it is shown on this answer alone."""
    at_a_site()
    form = FeedForm(endpoint="meetings.make_feed").offer()
    g.subject_url = url_for("meetings.feeds")
    if form.validate():
        with refusals(form):
            label = form.label.data or ""
            _feed, token = operations.make_feed(form.of, site_id=g.site.id, label=label, actor=actor(), now=clock.now())
            address = address_of(token)
            fresh = FeedForm(MultiDict(), endpoint="meetings.make_feed").offer()
            return render(
                "meetings/feeds.html", form=fresh, **_around() | {"address": address, "code": qr_svg(address)}
            )
    settled(form)
    return refuse("meetings/feeds.html", form=form, **_around())


def address_of(token: str) -> str:
    """Where a calendar reads that feed."""
    base = house_address(current_app.config["SETTINGS"]) or request.url_root.rstrip("/")
    return base + url_for("calendars.read", token=token)


@blueprint.post("/calendars/<ref>/revocation")
@allow(Permission.SIGNED_IN)
@writes
def revoke_feed(ref: str) -> Any:
    """Take an address back: whoever has it reads nothing any more."""
    at_a_site()
    feed, form = operations.get_feed(ref, actor=actor(), rooms=_of_rooms()), RevokeForm()
    if form.validate():
        with refusals(form):
            operations.revoke(feed, actor=actor(), now=clock.now())
            flash(gettext("The address is taken back. Calendars that used it show nothing new."), "ok")
            return done(url_for("meetings.feeds"))
    settled(form)
    fresh = FeedForm(MultiDict(), endpoint="meetings.make_feed").offer()
    fresh.problems, fresh.status = form.problems, form.status
    return draw("meetings/feeds.html", form=fresh, **_around())


@calendars.get("/<token>.ics")
@public
def read(token: str) -> Any:
    """The calendar behind an address. A wrong address, tried often, is not even looked at."""
    now = clock.now()
    found = operations.find_feed(token[:100]) if _may(UNKNOWN, client_address()) else None
    if found is None:
        _count(UNKNOWN, client_address())
        return _plain(gettext("There is no calendar at this address. It may have been taken back."), 404)
    if not _may(READS, str(found.Feed.id)):
        answer = _plain(gettext("This calendar is read too often. Once in fifteen minutes is enough."), 429)
        answer.headers["Retry-After"] = "900"
        return answer
    feed, g.site = found.Feed, found.Site
    speak(g.site.language if g.site.language in STAFF_LANGUAGES else "en")
    _count(READS, str(feed.id))
    rows, name = operations.events_of(feed, now=now), _name(found)
    hidden = gettext("Reserved") if feed.room_id and not g.site.door_titles else ""
    answer = make_response(b"")
    answer.set_etag(operations.version_of(rows, f"{name} {hidden} {g.site.zone}"))
    answer.mimetype = "text/calendar"
    if answer.make_conditional(request).status_code == 304:
        return answer
    made = operations.appointments(rows, zone=g.site.zone, hidden=hidden)
    answer.set_data(calendar_feed(name, made, zone=g.site.zone, now=now))
    answer.headers["Content-Disposition"] = 'inline; filename="foyer.ics"'
    return answer


def _may(limit: Limit, key: str) -> bool:
    try:
        limit.check(key, now=clock.now())
    except TooMany:
        return False
    return True


def _count(limit: Limit, key: str) -> None:
    with record_refusal():
        limit.count(key, now=clock.now())


def _name(found: Any) -> str:
    if found.Room:
        return str(found.Room.name)
    return gettext("Meetings that I serve") if found.Feed.duty else gettext("My meetings")


def _plain(words: str, status: int) -> Response:
    answer = make_response(words + "\n", status)
    answer.mimetype = "text/plain"
    return answer
