"""The day of all rooms, and the week of one."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from flask import g, render_template, request
from markupsafe import Markup

from blueprints.meetings import blueprint
from blueprints.meetings.grid import hours_of
from blueprints.meetings.slots import Line, draws, gathers, heads
from domain import clock
from domain.meetings.models import EQUIPMENT_NAMES, LAYOUT_NAMES
from domain.meetings.queries import SPAN, get_room, on_days, organiser_shown
from domain.meetings.register import state_of
from domain.meetings.room_lists import rooms_drawn
from domain.meetings.room_rules import pictures_of
from domain.permissions import Permission
from web import drawn
from web.at_site import at_a_site
from web.components import marked
from web.htmx import render
from web.permissions import actor, allow
from web.registers import is_office

WEEK = 7
FARTHEST = date(2100, 1, 1)
EARLIEST = date(2000, 1, 1)


def around() -> dict[str, Any]:
    """What every page of this room draws with."""
    now = clock.now()
    return {
        "instant": now,
        "today": clock.local_date(now, g.site.zone),
        "office": is_office(actor()),
        "may_write": actor().may(Permission.MEETINGS_WRITE),
        "may_manage": actor().may(Permission.ROOMS_MANAGE),
        "organiser_shown": organiser_shown,
        "state_of": state_of,
        "layout_names": LAYOUT_NAMES,
        "equipment_names": EQUIPMENT_NAMES,
    }


def chosen_day() -> date:
    """The day that is asked for, else today."""
    try:
        day = date.fromisoformat(request.args.get("day", "")[:10])
    except ValueError:
        day = FARTHEST
    return day if EARLIEST <= day < FARTHEST else clock.local_date(clock.now(), g.site.zone)


@blueprint.get("")
@allow(Permission.MEETINGS_READ)
def day() -> Any:
    """All rooms on one day."""
    at_a_site()
    chosen = chosen_day()
    return render("meetings/day.html", fragment=drawn.board("day", lambda: _rooms_on(chosen), chosen), **around())


def _rooms_on(day: date) -> str:
    """What the page shows beside what stands around every page; it depends on the day and the reader's roles."""
    now, zone = clock.now(), g.site.zone
    since, until = clock.day_span(day, zone)
    asked, rows = rooms_drawn(g.site.id), on_days(g.site.id, since=since, until=until)
    rooms = asked.get()
    by_room = defaultdict(list)
    for row in rows:
        by_room[row.room_id].append(row)
    hours = hours_of(rooms, {row[SPAN] for row in rows}, zone)
    gather = gathers(day, hours, now=now, zone=zone)
    head, cells = heads(day), draws(day, hours, may_write=actor().may(Permission.MEETINGS_WRITE))

    def draw(line: Line) -> str:
        return f"<tr>{head(line)}{cells(line)}</tr>\n"

    lines = [gather(room, by_room[room.id]) for room in rooms]
    return render_template(
        "meetings/_day.html",
        day=day,
        noon=since + timedelta(hours=12),
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        hours=hours,
        lines=drawn.lines("day", lines, draw, day, hours),
        **around(),
    )


@blueprint.get("/rooms/<ref>")
@allow(Permission.MEETINGS_READ)
def week(ref: str) -> Any:
    """One room in the week of a day."""
    at_a_site()
    room, zone, now = get_room(ref, actor=actor()), g.site.zone, clock.now()
    chosen = chosen_day()
    monday = chosen - timedelta(days=chosen.weekday())
    days = [monday + timedelta(days=number) for number in range(WEEK)]
    since, until = clock.day_span(days[0], zone)[0], clock.day_span(days[-1], zone)[1]
    by_day = defaultdict(list)
    rows = on_days(g.site.id, since=since, until=until, room_id=room.id)
    for row in rows:
        by_day[clock.local_date(row.begins_at, zone)].append(row)
    hours, may_write = hours_of([room], {row[SPAN] for row in rows}, zone), actor().may(Permission.MEETINGS_WRITE)

    def cells(day: date) -> Markup:
        line = gathers(day, hours, now=now, zone=zone)(room, by_day[day])
        return marked(draws(day, hours, may_write=may_write)(line))

    return render(
        "meetings/week.html",
        room=room,
        pictures=pictures_of(room),
        before=monday - timedelta(days=WEEK),
        after=monday + timedelta(days=WEEK),
        monday=monday,
        hours=hours,
        lines=[(each, clock.day_span(each, zone)[0], cells(each)) for each in days],
        **around(),
    )
