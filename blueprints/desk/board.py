"""The board: one live region that a page asks for every four seconds and that is drawn only when something changed."""

from datetime import timedelta
from hashlib import blake2b
from typing import Any

from flask import g, redirect, url_for

from blueprints.desk import blueprint
from domain import clock, events, history
from domain.database import db
from domain.errors import NotFound
from domain.permissions import Permission
from domain.sites.models import Site
from domain.sites.opening import closed_since
from domain.text import N_
from domain.visits.models import HostAnswer, VisitState
from domain.visits.queries import MOST_ON_BOARD, figures_of, present_at, ringing_at, untold_at
from domain.visits.register import VISITS, whom
from web.htmx import render, unchanged, wants_fragment
from web.i18n import clock_time, language, moments, tell
from web.permissions import actor, allow, poll

LINES = 14
ANSWERED_WITHIN = timedelta(hours=12)
STEPS = {
    "welcome": N_("at the first page"),
    "whom": N_("looking for the host"),
    "why": N_("choosing why they came"),
    "details": N_("entering the own data"),
    "consent": N_("reading notice and consents"),
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
    site_id = actor().site_id
    if site_id is None:
        raise NotFound(N_("Choose the site where you work first: it is set in your account."))
    rights = blake2b(",".join(sorted(actor().here)).encode(), digest_size=4).hexdigest()
    minute = int(clock.now().timestamp() // 60)
    return f"{site_id}.{events.version(site_id)}.{language()}.{rights}.{minute}"


def to_tell(row: Any) -> str:
    """What the desk says to a visitor whose host has answered."""
    if row.answer == HostAnswer.SEND_UP and not row.floor:
        return tell(SEND_UP_PLAIN, {"unit": row.unit_number})
    return tell(TO_TELL[HostAnswer(row.answer)], {"floor": row.floor, "unit": row.unit_number})


def _closed(now: Any, present: int) -> Any:
    """When the building closed, while somebody is still listed (V9)."""
    return closed_since(g.site, now) if present else None


def contents(version: str) -> dict[str, Any]:
    """Everything that the board shows: five statements, whatever stands on it."""
    now, site_id = clock.now(), g.site.id
    midnight, _tomorrow = clock.day_span(clock.local_date(now, g.site.zone), g.site.zone)
    figures = figures_of(site_id, since=midnight, now=now)
    present = present_at(site_id)
    inside = [row for row in present if row.state == VisitState.INSIDE]
    waiting = sorted((row for row in present if row.state == VisitState.WAITING), key=lambda row: row.arrived_at)
    return {
        "tag": version,
        "figures": figures,
        "calls": ringing_at(site_id),
        "steps": STEPS,
        "answered": untold_at(site_id, now - ANSWERED_WITHIN),
        "waiting": waiting,
        "overstaying": [row for row in inside if row.due_at < now],
        "inside": inside,
        "most": MOST_ON_BOARD if figures.present > MOST_ON_BOARD else 0,
        "lines": _lines(site_id, midnight),
        "closed_at": _closed(now, figures.present),
        "instant": now,
        "whom": whom,
        "moment": moments(),
        "to_tell": to_tell,
    }


def _lines(site_id: int, since: Any) -> list[dict[str, Any]]:
    drawn = []
    for row in history.latest(VISITS, site_id=site_id, since=since, most=LINES):
        what = VISITS.happened(row)
        left = row.state in (VisitState.LEFT, VisitState.PROBABLY_LEFT)
        drawn.append(
            {
                "row": row,
                "at": clock_time(row.event_at),
                "what": tell(what.sentence, what.values),
                "who": tell(*VISITS.line(row)),
                "icon": what.icon,
                "tone": what.tone,
                "undo": left and row.kind in ("visit.signed_out", "visit.presumed_left"),
            }
        )
    return drawn


def draw(version: str) -> Any:
    """The page, or the region alone; the answer carries the version."""
    response = render("desk/board.html", fragment="desk/_board.html", **contents(version))
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
    """The board when it changed, else 304: the price of not changing is two reads and no drawing."""
    version = tag()
    if answer := unchanged(version):
        return answer
    if not wants_fragment():
        return redirect(url_for("desk.board"), 303)
    g.site = db.session.get_one(Site, actor().site_id)
    return draw(version)
