"""The sheets of the day: what the attendant serves, what nobody serves yet, and for the lead what everybody does."""

from datetime import date, timedelta
from typing import Any

from flask import g, request, url_for

from blueprints.service import blueprint
from domain import clock
from domain.meetings.models import ReservationState
from domain.meetings.orders import low
from domain.meetings.service_queries import items_of, promised
from domain.meetings.sheet_queries import sheets_of
from domain.permissions import Permission
from web.at_site import at_a_site
from web.htmx import render
from web.offline import keep, worker
from web.permissions import actor, allow, public

FIRST, LAST = date(2000, 1, 1), date(2100, 1, 1)
GONE = (ReservationState.CANCELLED, ReservationState.RELEASED)


def chosen_day() -> date:
    """The day that is asked for, else today."""
    try:
        day = date.fromisoformat(request.args.get("day", "")[:10])
    except ValueError:
        day = LAST
    return day if FIRST <= day < LAST else clock.local_date(clock.now(), g.site.zone)


@blueprint.get("/runs")
@allow(Permission.MEETINGS_SERVE)
def runs() -> Any:
    """The sheets of a day in three groups; the lead also sees what runs short in the store."""
    at_a_site()
    now, who, day = clock.now(), actor(), chosen_day()
    since, until = clock.day_span(day, g.site.zone)
    rows = [row for row in sheets_of(g.site.id, since=since, until=until, now=now) if row.state not in GONE]
    mine = [row for row in rows if who.id in (row.attendant_id, row.offered_to_id)]
    short = []
    if who.may(Permission.SERVICE_MANAGE):
        told = promised(g.site.id)
        short = [(item, (item.stock or 0) - told.get(item.id, 0)) for item in items_of(g.site.id) if low(item, told)]
    drawn = render(
        "service/runs.html",
        day=day,
        today=clock.local_date(now, g.site.zone),
        noon=since + timedelta(hours=12),
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        mine=mine,
        nobodys=[row for row in rows if row.attendant_id is None],
        others=[row for row in rows if row.attendant_id is not None and row not in mine],
        late=sum(1 for row in rows if row.late),
        short=short,
        may_assign=who.may(Permission.SERVICE_ASSIGN),
        may_manage=who.may(Permission.SERVICE_MANAGE),
        instant=now,
        me=who.id,
    )
    return drawn if request.args else keep(drawn, url_for("service.runs"))


@blueprint.get("/offline")
@public
def offline() -> Any:
    """The service worker of the run sheets: served from here, it sees what is below /meetings/ and nothing else."""
    return worker()
