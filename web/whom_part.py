"""The part of a form that says whom to see: what was typed, who was found, and who was chosen."""

from typing import Any

from flask import g, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from domain.errors import DomainError
from domain.occupants.directory import Meant, ask_for
from domain.occupants.queries import look_up
from domain.statements import Answer
from domain.text import N_
from domain.visits.arrivals import Whom
from web.fields import Choice, ChoiceField, TextField, stepped

MOST_FOUND = 6
REDRAWS = frozenset(("find", "redraw"))


class WhomPart:
    """Fields and questions for a form; `list_found` fills in who was found, once the form has read the request."""

    whom_text = TextField(
        _("Whom to see"),
        type="search",
        max_length=40,
        autocomplete="off",
        icon="search",
        attrs={"spellcheck": "false", "autocapitalize": "off"},
    )
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
        chosen = (asked or ask_for(kind, ref, site_id=g.site.id)).get()
        self.found = Whom(*chosen) if chosen else None
        if chosen is None:
            self.whom.data = None
        offered: dict[str, Choice] = {}
        if self.found:
            unit, host = self.found.unit, self.found.host
            offered[f"{kind}:{ref}"] = (
                Choice(f"{kind}:{ref}", host.name, "user", f"{unit.company} {unit.number}".strip())
                if host
                else Choice(f"{kind}:{ref}", unit.company or unit.number, "building", unit.number)
            )
        typed = "" if brief and self.found else self.whom_text.data or ""
        matches = look_up(typed, site_id=g.site.id, most=MOST_FOUND) if typed else []
        for match in matches:
            value = f"{match.kind}:{match.ref}"
            icon = "user" if match.kind == "host" else "building"
            offered.setdefault(value, Choice(value, match.name, icon, f"{match.company} {match.unit}".strip()))
        self.whom.choices = list(offered.values())
        self.nobody = len(typed) > 1 and not matches
        if len(offered) == 1 and not self.whom.data and self.only_redraws():
            self.whom.data = next(iter(offered))

    def only_redraws(self) -> bool:
        """Whether the form was sent to be drawn again, nothing checked: a search, a stepper, another purpose."""
        if request.method == "GET" or not REDRAWS.isdisjoint(request.form):
            return True
        return stepped(self)  # type: ignore[arg-type]

    def validate_whom_text(self, field: Any) -> None:
        """Somebody is chosen; the sentence stands where one types."""
        if self.whom.data is None:
            if self.nobody:
                raise ValidationError(gettext("Nobody was found. Try the company, the room, or the first letters."))
            raise ValidationError(gettext("Type a name, company or room, and choose who it is."))
