"""How the lines of what was searched for are drawn: what all of them ask of the reader and of the moment, found once.

A search draws up to fifty lines, each another one, so that none is worth keeping (`web.drawn`): each register's
`_hit.html` is a macro, and what it calls for every line does one thing.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import request, url_for
from markupsafe import Markup

from domain.identity import Actor
from domain.keys.borrowers import shown
from domain.keys.queries import hook_label
from domain.permissions import Permission
from domain.visits.invitation_models import EARLY
from web.addresses import SOME_REF
from web.components import marked, written
from web.edits import drawn_facts
from web.i18n import moments
from web.marks import marks
from web.whom_part import away_words


class Look:
    """What the lines for one search are drawn with: what was typed, who reads, and when."""

    def __init__(self, typed: str, *, who: Actor, now: datetime) -> None:
        self.typed, self.now, self.soon = typed, now, now + EARLY
        self.may_write, self.may_lend = who.may(Permission.VISITS_WRITE), who.may(Permission.KEYS_LEND)
        self.may_call = who.may(Permission.HOSTS_CALL)
        self.moment = moments()
        self._comma = str(drawn_facts(("", "")))

    away = staticmethod(away_words)
    borrower = staticmethod(shown)
    hook_label = staticmethod(hook_label)

    @staticmethod
    def sign_in(kind: str, ref: str) -> str:
        """Where a visitor to that host or unit is signed in."""
        return _sign_in(kind, request.root_path).replace(SOME_REF, ref)

    def marked(self, text: str) -> Markup:
        """The text, with marks around what of it was typed."""
        return marks(self.typed, text)

    def stay(self, since: datetime, until: datetime | None) -> str:
        """From when to when, its day once where it is one."""
        begin, end = self.moment(since), self.moment(until)
        if not end:
            return begin
        day, _blank, _hour = begin.rpartition(" ")
        return f"{begin}–{end.removeprefix(f'{day} ') if day else end}"

    def facts(self, *parts: Any) -> Markup:
        """Those of the facts that there are, in one line."""
        return marked(self._comma.join([written(part) for part in parts if part]))


@lru_cache(maxsize=16)
def _sign_in(kind: str, _root: str) -> str:
    """Building this address took longer than drawing the line that it stands in (`web.addresses`)."""
    return url_for("desk.ask_visitor", whom=f"{kind}:{SOME_REF}")
