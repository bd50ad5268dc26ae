"""What is done with a reservation by one touch: begin, end, extend, free the room, take the calling off back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import flash, g, url_for
from flask_babel import gettext
from wtforms.validators import ValidationError

from blueprints.meetings import reservations
from domain import clock, pages
from domain.meetings import changes, ends
from domain.meetings.decisions import may_decide
from domain.meetings.models import Approver, Reservation, ReservationState, has_lapsed
from domain.meetings.queries import get_reservation
from domain.meetings.register import MEETINGS
from domain.meetings.service_queries import order_of
from domain.permissions import Permission
from web.at_site import at_a_site
from web.fields import SelectField
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse
from web.i18n import moment
from web.permissions import actor, allow
from web.registers import entry_context
from web.transactions import read_only, writes

LONGER = (15, 30, 60)


class DeedForm(FoyerForm):
    """One touch on a reservation."""


class LongerForm(FoyerForm):
    """So many minutes longer."""

    minutes = SelectField(choices=[(str(each), str(each)) for each in LONGER])

    def validate_minutes(self, field: Any) -> None:
        """One of those offered."""
        if not field.data:
            raise ValidationError(gettext("Choose one of those shown."))


def deeds(row: Any) -> dict[str, Any]:
    """What `meetings/_actions.html` offers for that row."""
    now, may = clock.now(), actor().may(Permission.MEETINGS_WRITE)
    lapsed = has_lapsed(row, now)
    held = row.state == ReservationState.HELD and not lapsed and row.ends_at > now
    tentative = held and row.approver != "" and row.answer == ""
    offered = tentative and row.approver == Approver.ORGANISER
    begun = row.begins_at <= now
    gone = row.state in (ReservationState.CANCELLED, ReservationState.RELEASED) or lapsed
    served = order_of(row.id) is not None
    return {
        "may": {
            "change": may and held,
            "decide": tentative and may_decide(Approver(row.approver), actor()),
            "accept": may and offered,
            "start": may and ends.may_start(row, now),
            "end": may and ends.may_end(row, now),
            "release": may and held and not tentative and begun and row.started_at is None,
            "extend": may and held and not tentative and begun,
            "cancel": may and held and row.started_at is None,
            "revive": may and gone and row.ends_at > now,
            "order": may and (held or served),
            "serve": actor().may(Permission.MEETINGS_SERVE),
        },
        "served": served,
        "longer": [(each, row.ends_at + timedelta(minutes=each)) for each in LONGER],
        "day": clock.local_date(row.begins_at, g.site.zone),
    }


def do(ref: str, form: FoyerForm, deed: Callable[[Reservation], object], said: Callable[[Reservation], str]) -> Any:
    """Do it, or say over the entry as it stands now why not."""
    at_a_site()
    reservation = get_reservation(ref, actor=actor())
    if form.validate():
        with refusals(form):
            deed(reservation)
            flash(said(reservation), "ok")
            return done(url_for(MEETINGS.endpoint, ref=ref))
    read_only()
    form.as_a_whole()
    row = pages.entry(MEETINGS, ref, site_id=actor().site_id)
    return refuse("registers/entry.html", form=form, **entry_context(MEETINGS, row) | deeds(row))


@reservations.post("/<ref>/starts")
@allow(Permission.MEETINGS_WRITE)
@writes
def start(ref: str) -> Any:
    """They are there."""
    return do(
        ref,
        DeedForm(),
        lambda it: ends.start(it, actor=actor(), now=clock.now()),
        lambda it: gettext("The meeting has begun."),
    )


@reservations.post("/<ref>/ends")
@allow(Permission.MEETINGS_WRITE)
@writes
def end(ref: str) -> Any:
    """They have left before the end."""
    return do(
        ref,
        DeedForm(),
        lambda it: ends.end_early(it, actor=actor(), now=clock.now()),
        lambda it: gettext("Ended. The room is free from %(time)s.", time=moment(it.reserved_until)),
    )


@reservations.post("/<ref>/releases")
@allow(Permission.MEETINGS_WRITE)
@writes
def release(ref: str) -> Any:
    """Nobody came."""
    return do(
        ref,
        DeedForm(),
        lambda it: ends.release(it, actor=actor(), now=clock.now()),
        lambda it: gettext("The room is free."),
    )


@reservations.post("/<ref>/revivals")
@allow(Permission.MEETINGS_WRITE)
@writes
def revive(ref: str) -> Any:
    """It takes place after all."""
    return do(
        ref,
        DeedForm(),
        lambda it: ends.revive(it, actor=actor(), now=clock.now()),
        lambda it: gettext("The meeting takes place after all."),
    )


@reservations.post("/<ref>/extensions")
@allow(Permission.MEETINGS_WRITE)
@writes
def extend(ref: str) -> Any:
    """So much longer."""
    form = LongerForm()
    return do(
        ref,
        form,
        lambda it: changes.extend(it, minutes=int(form.minutes.data or 0), site=g.site, actor=actor(), now=clock.now()),
        lambda it: gettext("Extended until %(time)s.", time=moment(it.ends_at)),
    )
