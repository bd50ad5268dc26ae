"""Boards that many screens look at are drawn once for all of them, until something happens at the site.

What a board shows follows from the site's history, which its version names, from the minute, and from who reads it:
the language and the roles there. So what was drawn of these is good for whoever comes with the same, in this process
and this minute; nothing older is kept, and what was erased has raised the version. The one-time tokens of its forms are
each browser's own: they are written in afterwards, where `form_token` has left slots for them.
"""

import re
import secrets
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from flask import current_app, g, request
from markupsafe import Markup

from domain import clock
from domain.engines import mode
from web.components import marked
from web.forms import form_token
from web.i18n import language
from web.permissions import actor
from web.sessions import version_here

KEPT = "foyer.drawn"
"""Where the app keeps them."""
MOST = 64
"""So many boards of one minute; a large one has 100 kB."""
_EDGE = f"\x1a{secrets.token_hex(8)}"
"""Nobody can have typed it: control characters are refused, and it is another one in each process."""
_SLOT = re.compile(f"{_EDGE}(.*?){_EDGE}")


@dataclass
class _Minute:
    """What was drawn in a minute, by all that it depends on."""

    number: int = 0
    boards: dict[Hashable, str] = field(default_factory=dict)


def board(what: str, draw: Callable[[], str], *depends: Hashable) -> Markup:
    """The HTML of the board of that name: drawn by `draw`, unless it was drawn before of the same version, minute,
    language, roles and whatever else it `depends` on. Raises what `draw` raises.
    """
    if mode.get() == "write":  # it would show what is not committed yet
        return marked(draw())
    minute, who = int(clock.now().timestamp() // 60), actor()
    kept = current_app.extensions.get(KEPT)
    if kept is None or kept.number != minute:
        kept = current_app.extensions[KEPT] = _Minute(minute)
    key = what, who.site_id, version_here(), language(), who.roles_at(who.site_id), request.root_path, *depends
    html = kept.boards.get(key)
    if html is None:
        g.slot_of = _slot_of
        try:
            html = draw()
        finally:
            del g.slot_of
        if len(kept.boards) >= MOST:
            kept.boards.clear()
        kept.boards[key] = html
    return marked(_SLOT.sub(lambda slot: form_token(slot[1]), html))


def _slot_of(endpoint: str) -> str:
    return f"{_EDGE}{endpoint}{_EDGE}"
