"""The part of a form that says whom to see: what was typed, who was found, and who was chosen."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import g, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from domain import clock
from domain.errors import DomainError
from domain.occupants.directory import Meant, ask_for, find_with_deputy
from domain.occupants.models import Host, Unit
from domain.occupants.namesakes import contact
from domain.occupants.queries import Match, look_up
from domain.statements import Answer
from domain.text import N_
from domain.visits.arrivals import Whom
from web.fields import Choice, ChoiceField, HiddenField, TextField, clean_text, stepped
from web.here import request_here
from web.i18n import moment

MOST_FOUND = 6
REDRAWS = frozenset(("find", "redraw"))
SEARCH = {"spellcheck": "false", "autocapitalize": "off", "data-finds": ""}
"""How the field behaves in which one types whom to see; Enter in it only searches (static/js/finds.js)."""


class WhomPart:
    """Fields and questions for a form; `list_found` fills in who was found, once the form has read the request."""

    whom_text = TextField(
        _("Whom to see"),
        type="search",
        max_length=40,
        autocomplete="off",
        icon="search",
        attrs=SEARCH,
    )
    whom_sought = HiddenField()
    """For what those who are shown were looked up."""
    whom = ChoiceField(_("Found"))

    found: Whom | None = None
    asked: Answer[Meant] | None = None
    nobody = False

    def chosen_whom(self) -> Whom:
        """Whom to see, of a checked form; raises DomainError when that is gone."""
        if self.found is None:
            raise DomainError(N_("Type a name, company or room, and choose who it is."), field="whom")
        return self.found

    def ask_chosen(self) -> None:
        """Ask for whoever is chosen already, on the way of the next question."""
        kind, _colon, ref = (self.whom.data or "").partition(":")
        self.asked = ask_for(kind, ref, site_id=g.site.id)

    def list_found(self, *, brief: bool = False) -> None:
        """Who matches what was typed, whoever is chosen already first. `brief`: of a form that is sent to be saved with
        somebody chosen, nobody else; list all of them before it is drawn again.
        """
        kind, _colon, ref = (self.whom.data or "").partition(":")
        asked, self.asked = self.asked, None
        chosen, deputy = (asked or ask_for(kind, ref, site_id=g.site.id)).get() if brief else None, ""
        if not brief and (shown := find_with_deputy(kind, ref, site_id=g.site.id)):
            chosen, deputy = shown[:2], shown[2]
        self.found = Whom(*chosen) if chosen else None
        if self.found is None:
            self.whom.data = None
        if brief and self.found:
            self.whom.choices, self.nobody, self.whom_sought.data = [Choice(f"{kind}:{ref}", "")], False, ""
            return
        typed = self.whom_text.data or ""
        matches = look_up(typed, site_id=g.site.id, most=MOST_FOUND) if typed else []
        lines = {f"{match.kind}:{match.ref}": match for match in matches}
        if self.found:
            own = f"{kind}:{ref}"
            lines = {own: lines.get(own) or _match(self.found.unit, self.found.host, deputy)} | lines
        self.whom.choices = [_choice(value, match) for value, match in lines.items()]
        self.nobody = len(typed) > 1 and not matches
        if len(matches) == 1 and (not self.whom.data or self._seeks()) and self.only_redraws():
            self.whom.data = f"{matches[0].kind}:{matches[0].ref}"
        self.whom_sought.data = typed

    def _seeks(self) -> bool:
        """Whether something was typed since people were last looked up."""
        typed = self.whom_text.data or ""
        return bool(typed) and typed != clean_text(request.form.get("whom_sought", ""))

    def only_redraws(self) -> bool:
        """Whether the form was sent to be drawn again, nothing checked: a search, a stepper, another purpose; or Enter
        while somebody was being looked for. No browser says in which field: what was not looked up yet tells.
        """
        asked = request_here()
        if asked.method == "GET" or not REDRAWS.isdisjoint(asked.form):
            return True
        if "enter" in asked.form and self._seeks():
            return True
        return stepped(self)  # type: ignore[arg-type]

    def validate_whom_text(self, field: Any) -> None:
        """Somebody is chosen; the sentence stands where one types."""
        if self.whom.data is None:
            if self.nobody:
                raise ValidationError(gettext("Nobody was found. Try the company, the room, or the first letters."))
            raise ValidationError(gettext("Type a name, company or room, and choose who it is."))


def _match(unit: Unit, host: Host | None, deputy: str) -> Match:
    """A line for who is chosen already. Nobody knows here whether another one is called so: it says who it is."""
    if host is None:
        return Match("", "unit", unit.company or unit.number, "", unit.number)
    apart = contact(host.phone, host.email)
    return Match("", "host", host.name, unit.company, unit.number, apart, host.away_until, deputy)


def _choice(value: str, match: Match) -> Choice:
    place = f"{match.company} {match.unit}".strip()
    icon = "user" if match.kind == "host" else "building"
    return Choice(value, match.name, icon, where(place, match.apart, match.away_until, match.deputy))


def host_choices(hosts: Iterable[dict[str, Any]]) -> list[Choice]:
    """Hosts of `hosts_found`, to be chosen."""
    return [
        Choice(
            f"host:{one['ref']}",
            one["name"],
            "user",
            where(f"{one['company']} {one['unit']}".strip(), one["apart"], one["away_until"], one["deputy"]),
        )
        for one in hosts
    ]


def host_chosen(value: str, unit: Unit, host: Host) -> Choice:
    """Who was chosen already, where the list may not show who else is called so."""
    place = f"{unit.company} {unit.number}".strip()
    return Choice(value, host.name, "user", where(place, contact(host.phone, host.email), None, ""))


def where(place: str, apart: str, away_until: datetime | None, deputy: str) -> str:
    """The second line of a host to be chosen: where, what tells the host from another, and who stands in."""
    return " · ".join(filter(None, (place, apart, away_words(away_until, deputy))))


def away_words(until: datetime | None, deputy: str | None) -> str:
    """Until when a host is away, and who stands in (V4); nothing of one who is here."""
    if until is None or until <= clock.now():
        return ""
    if deputy:
        return gettext("Away until %(when)s, deputy: %(deputy)s", when=moment(until), deputy=deputy)
    return gettext("Away until %(when)s", when=moment(until))
