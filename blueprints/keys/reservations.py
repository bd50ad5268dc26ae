"""Keeping a key or a set for somebody ahead of time: the form, what lies ahead, and cancelling it."""

from datetime import datetime, timedelta
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from blueprints.keys import blueprint
from blueprints.keys.borrower_form import BorrowerForm
from blueprints.keys.cabinet import around
from domain import clock
from domain.errors import DomainError
from domain.keys.classes import Rules
from domain.keys.queries import Thing, get_thing, keys_of
from domain.keys.reservations import FARTHEST, ahead_at, cancel, get_reservation, reserve, spans_of
from domain.keys.rules import rules_of
from domain.permissions import Permission
from domain.text import N_
from web.at_site import at_a_site
from web.edits import filled
from web.fields import DateField, TextField, TimeField
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse, render, wants_fragment
from web.i18n import moment
from web.permissions import actor, allow
from web.transactions import read_only, writes


class ReservationForm(BorrowerForm):
    """For whom, from when to when, what for."""

    day = DateField(_("Day"), [filled(_("Enter a day."))])
    since = TimeField(_("From"), [filled(_("Enter a time."))])
    until = TimeField(_("To"), [filled(_("Enter a time."))])
    last_day = DateField(_("Back on another day"), hint=_("optional"))
    purpose = TextField(_("Used for"), max_length=200, hint=_("optional"))

    def prepare(self, rules: Rules) -> "ReservationForm":
        """Offer who may borrow, and the next full hour; returns the form."""
        self.offer(rules)
        if request.method == "GET":
            start = clock.local(clock.now(), g.site.zone).replace(minute=0, second=0) + timedelta(hours=1)
            end = start + timedelta(minutes=rules.default_minutes)
            self.day.data, self.since.data, self.until.data = start.date(), start.time(), end.time()
            self.last_day.data = end.date() if end.date() != start.date() else None
        return self

    def span(self) -> tuple[datetime, datetime]:
        """Beginning and end; raises DomainError for a day that no clock has."""
        zone, last = g.site.zone, self.last_day.data or self.day.data
        try:
            return clock.at_local(self.day.data, self.since.data, zone), clock.at_local(last, self.until.data, zone)
        except (ValueError, OverflowError):
            raise DomainError(N_("This day is too far away."), field="day") from None


# The domain names its own fields; on this page they are called as people think of a span.
FIELDS = {"starts_at": "since", "ends_at": "until"}


def _form(thing: Thing, formdata: Any = None) -> ReservationForm:
    form = ReservationForm(formdata, endpoint="keys.reserve_key")
    return form.prepare(rules_of(keys_of(thing), site_id=thing.site_id))


def _context(thing: Thing) -> dict[str, Any]:
    now = clock.now()
    ahead = {span.batch: span for span in spans_of(keys_of(thing), since=now, until=now + 2 * FARTHEST)}
    return {"thing": thing, "ahead": list(ahead.values()), **around()}


@blueprint.get("/<ref>/reservations")
@allow(Permission.KEYS_LEND)
def reserve_thing(ref: str) -> Any:
    """The form, and what is reserved already."""
    at_a_site()
    thing = get_thing(ref, actor=actor())
    return render("keys/reserve.html", form=_form(thing), **_context(thing))


@blueprint.get("/<ref>/reservations/borrowers")
@allow(Permission.KEYS_LEND)
def find_reserver(ref: str) -> Any:
    """Who matches what is being typed; a region without a page of its own."""
    at_a_site()
    thing = get_thing(ref, actor=actor())
    if not wants_fragment():
        return redirect(url_for("keys.reserve_thing", ref=ref), 303)
    form = _form(thing, request.args)
    return render("keys/_borrowers.html", fragment="keys/_borrowers.html", form=form)


@blueprint.post("/<ref>/reservations")
@allow(Permission.KEYS_LEND)
@writes
def reserve_key(ref: str) -> Any:
    """Keep the key; the search and another kind of borrower draw the form again."""
    at_a_site()
    thing = get_thing(ref, actor=actor())
    form = _form(thing)
    if not form.only_redraws() and form.validate():
        with refusals(form):
            _reserve(thing, form)
            return done(url_for("keys.reserve_thing", ref=ref))
    read_only()
    return refuse("keys/reserve.html", form=form, **_context(get_thing(ref, actor=actor())))


def _reserve(thing: Thing, form: ReservationForm) -> None:
    starts, ends = form.span()
    purpose, now = form.purpose.data, clock.now()
    try:
        reserve(thing, who=form.chosen(), starts_at=starts, ends_at=ends, purpose=purpose, actor=actor(), now=now)
    except DomainError as error:
        error.field = FIELDS.get(error.field or "", error.field)
        raise
    said = gettext(
        "%(tag)s is reserved from %(since)s to %(until)s.", tag=thing.tag, since=moment(starts), until=moment(ends)
    )
    flash(said, "ok")


@blueprint.get("/reservations")
@allow(Permission.KEYS_READ)
def reservations() -> Any:
    """What is reserved at the site, the earliest first."""
    at_a_site()
    return _list(FoyerForm(endpoint="keys.cancel_reservation"))


def _list(form: FoyerForm) -> Any:
    rows: dict[str, Any] = {}
    for row in ahead_at(g.site.id, actor=actor(), now=clock.now()):
        rows.setdefault(row.batch, row)
    page = {"rows": list(rows.values()), **around()}
    if form.status >= 400:
        return refuse("keys/reservations.html", form=form, **page)
    return render("keys/reservations.html", form=form, **page)


@blueprint.post("/reservations/<ref>/cancellations")
@allow(Permission.KEYS_LEND)
@writes
def cancel_reservation(ref: str) -> Any:
    """It is no longer needed; of a set, for all its keys."""
    at_a_site()
    reservation, form = get_reservation(ref, actor=actor()), FoyerForm()
    if form.validate():
        with refusals(form):
            cancel(reservation, actor=actor(), now=clock.now())
            flash(gettext("The reservation is cancelled."), "ok")
            return done(url_for("keys.reservations"))
    read_only()
    return _list(form)
