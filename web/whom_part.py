"""The part of a form that says whom to see: what was typed, who was found, and who was chosen."""

from typing import Any

from flask import g, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from domain.errors import DomainError
from domain.occupants.directory import find
from domain.occupants.queries import look_up
from domain.text import N_
from domain.visits.arrivals import Whom
from web.fields import Choice, ChoiceField, TextField, stepped

MOST_FOUND = 6
REDRAWS = ("find", "redraw")


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
    nobody = False

    def chosen_whom(self) -> Whom:
        """Whom to see, of a checked form; raises DomainError when that is gone."""
        if self.found is None:
            raise DomainError(N_("Type a name, company or room, and choose who it is."), field="whom")
        return self.found

    def list_found(self) -> None:
        """Who matches what was typed, whoever is chosen already first."""
        kind, _colon, ref = (self.whom.data or "").partition(":")
        chosen = find(kind, ref, site_id=g.site.id)
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
        matches = look_up(self.whom_text.data or "", site_id=g.site.id, most=MOST_FOUND)
        for match in matches:
            value = f"{match.kind}:{match.ref}"
            icon = "user" if match.kind == "host" else "building"
            offered.setdefault(value, Choice(value, match.name, icon, f"{match.company} {match.unit}".strip()))
        self.whom.choices = list(offered.values())
        self.nobody = len(self.whom_text.data or "") > 1 and not matches
        if len(offered) == 1 and self.only_redraws():
            self.whom.data = next(iter(offered))

    def only_redraws(self) -> bool:
        """Whether the form was sent to be drawn again, nothing checked: a search, a stepper, another purpose."""
        pressed = any(name in request.form for name in REDRAWS)
        return request.method == "GET" or pressed or stepped(self)  # type: ignore[arg-type]

    def validate_whom_text(self, field: Any) -> None:
        """Somebody is chosen; the sentence stands where one types."""
        if self.whom.data is None:
            if self.nobody:
                raise ValidationError(gettext("Nobody was found. Try the company, the room, or the first letters."))
            raise ValidationError(gettext("Type a name, company or room, and choose who it is."))
