"""The cells of the day's grid as HTML.

A day of sixty rooms has a thousand cells: drawn by a template, one after the other, they took more time than all the
rest of the page. What is the same for a whole page, a gap, or all meetings at the same time that stand alike is put
together once here; a cell only joins it.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cache
from html import escape
from typing import Any, NamedTuple

from flask_babel import ngettext

from blueprints.meetings.grid import AROUND, CLOSED, FREE, HOUR, Hours, cells_of, keeps_the_room, on_line, opening
from domain import clock
from domain.meetings.queries import STANDS, organiser_shown
from domain.meetings.register import state_of
from domain.meetings.spans import STEP
from domain.text import N_
from web.addresses import SOME_REF, address, url
from web.drawn import for_once
from web.i18n import say
from web.icons import icon

WORDS = {FREE: N_("Free"), CLOSED: N_("Not to be reserved"), AROUND: N_("Set-up and clearing")}
FLOOR = N_("Floor %(floor)s")
LABEL = N_("Reserve %(room)s from %(since)s")
TOLD = ("accent", "wait", "late")
"""Tones of a meeting that needs somebody's eye: its sign and word stand before the title."""
WIDE = 18
"""A meeting of as many columns has room for its end and for who meets; of a shorter one the place says when it ends."""
HERE, ROOM = "\0", "\1"
"""Where the time and the room go into the words of a link; no name of a room has them."""


class Alike(NamedTuple):
    """What meetings have in common that are at the same time and stand alike: where on the line the set-up, the meeting
    and the clearing begin, where they end, and what is drawn around address and title.
    """

    held: int
    begins: int
    ends: int
    until: int
    before: str
    sign: str
    since: str
    to: str
    wide: bool


Line = tuple[Any, ...]
"""All that a line of the grid is drawn of: the room (ref, name, floor, seats, from which minute to which it can be
reserved) and each meeting (ref, title, who meets, what is alike).
"""


@cache
def _wall(minutes: int) -> str:
    return f"{minutes // HOUR % 24:02d}:{minutes % HOUR:02d}"


def gathers(day: date, hours: Hours, *, now: datetime, zone: str) -> Callable[[Any, Iterable[Any]], Line]:
    """A function that gathers the line of a room on that day, given what is reserved there then, the earliest first
    (rows of `on_days`). Time changes nothing of a line that is not in it.
    """
    before, after = escape(address("reservations.entry", SOME_REF)).split(SOME_REF)
    minutes, opened = on_line(day, hours, zone), opening(day, hours, zone=zone, now=now)
    wall = clock.zone(zone)
    known: dict[tuple[Any, ...], Alike | None] = {}

    @cache
    def at_wall(instant: datetime) -> str:
        at = instant.astimezone(wall)
        return _wall(at.hour * HOUR + at.minute)

    def alike(row: Any) -> Alike | None:
        """None of a meeting that takes no time from the room any more."""
        if not keeps_the_room(row, now):
            return None
        state = state_of(row, now)
        sign = f"{icon(state.glyph)}{_heard(state.word)} " if state.tone in TOLD else ""
        begins, ends = minutes(row.begins_at), minutes(min(row.ended_at, row.ends_at) if row.ended_at else row.ends_at)
        return Alike(
            minutes(row.reserved_from),
            begins,
            ends,
            minutes(row.reserved_until),
            f' class="meet" data-s="{state.tone}"><a href="{before}',
            f'{after}"><b>{sign}',
            f"</b><small>{at_wall(row.begins_at)}",
            f"–{at_wall(row.ends_at)}",
            ends - begins >= WIDE * STEP,
        )

    def gather(room: Any, rows: Iterable[Any]) -> Line:
        line = [room.ref, room.name, room.floor, room.capacity, *opened(room)]
        for row in rows:
            stands = row[STANDS]
            if stands not in known:
                known[stands] = alike(row)
            if one := known[stands]:
                who = row.company or organiser_shown(row) if one.wide else ""
                if who and who is row.person_name:
                    for_once()  # a colleague's name is changed at no site, so no version tells
                line.append((row.ref, row.title, who, one))
        return tuple(line)

    return gather


def draws(day: date, hours: Hours, *, may_write: bool) -> Callable[[Line], str]:
    """A function that draws the cells of a line.

    What is free is a link to the form with room, day and time: Tab reaches the first hour of each free span, a touch
    any of them. Its plus sign is drawn by the stylesheet.
    """
    form = escape(f"{url('meetings.ask_reservation')}?room={SOME_REF}&day={day}&since=")
    words = {kind: _heard(word) for kind, word in WORDS.items()}
    label = escape(say(LABEL, room=ROOM, since=HERE))

    def plain(kind: str, width: int) -> str:
        return f'<td colspan="{width}" class="{kind}">{words[kind]}</td>'

    @cache
    def gap(since: int, until: int, opens: int, closes: int) -> tuple[str, int]:
        """A gap, in which the form's address and the words around the time are left out, and how often they are."""
        drawn, links = [], 0
        for kind, width, begins, first in cells_of(since, until, opens, closes):
            if begins is None or not may_write:
                drawn.append(plain(kind, width))
                continue
            at, skipped = _wall(begins), "" if first else ' tabindex="-1"'
            drawn.append(
                f'<td colspan="{width}" class="free"><a href="%s{at}"{skipped} aria-label="%s{at}%s"></a></td>'
            )
            links += 1
        return "".join(drawn), links

    def draw(line: Line) -> str:
        ref, name, _floor, _seats, opens, closes, *meetings = line
        said, _, rest = label.replace(ROOM, escape(name)).partition(HERE)
        around = form.replace(SOME_REF, ref), said, rest
        at, drawn = hours.first, []
        for ref, title, who, (held, begins, ends, until, before, sign, since, to, _wide) in meetings:
            if held > at:
                text, links = gap(at, held, opens, closes)
                drawn.append(text % (around * links))
                at = held
            if begins > at:
                drawn.append(plain(AROUND, (begins - at) // STEP))
                at = begins
            if ends > at:
                width = (ends - at) // STEP
                more = f"{to}</small><small>{escape(who)}" if width >= WIDE else f'<span class="vh">{to}</span>'
                drawn.append(
                    f'<td colspan="{width}"{before}{ref}{sign}{escape(title or "–")}{since}{more}</small></a></td>'
                )
                at = ends
            if until > at:
                drawn.append(plain(AROUND, (until - at) // STEP))
                at = until
        text, links = gap(at, hours.last, opens, closes)
        drawn.append(text % (around * links))
        return "".join(drawn)

    return draw


def heads(day: date) -> Callable[[Line], str]:
    """A function that draws the head of a room's line: its name, which leads to its week, and below floor and seats."""
    before, after = escape(address("meetings.week", SOME_REF)).split(SOME_REF)

    @cache  # few rooms of a building differ in them
    def seats(capacity: int) -> str:
        return escape(ngettext("%(num)d seat", "%(num)d seats", capacity))

    @cache
    def on_floor(floor: str) -> str:
        return f"{escape(say(FLOOR, floor=floor))} · " if floor else ""

    def draw(line: Line) -> str:
        ref, name, floor, capacity = line[:4]
        return (
            f'<th scope="row"><a href="{before}{ref}{after}?day={day}">{escape(name)}</a>'
            f"<small>{on_floor(floor)}{seats(capacity)}</small></th>"
        )

    return draw


def _heard(word: str) -> str:
    return f'<span class="vh">{escape(say(word))}</span>'
