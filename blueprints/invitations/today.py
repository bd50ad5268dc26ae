"""Who is expected today, as the desk and the greeters see it: a live list with one touch to sign in (V5, M6)."""

from datetime import timedelta
from typing import Any

from flask import g, redirect, url_for

from blueprints.invitations import blueprint
from domain import clock
from domain.gatherings import among
from domain.masking import mask_name
from domain.permissions import Permission
from domain.visits.invitation_models import EARLY
from domain.visits.invitation_queries import expected_on
from domain.visits.invitation_register import stands, state_of
from domain.visits.register import whom
from web.at_site import at_a_site
from web.htmx import render, unchanged, wants_fragment
from web.i18n import language
from web.permissions import actor, allow, poll
from web.sessions import arrive_at_site, version_here


def tag() -> str:
    """The version of a live list for this reader: history, language, rights and the minute."""
    at_a_site()
    who, minute = actor(), clock.minute()
    roles = "-".join(sorted(who.roles_at(who.site_id)))
    return f"{who.site_id}.{version_here()}.{language()}.{roles}.{minute}"


def around() -> dict[str, Any]:
    """What a list of guests needs besides its rows."""
    who = actor()
    greets = who.may(Permission.GUESTS_GREET)
    return {
        "instant": clock.now(),
        "early": EARLY,
        "state_of": state_of,
        "stands": stands,
        "whom": whom,
        "shown": (lambda name: name) if greets else mask_name,
        "may_sign_in": who.may(Permission.VISITS_WRITE),
        "may_invite": who.may(Permission.INVITATIONS_WRITE),
        "may_read_meetings": who.may(Permission.MEETINGS_READ),
    }


def contents() -> dict[str, Any]:
    """Everybody who is invited today, by what is to be done, in two statements."""
    now = clock.now()
    midnight, tomorrow = clock.day_span(clock.local_date(now, g.site.zone), g.site.zone)
    rows = expected_on(g.site.id, since=midnight, until=tomorrow)
    expected = [row for row in rows if not row.used and row.ends_at >= now]
    return {
        "tag": tag(),
        "expected": expected,
        "came": [row for row in rows if row.used],
        "absent": [row for row in rows if not row.used and row.ends_at < now],
        "meetings": among(sorted({row.meeting_id for row in rows if row.meeting_id})),
        "late_after": timedelta(minutes=15),
        **around(),
    }


def draw() -> Any:
    """The page, or the region alone; the answer carries its version."""
    drawn = contents()
    response = render("invitations/today.html", fragment="invitations/_today.html", **drawn)
    response.headers["HX-PTag"] = drawn["tag"]
    return response


@blueprint.get("/today")
@allow(Permission.INVITATIONS_READ)
def today() -> Any:
    """Who is expected today."""
    at_a_site()
    return draw()


@blueprint.get("/today/live")
@allow(Permission.INVITATIONS_READ)
@poll
def today_live() -> Any:
    """The list when it changed, else 304."""
    if answer := unchanged(tag()):
        return answer
    if not wants_fragment():
        return redirect(url_for("invitations.today"), 303)
    arrive_at_site()
    return draw()
