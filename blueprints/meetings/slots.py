"""The cells of the day's grid as HTML.

A day of sixty rooms has a thousand cells: drawn by a template, one after the other, they took more time than all the
rest of the page. What is the same for a whole page, line, gap or state is put together once here, a cell only joins it.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cache
from html import escape
from typing import Any

from flask import url_for
from flask_babel import ngettext
from markupsafe import Markup

from blueprints.meetings.grid import AROUND, CLOSED, FREE, HOUR, Gap, Taken, cells_of
from domain import clock
from domain.meetings.queries import organiser_shown
from domain.meetings.register import state_of
from domain.text import N_
from web.addresses import SOME_REF, address
from web.i18n import say
from web.icons import icon

WORDS = {FREE: N_("Free"), CLOSED: N_("Not to be reserved"), AROUND: N_("Set-up and clearing")}
FLOOR = N_("Floor %(floor)s")
LABEL = N_("Reserve %(room)s from %(since)s")
TOLD = ("accent", "wait", "late")
"""Tones of a meeting that needs somebody's eye: its sign and word stand before the title."""
SOME_DAY = "0000-00-00"
WIDE = 18
"""A meeting of as many columns has room for its end and for who meets; of a shorter one the place says when it ends."""
HERE = "\0"
"""Where the time goes into the words of a line; no name of a room has it."""


@cache
def _wall(minutes: int) -> str:
    return f"{minutes // HOUR % 24:02d}:{minutes % HOUR:02d}"


def draws(*, may_write: bool, now: datetime, zone: str) -> Callable[[Iterable[Taken | Gap], Any, date], Markup]:
    """A function that draws the cells of a line, given the room and the day.

    What is free is a link to the form with room, day and time: Tab reaches the first hour of each free span, a touch
    any of them. Its plus sign is drawn by the stylesheet.
    """
    form = url_for("meetings.ask_reservation", room=SOME_REF, day=SOME_DAY, since="")
    before, after = escape(url_for("reservations.entry", ref=SOME_REF)).split(SOME_REF)
    words = {kind: _heard(word) for kind, word in WORDS.items()}
    wall = clock.zone(zone)
    signs: dict[tuple[str, str], str] = {}

    @cache
    def at_wall(instant: datetime) -> str:
        at = instant.astimezone(wall)
        return _wall(at.hour * HOUR + at.minute)

    def meeting(width: int, row: Any) -> str:
        state = state_of(row, now)
        sign = signs.get((state.word, state.tone))
        if sign is None:
            sign = f"{icon(state.glyph)}{_heard(state.word)} " if state.tone in TOLD else ""
            signs[state.word, state.tone] = sign
        ends = f"–{at_wall(row.ends_at)}"
        if width >= WIDE:
            more = f"{ends}</small><small>{escape(row.company or organiser_shown(row))}"
        else:
            more = f'<span class="vh">{ends}</span>'
        return (
            f'<td colspan="{width}" class="meet" data-s="{state.tone}"><a href="{before}{row.ref}{after}">'
            f"<b>{sign}{escape(row.title or '–')}</b><small>{at_wall(row.begins_at)}{more}</small></a></td>"
        )

    def plain(kind: str, width: int) -> str:
        return f'<td colspan="{width}" class="{kind}">{words[kind]}</td>'

    @cache
    def gap(here: Gap) -> tuple[str, int]:
        """A gap, in which the form's address and the words around the time are left out, and how often they are."""
        drawn, links = [], 0
        for kind, width, since, first in cells_of(here):
            if since is None or not may_write:
                drawn.append(plain(kind, width))
                continue
            at, skipped = _wall(since), "" if first else ' tabindex="-1"'
            drawn.append(
                f'<td colspan="{width}" class="free"><a href="%s{at}"{skipped} aria-label="%s{at}%s"></a></td>'
            )
            links += 1
        return "".join(drawn), links

    def draw(line: Iterable[Taken | Gap], room: Any, day: date) -> Markup:
        there = escape(form.replace(SOME_REF, room.ref).replace(SOME_DAY, day.isoformat()))
        said, _, rest = escape(say(LABEL, room=room.name, since=HERE)).partition(HERE)
        drawn = []
        for piece in line:
            if isinstance(piece, Gap):
                text, links = gap(piece)
                drawn.append(text % ((there, said, rest) * links))
            else:
                width, row = piece
                drawn.append(plain(AROUND, width) if row is None else meeting(width, row))
        return Markup("".join(drawn))  # noqa: S704

    return draw


def heads(day: date) -> Callable[[Any], Markup]:
    """A function that draws the head of a room's line: its name, which leads to its week, and below floor and seats."""
    before, after = escape(address("meetings.week", SOME_REF)).split(SOME_REF)

    @cache  # few rooms of a building differ in them
    def facts(floor: str, capacity: int) -> str:
        seats = ngettext("%(num)d seat", "%(num)d seats", capacity)
        return escape(f"{say(FLOOR, floor=floor)} · {seats}" if floor else seats)

    def draw(room: Any) -> Markup:
        return Markup(  # noqa: S704
            f'<th scope="row"><a href="{before}{room.ref}{after}?day={day}">{escape(room.name)}</a>'
            f"<small>{facts(room.floor, room.capacity)}</small></th>"
        )

    return draw


def _heard(word: str) -> str:
    return f'<span class="vh">{escape(say(word))}</span>'
