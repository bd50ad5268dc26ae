"""The hooks of a cabinet as HTML: what hangs stays black, what is out says with whom, an empty hook is a number.

A cabinet has a hundred hooks, most of them with a key that hangs there: a template asks one after the other, and each
asking costs as much as drawing what was found.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from html import escape
from typing import Any

from markupsafe import Markup

from domain.keys.borrowers import shown
from domain.keys.hooks import Bunch
from domain.keys.queries import key_state
from domain.text import N_
from web.addresses import SOME_REF, address, url
from web.components import marked
from web.i18n import moments, say
from web.icons import icon
from web.lateness import over

CABINET = N_("Cabinet %(name)s")
NAME = "\0"
"""Where the name goes into these words; no name has it."""
NOTHING = N_("nothing belongs here")
SET = N_("Set of %(count)d")
UNTIL = N_("until %(due)s")

Line = tuple[Any, ...]
"""All that a hook is drawn of: its number; of what belongs there ref, tag, how many keys, tone and glyph of how it
stands, what is said, and who has it.
"""


def chips(cabinets: Iterable[Any], current: Any) -> Markup:
    """The cabinets, each as a link to its hooks; `current` is looked at already."""
    before, _, after = escape(say(CABINET, name=NAME)).partition(NAME)
    here = url("keys.cabinet")
    drawn = []
    for one in cabinets:
        mark = ' aria-current="true"' if one is current else ""
        drawn.append(f'<a href="{here}?cabinet={one.ref}"{mark}>{before}{escape(one.name)}{after}</a>')
    return marked("".join(drawn))


def gathers(now: datetime) -> Callable[[int, list[Bunch]], list[Line]]:
    """A function that gathers the lines of a hook, given what belongs there. Time changes nothing of a line that is not
    in it.
    """
    moment = moments()

    def gather(hook: int, here: list[Bunch]) -> list[Line]:
        lines: list[Line] = [] if here else [(hook, "", "", 0, "", "", "", "")]
        for bunch in here:
            row, count = bunch.row, len(bunch.tags)
            stands = key_state(row, now)
            said, who = row.opens if count == 1 else say(SET, count=count), ""
            if stands.tone != "ok":
                said = say(stands.word)
                if row.loan_ref and not row.lost_at:
                    who = shown(row)
                    late = stands.tone == "late"
                    said = over((now - row.due_at).total_seconds()) if late else say(UNTIL, due=moment(row.due_at))
            lines.append((hook, bunch.ref, bunch.tag, count, stands.tone, stands.glyph, said, who))
        return lines

    return gather


def draws() -> Callable[[Line], str]:
    """A function that draws such a line."""
    before, after = escape(address("keys.thing", SOME_REF)).split(SOME_REF)
    nothing = escape(say(NOTHING))

    def draw(line: Line) -> str:
        hook, ref, tag, count, tone, glyph, said, who = line
        if not ref:
            return f'\n<li class="none"><b class="num">{hook}</b><span class="vh">{nothing}</span></li>'
        several = f'<i class="num">×{count}</i>' if count > 1 else ""
        link = f'<b class="num">{hook}</b><div><a href="{before}{ref}{after}">{escape(tag)}</a>{several}'
        if tone == "ok":
            return f"\n<li>{link}<small>{escape(said)}</small></div></li>"
        standing = f'<span class="say-s">{icon(glyph)}{escape(said)}</span>{" " if who else ""}{escape(who)}'
        return f'\n<li data-s="{tone}">{link}<small>{standing}</small></div></li>'

    return draw
