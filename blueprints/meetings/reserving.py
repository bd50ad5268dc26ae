"""Reserving a room: the form, who organises it, and what cannot be, date by date."""

from contextlib import suppress
from datetime import date, time
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from blueprints.meetings import blueprint
from blueprints.meetings.day import around
from blueprints.meetings.meeting_form import MeetingForm, ReserveForm
from domain import clock
from domain.errors import DomainError
from domain.meetings.models import Room
from domain.meetings.queries import ask_to_hold_offered, get_room
from domain.meetings.repeats import dates_of
from domain.meetings.reservations import Clashes, RoomTaken, reserve
from domain.meetings.room_lists import rooms_offered
from domain.meetings.spans import length_of, minutes_of, span_on, time_of
from domain.meetings.waiting import wait_for
from domain.permissions import Permission
from domain.text import N_
from web.addresses import address
from web.at_site import at_a_site
from web.forms import refusals
from web.htmx import done, refuse, render, wants_fragment
from web.i18n import moment, say
from web.permissions import actor, allow
from web.transactions import read_only, writes


def _form(formdata: Any = None) -> ReserveForm:
    return ReserveForm(formdata, endpoint="meetings.reserve_room")


def _at_another_time() -> MultiDict[str, str] | None:
    """What was typed, as long at the time that was touched instead; None where none was, or none can be read."""
    asked = request.form.get("free_at", "")
    if not asked or (typed := _form()).since.data is None:
        return None
    with suppress(ValueError, DomainError):
        since = time.fromisoformat(asked)
        _day, begins, ends = typed.times()
        sent = request.form.copy()
        sent["since"] = f"{since:%H:%M}"
        sent["until"] = f"{time_of(minutes_of(since) + length_of(begins, ends)):%H:%M}"
        return sent
    return None


@blueprint.get("/new")
@allow(Permission.MEETINGS_WRITE)
def ask_reservation() -> Any:
    """The form; `?room=&day=&since=&until=&people=` fill it in."""
    at_a_site()
    form = _form(request.args if request.args else None)
    return render("meetings/reserve.html", form=form.prepare(rooms_offered(g.site.id)), **around())


@blueprint.get("/organisers")
@allow(Permission.MEETINGS_WRITE)
def find_organiser() -> Any:
    """Who matches what is being typed; a region without a page of its own."""
    at_a_site()
    if not wants_fragment():
        return redirect(url_for("meetings.ask_reservation"), 303)
    form = MeetingForm(request.args, endpoint="meetings.reserve_room")
    form.offer(())
    return render("meetings/_organisers.html", fragment="meetings/_organisers.html", form=form)


@blueprint.post("/new")
@allow(Permission.MEETINGS_WRITE)
@writes
def reserve_room() -> Any:
    """Reserve; the search, and a time that is free, draw the form again."""
    at_a_site()
    form = _form(_at_another_time())
    if not form.only_redraws():
        held = ask_to_hold_offered(form.room.data or "", site_id=g.site.id)
        form.expect(held)
        if form.validate() and (room := held.get()):
            with refusals(form):
                return done(_reserve(form, room))
    read_only()
    return refuse("meetings/reserve.html", form=form.prepare(rooms_offered(g.site.id)), **around())


def _reserve(form: ReserveForm, room: Room) -> str:
    day, since, until = form.times()
    if "wait" in request.form:
        return _wait(form, get_room(form.room.data or "", actor=actor()), day, since, until)
    said = {"since": since, "until": until, "wish": form.wish(), "site": g.site, "instead": form.instead()}
    try:
        made = reserve(room, days=_days(form, day), held=True, actor=actor(), now=clock.now(), **said)
    except Clashes as error:
        form.name_clashes(error.clashes, leave=gettext("Leave this date out"))
        raise
    except DomainError as error:
        if isinstance(error, RoomTaken):
            form.may_wait, form.free_at = form.rule is None and not error.besides, error.others
        raise
    first = moment(made[0].begins_at)
    sentence = N_("%(room)s is reserved, %(first)s.")
    if len(made) > 1:
        sentence = N_("%(room)s is reserved for %(count)d dates, the first is %(first)s.")
    flash(say(sentence, room=room.name, count=len(made), first=first), "ok")
    then = "service.order" if "order" in request.form else "reservations.entry"
    return address(then, made[0].ref)


def _wait(form: ReserveForm, room: Room, day: date, since: time, until: time) -> str:
    span = span_on(day, since, length_of(since, until), room=room, zone=g.site.zone)
    wait_for(room, span, wish=form.wish(), site=g.site, actor=actor(), now=clock.now())
    flash(
        gettext("They wait for %(room)s. When it is free, they are told and it is held for them.", room=room.name), "ok"
    )
    return url_for("meetings.waiting")


def _days(form: ReserveForm, day: date) -> list[date]:
    """The days that are meant; raises DomainError for a repeat that makes no sense."""
    if form.rule is None:
        if form.repeat_until.data:
            raise DomainError(N_("Choose how it repeats, or leave the last day empty."), field="repeat")
        return [day]
    return dates_of(form.rule, day)
