"""The board: one live region that a page asks for every four seconds and that is drawn only when something changed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from hashlib import blake2b
from operator import attrgetter
from typing import Any

from flask import g, redirect, render_template, url_for

from blueprints.desk import blueprint
from blueprints.desk.columns import columns
from blueprints.desk.loud import asked, loud
from domain import clock
from domain.permissions import Permission
from domain.sites.opening import closed_since
from domain.text import N_
from domain.visits.board import Figures, Place, figures_of, on_board
from domain.visits.models import HostAnswer
from domain.visits.register import whom
from web import drawn
from web.at_site import at_a_site
from web.components import marked
from web.htmx import render, unchanged, wants_fragment
from web.i18n import language, moments, span, tell
from web.lateness import over
from web.permissions import actor, allow, poll
from web.sessions import arrive_at_site, version_here

SHOWN = 8
SHOWN_LEFT = 4
ANSWERED_WITHIN = timedelta(hours=12)
JUST_NOW = timedelta(minutes=15)
KEEPS_ITS_PLACE = timedelta(minutes=1)
"""So long a row stays where it stood after its visit has ended: the next one must not come under the same finger."""
STEPS = {
    "welcome": N_("at the first page"),
    "whom": N_("looking for the host"),
    "why": N_("choosing why they came"),
    "details": N_("filling in their details"),
    "consent": N_("reading notice and consents"),
    "invitation": N_("typing the code of an invitation"),
    "invited": N_("signing in with an invitation"),
    "photo": N_("taking a photo"),
    "leave": N_("signing out"),
    "waiting": N_("waiting for the host"),
    "privacy": N_("reading about privacy"),
}
TO_TELL = {
    HostAnswer.SEND_UP: N_("Send up: floor %(floor)s, %(unit)s"),
    HostAnswer.MEET: N_("Wait here: the host comes to the lobby"),
    HostAnswer.REFUSE: N_("The host cannot receive them now: tell them kindly"),
}
SEND_UP_PLAIN = N_("Send up: %(unit)s")


def tag() -> str:
    """The version of the board for this reader: history, language, rights and the minute."""
    at_a_site()
    minute = clock.minute()
    return f"{actor().site_id}.{version_here()}.{language()}.{_short(actor().here)}.{minute}"


@cache
def _short(rights: frozenset[Permission]) -> str:
    return blake2b(",".join(sorted(rights)).encode(), digest_size=4).hexdigest()


def to_tell(row: Any) -> str:
    """What the desk says to a visitor whose host has answered."""
    if row.answer == HostAnswer.SEND_UP and not row.floor:
        return tell(SEND_UP_PLAIN, {"unit": row.unit_number})
    return tell(TO_TELL[HostAnswer(row.answer)], {"floor": row.floor, "unit": row.unit_number})


def _closed(now: Any, present: int) -> Any:
    """When the building closed, while somebody is still listed (V9)."""
    return closed_since(g.site, now) if present else None


def contents(version: str) -> dict[str, Any]:
    """Everything that the board shows, with as many statements whatever stands on it."""
    if "site" not in g:  # a poll does not look for it before there is something to draw
        arrive_at_site()
    now, site_id = clock.now(), g.site.id
    midnight, tomorrow = clock.day_span(clock.local_date(now, g.site.zone), g.site.zone)
    # All of it is asked before any of it is looked at: PostgreSQL answers in one way there and back.
    counted = figures_of(site_id, since=midnight, until=tomorrow, now=now)
    found = on_board(site_id, since=now - ANSWERED_WITHIN, left_since=now - JUST_NOW, now=now, last=SHOWN)
    rings, beside = loud(now), columns(now)
    figures = counted.get()
    return {
        "tag": version,
        "figures": figures,
        **rings.get(),
        "steps": STEPS,
        "closed_at": _closed(now, figures.present),
        "instant": now,
        "whom": whom,
        "moment": moments(),
        "unbroken": _unbroken(),
        "waits_for": _since("arrived_at", now),
        "is_over": _since("due_at", now, over),
        "is_past_promise": _since("promise_at", now, over),
        "to_tell": to_tell,
        **_visits(found.get(), now, figures),
        **beside.get(),
    }


def _unbroken() -> Callable[[datetime], str]:
    """What writes an instant on the board: a date in a narrow column is not broken at its hyphen."""
    write = moments()

    def written(instant: datetime) -> str:
        said = write(instant)
        return marked(f'<span class="num">{said}</span>') if "-" in said else said

    return written


def _since(what: str, now: datetime, said: Callable[[float], str] = span) -> Callable[[Any], str]:
    """How long ago that instant of a row was, in words."""
    instant = attrgetter(what)
    return lambda row: said((now - instant(row)).total_seconds())


def _visits(rows: dict[Place, list[Any]], now: datetime, figures: Figures) -> dict[str, Any]:
    """The visits on the board by what is to be done; in the building are shown those who came last."""
    others = figures.present - figures.waiting - figures.overstaying - len(rows[Place.INSIDE])
    untold = rows[Place.UNTOLD]
    overstaying, inside, left = _where_they_stood(rows, now)
    return {
        "answered": [*rows[Place.REFUSED], *rows[Place.ANSWERED]],
        "waiting": rows[Place.WAITING],
        "untold": untold,
        "not_called": untold[0].of - len(untold) if untold else 0,
        "overstaying": overstaying,
        "inside": inside,
        "not_shown": others,
        "left": left[:SHOWN_LEFT],
    }


def _where_they_stood(rows: dict[Place, list[Any]], now: datetime) -> tuple[list[Any], list[Any], list[Any]]:
    """Who overstays, who is inside, and who left: of the last, those of this minute stand where they stood before."""
    overstaying, inside, left = list(rows[Place.OVERSTAYING]), list(rows[Place.INSIDE]), []
    shown_since = inside[-1].arrived_at if len(inside) >= SHOWN else None
    for row in rows[Place.LEFT]:
        if row.left_at <= now - KEEPS_ITS_PLACE:
            left.append(row)
        elif row.due_at < row.left_at:
            overstaying.append(row)
        elif shown_since is None or row.arrived_at >= shown_since:
            inside.append(row)
        else:
            left.append(row)
    overstaying.sort(key=attrgetter("due_at"))
    inside.sort(key=attrgetter("arrived_at"), reverse=True)
    return overstaying, inside, left


def draw(version: str) -> Any:
    """The page, or the region alone; the answer carries the version."""
    of_me = None if wants_fragment() else asked()  # goes with what the board asks, where that is drawn anew
    region = drawn.board("desk", lambda: render_template("desk/_board.html", **contents(version)))
    response = render("desk/board.html", fragment=region, asked=of_me and of_me.get)
    response.headers["HX-PTag"] = version
    return response


@blueprint.get("")
@allow(Permission.DESK_WORK)
def board() -> Any:
    """The desk; after a deed on it, the region alone."""
    return draw(tag())


@blueprint.get("/live")
@allow(Permission.DESK_WORK)
@poll
def live() -> Any:
    """The board when it changed, else 304: the price of not changing is one read and no drawing."""
    version = tag()
    if answer := unchanged(version):
        return answer
    if not wants_fragment():
        return redirect(url_for("desk.board"), 303)
    return draw(version)
