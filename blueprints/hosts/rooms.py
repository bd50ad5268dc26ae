"""A host reserves rooms behind the own link (M1): finds one, reserves, changes and calls off the own ones, no others;
takes a room that was waited for; gets an address for the own calendar (M10).
"""

from datetime import date, time, timedelta
from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy import select

from blueprints.hosts import blueprint
from blueprints.hosts.own import Own, open_own
from blueprints.hosts.room_form import AskForm, CancelForm, RoomForm, change_form, first_values
from domain import clock
from domain.database import db
from domain.errors import DomainError, NotFound
from domain.limits import Limit
from domain.meetings import approvals, changes, ends
from domain.meetings.feeds import Of, make_feed
from domain.meetings.models import Approver, Reservation, ReservationState, Room, is_tentative
from domain.meetings.reservations import Clashes, RoomTaken, Wish, reserve
from domain.meetings.spans import length_of, span_on
from domain.meetings.waiting import wait_for
from web.codes import qr_svg
from web.edits import draw, settled
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse, render
from web.i18n import html_lang, moment
from web.permissions import public
from web.transactions import read_only, writes

RESERVES = Limit("host-reserves", 30, timedelta(hours=1))


def _around(mine: Own) -> dict[str, Any]:
    return {"own": mine, "instant": clock.now(), "languages": (), "tongue_tag": html_lang}


@blueprint.get("/hosts/<token>/rooms")
@public
def ask_own(token: str) -> Any:
    """The form of a new meeting."""
    mine = open_own(token)
    form = AskForm(first_values(mine)).offer(mine)
    return render("hosts/reserve.html", form=form, meeting=None, **_around(mine))


@blueprint.post("/hosts/<token>/rooms")
@public
@writes
def reserve_own(token: str) -> Any:
    """Reserve in the own name, or look which rooms are free."""
    mine = open_own(token)
    form = AskForm({}).offer(mine)
    if not form.only_redraws() and form.validate():
        with refusals(form):
            _count(mine)
            return done(_wait(form, mine) if "wait" in request.form else _reserve(form, mine))
    form.may_wait = form.may_wait or form.none_free
    read_only()
    mine = open_own(token)
    return refuse("hosts/reserve.html", form=form, meeting=None, **_around(mine))


def _reserve(form: RoomForm, mine: Own) -> str:
    try:
        (made,) = reserve(
            form.chosen,
            days=[form.day.data],
            since=form.since.data,
            until=form.until.data,
            wish=form.wish(mine),
            site=mine.site,
            actor=mine.actor,
            now=clock.now(),
        )
    except DomainError as error:
        form.may_wait = isinstance(error, RoomTaken)
        raise
    words = (
        gettext("Asked for: somebody has to agree to it. You will be told.")
        if is_tentative(made)
        else gettext("%(room)s is reserved, %(first)s.", room=form.chosen.name, first=moment(made.begins_at))
    )
    flash(words, "ok")
    return url_for("hosts.own_room", token=mine.token, ref=made.ref)


def _wait(form: RoomForm, mine: Own) -> str:
    day, since, room = form.day.data, form.since.data, form.chosen
    span = span_on(day, since, length_of(since, form.until.data), room=room, zone=mine.site.zone)
    wait_for(room, span, wish=form.wish(mine), site=mine.site, actor=mine.actor, now=clock.now())
    flash(gettext("You wait for %(room)s. When it is free, you are told and it is held for you.", room=room.name), "ok")
    return url_for("hosts.own", token=mine.token)


def _count(mine: Own) -> None:
    now, key = clock.now(), str(mine.host.id)
    RESERVES.check(key, now=now)
    RESERVES.count(key, now=now)


def _own(mine: Own, ref: str) -> Reservation:
    """The host's own reservation of that ref; raises NotFound for anybody else's."""
    found = db.session.scalar(
        select(Reservation).where(
            Reservation.ref == ref, Reservation.site_id == mine.site.id, Reservation.host_id == mine.host.id
        )
    )
    if found is None:
        raise NotFound
    return found


def _is_held(one: Reservation) -> bool:
    now = clock.now()
    return one.state == ReservationState.HELD and not one.has_lapsed(now) and one.ends_at > now


def _page(mine: Own, ref: str, form: RoomForm, *, status: int = 200) -> Any:
    one = _own(mine, ref)
    room = db.session.get_one(Room, one.room_id)
    held = _is_held(one)
    context = {
        "form": form,
        "meeting": one,
        "room": room,
        "held": held,
        "offered": held and one.is_tentative and one.approver == Approver.ORGANISER,
        "tentative": held and one.is_tentative and one.approver != Approver.ORGANISER,
        **_around(mine),
    }
    return render("hosts/reserve.html", status=status, **context)


@blueprint.get("/hosts/<token>/rooms/<ref>")
@public
def own_room(token: str, ref: str) -> Any:
    """One of the own meetings: how it stands, changed, called off."""
    mine = open_own(token)
    return _page(mine, ref, change_form(mine, _own(mine, ref)))


@blueprint.post("/hosts/<token>/rooms/<ref>")
@public
@writes
def change_own(token: str, ref: str) -> Any:
    """Change or move it; who was slower is told what changed."""
    mine = open_own(token)
    one = _own(mine, ref)
    form = change_form(mine, one)
    if not form.only_redraws() and form.validate():
        with refusals(form):
            _count(mine)
            changed = _change(one, form, mine)
            flash(ngettext("The meeting is changed.", "%(num)d meetings are changed.", len(changed)), "ok")
            return done(url_for("hosts.own_room", token=token, ref=ref))
    read_only()
    return _page(open_own(token), ref, form, status=form.status if form.status >= 400 else 422)


def _change(one: Reservation, form: RoomForm, mine: Own) -> list[Reservation]:
    day: date = form.day.data
    since: time = form.since.data
    title, people = form.title.data, form.people.data
    try:
        return changes.change(
            one,
            which=form.meant,
            room=form.chosen,
            day=day,
            since=since,
            until=form.until.data,
            wish=Wish(title, people, host=mine.host, unit=mine.unit, layout=one.layout, notes=one.notes),
            site=mine.site,
            actor=mine.actor,
            now=clock.now(),
            instead=form.instead(),
        )
    except Clashes as error:
        form.name_clashes(error.clashes, leave=gettext("Leave it as it is"))
        raise


class TouchForm(FoyerForm):
    """One touch."""


def _touch(token: str, ref: str, deed: Any, words: str) -> Any:
    mine, form = open_own(token), TouchForm()
    one = _own(mine, ref)
    if form.validate():
        with refusals(form):
            deed(one, mine)
            flash(words, "ok")
            return done(url_for("hosts.own_room", token=token, ref=ref))
    settled(form)
    mine = open_own(token)
    fresh = change_form(mine, _own(mine, ref), fresh=True)
    fresh.problems, fresh.status = form.problems, form.status
    return _page(mine, ref, fresh, status=form.status)


@blueprint.route("/hosts/<token>/rooms/<ref>/cancellation", methods=["GET", "POST"])
@public
@writes
def cancel_own(token: str, ref: str) -> Any:
    """Call it off; of a repeat, as many as are meant."""
    mine = open_own(token)
    one, form = _own(mine, ref), CancelForm(endpoint="hosts.cancel_own")
    form.offer_which(one)
    if request.method == "POST" and form.validate():
        with refusals(form):
            gone = ends.cancel(one, which=form.meant, reason=form.reason.data, actor=mine.actor, now=clock.now())
            flash(ngettext("The meeting is called off.", "%(num)d meetings are called off.", len(gone)), "ok")
            return done(url_for("hosts.own_room", token=token, ref=ref))
    settled(form)
    mine = open_own(token)
    one = _own(mine, ref)
    return draw("hosts/cancel.html", form=form, meeting=one, held=_is_held(one), **_around(mine))


@blueprint.post("/hosts/<token>/rooms/<ref>/acceptance")
@public
@writes
def accept_own(token: str, ref: str) -> Any:
    """Take the room that was waited for."""

    def take(one: Reservation, mine: Own) -> None:
        approvals.take(one, actor=mine.actor, now=clock.now())

    return _touch(token, ref, take, gettext("The room is yours."))


@blueprint.post("/hosts/<token>/calendar")
@public
@writes
def own_calendar(token: str) -> Any:
    """An address for the own calendar, shown on this answer alone."""
    mine, form = open_own(token), TouchForm()
    g.subject_url = url_for("hosts.ask_own", token=token)
    address = ""
    if form.validate():
        with refusals(form):
            _count(mine)
            _feed, secret = make_feed(
                Of(host=mine.host), site_id=mine.site.id, label="", actor=mine.actor, now=clock.now()
            )
            address = url_for("calendars.read", token=secret, _external=True)
            return render("hosts/calendar.html", address=address, code=qr_svg(address), form=form, **_around(mine))
    settled(form)
    return refuse("hosts/calendar.html", address="", code="", form=form, **_around(open_own(token)))
