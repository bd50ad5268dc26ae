"""What many screens look at is drawn once for all of them: boards until something happens at the site, lines of a list
until something happens to them.

What a board shows follows from the site's history, which its version names, from the minute, and from who reads it:
the language and the roles there. So what was drawn of these is good for whoever comes with the same, in this process
and this minute; nothing older is kept, and what was erased has raised the version.

After a change the board is drawn anew, and most of its lines are the same as before. A line follows from its row and
from who reads it, so the row finds it; a line that is not shown any more is forgotten within ten minutes.

The one-time tokens of forms are each browser's own: they are written in afterwards, where `form_token` has left slots
for them.
"""

import secrets
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app, g, request
from markupsafe import Markup

from domain import clock
from domain.modes import mode
from web.components import marked
from web.i18n import language, zone_name
from web.permissions import actor
from web.sessions import version_here
from web.tokens import tokens_to

KEPT = "foyer.drawn"
"""Where the app keeps them."""
MOST = 64
"""So many boards of one minute; a large one has 100 kB."""
MOST_LINES = 4096
"""So many lines before those that were not asked for lately are forgotten; one has 1 kB."""
LINES_LAST = 5
"""Minutes after which the lines that were not asked for begin to be forgotten."""
_EDGE = f"\x1a{secrets.token_hex(8)}"
"""Nobody can have typed it: control characters are refused, and it is another one in each process."""

Lines = dict[Hashable, dict[Any, str]]


@dataclass
class _Drawn:
    """The boards of a minute, and the lines of the last few, by all that they depend on."""

    minute: int = 0
    boards: dict[Hashable, str] = field(default_factory=dict)
    since: int = 0
    count: int = 0
    lines: Lines = field(default_factory=dict)
    before: Lines = field(default_factory=dict)
    """The lines of the few minutes before `since`: those that are asked for again are taken over."""

    def at(self, minute: int) -> "_Drawn":
        """What is still good in that minute."""
        if minute != self.minute:
            self.minute, self.boards = minute, {}
        if minute - self.since >= LINES_LAST or self.count >= MOST_LINES:
            self.before = self.lines if minute - self.since < 2 * LINES_LAST else {}
            self.since, self.count, self.lines = minute, 0, {}
        return self


def board(what: str, draw: Callable[[], str], *depends: Hashable) -> Markup:
    """The HTML of the board of that name: drawn by `draw`, unless it was drawn before of the same version, minute,
    language, roles and whatever else it `depends` on. Raises what `draw` raises.
    """
    if mode.get() == "write":  # it would show what is not committed yet
        return marked(draw())
    now = clock.minute()
    boards, key = _kept(now).boards, (what, now, version_here(), *_reader(), *depends)
    html = boards.get(key)
    if html is None:
        html = _with_slots(draw)
        if g.pop("drawn_for_once", False):
            return _filled(html)
        if len(boards) >= MOST:
            boards.clear()
        boards[key] = html
    return _filled(html)


def for_once() -> None:
    """The board that is being drawn shows something that no version of the site tells of: it is not kept."""
    g.drawn_for_once = True


def lines(
    what: str,
    rows: Iterable[Sequence[Any]],
    draw: Callable[..., str],
    *depends: Hashable,
    said: Callable[[Any], Hashable] | None = None,
) -> Markup:
    """The HTML of the lines of a list of that name, of each row what `draw` makes of it, unless it was made before of
    a row with the same values for the same site, day, language, roles and whatever else the list `depends` on. In
    templates: `drawn_lines("keys", rows, loan)` with a macro `loan(row)`.

    `draw` may look at its row, at what is named here, and at nothing else: a line with "mine" in it depends on the
    actor's id. What time alone changes is asked of each row, and `draw(row, said)` is told: `said=ago` where `ago(row)`
    says "12 min". Icons come from the sprite. Works within a `board` and anywhere else, and costs a look-up a line.
    """
    kept, key = _kept(clock.minute()), (what, zone_name(), _today(), *_reader(), *depends)
    known, before = kept.lines.setdefault(key, {}), kept.before.get(key, {})
    found = []
    for row in rows:
        shown = (row,) if said is None else (row, said(row))
        values = (*row, *shown[1:])  # a Row itself takes ten times as long to compare
        html = known.get(values)
        if html is None:
            known[values] = html = before.get(values) or _with_slots(draw, *shown)
            kept.count += 1
        found.append(html)
    html = "".join(found)
    return marked(html) if "slot_of" in g else _filled(html)


def _kept(now: int) -> _Drawn:
    known = current_app.extensions
    kept: _Drawn = known.get(KEPT) or known.setdefault(KEPT, _Drawn())
    return kept.at(now)


def _today() -> Any:
    return clock.local_date(clock.now(), zone_name())


def _reader() -> tuple[Hashable, ...]:
    who = actor()
    return who.site_id, who.roles_at(who.site_id), language(), request.root_path


def _with_slots(draw: Callable[..., str], *of: Any) -> str:
    """What that draws, with slots for tokens."""
    if "slot_of" in g:
        return draw(*of)
    g.slot_of = _slot_of
    try:
        return draw(*of)
    finally:
        del g.slot_of


def _slot_of(endpoint: str) -> str:
    return f"{_EDGE}{endpoint}{_EDGE}"


def _filled(html: str) -> Markup:
    """With this browser's tokens in the slots."""
    parts, tokens = html.split(_EDGE), _Tokens()
    parts[1::2] = [next(tokens[endpoint]) for endpoint in parts[1::2]]
    return marked("".join(parts))


class _Tokens(dict[str, Iterator[str]]):
    def __missing__(self, endpoint: str) -> Iterator[str]:
        self[endpoint] = tokens_to(endpoint)
        return self[endpoint]


def init_app(app: Flask) -> None:
    """Give templates `drawn_lines`."""
    app.jinja_env.globals.update(drawn_lines=lines)
