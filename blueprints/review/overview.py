"""What wants reading today, at every site of the reader."""

from typing import Any

from flask import url_for
from flask_babel import gettext

from blueprints.review import blueprint
from domain import clock
from domain.pages import COUNTED
from domain.permissions import Permission
from domain.review import board, pages
from domain.review.duty import Week
from web.components import component
from web.htmx import render
from web.permissions import actor, allow


@blueprint.get("")
@allow(Permission.REVIEW_READ)
def overview() -> Any:
    """Registers by site with what is not signed and not read, and the corrections that came back."""
    boards = board.boards(actor(), now=clock.now())
    by_id = {one.site.id: one.site for one in boards}
    back = pages.came_back(list(by_id)) if any(one.has_answers for one in boards) else []
    manages = actor().may(Permission.REVIEW_MANAGE)
    shown: dict[str, Any] = {
        "boards": boards,
        "sites": by_id,
        "back": back,
        "names": _names(boards),
        "manages": manages,
        "weeks": _weeks(boards),
        "many": _many,
        "spans": {
            # One address for each site: building one costs as much as drawing a row.
            site.id: url_for("review.span", site_ref=site.ref, name="-").removesuffix("-")
            for site in by_id.values()
        },
    }
    return render("review/overview.html", **shown)


def _many(count: int) -> str:
    return "1,000+" if count > COUNTED else str(count)


def _said(week: Week) -> str:
    if week.standing == "met" and not week.done:  # a tick beside "0 of 2" would say two things at once
        return gettext("nothing to sign")
    return gettext("%(done)d of %(wanted)d", done=week.done, wanted=week.wanted)


def _weeks(boards: list[board.SiteBoard]) -> dict[Week, str]:
    """How each week stands, drawn: of all registers few differ."""
    tones = {"met": "ok", "open": "wait", "missed": "late"}
    found = {week for one in boards for line in one.lines for week in (line.this_week, line.last_week)}
    draw = component("state")
    return {week: draw(_said(week), tones[week.standing]) if week.wanted else "–" for week in found}


def _names(boards: list[board.SiteBoard]) -> dict[str, str]:
    """What one entry of each register is called."""
    return {line.register.name: line.register.one for one in boards for line in one.lines}
